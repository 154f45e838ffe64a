"""Script templates in JSON and JSON Lines, read without recursion and with the place of every character."""

import re
from enum import Enum, auto
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # documented nowhere, but what `json.loads` reads with

from audit.errors import InputError
from audit.ingest.scripts.piece import Parsed
from audit.ingest.scripts.source import Source
from audit.ingest.scripts.tree import Tree
from audit.ingest.scripts.written import Written
from audit.ingest.text import json_problem

_SPACE = re.compile(r"[ \t\r\n]*")
_LITERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null")
_CLOSING = {"{": "}", "[": "]"}


class _Awaited(Enum):
    """What has to come next."""

    VALUE = auto()
    FIRST_ITEM = auto()
    FIRST_KEY = auto()
    KEY = auto()
    COLON = auto()
    COMMA = auto()
    NOTHING = auto()


def parse(text: str, where: str) -> Parsed:
    """The scalars of a JSON file, or of the documents of a JSON Lines file, each with its place.

    Raises InputError (CA516, CA517) when it is no JSON or nested too deeply.
    """
    reader = _Reader(text, where)
    reader.read()
    return Parsed(reader.tree.pieces())


class _Reader:
    def __init__(self, text: str, where: str) -> None:
        self.text = text
        self.where = where
        self.source = Source(text)
        self.tree = Tree(self.source, where)
        self.closing: list[str] = []

    def read(self) -> None:
        """All documents; each after the first begins on a line of its own."""
        at = self.space(0)
        while True:
            end = self.document(at)
            at = self.space(end)
            if at == len(self.text):
                return
            if self.source.place(end).line == self.source.place(at).line:
                raise self.wrong("Extra data", at)

    def document(self, at: int) -> int:
        self.tree.document()
        awaited = _Awaited.VALUE
        while awaited is not _Awaited.NOTHING:
            awaited, at = self.step(awaited, self.space(at))
        return at

    def space(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def step(self, awaited: _Awaited, at: int) -> tuple[_Awaited, int]:
        """Read one token: what has to come after it, and its end."""
        char = self.text[at : at + 1]
        match awaited:
            case _Awaited.FIRST_ITEM | _Awaited.FIRST_KEY | _Awaited.COMMA if char and char == self.closing[-1]:
                self.closing.pop()
                self.tree.close()
                return self.after_value(), at + 1
            case _Awaited.VALUE | _Awaited.FIRST_ITEM:
                return self.value(char, at)
            case _Awaited.KEY | _Awaited.FIRST_KEY:
                if char != '"':
                    raise self.wrong("Expecting property name enclosed in double quotes", at)
                return _Awaited.COLON, self.string(at)
            case _Awaited.COLON:
                if char != ":":
                    raise self.wrong("Expecting ':' delimiter", at)
                return _Awaited.VALUE, at + 1
            case _:
                if char != ",":
                    raise self.wrong("Expecting ',' delimiter", at)
                return _Awaited.KEY if self.closing[-1] == "}" else _Awaited.VALUE, at + 1

    def value(self, char: str, at: int) -> tuple[_Awaited, int]:
        if char in _CLOSING:
            self.tree.open(at, mapping=char == "{")
            self.closing.append(_CLOSING[char])
            return _Awaited.FIRST_KEY if char == "{" else _Awaited.FIRST_ITEM, at + 1
        if char == '"':
            return self.after_value(), self.string(at)
        found = _LITERAL.match(self.text, at)
        if not found:
            raise self.wrong("Expecting value", at)
        written = Written(self.source)
        written.copy(at, found.end())
        self.tree.scalar(written)
        return self.after_value(), found.end()

    def after_value(self) -> _Awaited:
        return _Awaited.COMMA if self.closing else _Awaited.NOTHING

    def string(self, at: int) -> int:
        try:
            end: int = scanstring(self.text, at + 1)[1]
        except JSONDecodeError as error:
            raise self.wrong(error.msg, error.pos) from error
        written = Written(self.source)
        written.double_quoted(at + 1, end - 1)
        self.tree.scalar(written)
        return end

    def wrong(self, message: str, at: int) -> InputError:
        line, column = self.source.place(at)
        return InputError("CA517", f"{self.where}:{line}:{column}", reason=json_problem(message))
