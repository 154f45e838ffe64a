"""Toneless syllables: what sounds alike is alike, and positions stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.text.pinyin import syllables


@pytest.mark.parametrize(
    ("written", "meant"),
    [("煞笔", "傻逼"), ("报通讯录", "爆通讯录"), ("草泥马", "操你妈"), ("预期", "逾期"), ("征信", "正信")],
)
def test_words_that_sound_alike_have_the_same_syllables(written: str, meant: str) -> None:
    assert syllables(written) == syllables(meant)


@pytest.mark.parametrize(("one", "other"), [("还钱", "还款"), ("傻逼", "傻瓜"), ("上门", "上班")])
def test_words_that_sound_different_do_not(one: str, other: str) -> None:
    assert syllables(one) != syllables(other)


def test_characters_that_have_no_syllable_stay() -> None:
    assert syllables("138x，。\n") == "138x，。\n"


@given(st.text(max_size=60))
def test_positions_stay_those_of_the_text(text: str) -> None:
    assert len(syllables(text)) == len(text)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_character_sounds_the_same_wherever_it_stands(before: str, after: str) -> None:
    assert syllables(before + after) == syllables(before) + syllables(after)
