"""Which row of which manifest speaks of which file, and what each call is called."""

import hashlib
import os
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from audit.errors import Problem
from audit.ingest.files import Found, Listing, absolute, sidecars
from audit.ingest.items import Failure
from audit.ingest.manifest import Manifest, Row
from audit.ingest.ondisk import FirstCome


@dataclass(slots=True)
class Scope:
    """A manifest and the files it speaks of: all (`folder` None), or those in its folder and below.

    `unmatched` are the rows whose file is not among the inputs, `by_id` those of them that have a call id, `used` marks those
    that found their call.
    """

    manifest: Manifest
    folder: str | None
    unmatched: "array[int]" = field(default_factory=lambda: array("L"))
    by_id: FirstCome = field(default_factory=FirstCome)
    used: bytearray = field(init=False)

    def __post_init__(self) -> None:
        self.used = bytearray(len(self.manifest))

    def row_of(self, call_id: str) -> int | None:
        """The first of the unmatched rows with that call id."""
        found = self.by_id.get(call_id)
        return None if found is None else int(found)

    def covers(self, found: Found) -> bool:
        """Whether the manifest speaks of this file."""
        return self.folder is None or absolute(found.path).startswith(self.folder + os.sep)

    def failure(self, row: Row, code: str, **facts: object) -> Failure:
        """A row that cannot be audited."""
        where = place(self.manifest.path, row.number)
        return Failure(
            self.manifest.path, Problem(code, where, {"row": row.number, **facts}), row.number, row.call_id()
        )


