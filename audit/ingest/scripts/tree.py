"""Mappings and lists, as YAML and JSON have them: where each scalar stands, and what it is called."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from audit.errors import InputError
from audit.ingest.scripts.piece import Kind, Piece
from audit.ingest.scripts.source import Source
from audit.ingest.scripts.written import Written
from audit.model.script import Passage

DEPTH = 100
_HAN = re.compile("[\u3400-\u9fff]")
# A key of this many Chinese characters is no name but words to say.
_SENTENCE = 8


@dataclass(slots=True)
class _Holder:
    """A mapping or list being read. A mapping waits for a key when `key` is None."""

    mapping: bool
    path: tuple[str, ...]
    names: tuple[str, ...]
    name: str = ""
    key: str | None = None
    count: int = 0


class Tree:
    """Takes what a reader meets, in the file's order, and gives pieces; keeps its own stack, so depth costs no recursion."""

    def __init__(self, source: Source, where: str) -> None:
        self._source = source
        self._where = where
        self._documents: list[list[Piece]] = []
        self._holders: list[_Holder] = []

    def document(self) -> None:
        """A document begins."""
        self._documents.append([])

    def open(self, offset: int, *, mapping: bool) -> None:
        """A mapping or list begins at `offset`. Raises InputError when it is nested too deeply."""
        if len(self._holders) >= DEPTH:
            line, column = self._source.place(offset)
            raise InputError("CA516", f"{self._where}:{line}:{column}", depth=DEPTH)
        self._holders.append(self._inner(mapping))

    def _inner(self, mapping: bool) -> _Holder:
        if not self._holders:
            return _Holder(mapping, (), ())
        outer = self._holders[-1]
        if outer.mapping:
            name, step = outer.key or "", outer.key or ""
        else:
            name, step = outer.name, str(outer.count)
        if mapping:
            return _Holder(mapping, (*outer.path, step), (*outer.names, name) if name else outer.names)
        return _Holder(mapping, (*outer.path, step), outer.names, name)

    def close(self) -> None:
        """The innermost mapping or list ends."""
        self._holders.pop()
        self._next("")

    def scalar(self, written: Written) -> None:
        """A key or a value."""
        lines = written.lines()
        if not self._holders:
            self._add(lines, (), "", ())
            return
        holder = self._holders[-1]
        if holder.mapping and holder.key is None:
            words = " ".join(line.text for line in lines)
            if len(_HAN.findall(words)) >= _SENTENCE:
                self._add(lines, holder.path, "", holder.names)
            self._next(words)
        else:
            self._add(lines, holder.path, holder.key or holder.name, holder.names)
            self._next("")

    def _add(self, lines: Sequence[Passage], path: tuple[str, ...], name: str, names: tuple[str, ...]) -> None:
        self._documents[-1] += [Piece(Kind.TEXT, line, path, name, names) for line in lines]

    def _next(self, key: str) -> None:
        """A key, a value or an item was read; a mapping or list as key gives the key no name."""
        if not self._holders:
            return
        holder = self._holders[-1]
        holder.count += 1
        if holder.mapping:
            holder.key = key if holder.key is None else None

    def pieces(self) -> tuple[Piece, ...]:
        """All pieces. Where a file holds several documents, each is under a path of its own: `("d1",)`, `("d2",)` …"""
        if len(self._documents) == 1:
            return tuple(self._documents[0])
        return tuple(
            replace(piece, path=(f"d{number}", *piece.path))
            for number, document in enumerate(self._documents, start=1)
            for piece in document
        )
