"""Which characters and which seconds of a call are covered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.clips.mask import MARGIN_S, Private, number_spans
from audit.model.span import TimeSpan
from audit.pii.redact import MASK
from tests.clips.calls import A, D, call, turn

PHONE = ["一三", "八零", "零零", "零幺", "二三", "四"]


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("我手机13800001234", ["13800001234"]),
        ("卡号6222 0802 0001 2345", ["6222 0802 0001 2345"]),
        ("后四位是三零一七", ["三零一七"]),
        ("工号2016这通电话有录音", ["2016"]),
        ("我姓徐，公号516，工号是三七", ["516", "三七"]),
        ("欠款4,620元，2026年3月10号前还18000块", []),
        ("一共四千六百二十元", []),
    ],
)
def test_every_row_of_digits_is_covered_whole_and_amounts_are_not(text: str, covered: list[str]) -> None:
    assert [span.of(text) for span in number_spans(text)] == covered


def test_the_moments_of_a_number_are_those_of_its_words() -> None:
    private = Private(call(turn(0, A, ["我的", "手机", *PHONE, "好吧"], 10.0)))
    assert private.turn(0) == "我的手机" + MASK * 11 + "好吧"
    (silence,) = private.silences()
    assert silence.time == TimeSpan(11.0 - MARGIN_S, 14.0 + MARGIN_S)
    assert not silence.whole_turn


def test_the_name_is_silenced_where_the_recogniser_wrote_other_characters() -> None:
    private = Private(call(turn(0, A, ["为", "臣", "力强", "势吧"])))
    assert private.turn(0) == "为臣某某势吧"
    (silence,) = private.silences()
    assert silence.time == TimeSpan(1.0 - MARGIN_S, 1.5 + MARGIN_S)


def test_without_word_times_all_of_the_turn_is_silenced() -> None:
    (silence,) = Private(call(turn(0, A, "我手机13800001234", 3.0))).silences()
    assert (silence.time, silence.whole_turn) == (TimeSpan(3.0, 5.0), True)


def test_words_that_are_not_those_of_the_text_are_not_trusted() -> None:
    odd = turn(0, A, ["手机", *PHONE], 3.0)
    odd = type(odd)(odd.index, odd.role, "那个" + odd.text, odd.time, odd.words)
    (silence,) = Private(call(odd)).silences()
    assert silence.whole_turn


def test_a_number_read_over_several_turns_is_covered_in_each() -> None:
    turns = (
        turn(0, A, "我的手机是一三八", 0),
        turn(1, D, "嗯", 3),
        turn(2, A, "零零零零", 4),
        turn(3, A, "幺二三四", 7),
    )
    private = Private(call(*turns, name=None))
    assert private.turn(0) == "我的手机是" + MASK * 3
    assert private.turn(2) == private.turn(3) == MASK * 4
    assert {silence.turn for silence in private.silences()} == {0, 2, 3}


def test_what_has_no_time_is_told_and_nothing_else() -> None:
    private = Private(call(turn(0, A, "手机13800001234", None), turn(1, D, "好的", None)))
    assert private.unplaced() == [0]


def test_a_name_with_stars_is_masked_already_and_further_names_can_be_given() -> None:
    assert Private(call(turn(0, A, "陈小明和李建国"), name="陈**"), ["李建国"]).turn(0) == "陈小明和李某某"


def test_ids_keep_their_serials_and_lose_telephone_numbers_and_names() -> None:
    private = Private(call())
    assert private.identifier("20260302_0007_13800138000_陈立强") == "20260302_0007_" + MASK * 7 + "8000_陈某某"


@given(st.text(alphabet="一二三零幺八1238陈立强臣力 ，是元嗯。ａ😀", max_size=40))
def test_masking_keeps_the_length_and_leaves_no_row_of_digits(text: str) -> None:
    masked = Private(call(turn(0, A, text))).turn(0)
    assert len(masked) == len(text)
    assert number_spans(masked) == []
