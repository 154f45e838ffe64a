"""Words of concepts found in texts: as spelled, as pronounced, as whole tokens, and not in what contains them by chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.model.call import Call, CallMetadata, Role, Source, Turn
from audit.rules.analysed import AnalysedCall
from audit.rules.lexicon import Concept, Lexicon, flatten


def words(lexicon: Lexicon, text: str) -> dict[str, list[str]]:
    """What was found, by concept, as it stands in the text."""
    return {name: [text[hit.start : hit.end] for hit in hits] for name, hits in lexicon.find(text).items()}


def test_one_word_may_belong_to_several_concepts() -> None:
    lexicon = Lexicon([Concept("a", frozenset({"上门"})), Concept("b", frozenset({"上门", "门"}))])
    assert words(lexicon, "我上门") == {"a": ["上门"], "b": ["上门", "门"]}


def test_words_that_overlap_are_all_found_in_order() -> None:
    lexicon = Lexicon([Concept("a", frozenset({"你妈", "妈的", "你妈的"}))])
    assert [hit.start for hit in lexicon.find("去你妈的")["a"]] == [1, 1, 2]


@pytest.mark.parametrize("text", ["尼玛县", "在尼玛县办的"])
def test_a_word_inside_an_exception_means_nothing(text: str) -> None:
    lexicon = Lexicon([Concept("oath", frozenset({"尼玛"}), exceptions=frozenset({"尼玛县"}))])
    assert lexicon.find(text) == {}


def test_an_exception_excuses_only_the_word_it_covers() -> None:
    lexicon = Lexicon([Concept("oath", frozenset({"尼玛"}), exceptions=frozenset({"尼玛县"}))])
    assert [hit.start for hit in lexicon.find("尼玛县里你尼玛")["oath"]] == [5]


def test_an_exception_of_one_concept_excuses_no_other() -> None:
    lexicon = Lexicon(
        [Concept("a", frozenset({"妈的"}), exceptions=frozenset({"他妈的"})), Concept("b", frozenset({"妈的"}))]
    )
    assert words(lexicon, "他妈的") == {"b": ["妈的"]}


def test_a_homophone_is_found_and_says_what_was_meant() -> None:
    lexicon = Lexicon([Concept("oath", frozenset({"操你妈"}), homophones=frozenset({"操你妈"}))])
    (hit,) = lexicon.find("你个草泥马")["oath"]
    assert (hit.start, hit.end, hit.word, hit.sounded) == (2, 5, "操你妈", True)


def test_a_short_word_without_homophones_is_not_found_by_its_sound() -> None:
    assert Lexicon([Concept("oath", frozenset({"傻逼"}))]).find("煞笔") == {}


def test_a_long_word_without_homophones_is_found_by_its_sound_only_as_a_guess() -> None:
    lexicon = Lexicon([Concept("oath", frozenset({"操你妈"}))])
    (hit,) = lexicon.find("草泥马")["oath"]
    assert lexicon.must_be_misspelt("oath", hit)


def test_the_written_word_is_not_found_a_second_time_by_its_sound() -> None:
    lexicon = Lexicon([Concept("oath", frozenset({"操你妈"}), homophones=frozenset({"操你妈"}))])
    assert [hit.sounded for hit in lexicon.find("操你妈")["oath"]] == [False]


def test_traditional_and_full_width_words_of_a_list_are_found_in_normalised_text() -> None:
    lexicon = Lexicon([Concept("oath", frozenset({"幹你娘", "ＳＢ"}))])
    assert words(lexicon, "干你娘sb") == {"oath": ["干你娘", "sb"]}


@pytest.mark.parametrize(("text", "expected"), [("操作", False), ("我操", True)])
def test_a_word_that_counts_only_as_a_whole_token_is_not_found_in_a_longer_one(text: str, expected: bool) -> None:
    lexicon = Lexicon([Concept("oath", frozenset({"操"}), whole=frozenset({"操"}))])
    call = Call("c", CallMetadata(), (Turn(0, Role.AGENT, text),), Source("c", "", "test"))
    assert list(AnalysedCall(call, lexicon, {}).found(0).concepts) == (["oath"] if expected else [])


@given(
    st.lists(st.text(alphabet="还钱上门你", min_size=1, max_size=3), min_size=1, max_size=5),
    st.text(alphabet="还钱上门你甲", max_size=30),
)
def test_exactly_the_occurrences_of_the_words_are_found(lexemes: list[str], text: str) -> None:
    found = Lexicon([Concept("a", frozenset(lexemes))]).find(text).get("a", [])
    expected = sorted(
        (start, start + len(word), word)
        for word in set(lexemes)
        for start in range(len(text))
        if text.startswith(word, start)
    )
    assert [(hit.start, hit.end, hit.word) for hit in found] == expected


@given(
    st.lists(st.text(alphabet="还钱上门你", min_size=1, max_size=4), min_size=1, max_size=9),
    st.lists(st.text(alphabet="还钱上门你甲", max_size=60), max_size=6),
)
def test_little_text_is_looked_through_as_much_text_is_searched(lexemes: list[str], texts: list[str]) -> None:
    concepts = [
        Concept("a", frozenset(lexemes[::2]), homophones=frozenset(lexemes[:1])),
        Concept("b", frozenset(lexemes[1::2]), exceptions=frozenset(lexemes[:2])),
    ]
    little, much = Lexicon(concepts), Lexicon(concepts)
    much.find("。" * 10_000)  # enough for an automaton
    assert "_automaton" in vars(much._spelling)
    for text in texts:
        assert list(little.find(text).items()) == list(much.find(text).items())
    assert "_automaton" not in vars(little._spelling)


def test_included_concepts_bring_their_words_however_deep() -> None:
    own = {"family": frozenset({"家人"}), "parents": frozenset({"爸妈"}), "elders": frozenset({"爷爷"})}
    assert flatten(own, {"family": ["parents"], "parents": ["elders"]})["family"] == {"家人", "爸妈", "爷爷"}


def test_concepts_that_include_each_other_are_refused_by_name() -> None:
    with pytest.raises(ValueError, match="a → b → a"):
        flatten({"a": frozenset(), "b": frozenset()}, {"a": ["b"], "b": ["a"]})
