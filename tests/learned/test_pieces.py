import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.learned.pieces import END, LONGEST, START, UNKNOWN, Pieces, windows

TABLE = {"<s>": 0.0, "<pad>": 0.0, "</s>": 0.0, "<unk>": 0.0, "▁": -4.0, "上": -6.0, "门": -6.0, "上门": -7.0, "我": -5.0, "找": -6.0, "你": -5.0, "▁我": -6.0, ",": -3.0}  # fmt: skip
PIECES = Pieces(list(TABLE), list(TABLE.values()))
NUMBER = {piece: number for number, piece in enumerate(TABLE)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("上门", ["▁", "上门"]),  # -4 -7 beats -4 -6 -6
        ("我上门，找你", ["▁我", "上门", ",", "找", "你"]),
        ("上 門", ["▁", "上门"]),
        ("嗯我找你", ["▁我", "找", "你"]),
        ("我龘你", ["▁我", "<unk>", "你"]),
        ("", ["▁"]),
    ],
)
def test_the_best_scored_cut_of_the_normalised_text_wins(text: str, words: list[str]) -> None:
    assert PIECES.words(text) == words


@given(st.text(alphabet="我你上门找龘,", max_size=40))
def test_no_character_is_lost_or_doubled(text: str) -> None:
    words = PIECES.words(text)
    assert "".join("龘" if word == "<unk>" else word for word in words) == "▁" + text


@given(st.text(alphabet="我你上门找,", max_size=300), st.text(alphabet="我你上门", max_size=80))
def test_windows_hold_the_whole_turn_and_the_end_of_what_was_said_before(text: str, previous: str) -> None:
    made = windows(PIECES, len(TABLE), text, previous, "agent", "debtor")
    turn = PIECES.numbers(text)
    before = PIECES.numbers(previous)[-32:] if previous else []
    front = [START, len(TABLE) + 4, *before, END, len(TABLE)]
    assert all(numbers[: len(front)] == front and numbers[-1] == END and len(numbers) <= LONGEST for numbers in made)
    parts = [numbers[len(front) : -1] for numbers in made]
    assert parts == [turn[18 * place : 18 * place + 30] for place in range(len(parts))]
    assert len(parts) == 1 + max(0, -(-(len(turn) - 30) // 18))


def test_a_short_turn_is_one_window() -> None:
    assert len(windows(PIECES, len(TABLE), "我上门找你", "", "agent", "debtor")) == 1


def test_speaker_and_listener_are_marked() -> None:
    made = {
        tuple(windows(PIECES, len(TABLE), "我", "", speaker, listener)[0])
        for speaker in ("agent", "debtor", "third_party", "unknown")
        for listener in ("debtor", "third_party", "unknown", "agent")
    }
    assert len(made) == 16


def test_an_unknown_character_is_the_unknown_piece() -> None:
    assert PIECES.numbers("龘")[1] == UNKNOWN
    assert NUMBER["上门"] in PIECES.numbers("我们上门")
