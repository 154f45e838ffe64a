"""The pattern language of rules: concepts and words in order, with gaps.

    {break} {your}? {limb}       a concept is written in braces; ? makes the one before it optional
    (上门|去你家) .. 坐着          alternatives in parentheses; plain text is itself
    {a}{b}    directly adjacent
    {a} {b}   at most 3 characters between (的, 了, 给你 …), in the same clause and breath; punctuation is not counted
    {a} .. {b}    at most 8 characters between, in the same sentence
    {a} ... {b}   at most 24 characters between, across sentences too
    {a} ..5 {b}   at most 5 characters between, in the same sentence (up to ..3: in the same clause)

A pattern is matched on the places where its concepts' words were found, never on the text itself: cost grows with what
was found, not with the size of the lexicon.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from audit.rules.lexicon import Hit

NEAR, SENTENCE, ANYWHERE = 3, 8, 24
_TOKEN = re.compile(
    r"\s*(?:(?P<gap>\.{2,3}\d*)|\{(?P<concept>[a-z0-9_]+)\}|\((?P<any>[^()]+)\)|(?P<word>[^\s(){}.?|]+))(?P<optional>\?)?"
)
_CONCEPT = re.compile(r"\{([a-z0-9_]+)\}")
_SYNTAX = frozenset(" {}()")
_CLAUSE_END = re.compile(r"[,，;；:：。!?！？]")
_SENTENCE_END = re.compile(r"[。!?;！？；]")
# Recognisers set punctuation as they please: it takes no room in a gap.
_MARK = re.compile(r"[,，;；:：。.!?！？、“”‘’「」]")


class Step(NamedTuple):
    """One element: any of `concepts`, at most `gap` characters after the one before; `crosses` sentences or not."""

    concepts: frozenset[str]
    gap: int
    crosses: bool


Element = tuple[tuple[str, ...], int, bool]


@dataclass(frozen=True)
class Pattern:
    """A sequence of steps. `source` is what the rule's author wrote (optional parts are expanded into several patterns), `elements` are
    the steps as plain values; steps are made for patterns that are tried, a few of thousands. `anchor` are the concepts of one element,
    the first's unless chosen by `anchored`: without a word of theirs there is no match."""

    source: str
    elements: tuple[Element, ...]
    anchor: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not self.anchor:
            object.__setattr__(self, "anchor", self.elements[0][0])

    def __getstate__(self) -> dict[str, object]:
        return {"source": self.source, "elements": self.elements, "anchor": self.anchor}

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps in order."""
        return tuple(Step(frozenset(names), gap, crosses) for names, gap, crosses in self.elements)

    @cached_property
    def _needs(self) -> tuple[frozenset[str], ...]:
        return tuple(step.concepts for step in self.steps)

    def may_match(self, concepts: Set[str]) -> bool:
        """Whether every element has one of the concepts."""
        return not any(map(concepts.isdisjoint, self._needs))

    def anchored(self, commonness: Mapping[str, int]) -> "Pattern":
        """The pattern with its rarest element for an anchor. Later elements win a tie."""
        rarest = min(
            (names for names, _, _ in reversed(self.elements)),
            key=lambda names: sum(commonness.get(name, 0) for name in names),
        )
        return Pattern(self.source, self.elements, rarest)


class PatternError(ValueError):
    """The pattern cannot be read; the text says where."""


def literal(word: str) -> str:
    """The name of the nameless concept that a plain word in a pattern stands for."""
    return f"={word}"


def _alternatives(body: str) -> tuple[str, ...]:
    names = set()
    for part in body.split("|"):
        part = part.strip()
        if not part:
            raise PatternError(f"empty alternative in ({body})")
        if concept := _CONCEPT.fullmatch(part):
            names.add(concept[1])
        elif set(part) & _SYNTAX:
            raise PatternError(
                f"{part!r} in ({body}): an alternative is one word or one concept, write several patterns instead"
            )
        else:
            names.add(literal(part))
    return tuple(sorted(names))


def parse(source: str) -> tuple[Pattern, ...]:
    """Read a pattern; every optional element doubles the result.

    Raises PatternError for what cannot be read.

    >>> [len(p.steps) for p in parse("{break} {your}? {limb}")]
    [3, 2]
    """
    elements: list[tuple[tuple[str, ...], int, bool, bool]] = []
    position, gap, crosses = 0, 0, True
    while position < len(source.rstrip()):
        match = _TOKEN.match(source, position)
        if not match:
            raise PatternError(f"cannot read {source[position:]!r}")
        spaced = source[position].isspace()
        position = match.end()
        if match["gap"]:
            dots, digits = match["gap"].rstrip("0123456789"), match["gap"].lstrip(".")
            crosses = len(dots) == 3
            gap = int(digits) if digits else ANYWHERE if crosses else SENTENCE
            continue
        if spaced and gap == 0:
            gap, crosses = NEAR, False
        concepts = _alternatives(match["any"] or (f"{{{match['concept']}}}" if match["concept"] else match["word"]))
        elements.append((concepts, gap, crosses, bool(match["optional"])))
        gap, crosses = 0, True
    if not elements or all(optional for *_, optional in elements):
        raise PatternError("a pattern needs at least one element that is not optional")
    if gap:
        raise PatternError("a pattern cannot end with a gap")
    return tuple(Pattern(source, steps) for steps in _expand(elements))


def _expand(elements: Sequence[tuple[tuple[str, ...], int, bool, bool]]) -> list[tuple[Element, ...]]:
    sequences: list[tuple[Element, ...]] = [()]
    dropped: list[tuple[int, bool]] = [(0, True)]
    for concepts, gap, crosses, optional in elements:
        longer, longer_dropped = [], []
        for steps, (carried, carried_crosses) in zip(sequences, dropped, strict=True):
            # Where an optional element is left out, the gap before it and the gap after it both remain.
            step = (concepts, gap + carried if steps else 0, crosses and carried_crosses)
            longer.append((*steps, step))
            longer_dropped.append((0, True))
            if optional:
                longer.append(steps)
                longer_dropped.append((gap + carried if steps else 0, crosses and carried_crosses))
        sequences, dropped = longer, longer_dropped
    return [steps for steps in sequences if steps]


class Found:
    """The hits of one turn, by concept and in order of their start."""

    def __init__(self, text: str, hits: Mapping[str, Sequence[Hit]], breaths: Collection[int] = ()) -> None:
        self._ends = [m.start() for m in _SENTENCE_END.finditer(text)]
        self._clause_ends = sorted({m.start() for m in _CLAUSE_END.finditer(text)}.union(breaths))
        self._marks = [m.start() for m in _MARK.finditer(text)]
        self._hits = hits
        self._of_step: dict[frozenset[str], Sequence[Hit]] = {}

    @property
    def concepts(self) -> Iterable[str]:
        """The concepts of which a word was found."""
        return self._hits.keys()

    def matches(self, pattern: Pattern) -> Iterator[tuple[Hit, ...]]:
        """Each way the pattern begins, with the nearest continuation."""
        if not pattern.may_match(self._hits.keys()):
            return
        for first in self._of(pattern.steps[0].concepts):
            rest = self._continue(first, pattern.steps[1:])
            if rest is not None:
                yield (first, *rest)

    def _of(self, concepts: frozenset[str]) -> Sequence[Hit]:
        if concepts not in self._of_step:
            self._of_step[concepts] = self._together(concepts)
        return self._of_step[concepts]

    def _together(self, concepts: frozenset[str]) -> Sequence[Hit]:
        if len(concepts) == 1:
            return self._hits.get(next(iter(concepts)), ())
        hits = {hit for name in self._hits.keys() & concepts for hit in self._hits[name]}
        return sorted(hits, key=lambda hit: (hit.start, hit.end, hit.sounded, hit.word))

    def _continue(self, previous: Hit, steps: Sequence[Step]) -> tuple[Hit, ...] | None:
        if not steps:
            return ()
        step = steps[0]
        for hit in self._of(step.concepts):
            if hit.start < previous.end:
                continue
            if hit.start > previous.end + step.gap and self._apart(previous.end, hit.start) > step.gap:
                return None
            if not step.crosses and self._parted(previous.end, hit.start, step.gap):
                return None
            rest = self._continue(hit, steps[1:])
            if rest is not None:
                return (hit, *rest)
        return None

    def _apart(self, start: int, end: int) -> int:
        """The characters between two places."""
        return end - start - (bisect_left(self._marks, end) - bisect_left(self._marks, start))

    def _parted(self, start: int, end: int, gap: int) -> bool:
        """Whether a sentence ends between two places; for neighbours, whether a clause or a breath does."""
        ends = self._clause_ends if gap <= NEAR else self._ends
        at = bisect_left(ends, start)
        return at < len(ends) and (ends[at] < end or (ends[at] == end and gap <= NEAR and start < end))
