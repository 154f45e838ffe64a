"""All words of all concepts in Aho-Corasick automata, as spelled and as pronounced.

Which concepts may be in a turn is one pass over its characters; where, is worked out only for turns that need it.
"""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from audit.text.normalise import Turns
from audit.text.pinyin import syllables

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick


# A word of three characters and more is looked for by its sound although nobody asked: see `Lexicon.must_be_misspelt`.
_GUESSED_LENGTH = 3
# Characters that were looked through before an automaton is made.
_WORTH_AN_AUTOMATON = 8_000


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

    `homophones` are those of `words` that count wherever their toneless pinyin is heard. `whole` are those that count only as whole
    tokens (操 but not 操作). `exceptions` are longer words and names inside which a word of the concept means nothing.
    """

    name: str
    words: frozenset[str]
    homophones: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    exceptions: frozenset[str] = frozenset()


class Spotted(NamedTuple):
    """The words of a lexicon in one text, as spelled and as pronounced: of each its number, and where it starts and ends."""

    spelled: list[tuple[int, int, int]]
    sounded: list[tuple[int, int, int]]


class Lexicon:
    """Finds the words of concepts in texts."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        concepts = list(concepts)
        spelling = _spellings({word for concept in concepts for word in (*concept.words, *concept.exceptions)})
        by_word: dict[str, set[str]] = {}
        by_sound: set[str] = set()
        excepted: dict[str, set[str]] = {}
        self._whole: set[tuple[str, str]] = set()
        self._homophones: set[tuple[str, str]] = set()
        for concept in concepts:
            self._whole.update((concept.name, spelling[word]) for word in concept.whole)
            self._homophones.update((concept.name, spelling[word]) for word in concept.homophones)
            for word in map(spelling.__getitem__, concept.words):
                by_word.setdefault(word, set()).add(concept.name)
                if (concept.name, word) in self._homophones or _may_be_guessed(word):
                    by_sound.add(word)
            for word in concept.exceptions:
                excepted.setdefault(spelling[word], set()).add(concept.name)
        self._whole_words = {word for _, word in self._whole}
        self._words = sorted(by_word.keys() | excepted.keys())
        self._concepts = [tuple(sorted(by_word.get(word, ()))) for word in self._words]
        self._excepted = [tuple(sorted(excepted.get(word, ()))) for word in self._words]
        self._sounds, self._sounding = _by_sound(sorted(by_sound))

    def __getstate__(self) -> tuple[object, ...]:
        """A few long texts and lists of numbers: as many small objects as there are words would take longer to read than to use."""
        words, sounds = "\n".join(self._words), "\n".join(self._sounds)
        sounding = "\n".join(map("\t".join, self._sounding))
        concepts, excepted = _numbered(self._concepts), _numbered(self._excepted)
        return self._whole, self._homophones, words, concepts, excepted, sounds, sounding

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._whole, self._homophones, words, concepts, excepted, sounds, sounding = state
        self._words, self._sounds = _lines(words), _lines(sounds)
        self._concepts, self._excepted = ([names[n] for n in numbers] for names, numbers in (concepts, excepted))
        self._sounding = [tuple(line.split("\t")) for line in _lines(sounding)]
        self._whole_words = {word for _, word in self._whole}

    @cached_property
    def _spelling(self) -> "_Words":
        return _Words(self._words)

    @cached_property
    def _sounded(self) -> "_Words":
        return _Words(self._sounds)

    @cached_property
    def _meant(self) -> dict[int, dict[str, list[str]]]:
        """By the number of a sound the words it may mean, each with its concepts; filled as sounds are heard."""
        return {}

    def _meanings(self, sound: int) -> dict[str, list[str]]:
        if sound not in self._meant:
            self._meant[sound] = {word: self._sounded_concepts(word) for word in self._sounding[sound]}
        return self._meant[sound]

    def _sounded_concepts(self, word: str) -> list[str]:
        names = self._concepts[bisect_left(self._words, word)]
        return [name for name in names if _may_be_guessed(word) or (name, word) in self._homophones]

    def spot(self, text: str, sounds: str) -> Spotted:
        """The words in a normalised text, whose `syllables` are `sounds`."""
        return Spotted(self._spelling.find(text), self._sounded.find(sounds))

    def concepts(self, spotted: Spotted) -> set[str]:
        """The concepts of the words; a few of them may turn out to mean something else where they stand."""
        return {name for number, _, _ in spotted.spelled for name in self._concepts[number]}.union(
            *[names for number, _, _ in spotted.sounded for names in self._meanings(number).values()]
        )

    def find(self, text: str) -> dict[str, list[Hit]]:
        """The hits of one normalised text by concept, in order; see `hits`."""
        return self.hits(text, self.spot(text, syllables(text)))

    def hits(self, text: str, spotted: Spotted) -> dict[str, list[Hit]]:
        """The hits by concept, in order, of the words spotted in a text.

        Words that count only as whole tokens are still among the hits; see `must_be_whole`.
        """
        found: dict[str, list[Hit]] = {}
        exceptions: list[tuple[int, int, tuple[str, ...]]] = []
        for number, start, end in spotted.spelled:
            if self._excepted[number]:
                exceptions.append((start, end, self._excepted[number]))
            hit = Hit(start, end, self._words[number], False)
            for concept in self._concepts[number]:
                found.setdefault(concept, []).append(hit)
        for number, start, end in spotted.sounded:
            spelled = text[start:end]
            for meant, concepts in self._meanings(number).items():
                if meant != spelled:
                    for concept in concepts:
                        found.setdefault(concept, []).append(Hit(start, end, meant, True))
        _drop_excepted(found, exceptions)
        for hits in found.values():
            hits.sort()
        return found

    @property
    def homophones(self) -> frozenset[str]:
        """The words that some concept counts wherever their sound is heard."""
        return frozenset(word for _, word in self._homophones)

    def doubtful(self, found: Mapping[str, Sequence[Hit]]) -> list[tuple[str, Hit]]:
        """The hits, each with its concept, of which tokens decide."""
        return [
            (name, hit)
            for name, hits in found.items()
            for hit in hits
            if (hit.sounded or hit.word in self._whole_words)
            and (self.must_be_whole(name, hit.word) or self.must_be_misspelt(name, hit))
        ]

    def must_be_misspelt(self, concept: str, hit: Hit) -> bool:
        """Whether the hit counts only if what is written makes no sense as words.

        Nobody can list all that recognisers mishear (门锁堵死 → 门所读死), but a mishearing is rarely a row of dictionary words
        as 博物馆 is.
        """
        return hit.sounded and (concept, hit.word) not in self._homophones

    def must_be_whole(self, concept: str, word: str) -> bool:
        """Whether `word` means `concept` only as a whole token."""
        return (concept, word) in self._whole


