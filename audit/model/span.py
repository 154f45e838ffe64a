"""Half-open stretches of time and of text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """Seconds from the start of the recording, half-open: `start_s <= t < end_s`.

    >>> TimeSpan(1.0, 2.5).duration_s
    1.5
    """

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not 0 <= self.start_s <= self.end_s:
            raise ValueError(f"not a time span: {self.start_s}..{self.end_s}")

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, order=True)
class CharSpan:
    """Characters of one turn's original text, half-open, counted from 0.

    >>> CharSpan(2, 4).of("再不还钱")
    '还钱'
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a character span: {self.start}..{self.end}")

    def of(self, text: str) -> str:
        """The characters it covers."""
        return text[self.start : self.end]

    def overlaps(self, other: "CharSpan") -> bool:
        """Whether the two share a character.

        >>> CharSpan(0, 2).overlaps(CharSpan(2, 3))
        False
        """
        return self.start < other.end and other.start < self.end
