"""What holds for every script parser: each character of a piece stands where its place says."""

import json
import re
from collections.abc import Iterable

from audit.ingest.scripts.piece import Piece
from audit.ingest.text import clean

BREAK = re.compile("\r\n|\r|\n")


def lines_of(text: str) -> list[str]:
    """The lines of a value that are pieces of their own."""
    return [clean(line.strip()) for line in BREAK.split(text) if line.strip()]


def check_places(text: str, pieces: Iterable[Piece], *, folds: bool = False) -> None:
    """Each character is written at its place in `text`, or decoded from the escape there; `folds`: a space may be a line break."""
    lines = BREAK.split(text)
    for piece in pieces:
        words = piece.words
        assert words.text
        assert words.text == words.text.strip()
        assert words.marks[0].offset == 0
        for offset, char in enumerate(words.text):
            line, column = words.place(offset)
            written = lines[line - 1]
            if folds and char == " " and not written[column - 1 :].strip(" \t"):
                continue
            if written[column - 1] == "\\" and char != "\\":
                assert char in clean(_escaped(written[column - 1 :])), (piece, offset)
            else:
                assert clean(written[column - 1]) == char, (piece, offset)


def _escaped(written: str) -> str:
    """What the JSON or YAML escape at the start of `written` stands for."""
    if found := re.match(r"\\x(..)|\\U(.{8})", written):
        return chr(int(found[1] or found[2], 16))
    found = re.match(r"(?:\\u[0-9a-fA-F]{4})+|\\.", written)
    assert found
    try:
        return str(json.loads(f'"{found[0]}"'))[0]
    except json.JSONDecodeError:
        return {
            "0": "\0",
            "a": "\a",
            "v": "\v",
            "e": "\x1b",
            "N": "\x85",
            "_": "\xa0",
            "L": "\u2028",
            "P": "\u2029",
        }.get(found[0][1], found[0][1])
