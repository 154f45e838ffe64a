"""Tokens that come from our own jieba and tell whole words from parts of words."""

from pathlib import Path

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.folders import cache_folder
from audit.model.span import CharSpan
from audit.rules.lexicon import Concept, Lexicon
from audit.text.segment import _jieba, analyse, is_misspelt, on_token_boundary, tokens, words


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
    assert _jieba().tokenizer is not jieba.dt
    before = jieba.lcut("瓜兮兮的娃儿", HMM=False)
    _jieba().tokenizer.add_word("瓜兮兮的娃儿")
    try:
        assert jieba.lcut("瓜兮兮的娃儿", HMM=False) == before
    finally:
        _jieba().tokenizer.FREQ.pop("瓜兮兮的娃儿")


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
        assert words("会上门") == ["会上", "门"]
        assert cache_folder() == own
        assert [path.name for path in own.iterdir()] == ["words"]
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


# Words of the dictionary beside each other in any order, with what else stands in transcripts.
TALK = st.lists(
    st.sampled_from(
        [
            "我们会上门找你家人",
            "操作一下",
            "博物馆",
            "借呗",
            "逾期",
            "三百块",
            "T恤",
            "AA制",
            "wifi",
            "5.20",
            "ok",
            "12345",
            "，。？！",
            "嗯",
            "骉",
            "\u3000",
            "😀",
            " ",
            "\n",
            "\r\n",
        ]
    )
    | st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=6)
    | st.text(max_size=4),
    max_size=12,
).map("".join)


@given(TALK)
@settings(deadline=None)
def test_the_tokens_are_those_of_jieba(text: str) -> None:
    assert words(text) == jieba.lcut(text, HMM=False)


@given(TALK)
@settings(deadline=None, max_examples=50)
def test_spacy_and_the_tokens_alone_answer_alike(text: str) -> None:
    doc, alone = analyse(text), tokens(text)
    assert "".join(token.text for token in doc) == text
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            span = CharSpan(start, end)
            assert on_token_boundary(doc, span) is on_token_boundary(alone, span)
            assert is_misspelt(doc, span) is is_misspelt(alone, span)


def test_a_damaged_dictionary_is_made_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CALLAUDIT_CACHE", str(tmp_path))
    text = "我们会上门找你家人"
    expected = words(text)
    _jieba.cache_clear()
    try:
        words(text)
        (kept,) = (tmp_path / "words").iterdir()
        whole = kept.read_bytes()
        for damaged in (
            b"",
            whole[:2],
            whole[: len(whole) // 2],
            bytes(len(whole)),
            whole[:8] + bytes(99) + whole[107:],
        ):
            kept.write_bytes(damaged)
            _jieba.cache_clear()
            assert words(text) == expected
            assert kept.read_bytes() == whole
    finally:
        _jieba.cache_clear()


def test_only_the_entries_that_a_text_needs_are_read() -> None:
    _jieba.cache_clear()
    try:
        words("会上门")
        assert {word[0] for word in _jieba().tokenizer.FREQ} == set("会上门")
    finally:
        _jieba.cache_clear()
