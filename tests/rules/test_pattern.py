"""The pattern language: what it reads, what it refuses, and what it matches."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.rules.lexicon import Concept, Lexicon
from audit.rules.pattern import Found, PatternError, literal, parse
from audit.text.normalise import normalise

CONCEPTS = {"break": {"打断", "砍"}, "limb": {"腿", "胳膊"}, "your": {"你的", "你"}}


def matched(source: str, text: str) -> list[tuple[str, ...]]:
    """The words of every match of a pattern in a text, in order."""
    patterns = parse(source)
    literals = {
        name for pattern in patterns for step in pattern.steps for name in step.concepts if name.startswith("=")
    }
    concepts = [Concept(name, frozenset(words)) for name, words in CONCEPTS.items()]
    concepts += [Concept(name, frozenset({name[1:]})) for name in literals]
    normalised = normalise(text)
    found = Found(normalised.text, Lexicon(concepts).find(normalised.text), normalised.breaths)
    text = normalised.text
    return [tuple(text[hit.start : hit.end] for hit in hits) for pattern in patterns for hits in found.matches(pattern)]


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("{break}{limb}", "打断腿", True),
        ("{break}{limb}", "打断了腿", False),
        ("{break} {limb}", "打断你的腿", True),
        ("{break} {limb}", "打断你那两条腿", False),
        ("{break} {limb}", "打断，你腿", False),
        ("{break} {limb}", "打断 你腿", False),
        ("{break} {limb}", "打 断 你 的 腿", True),
        ("{break} .. {limb}", "打断你那两条腿", True),
        ("{break} .. {limb}", "打断 你那条腿", True),
        ("{break} .. {limb}", "打断。你的腿", False),
        ("{break} .. {limb}", "打断，你的腿", True),
        ("{break} .. {limb}", "打断，你们家，那一位的腿", True),
        ("{break} .. {limb}", "打断，你们家，那一位好人的腿", False),
        ("{break} ... {limb}", "打断。那可是你的腿", True),
        ("{break} ..2 {limb}", "打断你的腿", True),
        ("{break} ..2 {limb}", "打断你那条腿", False),
        ("{limb} .. {break}", "打断你的腿", False),
        ("{break} {your}? {limb}", "打断腿", True),
        ("(上门|去你家) .. 坐着", "去你家里坐着", True),
        ("(上门|去你家) .. 坐着", "在公司坐着", False),
        ("({break}|卸) .. {limb}", "卸你一条腿", True),
        ("(卸|{break}) .. {limb}", "砍你一条腿", True),
    ],
)
def test_elements_match_in_order_within_their_gaps(source: str, text: str, expected: bool) -> None:
    assert bool(matched(source, text)) is expected


def test_a_match_gives_the_nearest_continuation_of_each_beginning() -> None:
    assert matched("{break} .. {limb}", "打断腿，砍胳膊") == [("打断", "腿"), ("砍", "胳膊")]


def test_a_later_word_is_tried_where_the_nearest_leads_nowhere() -> None:
    assert matched("打断 .. 你 .. {limb}", "打断你，找你的胳膊") == [("打断", "你", "胳膊")]


def test_the_gaps_on_both_sides_of_an_optional_element_remain_when_it_is_left_out() -> None:
    (long, short) = sorted(parse("{break} ..5 {your}? ..4 {limb}"), key=lambda p: -len(p.steps))
    assert [step.gap for step in long.steps] == [0, 5, 4]
    assert [step.gap for step in short.steps] == [0, 9]


@pytest.mark.parametrize(
    "source", ["", "   ", "{your}?", "{break} ..", "{break", "a||b)", "(上门|) 坐", "()", "{Break}"]
)
def test_a_pattern_that_says_nothing_or_cannot_be_read_is_refused(source: str) -> None:
    with pytest.raises(PatternError):
        parse(source)


@given(st.text(alphabet=st.sampled_from("{}()|?. 3上门abreak_"), max_size=24))
def test_any_source_is_read_or_refused_with_a_pattern_error(source: str) -> None:
    try:
        patterns = parse(source)
    except PatternError:
        return
    assert patterns
    assert all(pattern.steps and pattern.source == source for pattern in patterns)


WORDS = st.text(alphabet="上门坐着还钱", min_size=1, max_size=3)


@given(st.lists(WORDS, min_size=1, max_size=4), st.text(alphabet="甲乙丙，。", max_size=30))
def test_a_text_that_holds_the_words_side_by_side_is_matched_whatever_stands_around(
    words: list[str], around: str
) -> None:
    pattern = "".join(f"({word})" for word in words)
    assert matched(pattern, around + "".join(words) + around)


@given(st.lists(WORDS, min_size=2, max_size=3), st.text(alphabet="上门坐着还钱，。甲", max_size=30))
def test_a_sentence_gap_agrees_with_the_regular_expression_that_says_the_same(words: list[str], text: str) -> None:
    gap = "(?:，*[^。，]){0,8}?，*"  # commas take no room
    expected = re.search(gap.join(map(re.escape, words)), text) is not None
    assert bool(matched(" .. ".join(f"({word})" for word in words), text)) is expected


def test_plain_words_are_nameless_concepts() -> None:
    assert [step.concepts for step in parse("上门")[0].steps] == [frozenset({literal("上门")})]
