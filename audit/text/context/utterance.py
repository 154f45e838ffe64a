"""One turn's text with its clauses and sentences."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from audit.model.span import CharSpan
from audit.text.normalise import Normalised

_CLAUSE_END = re.compile(r"[,，。.!?;:、！？；：…\n]")
_SENTENCE_END = re.compile(r"[。!?;！？；\n]")
# What is taken for the sentence where nothing is punctuated, in characters on each side: spoken sentences have a dozen or two.
_SENTENCE = 24


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn's normalised text with its clause and sentence ends (positions of the first character after each)."""

    normalised: Normalised
    clause_starts: tuple[int, ...] = field(init=False)
    sentence_starts: tuple[int, ...] = field(init=False)
    punctuated: bool = field(init=False)

    def __post_init__(self) -> None:
        text = self.normalised.text
        clauses = {m.end() for m in _CLAUSE_END.finditer(text) if m.group() != "、"}
        object.__setattr__(self, "clause_starts", tuple(sorted(clauses | self.normalised.breaths)))
        object.__setattr__(self, "sentence_starts", tuple(m.end() for m in _SENTENCE_END.finditer(text)))
        object.__setattr__(self, "punctuated", bool(clauses))

    @property
    def text(self) -> str:
        """The normalised text."""
        return self.normalised.text

    def clause_of(self, position: int) -> CharSpan:
        """The clause around a position; pauses and punctuation bound it."""
        return _piece(self.clause_starts, position, len(self.text))

    def sentence_of(self, position: int) -> CharSpan:
        """The sentence around a position; where nothing is punctuated, as much around it as a sentence has."""
        if self.punctuated:
            return _piece(self.sentence_starts, position, len(self.text))
        start, end = max(0, position - _SENTENCE), min(len(self.text), position + _SENTENCE)
        if not self.clause_starts:
            return CharSpan(start, end)
        return CharSpan(self.clause_of(start).start, self.clause_of(max(start, end - 1)).end)


def _piece(starts: Sequence[int], position: int, length: int) -> CharSpan:
    after = bisect_right(starts, position)
    return CharSpan(starts[after - 1] if after else 0, starts[after] if after < len(starts) else length)
