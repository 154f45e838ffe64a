"""All words of all concepts in one Aho-Corasick automaton, and their pronunciations in a second.

A turn without a word costs nothing more than the pass over its characters.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from audit.text.normalise import normalise
from audit.text.pinyin import syllables


class Hit(NamedTuple):
    """A word of a concept found in a turn's normalised text, half-open. `word` is the lexicon's spelling; `sounded` says
    that only the pronunciation agrees."""

    start: int
    end: int
    word: str
    sounded: bool


@dataclass(frozen=True, slots=True)
class Concept:
    """A named list of words that mean one thing.

    `homophones` are those of `words` also found by their toneless pinyin. `whole` are those that count only as whole
    tokens (操 but not 操作). `exceptions` are longer words and names inside which a word of the concept means nothing.
    """

    name: str
    words: frozenset[str]
    homophones: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    exceptions: frozenset[str] = frozenset()


class Lexicon:
    """Finds the words of concepts in texts."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        from ahocorasick_rs import AhoCorasick, MatchKind

        by_word: dict[str, set[str]] = {}
        by_sound: dict[str, dict[str, set[str]]] = {}
        excepted: dict[str, set[str]] = {}
        whole: set[tuple[str, str]] = set()
        for concept in concepts:
            for word in concept.words:
                by_word.setdefault(normalise(word).text, set()).add(concept.name)
            for word in concept.homophones:
                spelled = normalise(word).text
                by_sound.setdefault(syllables(spelled), {}).setdefault(spelled, set()).add(concept.name)
            for word in concept.whole:
                whole.add((concept.name, normalise(word).text))
            for word in concept.exceptions:
                excepted.setdefault(normalise(word).text, set()).add(concept.name)
        self._words = sorted(by_word)
        self._concepts = [tuple(sorted(by_word[word])) for word in self._words]
        self._exceptions = sorted(excepted)
        self._excepted = [frozenset(excepted[word]) for word in self._exceptions]
        self._sounds = sorted(by_sound)
        self._meant = [by_sound[sound] for sound in self._sounds]
        self._whole = whole
        self._automaton = AhoCorasick([*self._words, *self._exceptions], matchkind=MatchKind.Standard)
        self._sound_automaton = AhoCorasick(self._sounds, matchkind=MatchKind.Standard)

    def find(self, texts: Sequence[str], *, by_sound: bool) -> dict[int, dict[str, list[Hit]]]:
        """The hits of each text that has any: text index → concept → hits in order.

        Texts are normalised. Words that count only as whole tokens are still among the hits; see `must_be_whole`.
        """
        joined = "\n".join(texts)
        offsets = _offsets(texts)
        found: dict[int, dict[str, list[Hit]]] = {}
        exceptions: dict[int, list[tuple[int, int, frozenset[str]]]] = {}
        for number, start, end in self._automaton.find_matches_as_indexes(joined, overlapping=True):
            index, base = offsets.at(start)
            if number >= len(self._words):
                excepted = self._excepted[number - len(self._words)]
                exceptions.setdefault(index, []).append((start - base, end - base, excepted))
                continue
            hit = Hit(start - base, end - base, self._words[number], False)
            for concept in self._concepts[number]:
                found.setdefault(index, {}).setdefault(concept, []).append(hit)
        if by_sound and self._sounds:
            self._add_sounded(joined, offsets, found)
        for index, hits in found.items():
            _drop_excepted(hits, exceptions.get(index, ()))
            for concept_hits in hits.values():
                concept_hits.sort()
        return {index: hits for index, hits in found.items() if hits}

    def _add_sounded(self, joined: str, offsets: "_Offsets", found: dict[int, dict[str, list[Hit]]]) -> None:
        for number, start, end in self._sound_automaton.find_matches_as_indexes(syllables(joined), overlapping=True):
            spelled = joined[start:end]
            index, base = offsets.at(start)
            for meant, concepts in self._meant[number].items():
                if meant == spelled:
                    continue
                hit = Hit(start - base, end - base, meant, True)
                for concept in concepts:
                    found.setdefault(index, {}).setdefault(concept, []).append(hit)

    def must_be_whole(self, concept: str, word: str) -> bool:
        """Whether `word` means `concept` only as a whole token."""
        return (concept, word) in self._whole


class _Offsets:
    """Where each text starts in the joined text; looked up in rising order or by bisection."""

    def __init__(self, starts: list[int]) -> None:
        self._starts = starts

    def at(self, position: int) -> tuple[int, int]:
        index = bisect_right(self._starts, position) - 1
        return index, self._starts[index]


def _offsets(texts: Sequence[str]) -> _Offsets:
    starts, at = [], 0
    for text in texts:
        starts.append(at)
        at += len(text) + 1
    return _Offsets(starts)


def _drop_excepted(hits: dict[str, list[Hit]], exceptions: Iterable[tuple[int, int, frozenset[str]]]) -> None:
    for start, end, concepts in exceptions:
        for concept in concepts & hits.keys():
            kept = [hit for hit in hits[concept] if not (start <= hit.start and hit.end <= end)]
            if kept:
                hits[concept] = kept
            else:
                del hits[concept]


def flatten(words: Mapping[str, frozenset[str]], includes: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
    """Each concept's own words and those of the concepts it includes, however deep.

    Raises ValueError naming the concepts that include each other in a circle.

    >>> sorted(flatten({"a": frozenset("x"), "b": frozenset("y")}, {"a": ["b"]})["a"])
    ['x', 'y']
    """
    done: dict[str, frozenset[str]] = {}

    def collect(name: str, path: tuple[str, ...]) -> frozenset[str]:
        if name in path:
            raise ValueError(" → ".join((*path, name)))
        if name not in done:
            parts = [collect(other, (*path, name)) for other in includes.get(name, ())]
            done[name] = words[name].union(*parts)
        return done[name]

    for name in words:
        collect(name, ())
    return done
