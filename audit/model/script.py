"""A script template (话术模板): what collectors read from, with the place of every character in its file."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Voice(StrEnum):
    """Whose words they are: only the agent's can breach.

    `note` is written for the collector and spoken by nobody (titles, conditions, remarks), `forbidden` is listed as what must not be said.
    """

    AGENT = "agent"
    OTHER = "other"
    NOTE = "note"
    FORBIDDEN = "forbidden"


class Audience(StrEnum):
    """Who listens. Guarantors owe the debt themselves and count as the debtor."""

    DEBTOR = "debtor"
    THIRD_PARTY = "third_party"


class Place(NamedTuple):
    """A place in a file, both from 1, columns in characters.

    In a sheet `line` is the row and `column` the character within the cell, in docx `line` is the paragraph (those of tables
    follow in the order of the document).
    """

    line: int
    column: int


class Mark(NamedTuple):
    """From `offset` on, a text's characters stand side by side in the file, beginning at `line` and `column`, up to the next mark."""

    offset: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of a file. `marks` say where each character is written; the first is at offset 0. `cell` is `Sheet!B3` in a sheet."""

    text: str
    marks: tuple[Mark, ...]
    cell: str | None = None

    def place(self, offset: int) -> Place:
        """Where the character at `offset` is written; the text's length is the place behind the last character."""
        if offset == len(self.text) and offset > 0:
            before = self.place(offset - 1)
            return Place(before.line, before.column + 1)
        mark = self.marks[bisect_right(self.marks, offset, key=lambda mark: mark.offset) - 1]
        return Place(mark.line, mark.column + offset - mark.offset)

    def part(self, start: int, end: int) -> "Passage":
        """The words from `start` to `end`, with their places."""
        first = bisect_right(self.marks, start, key=lambda mark: mark.offset) - 1
        marks = [Mark(0, *self.place(start))] if start < len(self.text) else [Mark(0, *self.place(len(self.text)))]
        behind = bisect_left(self.marks, end, key=lambda mark: mark.offset)
        marks += [Mark(m.offset - start, m.line, m.column) for m in self.marks[first + 1 : behind] if m.offset > start]
        return Passage(self.text[start:end], tuple(marks), self.cell)

    def joined(self, behind: "Passage") -> "Passage":
        """These words and those that go on behind them."""
        marks = tuple(Mark(mark.offset + len(self.text), mark.line, mark.column) for mark in behind.marks)
        return Passage(self.text + behind.text, self.marks + marks, self.cell)

    @classmethod
    def at(cls, text: str, line: int, column: int, cell: str | None = None) -> "Passage":
        """Words that stand side by side on one line."""
        return cls(text, (Mark(0, line, column),), cell)


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance of a script. `exchange` numbers the exchanges: a line of the other side and what the agent answers.

    `known` is what titles, notes and stage directions say has happened by then: the listener is `identified` (or will
    not say who they are: `unidentified`), the recording `notified`, the agent `introduced`. `opening`: a title says that here a
    conversation begins.
    """

    words: Passage
    voice: Voice
    audience: Audience | None
    exchange: int
    known: frozenset[str] = frozenset()
    opening: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """A call window or a count in a script's settings: its `name` as written, its value, and `beside`, what stands beside it."""

    kind: str
    name: str
    value: Passage
    audience: Audience | None
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Directive:
    """What a comment or column tells the linter (`allow threat.exposure 培训反例`), without the word `callaudit:` before it.

    `alone`: nothing else is on its line, so that it speaks of the next one. `record`: the first and last line of the row or mapping that
    it is a column or key of, and speaks of.
    """

    words: Passage
    alone: bool
    record: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """One script file as read. `blocks` are the first and last lines of texts that are written as a whole (YAML's block scalars);
    `owners` are law firms and mediators that the file says it belongs to."""

    path: str
    format: str
    lines: tuple[Line, ...]
    settings: tuple[Setting, ...] = ()
    directives: tuple[Directive, ...] = ()
    blocks: tuple[tuple[int, int], ...] = ()
    owners: frozenset[str] = frozenset()
