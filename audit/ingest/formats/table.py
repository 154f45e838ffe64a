"""A csv sheet with a turn a row: speaker, text, start, end; headers in Chinese or English."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator

from audit.ingest.formats.document import Document, wrong
from audit.ingest.formats.pieces import Piece, clock, span, turns_of
from audit.ingest.text import clean
from audit.model.call import Turn
from audit.model.span import TimeSpan

_COLUMNS = {
    "speaker": "role speaker 角色 说话人 发言人 说话方 讲话人 身份",
    "text": "text content sentence utterance 内容 文本 话术 对话 对话内容 说话内容 转写 转写文本 识别结果 语句",
    "start": "start start_s start_time begin 开始 开始时间 起始时间 开始秒 起始",
    "end": "end end_s end_time stop 结束 结束时间 结束秒",
    "start_ms": "start_ms begin_ms 开始毫秒 开始时间毫秒 起始时间毫秒",
    "end_ms": "end_ms 结束毫秒 结束时间毫秒",
}
_HEADERS = {name.replace("_", ""): column for column, names in _COLUMNS.items() for name in names.split()}
_DELIMITERS = ",\t;"


def recognises(document: Document) -> bool:
    """Whether the first line names a speaker and a text column."""
    return {"speaker", "text"} <= set(_header(document.text).values())


def turns(document: Document) -> tuple[Turn, ...]:
    """One turn a row. Raises InputError naming the row when a time cannot be read or the sheet is broken."""
    return turns_of(_pieces(document))


def delimiter_of(line: str) -> str:
    """The delimiter of a sheet, by its first line: comma, tab or semicolon, whichever is there most often."""
    return max(_DELIMITERS, key=line.count)


def first_line(text: str) -> str:
    """The first line with something in it."""
    return next((line for line in text.splitlines() if line.strip()), "")


def header_cells(text: str) -> list[str]:
    """The cells of a sheet's first line."""
    line = first_line(text)
    try:
        return next(csv.reader([line], delimiter=delimiter_of(line)), [])
    except csv.Error:
        return []


def _header(text: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for index, cell in enumerate(header_cells(text)):
        column = _HEADERS.get(re.sub(r"[\s_()\ufeff]", "", unicodedata.normalize("NFKC", cell)).lower())
        if column and column not in found.values():
            found[index] = column
    return found


def _pieces(document: Document) -> Iterator[Piece]:
    columns = _header(document.text)
    reader = csv.reader(
        io.StringIO(document.text.lstrip(), newline=""), delimiter=delimiter_of(first_line(document.text))
    )
    try:
        next(reader, None)
        for row, cells in enumerate(reader, start=2):
            named = {column: cells[index].strip() for index, column in columns.items() if index < len(cells)}
            yield Piece(
                text=clean(named.get("text", "")),
                time=_time(document, row, named),
                speaker=clean(named.get("speaker", "")) or None,
            )
    except csv.Error as error:
        raise wrong(document, str(reader.line_num), "csv", str(error)) from error


def _time(document: Document, row: int, named: dict[str, str]) -> TimeSpan | None:
    for start, end, unit in (("start_ms", "end_ms", 0.001), ("start", "end", 1.0)):
        begin, stop = named.get(start, ""), named.get(end, "")
        if begin:
            time = span(clock(begin), clock(stop or begin), unit)
            if time is None:
                raise wrong(document, str(row), start, "12.5 | 00:12 | 00:00:12,500")
            return time
    return None
