"""The list of calls that comes with the recordings: csv, xlsx or jsonl, a row a call."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

from audit.errors import InputError, Problem
from audit.i18n import tr
from audit.ingest.fields import call_id_of, cell_text, column_of, metadata_of
from audit.ingest.formats.table import delimiter_of
from audit.ingest.ondisk import Sequence
from audit.ingest.text import encoding_of, parse_json
from audit.model.call import CallMetadata

NAMES = ("manifest.csv", "manifest.xlsx", "manifest.jsonl")


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `number` is as a spreadsheet shows it (the header is row 1), or the line of a jsonl manifest."""

    number: int
    cells: Mapping[str, str]

    def header(self, column: str) -> str:
        """The header of the first column that means `column` and is not empty here, else `column` itself."""
        return next(
            (header for header, text in self.cells.items() if column_of(header) == column and text.strip()), column
        )

    def value(self, column: str) -> str:
        """What stands in that column, trimmed; an empty text where there is none."""
        return self.cells.get(self.header(column), "").strip()

    def call_id(self) -> str | None:
        """The call id written in the row."""
        return call_id_of(self.value("call_id"))


@dataclass(slots=True)
class Manifest:
    """All rows, held on disk when they are many."""

    path: str
    columns: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _rows: Sequence = field(default_factory=Sequence)

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, index: int) -> Row:
        """The row at `index`, from 0."""
        number, packed = self._rows[index]
        return Row(number, dict(zip(self.columns, json.loads(packed.decode("utf-8", "surrogatepass")), strict=False)))

    def add(self, number: int, cells: list[str]) -> None:
        """Keep a row; one with nothing in it is no row."""
        if any(cell.strip() for cell in cells):
            self._rows.append(number, json.dumps(cells, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    def metadata(self, row: Row) -> tuple[CallMetadata, list[Problem]]:
        """The call record of a row, and a warning for each cell that was not understood."""
        return metadata_of(row.cells, f"{self.path}:{row.number}", row.number)


def read_manifest(path: str) -> Manifest:
    """Read a manifest of any of the three kinds.

    Raises InputError when the file cannot be read or has neither a file nor a call id column.
    """
    readers = {".xlsx": _read_xlsx, ".jsonl": _read_jsonl}
    manifest = Manifest(path)
    readers.get(Path(path).suffix.lower(), _read_csv)(manifest)
    if not {"file", "call_id"} & {column_of(header) for header in manifest.columns}:
        raise InputError("CA121", path, columns=", ".join(manifest.columns[:12]) or "-")
    return manifest


def _read_csv(manifest: Manifest) -> None:
    encoding = encoding_of(manifest.path)
    with Path(manifest.path).open(encoding=encoding, newline="") as stream:
        try:
            delimiter = delimiter_of(stream.readline())
        except UnicodeDecodeError:
            raise InputError("CA109", manifest.path) from None
        stream.seek(0)
        reader = csv.reader(stream, delimiter=delimiter)
        try:
            _read_rows(manifest, enumerate(reader, start=1))
        except UnicodeDecodeError:
            raise InputError("CA109", f"{manifest.path}:{reader.line_num}") from None
        except csv.Error as error:
            raise InputError("CA132", f"{manifest.path}:{reader.line_num}", reason=str(error)) from error


def _read_xlsx(manifest: Manifest) -> None:
    from python_calamine import CalamineError, load_workbook

    try:
        workbook = load_workbook(manifest.path)
        sheet = workbook.get_sheet_by_index(0)
        rows = ([_cell(value) for value in row] for row in sheet.iter_rows())
    except (CalamineError, OSError, ValueError) as error:
        raise InputError("CA132", manifest.path, reason=str(error)) from error
    _read_rows(manifest, enumerate(rows, start=1))


def _read_rows(manifest: Manifest, rows: Iterator[tuple[int, list[str]]]) -> None:
    for number, cells in rows:
        if not manifest.columns:
            if any(cell.strip() for cell in cells):
                manifest.columns = _distinct(cells)
            continue
        surplus = [cell for cell in cells[len(manifest.columns) :] if cell.strip()]
        if surplus:
            where = f"{manifest.path}:{number}"
            facts = {"row": number, "cells": len(cells), "columns": len(manifest.columns)}
            manifest.problems.append(Problem("CA129", where, facts))
        manifest.add(number, cells)


def _read_jsonl(manifest: Manifest) -> None:
    places: dict[str, int] = {}
    with Path(manifest.path).open(encoding=encoding_of(manifest.path)) as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            where = f"{manifest.path}:{number}"
            record = parse_json(line.lstrip("\ufeff"), where)
            if not isinstance(record, dict):
                raise InputError("CA110", where, reason=tr("应为一个 {} 对象", "expected an object"))
            for key in record:
                places.setdefault(key, len(places))
            cells = [""] * len(places)
            for key, value in record.items():
                cells[places[key]] = cell_text(value)
            manifest.add(number, cells)
    manifest.columns = list(places)


def _distinct(headers: list[str]) -> list[str]:
    """Headers as keys: a second column of the same name keeps its own place."""
    seen: dict[str, int] = {}
    names = []
    for index, header in enumerate(headers, start=1):
        name = header.strip().lstrip("\ufeff") or f"#{index}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _cell(value: object) -> str:
    match value:
        case datetime():
            # Excel counts days in floating point; a minute comes back some microseconds short.
            rounded = value + timedelta(microseconds=500)
            return rounded.replace(microsecond=rounded.microsecond // 1000 * 1000).isoformat(" ")
        case date():
            return value.isoformat()
        case time():
            return value.isoformat()
        case timedelta():
            return str(round(value.total_seconds(), 3))
        case _:
            return cell_text(value)
