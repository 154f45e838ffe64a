"""Script templates in Excel workbooks (xlsx, xlsm), read by calamine: every sheet, hidden ones, too."""

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO
from itertools import pairwise, zip_longest
from typing import Any

from audit.errors import InputError
from audit.i18n import tr
from audit.ingest.fields import cell_text
from audit.ingest.scripts.archive import guard
from audit.ingest.scripts.grid import Row, pieces
from audit.ingest.scripts.piece import Kind, Parsed, Piece
from audit.ingest.scripts.written import LINE_BREAK
from audit.ingest.text import clean
from audit.model.script import Passage

CELLS = 300_000
TEXT_BYTES = 128 * 1024 * 1024
_WORKBOOK = "xl/workbook.xml"
# calamine takes a package that has one of these for another kind of workbook when it cannot read it as xlsx.
_OTHER_KINDS = {"xl/workbook.bin", "content.xml"}
_SHEET = b"sheetData"
# Comments and quotes are read as calamine reads them: nothing in them may hide or pretend a cell.
# Whatever is not closed goes on to the end, so that no byte is looked at for each of many openings.
_MARKUP = re.compile(
    rb"<(?:/[^>]*+(?:>|\Z)|!--.*?(?:-->|\Z)|!\[CDATA\[.*?(?:\]\]>|\Z)|\?.*?(?:\?>|\Z)"
    rb"|(?P<name>[^\s/>!?\"']++)(?P<attributes>(?:[^>\"']++|\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z))*+)(?:>|\Z))",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(rb"(?<=[\s\"'])([^\s=\"']++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)')")
# A sheet of as many cells as are read has fewer elements.
_ELEMENTS = 8 * CELLS
_SHARED = re.compile(rb"<(?:[^\s<>/:]++:)?si(?=[\s>])")
# More than `t="s"` fits, and a cell that is written in another way counts with the longest text.
_SHARING_CELL = re.compile(
    rb"<(?:[^\s<>/:]++:)?c\s(?:[^<>/]*+>\s*+<(?:[^\s<>/:]++:)?v>\s*+(?P<number>[0-9]{1,9}+)\s*+</)?"
)
_REFERENCE = re.compile(rb"([A-Za-z]*)([0-9]*)")
# Far beyond the last column and row there are, XFD and 1048576.
_BEYOND = 1 << 32


def parse(data: bytes, where: str) -> Parsed:
    """Each sheet's name as a heading and its cells, a piece a line, with the sheet's own coordinates.

    Raises InputError: CA500, CA501, CA503 (archives), CA518 when it is no workbook, CA519 and CA520 when it would
    take too much memory.
    """
    guard(data, where)
    _measure(data, where)
    try:
        return Parsed(tuple(_sheets(data)))
    except BaseException as error:
        if isinstance(error, _calamine_error()) or type(error).__name__ == "PanicException":
            raise InputError("CA518", where, reason=tr("文件已损坏", "it is damaged")) from error
        raise


def _calamine_error() -> type[Exception]:
    from python_calamine import CalamineError

    error: type[Exception] = CalamineError
    return error


def _measure(data: bytes, where: str) -> None:
    """What calamine would hold. It keeps every cell between the outermost ones, and a copy of a shared text for each cell that has it:
    two cells in far corners, or one long text, would take all memory."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = {name.replace("\\", "/").lower() for name in package.namelist()}
            if _WORKBOOK not in names or names & _OTHER_KINDS:
                raise InputError(
                    "CA518", where, reason=tr("压缩包里没有 Excel 工作簿", "the archive holds no Excel workbook")
                )
            parts = [package.read(entry) for entry in package.infolist()]
            cells = sum(extent(part) for part in parts)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, EOFError, OSError, RuntimeError) as error:
        raise InputError("CA518", where, reason=tr("文件已损坏", "it is damaged")) from error
    if cells > CELLS:
        raise InputError("CA519", where, cells=cells, limit=CELLS)
    shared = _shared_sizes(parts)
    if max(shared, default=0) * cells > TEXT_BYTES and sum(_shared_text(part, shared) for part in parts) > TEXT_BYTES:
        raise InputError("CA520", where, limit=TEXT_BYTES // 1_000_000)


def _shared_sizes(parts: list[bytes]) -> list[int]:
    """How long each shared text is at most, in bytes."""
    sizes: list[int] = []
    for part in parts:
        starts = [found.start() for found in _SHARED.finditer(part)]
        lengths = [end - start for start, end in pairwise([*starts, len(part)])]
        sizes = [max(pair) for pair in zip_longest(sizes, lengths, fillvalue=0)]
    return sizes


def _shared_text(part: bytes, sizes: list[int]) -> int:
    """How long the shared texts of all cells are together; one that is not found is taken for the longest."""
    longest = max(sizes, default=0)
    total = 0
    for cell in _SHARING_CELL.finditer(part):
        number = int(cell["number"]) if cell["number"] else len(sizes)
        total += sizes[number] if number < len(sizes) else longest
    return total


def extent(part: bytes) -> int:
    """How many cells the rectangle around all filled cells of a sheet has; 0 for a part that is no sheet.

    Rows and cells need not say where they are: they follow those before them. Too many elements count as cells.
    """
    if _SHEET not in part:
        return 0
    if b"<!DOCTYPE" in part:
        raise ValueError("a sheet with a document type")
    row = column = top = left = bottom = right = 0
    for count, markup in enumerate(_MARKUP.finditer(part)):
        if count > _ELEMENTS:
            return count
        name = (markup["name"] or b"").rpartition(b":")[2]
        if name == b"row":
            row, column = _reference(markup["attributes"])[0] or row + 1, 0
        elif name == b"c":
            at_row, at_column = _reference(markup["attributes"])
            row, column = at_row or row, at_column or column + 1
            if markup["attributes"].endswith(b"/"):
                continue
            top, left = min(top or row, row), min(left or column, column)
            bottom, right = max(bottom, row), max(right, column)
    return (bottom - top + 1) * (right - left + 1) if right else 0


def _reference(attributes: bytes) -> tuple[int, int]:
    """Row and column an element says it is at, from 1; 0 where it says nothing.

    >>> _reference(b' s="1" r="XFD7"')
    (7, 16384)
    """
    for attribute in _ATTRIBUTE.finditer(attributes):
        if attribute[1] == b"r" and (reference := _REFERENCE.match(attribute[2] or attribute[3] or b"")):
            column = 0
            for letter in reference[1].upper():
                column = min(column * 26 + letter - 64, _BEYOND)
            return int(reference[2] or 0), column
    return 0, 0


def _letters(column: int) -> str:
    """The name of a column by its number, from 0.

    >>> _letters(0), _letters(27), _letters(16383)
    ('A', 'AB', 'XFD')
    """
    name = ""
    while column >= 0:
        name = chr(65 + column % 26) + name
        column = column // 26 - 1
    return name


def _sheets(data: bytes) -> Iterator[Piece]:
    from python_calamine import SheetTypeEnum, load_workbook

    with load_workbook(BytesIO(data)) as workbook:
        for index, about in enumerate(workbook.sheets_metadata):
            if about.typ != SheetTypeEnum.WorkSheet:
                continue
            name = clean(about.name)
            if name.strip():
                yield Piece(Kind.HEADING, Passage.at(name, 1, 1, cell=f"{name}!A1"), (name,))
            yield from pieces(_rows(workbook.get_sheet_by_index(index), name), (name,))


def _rows(sheet: Any, name: str) -> Iterator[Row]:
    first_row, first_column = sheet.start or (0, 0)
    for number, values in enumerate(sheet.to_python(skip_empty_area=True), start=first_row + 1):
        cells = {}
        for column, value in enumerate(values, start=first_column):
            if value != "" and (lines := _lines(_text(value), number, f"{name}!{_letters(column)}{number}")):
                cells[column] = lines
        yield Row(number, cells)


def _lines(text: str, row: int, cell: str) -> tuple[Passage, ...]:
    """The lines of a cell that are not blank; columns count characters in the whole cell."""
    found, start = [], 0
    for line in LINE_BREAK.sub("\n", text).split("\n"):
        if words := line.strip():
            found.append(Passage.at(clean(words), row, start + len(line) - len(line.lstrip()) + 1, cell))
        start += len(line) + 1
    return tuple(found)


def _text(value: object) -> str:
    """A cell as a sheet shows it: whole seconds, and clock times without seconds where there are none."""
    match value:
        case datetime():
            # Excel counts days in floating point; a minute comes back some microseconds short.
            return (value + timedelta(microseconds=500)).isoformat(" ", "minutes" if not value.second else "seconds")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("minutes" if not value.second else "seconds")
        case timedelta():
            return str(value)
        case _:
            return cell_text(value)
