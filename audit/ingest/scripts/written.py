"""Scalars and cells: text decoded from a source run by run, with the place where each run is written."""

import re
from collections.abc import Iterator

from audit.ingest.scripts.source import Source
from audit.ingest.text import clean
from audit.model.script import Mark, Passage

LINE_BREAK = re.compile("\r\n|\r|\n")
_FOLD = r"(?:\r\n|[\r\n])[ \t\r\n]*"
_PLAIN = re.compile(_FOLD)
_SINGLE = re.compile(rf"''|{_FOLD}")
_DOUBLE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rf"|\\(?:x[0-9a-fA-F]{{2}}|u[0-9a-fA-F]{{4}}|U[0-9a-fA-F]{{8}}|{_FOLD}|[^\r\n])|{_FOLD}"
)
# JSON's escapes are among YAML's, and mean the same there.
_ESCAPES = {
    **{"0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b"},
    **{" ": " ", '"': '"', "/": "/", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"},
}


class Written:
    """Text under construction. What is added last stands last; offsets count characters of the source's text."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._runs: list[tuple[str, int]] = []

    def add(self, text: str, offset: int) -> None:
        """Go on with `text`, whose characters stand side by side from `offset` on."""
        if text:
            self._runs.append((text, offset))

    def copy(self, start: int, end: int) -> None:
        """Go on with what the source says from `start` to `end`."""
        self.add(self._source.text[start:end], start)

    def plain(self, start: int, end: int) -> None:
        """Go on with a plain YAML scalar: its lines are folded."""
        self._folded(_PLAIN, start, end)

    def single_quoted(self, start: int, end: int) -> None:
        """Go on with what stands between single quotes in YAML."""
        self._folded(_SINGLE, start, end)

    def double_quoted(self, start: int, end: int) -> None:
        """Go on with what stands between double quotes in YAML or JSON; the escapes are known to be right."""
        self._folded(_DOUBLE, start, end)

    def _folded(self, tokens: re.Pattern[str], start: int, end: int) -> None:
        at = start
        for token in tokens.finditer(self._source.text, start, end):
            before, said = self._source.text[at : token.start()], token.group()
            at_end = token.start()
            if said[0] in "\r\n":
                before = before.rstrip(" \t")
                at_end -= token.start() - at - len(before)
            self.add(before, at)
            self.add(_decoded(said), at_end)
            at = token.end()
        self.copy(at, end)

    def text(self) -> str:
        """All that was added, as it is meant."""
        return "".join(text for text, _ in self._runs)

    def lines(self, cell: str | None = None) -> tuple[Passage, ...]:
        """A passage for each line, without the white space around it; blank lines give none."""
        return tuple(self._lines(cell))

    def _lines(self, cell: str | None) -> Iterator[Passage]:
        text = self.text()
        run, begin = 0, 0
        for start, end in _line_spans(text):
            words = text[start:end].strip()
            if not words:
                continue
            first = text.index(words, start, end)
            while begin + len(self._runs[run][0]) <= first:
                begin += len(self._runs[run][0])
                run += 1
            marks = []
            while True:
                said, offset = self._runs[run]
                skipped = max(0, first - begin)
                marks.append(Mark(begin + skipped - first, *self._source.place(offset + skipped)))
                if begin + len(said) >= first + len(words):
                    break
                begin += len(said)
                run += 1
            yield Passage(clean(words), tuple(marks), cell)


def _line_spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in LINE_BREAK.finditer(text):
        yield start, found.start()
        start = found.end()
    yield start, len(text)


def _decoded(said: str) -> str:
    """What an escape, a doubled quote or a folded line break stands for."""
    if said == "''":
        return "'"
    if said[0] in "\r\n":
        breaks = len(LINE_BREAK.findall(said))
        return "\n" * (breaks - 1) or " "
    kind = said[1]
    if kind in "\r\n":
        return "\n" * (len(LINE_BREAK.findall(said)) - 1)
    if kind in _ESCAPES:
        return _ESCAPES[kind]
    if len(said) == 12:
        return said.encode("ascii").decode("unicode_escape").encode("utf-16", "surrogatepass").decode("utf-16")
    return chr(int(said[2:], 16))
