"""Tables as files: CSV that spreadsheets open as what it is, and XLSX. No text in them can become a formula."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from urllib.parse import quote

import xlsxwriter
from starlette.responses import Response, StreamingResponse

from audit.report.page import printable
from audit.report.summary_xlsx import FORMULA, Book, Cell, Column

CSV, XLSX = "csv", "xlsx"
_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json; charset=utf-8",
    "svg": "image/svg+xml; charset=utf-8",
}
_CHUNK, _LINES = 1 << 16, 500
_IN_MEMORY = 1 << 20
# Spreadsheets take a file without it for one in the system's own encoding.
_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Table:
    """A table to download: its title, its columns with their widths, its rows, made while they are written."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]


def csv_pieces(table: Table) -> Iterator[bytes]:
    """The table as CSV (UTF-8 with a mark, lines ended as spreadsheets do), a few hundred rows at a time."""
    text = io.StringIO()
    text.write(_MARK)
    writer = csv.writer(text)
    writer.writerow([guarded(title) for title, _ in table.columns])
    for number, row in enumerate(table.rows, 1):
        writer.writerow([_plain(cell) for cell in row])
        if number % _LINES == 0:
            yield _taken(text)
    yield _taken(text)


def workbook(tables: Iterable[Table], folder: Path) -> IO[bytes]:
    """The tables as sheets of one XLSX file without a name in `folder`, which is gone when it is closed.

    Rows are written to disk as they are made; nothing is written outside `folder`.
    """
    file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it is closed by who sends it
    options = {"constant_memory": True, "tmpdir": str(folder), "default_date_format": "yyyy-mm-dd hh:mm:ss"}
    with xlsxwriter.Workbook(file, options) as made:
        book = Book(made)
        for table in tables:
            book.table(table.title, table.columns, table.rows)
    file.seek(0)
    return file


def guarded(text: str) -> str:
    """Text that a spreadsheet takes for text: what begins like a formula gets a quote before it.

    >>> guarded("=1+1"), guarded("还钱")
    ("'=1+1", '还钱')
    """
    shown = printable(text)
    return f"'{shown}" if shown.startswith(FORMULA) else shown


def csv_file(table: Table, name: str, folder: Path) -> Response:
    """The table as an answer: written first, what is long to a file without a name in `folder`. Who takes it slowly keeps nothing of the
    store open."""
    file = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(folder))  # noqa: SIM115 - it is closed when it is sent
    file.writelines(csv_pieces(table))
    file.seek(0)
    return StreamingResponse(_pieces(file), headers=_headers(name, CSV))


def xlsx_file(tables: Iterable[Table], name: str, folder: Path) -> Response:
    """The tables as sheets of a workbook."""
    return StreamingResponse(_pieces(workbook(tables, folder)), headers=_headers(name, XLSX))


def whole_file(content: bytes, name: str, ending: str) -> Response:
    """A file that is made already."""
    return Response(content, headers=_headers(name, ending))


def _headers(name: str, ending: str) -> dict[str, str]:
    file = f"{name}.{ending}"
    return {"Content-Type": _TYPES[ending], "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file)}"}


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_CHUNK):
            yield piece


def _plain(cell: Cell) -> str | float | None:
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None).isoformat(" ", "seconds")
    if cell is None or isinstance(cell, int | float):
        return cell
    return guarded(cell if isinstance(cell, str) else cell.text)


def _taken(text: io.StringIO) -> bytes:
    """What was written since the last time."""
    piece = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return piece