@dataclass(frozen=True, slots=True)
class Planned:
    """A file to read: the call id it gets when it brings none itself, and its row (None: no manifest knows it)."""

    found: Found
    call_id: str
    scope: Scope | None
    row: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Files in order, rows that cannot be audited, and transcripts left out as another file is read for their call.

    `recorded` are the call ids of all recordings.
    """

    files: list[Planned]
    scopes: list[Scope]
    failures: list[Failure]
    beside: list[str]
    recorded: frozenset[str]


def place(path: str, line: int) -> str:
    """A file, or a line in it (0: the file as a whole)."""
    return f"{path}:{line}" if line else path


def plan(listing: Listing, manifests: list[Manifest], everywhere: bool) -> Plan:
    """Match rows with files and name the calls. `everywhere`: the manifest speaks of all files, wherever it lies."""
    scopes = _scopes(manifests, everywhere)
    again = set(sidecars(listing.files))
    beside = [listing.files[index].path for index in sorted(again)]
    files = [found for index, found in enumerate(listing.files) if index not in again]
    rows: dict[Found, tuple[Scope, int]] = {}
    failures = [failure for scope in scopes for failure in _match(scope, files, rows)]
    transcribed = _names_of_recordings(rows)
    kept = []
    for found in files:
        if found in rows or found.is_recording or found.is_lines or found.stem not in transcribed:
            kept.append(found)
        else:
            beside.append(found.path)
    planned = list(_named(kept, rows, scopes, listing.roots))
    recorded = transcribed | {one.call_id for one in planned if one.found.is_recording}
    return Plan(planned, scopes, failures, beside, frozenset(recorded))


def _scopes(manifests: list[Manifest], everywhere: bool) -> list[Scope]:
    """The deepest folder first, so that a file belongs to the nearest manifest above it."""
    folders = [None if everywhere else str(Path(absolute(book.path)).parent) for book in manifests]
    scopes = [Scope(book, folder) for book, folder in zip(manifests, folders, strict=True)]
    return sorted(scopes, key=lambda scope: -len(scope.folder or ""))


def _match(scope: Scope, files: list[Found], rows: dict[Found, tuple[Scope, int]]) -> Iterator[Failure]:
    index = _Index(found for found in files if not found.is_lines and found not in rows and scope.covers(found))
    folder = Path(absolute(scope.manifest.path)).parent
    for number in range(len(scope.manifest)):
        row = scope.manifest.row(number)
        name, call_id = row.value("file"), row.call_id()
        candidates = index.find(folder, name, call_id)
        if len(candidates) > 1:
            yield scope.failure(row, "CA124", column=row.header("file"), value=name, count=len(candidates))
        elif not candidates:
            scope.unmatched.append(number)
            if call_id:
                scope.by_id.put(call_id, str(number))
        elif candidates[0] in rows:
            first = scope.manifest.row(rows[candidates[0]][1]).number
            yield scope.failure(
                row, "CA131", column=row.header("file"), value=name, first=place(scope.manifest.path, first)
            )
        else:
            rows[candidates[0]] = (scope, number)


class _Index:
    """Files by path, by base name, and by stem."""

    def __init__(self, files: Iterable[Found]) -> None:
        self._paths: dict[str, Found] = {}
        self._names: dict[str, list[Found]] = {}
        self._stems: dict[str, list[Found]] = {}
        for found in files:
            self._paths[absolute(found.path)] = found
            self._names.setdefault(found.name, []).append(found)
            self._stems.setdefault(found.stem, []).append(found)

    def find(self, folder: Path, name: str, call_id: str | None) -> list[Found]:
        """The files a row may mean: by path, by base name, or the transcript named like its recording or call."""
        base = re.split(r"[\\/]", name)[-1]
        for path in (name, name.replace("\\", "/")) if name else ():
            at_path = self._paths.get(os.path.normpath(folder / path))
            if at_path:
                return [at_path]
        # A file of that name in another place is meant only if the row's own file is not there.
        elsewhere = bool(name) and (folder / name).exists()
        if base in self._names and not elsewhere:
            return self._names[base]
        if not name:
            return self._stems.get(call_id, []) if call_id else []
        for stem in (Path(base).stem, call_id or ""):
            transcripts = [
                found
                for found in self._stems.get(stem, [])
                if not found.is_recording and not (elsewhere and found.name == base)
            ]
            if transcripts:
                return transcripts
        return []


def _names_of_recordings(rows: dict[Found, tuple[Scope, int]]) -> set[str]:
    """Stems and call ids of the recordings a manifest names: a transcript called like that is of the same call."""
    names: set[str] = set()
    for found, (scope, number) in rows.items():
        if found.is_recording:
            names.update((found.stem, scope.manifest.row(number).call_id() or found.stem))
    return names


def _named(
    files: list[Found], rows: dict[Found, tuple[Scope, int]], scopes: list[Scope], roots: set[str]
) -> Iterator[Planned]:
    """Files with call ids: the manifest's, or the stem; files that share a stem get a hash of their path behind it."""
    given = {}
    for found, (scope, number) in rows.items():
        call_id = scope.manifest.row(number).call_id()
        if call_id:
            given[found] = call_id
    taken = set(given.values())
    stems = Counter(found.stem for found in files if found not in given and not found.is_lines)
    base = _common(roots)
    for found in files:
        call_id = given.get(found, found.stem)
        if found not in given and (stems[found.stem] > 1 or _is_taken(found.stem, taken, scopes)):
            call_id = f"{found.stem}~{_path_hash(found.path, base)}"
        scope_row = rows.get(found)
        yield Planned(found, call_id, scope_row[0] if scope_row else None, scope_row[1] if scope_row else None)


def _is_taken(stem: str, given: set[str], scopes: list[Scope]) -> bool:
    """Whether a row of a manifest has it for a call id."""
    return stem in given or any(scope.row_of(stem) is not None for scope in scopes)


def _common(roots: set[str]) -> str | None:
    """The folder all inputs lie in: paths below it stay the same when the whole tree moves."""
    try:
        return os.path.commonpath(roots) if roots else None
    except ValueError:
        return None


def _path_hash(path: str, base: str | None) -> str:
    way = os.path.relpath(absolute(path), base) if base else absolute(path)
    return hashlib.sha256(way.replace(os.sep, "/").encode("utf-8", "surrogateescape")).hexdigest()[:6]
