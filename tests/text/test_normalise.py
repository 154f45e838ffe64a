"""Normalised text and the way back to the original characters."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from audit.model.span import CharSpan
from audit.text.normalise import normalise

# What telephone transcripts are made of, and what filters are dodged with, beside any character at all.
SPEECH = st.text(alphabet=st.sampled_from("傻逼你妈的還錢嗯呃 \t\n*＊_·ＳＢsbABC１2㎏…—，。！？﹏ﬁ々𨳊é"), max_size=40)
ANY_TEXT = SPEECH | st.text(max_size=60)


def folded(text: str) -> str:
    """The characters' own normal forms, one after another, nothing taken out."""
    simplify = OpenCC("t2s").convert
    return "".join(simplify(unicodedata.normalize("NFKC", char)).lower() for char in text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("傻 嗯 逼", "傻逼"),
        ("傻*逼", "傻逼"),
        ("你·妈·的", "你妈的"),
        ("還錢", "还钱"),
        ("ＳＢ！", "sb!"),
        ("傻\u200b逼", "傻逼"),
        ("呃那个，嗯，好的", "好的"),
        ("您的嗯，欠款", "您的欠款"),
        ("好的，那个你什么时候还", "好的,你什么时候还"),
        ("那个人是谁，还有那个，地址", "那个人是谁,还有那个,地址"),
    ],
)
def test_padding_width_case_and_traditional_characters_are_folded(text: str, expected: str) -> None:
    assert normalise(text).text == expected


@pytest.mark.parametrize("text", ["他***的", "138****0001", "张**"])
def test_a_masked_word_or_number_keeps_its_asterisks(text: str) -> None:
    assert normalise(text).text == text


def test_where_a_pause_was_taken_out_is_remembered() -> None:
    assert normalise("不还钱 打断你的腿").pauses == {3}


def test_a_hesitation_parts_no_clause_and_a_space_does() -> None:
    assert normalise("我们明天嗯，去您的单位").breaths == frozenset()
    assert normalise("我们明天 嗯 去您的单位").breaths == {4}
    assert normalise("我们不 呃 会去您的单位").breaths == frozenset()


def test_a_span_comes_back_with_the_padding_inside_it() -> None:
    made = normalise("你这个傻 嗯 逼啊")
    start = made.text.index("傻逼")
    assert made.to_original(CharSpan(start, start + 2)).of(made.original) == "傻 嗯 逼"


def test_a_character_that_folds_into_several_comes_back_as_one() -> None:
    made = normalise("五㎏大米")
    start = made.text.index("kg")
    assert made.to_original(CharSpan(start, start + 1)).of(made.original) == "㎏"


@given(ANY_TEXT)
def test_every_span_maps_back_to_characters_whose_normal_form_contains_it(text: str) -> None:
    made = normalise(text)
    for start in range(len(made.text)):
        for end in (start + 1, len(made.text)):
            back = made.to_original(CharSpan(start, end))
            assert 0 <= back.start < back.end <= len(text)
            # Asterisks count in runs only, so a part of a run is not what the run was.
            assert made.text[start:end].replace("*", "") in normalise(back.of(text)).text.replace("*", "")


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once


@given(ANY_TEXT)
def test_an_empty_span_maps_to_an_empty_span(text: str) -> None:
    made = normalise(text)
    for at in range(len(made.text) + 1):
        back = made.to_original(CharSpan(at, at))
        assert back.start == back.end <= len(text)


def test_simplification_keeps_the_length_of_every_han_character() -> None:
    simplify = OpenCC("t2s").convert
    changed = [chr(code) for code in range(0x4E00, 0xA000) if len(simplify(chr(code))) != 1]
    assert changed == []


@pytest.mark.parametrize(
    ("traditional", "simplified"), [("幹你娘", "干你娘"), ("賴帳", "赖帐"), ("戇鳩", "戆鸠"), ("講咩", "讲咩")]
)
def test_traditional_text_folds_character_by_character(traditional: str, simplified: str) -> None:
    assert normalise(traditional).text == simplified == folded(traditional)
