"""Script templates in CSV: comma, tab or semicolon, quotes as in RFC 4180, cells of several lines."""

import re
from collections.abc import Iterator

from audit.ingest.scripts.grid import Row, pieces
from audit.ingest.scripts.piece import Parsed
from audit.ingest.scripts.source import Source
from audit.ingest.scripts.written import LINE_BREAK, Written

_DELIMITERS = ",\t;"
_QUOTED = re.compile(r'"[^"]*+(?:"|\Z)')
_WITHIN_QUOTES = re.compile(r'[^"]+|""')


def parse(text: str, where: str) -> Parsed:
    """The cells of a CSV file below its header, a piece for each of their lines. No text is wrong; `where` is not needed."""
    rows = (
        Row(number, {column: lines for column, cell in enumerate(cells) if (lines := cell.lines())})
        for number, cells in enumerate(records(text), start=1)
    )
    return Parsed(tuple(pieces(rows, ())))


def records(text: str) -> Iterator[list[Written]]:
    """The cells of each record, as `csv.reader` reads them: blank lines are records without cells."""
    source = Source(text)
    delimiter = _delimiter(source)
    unquoted = re.compile(rf"[^{delimiter}\r\n]*+")
    at = 0
    while at < len(text):
        cells: list[Written] = []
        while True:
            cell = Written(source)
            if not cells and text[at : at + 1] in ("\r", "\n"):
                break
            if text.startswith('"', at):
                at = _quoted(text, at + 1, cell)
            found = unquoted.match(text, at)
            end = found.end() if found else at
            cell.copy(at, end)
            cells.append(cell)
            at = end
            if not text.startswith(delimiter, at):
                break
            at += 1
        ending = LINE_BREAK.match(text, at)
        at = ending.end() if ending else at
        yield cells


def _quoted(text: str, at: int, cell: Written) -> int:
    """Read up to the closing quote and over it; quotes that are never closed end with the file."""
    while found := _WITHIN_QUOTES.match(text, at):
        cell.add('"' if found.group() == '""' else found.group(), at)
        at = found.end()
    return min(at + 1, len(text))


def _delimiter(source: Source) -> str:
    """What stands most often in the first line that has any of them outside quotes."""
    for line in source.lines:
        bare = _QUOTED.sub("", line)
        if any(delimiter in bare for delimiter in _DELIMITERS):
            return max(_DELIMITERS, key=bare.count)
    return ","
