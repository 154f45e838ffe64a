"""Files with a call a line, read a line at a time."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from audit.errors import InputError
from audit.ingest.text import decode, is_binary, parse_json, read_bytes

LINE_BYTES = 16 * 1024 * 1024
_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Line:
    """One line (from 1) that is not empty, its bytes as they lie in the file (UTF-16 as UTF-8)."""

    number: int
    data: bytes


def read_lines(path: str) -> Iterator[Line]:
    """The lines of a file of any length. A line longer than `LINE_BYTES` comes cut, one byte too long.

    Raises InputError when the file cannot be read, is empty or no text.
    """
    try:
        with Path(path).open("rb") as stream:
            head = stream.read(_HEAD)
            stream.seek(0)
            if not head:
                raise InputError("CA106", path)
            if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                yield from _utf16(path)
                return
            if is_binary(head):
                raise InputError("CA108", path)
            number = 0
            while line := stream.readline(LINE_BYTES + 1):
                number += 1
                whole = line.endswith(b"\n")
                if line.strip():
                    yield Line(number, line.removeprefix(codecs.BOM_UTF8).strip() if len(line) <= LINE_BYTES else line)
                while not whole and (rest := stream.readline(LINE_BYTES)):
                    whole = rest.endswith(b"\n")
    except OSError as error:
        raise InputError("CA105", path, reason=error.strerror or type(error).__name__) from error


def parse_line(line: Line, path: str) -> tuple[str, dict[str, object]]:
    """The text of a line and the call in it.

    Raises InputError when the line is too long, in no known encoding, no JSON, or no object with `turns`.
    """
    where = f"{path}:{line.number}"
    if len(line.data) > LINE_BYTES:
        raise InputError("CA113", where, megabytes=LINE_BYTES // 1_000_000)
    text = decode(line.data, where)
    record = parse_json(text, where)
    if not isinstance(record, dict) or not isinstance(record.get("turns"), list):
        raise InputError("CA114", where)
    return text, record


def first_line_is_a_call(path: str) -> bool:
    """Whether a .json file holds a call a line after all: its first line is a whole call and there is a second line."""
    lines = read_lines(path)
    try:
        first, second = next(lines, None), next(lines, None)
        if first is None or second is None:
            return False
        parse_line(first, path)
    except InputError:
        return False
    return True


def _utf16(path: str) -> Iterator[Line]:
    for number, text in enumerate(decode(read_bytes(path), path).splitlines(), start=1):
        if text.strip():
            yield Line(number, text.strip().encode("utf-8", "surrogatepass"))
