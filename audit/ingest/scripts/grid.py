"""Tables of sheets: which row is the header, and what each cell is called by it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice

from audit.ingest.scripts.piece import Kind, Piece
from audit.model.script import Passage

# A header's cells are short names; whoever addresses somebody or ends a sentence is talking.
_NAME_LENGTH = 20
_LONE_NAME_LENGTH = 8
_SPEECH = re.compile("[。！？!?您]")
# 你这样答 is a name, too; who addresses somebody at greater length, or asks, is talking.
_ADDRESS = re.compile("你")
_ADDRESS_LENGTH = 6
_ASKS = re.compile("[吗吧呢]$")
_NUMBER = re.compile(r"[\d\s.,:：/%-]+")


@dataclass(frozen=True, slots=True)
class Row:
    """A row by its `number` in the sheet or file, and the lines of its cells that are not blank, by column from 0."""

    number: int
    cells: Mapping[int, tuple[Passage, ...]]

    def name(self, column: int) -> str:
        """What the cell in that column says, on one line."""
        return " ".join(line.text for line in self.cells.get(column, ()))


def pieces(rows: Iterable[Row], path: tuple[str, ...]) -> Iterator[Piece]:
    """A piece for each line of each cell below the header, named by it. Rows of one cell above the header are titles: headings."""
    filled = (row for row in rows if row.cells)
    titles: list[Row] = []
    for row in filled:
        if len(row.cells) > 1:
            break
        titles.append(row)
    else:
        # One column, from the top to the end.
        yield from _table(iter(titles), path)
        return
    for title in titles:
        named = _is_name(title.name(min(title.cells)))
        for lines in title.cells.values():
            yield from (
                Piece(Kind.HEADING, line, path) if named else Piece(Kind.TEXT, line, (*path, f"r{title.number}"))
                for line in lines
            )
    yield from _table(chain([row], filled), path)


def _table(rows: Iterator[Row], path: tuple[str, ...]) -> Iterator[Piece]:
    start = list(islice(rows, 2))
    header = start[0] if len(start) > 1 and _is_header(*start) else None
    for row in chain(start[1:] if header else start, rows):
        for column, lines in row.cells.items():
            name = header.name(column) if header else ""
            yield from (Piece(Kind.TEXT, line, (*path, f"r{row.number}"), name) for line in lines)


def _is_header(row: Row, below: Row) -> bool:
    names = [row.name(column) for column in row.cells]
    if len(names) == 1:
        return _is_name(names[0]) and len(names[0]) <= _LONE_NAME_LENGTH and below.cells.keys() == row.cells.keys()
    return all(_is_name(name) for name in names)


def _is_name(text: str) -> bool:
    if _ADDRESS.search(text) and (len(text) > _ADDRESS_LENGTH or _ASKS.search(text)):
        return False
    return len(text) <= _NAME_LENGTH and not _SPEECH.search(text) and not _NUMBER.fullmatch(text)