def _spellings(words: Collection[str]) -> dict[str, str]:
    """Each word's normal form."""
    listed = list(words)
    forms = Turns(listed)
    return {word: forms.text(number) for number, word in enumerate(listed)}


def _by_sound(words: Sequence[str]) -> tuple[list[str], list[tuple[str, ...]]]:
    """The sounds of words, in order, and for each the words it may mean."""
    sounded = syllables("\n".join(words)).split("\n") if words else []
    meant: dict[str, list[str]] = {}
    for word, sound in zip(words, sounded, strict=True):
        meant.setdefault(sound, []).append(word)
    return sorted(meant), [tuple(meant[sound]) for sound in sorted(meant)]


def _lines(text: str) -> list[str]:
    return text.split("\n") if text else []


def _numbered(listed: Sequence[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], "array[int]"]:
    """What is different among these, and of each its number among that."""
    numbers = {names: number for number, names in enumerate(dict.fromkeys(listed))}
    return list(numbers), array("I", [numbers[names] for names in listed])


def _may_be_guessed(word: str) -> bool:
    return len(word) >= _GUESSED_LENGTH and all("\u4e00" <= char <= "\u9fff" for char in word)


class _Words:
    """Finds words in texts: by an automaton, once there is enough text to be worth making it.

    The automaton takes as long to make as looking through some ten thousand characters does: more than one script has.
    """

    def __init__(self, words: Sequence[str]) -> None:
        """`words` are different ones."""
        self._words = words
        self._seen = 0

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """The number, start and end of each word, those inside others too, in the order of their ends and then of their starts."""
        self._seen += len(text)
        return self._by_automaton(text) if self._seen > _WORTH_AN_AUTOMATON else self._looked_up(text)

    def _looked_up(self, text: str) -> list[tuple[int, int, int]]:
        numbers, lengths = self._numbers, self._lengths
        found = []
        for start in range(len(text)):
            for length in lengths:
                end = start + length
                if end > len(text):
                    break
                number = numbers.get(text[start:end])
                if number is not None:
                    found.append((number, start, end))
        found.sort(key=lambda word: (word[2], word[1]))
        return found

    def _by_automaton(self, text: str) -> list[tuple[int, int, int]]:
        found: list[tuple[int, int, int]] = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return found

    @cached_property
    def _automaton(self) -> "AhoCorasick":
        from ahocorasick_rs import AhoCorasick, MatchKind

        return AhoCorasick(self._words, matchkind=MatchKind.Standard)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self._words)}

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted(set(map(len, self._words)))


def _drop_excepted(hits: dict[str, list[Hit]], exceptions: Iterable[tuple[int, int, tuple[str, ...]]]) -> None:
    for start, end, concepts in exceptions:
        for concept in hits.keys() & concepts:
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
