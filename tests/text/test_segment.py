"""Tokens that come from our own jieba and tell whole words from parts of words."""

from pathlib import Path

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.folders import cache_folder
from audit.model.span import CharSpan
from audit.rules.lexicon import Concept, Lexicon
from audit.text.segment import _jieba, analyse, on_token_boundary


@pytest.mark.parametrize(
    ("text", "word", "whole"),
    [
        ("操作一下", "操", False),
        ("操你", "操", True),
        ("体操比赛", "操", False),
        ("滚动还款", "滚", False),
        ("给我滚", "滚", True),
        ("这个方案靠谱", "谱", True),
        ("生日你妈妈来吗", "日你", False),
    ],
)
def test_a_word_is_told_from_a_part_of_a_longer_word(text: str, word: str, whole: bool) -> None:
    start = text.index(word)
    assert on_token_boundary(analyse(text), CharSpan(start, start + len(word))) is whole


def test_words_taught_to_our_tokenizer_stay_out_of_the_global_one() -> None:
    assert _jieba() is not jieba.dt
    before = jieba.lcut("瓜兮兮的娃儿", HMM=False)
    _jieba().add_word("瓜兮兮的娃儿")
    try:
        assert jieba.lcut("瓜兮兮的娃儿", HMM=False) == before
    finally:
        _jieba().FREQ.pop("瓜兮兮的娃儿")


def test_words_taught_to_the_global_jieba_stay_out_of_ours() -> None:
    before = [token.text for token in analyse("借呗逾期了喂")]
    jieba.add_word("借呗逾期了喂")
    try:
        assert [token.text for token in analyse("借呗逾期了喂")] == before
    finally:
        jieba.dt.FREQ.pop("借呗逾期了喂")


def test_the_cache_lies_in_the_users_own_folder_not_in_the_shared_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own, shared = tmp_path / "own", tmp_path / "shared"
    shared.mkdir()
    monkeypatch.setenv("CALLAUDIT_CACHE", str(own))
    monkeypatch.setattr("tempfile.tempdir", str(shared))
    _jieba.cache_clear()
    try:
        _jieba().lcut("会上门")
        assert cache_folder() == own
        assert [path.name for path in own.iterdir()] == ["jieba.cache"]
        assert list(shared.iterdir()) == []
    finally:
        _jieba.cache_clear()


def test_a_bad_cut_hides_no_word() -> None:
    text = "我们会上门找你家人"
    # The cut of 上门 and 家人 is wrong, which is why words are found by characters.
    assert "上门" not in jieba.lcut(text)
    lexicon = Lexicon([Concept("visit", frozenset({"上门"})), Concept("family", frozenset({"家人"}))])
    assert {name: [hit.start for hit in hits] for name, hits in lexicon.find(text).items()} == {
        "visit": [3],
        "family": [7],
    }


@given(st.text(max_size=40))
@settings(deadline=None)
def test_the_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(token.text for token in analyse(text)) == text
