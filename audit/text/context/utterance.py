"""One turn's text with its clauses and sentences."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from audit.model.span import CharSpan
from audit.text.normalise import Normalised

_CLAUSE_END = re.compile(r"[,，。.!?;:、！？；：…\n]")
_SENTENCE_END = re.compile(r"[。!?;！？；\n]")


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn's normalised text with its clause and sentence ends (positions of the first character after each)."""

    normalised: Normalised
    clause_starts: tuple[int, ...] = field(init=False)
    sentence_starts: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        text = self.normalised.text
        clauses = {m.end() for m in _CLAUSE_END.finditer(text) if m.group() != "、"} | self.normalised.breaths
        object.__setattr__(self, "clause_starts", tuple(sorted(clauses)))
        object.__setattr__(self, "sentence_starts", tuple(m.end() for m in _SENTENCE_END.finditer(text)))

    @property
    def text(self) -> str:
        """The normalised text."""
        return self.normalised.text

    def clause_of(self, position: int) -> CharSpan:
        """The clause around a position; pauses and punctuation bound it."""
        return _piece(self.clause_starts, position, len(self.text))

    def sentence_of(self, position: int) -> CharSpan:
        """The sentence around a position; where nothing is punctuated, the whole turn."""
        return _piece(self.sentence_starts, position, len(self.text))


def _piece(starts: Sequence[int], position: int, length: int) -> CharSpan:
    after = bisect_right(starts, position)
    return CharSpan(starts[after - 1] if after else 0, starts[after] if after < len(starts) else length)
