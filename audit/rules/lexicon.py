"""All words of all concepts in Aho-Corasick automata, as spelled and as pronounced.

A turn without an anchor costs nothing more than one pass over its characters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from audit.text.normalise import Turns, normalise
from audit.text.pinyin import syllables

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick


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
    """Finds the words of concepts in texts.

    `anchors` are the concepts one of which every pattern needs: only turns that hold one of their words are looked at.
    Without anchors every concept is one.
    """

    def __init__(self, concepts: Iterable[Concept], anchors: frozenset[str] | None = None) -> None:
        by_word: dict[str, set[str]] = {}
        by_sound: dict[str, dict[str, set[str]]] = {}
        excepted: dict[str, set[str]] = {}
        self._whole: set[tuple[str, str]] = set()
        self._all = tuple(concepts)
        for concept in self._all:
            for word in concept.words:
                by_word.setdefault(normalise(word).text, set()).add(concept.name)
            for word in concept.homophones:
                spelled = normalise(word).text
                by_sound.setdefault(syllables(spelled), {}).setdefault(spelled, set()).add(concept.name)
            for word in concept.whole:
                self._whole.add((concept.name, normalise(word).text))
            for word in concept.exceptions:
                excepted.setdefault(normalise(word).text, set()).add(concept.name)
        self._words = sorted(by_word)
        self._concepts = [tuple(sorted(by_word[word])) for word in self._words]
        exceptions = sorted(excepted)
        self._excepted = [frozenset(excepted[word]) for word in exceptions]
        sounds = sorted(by_sound)
        self._meant = [by_sound[sound] for sound in sounds]
        self._automaton = _automaton([*self._words, *exceptions])
        self._sound_automaton = _automaton(sounds)
        wanted = anchors if anchors is not None else frozenset(concept.name for concept in self._all)
        self._anchors = _automaton([word for word in self._words if by_word[word] & wanted])
        self._sound_anchors = _automaton(
            [sound for sound in sounds if any(names & wanted for names in by_sound[sound].values())]
        )

    def anchored_at(self, anchors: frozenset[str]) -> "Lexicon":
        """The same lexicon with other anchors."""
        return Lexicon(self._all, anchors)

    def candidates(self, turns: Turns) -> list[int]:
        """The turns that hold a word of an anchor, or one that sounds like it, in order.

        This is the only pass over all text; it is one walk over the characters, however many words there are.
        """
        found = {turns.at(start) for _, start, _ in self._anchors.find_matches_as_indexes(turns.joined)}
        sounded = self._sound_anchors.find_matches_as_indexes(syllables(turns.joined))
        found.update(turns.at(start) for _, start, _ in sounded)
        return sorted(found)

    def find(self, text: str) -> dict[str, list[Hit]]:
        """The hits of one normalised text by concept, in order.

        Words that count only as whole tokens are still among the hits; see `must_be_whole`.
        """
        found: dict[str, list[Hit]] = {}
        exceptions: list[tuple[int, int, frozenset[str]]] = []
        for number, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if number >= len(self._words):
                exceptions.append((start, end, self._excepted[number - len(self._words)]))
                continue
            hit = Hit(start, end, self._words[number], False)
            for concept in self._concepts[number]:
                found.setdefault(concept, []).append(hit)
        for number, start, end in self._sound_automaton.find_matches_as_indexes(syllables(text), overlapping=True):
            spelled = text[start:end]
            for meant, concepts in self._meant[number].items():
                if meant != spelled:
                    for concept in sorted(concepts):  # a set's own order differs from process to process
                        found.setdefault(concept, []).append(Hit(start, end, meant, True))
        _drop_excepted(found, exceptions)
        for hits in found.values():
            hits.sort()
        return found

    def must_be_whole(self, concept: str, word: str) -> bool:
        """Whether `word` means `concept` only as a whole token."""
        return (concept, word) in self._whole


def _automaton(words: Sequence[str]) -> "AhoCorasick":
    from ahocorasick_rs import AhoCorasick, MatchKind

    return AhoCorasick(words, matchkind=MatchKind.Standard)


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
