from hypothesis import given
from hypothesis import strategies as st

from audit.learned.features import BUCKETS, grams, rows
from audit.text.normalise import Turns

TEXTS = st.lists(st.text("还钱不上门找你家人12３，。? \n😀abc", max_size=12), min_size=1, max_size=6)


def of_turn(text: str, turn: int) -> list[int]:
    found = grams(text)
    return sorted(found.buckets[found.turns == turn].tolist())


@given(TEXTS)
def test_turns_of_a_call_have_the_features_they_have_alone(texts: list[str]) -> None:
    turns = Turns(texts)
    for index in range(len(texts)):
        assert of_turn(turns.joined, index) == of_turn(turns.text(index), 0)


@given(TEXTS)
def test_rows_hold_each_bucket_once_and_the_turn_before_in_buckets_of_its_own(texts: list[str]) -> None:
    turns = Turns(texts)
    made = rows(turns.joined, [index - 1 for index in range(len(texts))])
    for index in range(len(texts)):
        own = made.own[made.own_turns == index].tolist()
        assert own == sorted(set(of_turn(turns.text(index), 0)))
        before = made.previous[made.previous_turns == index].tolist()
        assert len(before) == (len(set(of_turn(turns.text(index - 1), 0))) if index else 0)
    assert all(bucket < BUCKETS for bucket in (*made.own.tolist(), *made.previous.tolist()))


def test_punctuation_and_the_kind_of_digit_make_no_difference() -> None:
    assert of_turn("你欠我3000块,还不还?", 0) == of_turn("你欠我5000块还不还", 0)


def test_an_ngram_knows_where_it_stands() -> None:
    text = "你,家"
    found = grams(text)
    places = [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)]
    assert places == ["你", "家", "你,家"]


def test_nothing_said_has_no_features() -> None:
    assert grams("").buckets.size == 0
    assert rows("\n", [-1, 0]).own.size == 0
