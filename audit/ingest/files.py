"""The files among the inputs, in one order whatever the file system says: folders, globs and single files."""

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from audit.errors import Problem
from audit.ingest.items import Failure
from audit.ingest.manifest import NAMES
from audit.ingest.text import clean, sha256

_ENDINGS = (
    "wav mp3 m4a mp4 aac amr awb 3gp ogg oga opus flac wma gsm au snd aif aiff caf webm mka mkv mov"  # what PyAV opens
)
RECORDINGS = frozenset("." + ending for ending in _ENDINGS.split())
LINES = frozenset((".jsonl", ".ndjson"))
# A transcript next to one of the same name in another format is the same call; the first of these is read.
TRANSCRIPTS = (".json", ".vtt", ".srt", ".csv", ".tsv", ".txt")
_SYSTEM = frozenset(("thumbs.db", "desktop.ini"))
_OUTPUTS = frozenset(("run.json", "findings.jsonl", "failures.jsonl", "summary.html", "summary.xlsx", "calls"))


@dataclass(frozen=True, slots=True)
class Found:
    """One input file. `path` is as the user gave it (or the folder's path and the way down from there)."""

    path: str

    @property
    def suffix(self) -> str:
        """The ending, in lower case with its dot."""
        return Path(self.path).suffix.lower()

    @property
    def stem(self) -> str:
        """The base name without its ending."""
        return readable(Path(self.path).stem)

    @property
    def name(self) -> str:
        """The base name."""
        return readable(Path(self.path).name)

    @property
    def is_recording(self) -> bool:
        """Whether the ending is that of a recording."""
        return self.suffix in RECORDINGS

    @property
    def is_lines(self) -> bool:
        """Whether the file holds a call a line."""
        return self.suffix in LINES


@dataclass(slots=True)
class Listing:
    """Everything among the inputs: files that hold calls, manifests that lie in folders, and what went wrong.

    `other` counts the files of no known kind by ending. `roots` are the folders given, and those of the files given.
    `has_folder` says that at least one input is a folder.
    """

    files: list[Found] = field(default_factory=list)
    manifests: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    other: dict[str, int] = field(default_factory=dict)
    roots: set[str] = field(default_factory=set)
    has_folder: bool = False
    _seen: set[str] = field(default_factory=set)
    _folders: set[tuple[int, int]] = field(default_factory=set)

    def fail(self, code: str, path: str, **facts: object) -> None:
        """Write down an input that cannot be audited."""
        self.failures.append(Failure(path, Problem(code, path, facts)))

    def is_new(self, path: str) -> bool:
        """Whether this file was not met before, under this or another name."""
        real = os.path.realpath(path)
        if real in self._seen:
            return False
        self._seen.add(real)
        return True

    def is_new_folder(self, found: os.stat_result) -> bool:
        """Whether this folder was not met before: symbolic links may form a loop."""
        key = (found.st_dev, found.st_ino)
        if key in self._folders:
            return False
        self._folders.add(key)
        return True


def list_inputs(paths: Sequence[str], manifest: str | None) -> Listing:
    """The files among `paths`. The file `manifest` is never a transcript."""
    listing = Listing()
    if manifest:
        listing.is_new(manifest)
    for path in paths:
        _add_input(listing, path)
    return listing


def _add_input(listing: Listing, path: str) -> None:
    if os.path.lexists(path):
        _add_path(listing, path)
    elif glob.has_magic(path):
        matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 (a pattern may be absolute)
        if not matches:
            listing.fail("CA101", path)
        for match in matches:
            _add_path(listing, match)
    else:
        listing.fail("CA100", path)


def _add_path(listing: Listing, path: str) -> None:
    try:
        found = Path(path).stat()
    except OSError as error:
        listing.fail("CA105", path, reason=error.strerror or type(error).__name__)
        return
    if stat.S_ISDIR(found.st_mode):
        listing.has_folder = True
        listing.roots.add(absolute(path))
        before = len(listing.files) + len(listing.failures)
        _add_folder(listing, path, found)
        if before == len(listing.files) + len(listing.failures):
            listing.problems.append(Problem("CA102", path))
    elif not stat.S_ISREG(found.st_mode):
        listing.fail("CA104", path)
    elif Path(path).name.lower() in NAMES:
        _add_manifest(listing, path)
    elif _is_call(path):
        listing.roots.add(str(Path(absolute(path)).parent))
        _add_file(listing, path)
    else:
        listing.fail("CA103", path, suffix=Path(path).suffix or "-")


def _add_folder(listing: Listing, path: str, found: os.stat_result) -> None:
    if not listing.is_new_folder(found):
        return
    try:
        names = sorted(entry.name for entry in os.scandir(path))
    except OSError as error:
        listing.fail("CA105", path, reason=error.strerror or type(error).__name__)
        return
    if len(_OUTPUTS.intersection(names)) > 1:
        return
    for name in names:
        if not name.startswith(".") and name.lower() not in _SYSTEM and not name.startswith("~$"):
            _add_entry(listing, str(Path(path) / name))


def _add_entry(listing: Listing, path: str) -> None:
    try:
        found = Path(path).stat()
    except OSError as error:
        listing.fail("CA105", path, reason=error.strerror or type(error).__name__)
        return
    if stat.S_ISDIR(found.st_mode):
        _add_folder(listing, path, found)
    elif not stat.S_ISREG(found.st_mode):
        return
    elif Path(path).name.lower() in NAMES:
        _add_manifest(listing, path)
    elif _is_call(path):
        _add_file(listing, path)
    else:
        suffix = Path(path).suffix.lower() or "-"
        listing.other[suffix] = listing.other.get(suffix, 0) + 1


def _add_manifest(listing: Listing, path: str) -> None:
    if listing.is_new(path):
        listing.manifests.append(path)


def _add_file(listing: Listing, path: str) -> None:
    if listing.is_new(path):
        listing.files.append(Found(path))


def _is_call(path: str) -> bool:
    suffix = Path(path).suffix.lower()
    return suffix in RECORDINGS or suffix in LINES or suffix in TRANSCRIPTS


def sidecars(files: Sequence[Found]) -> Iterator[int]:
    """Indexes of transcripts beside a recording, or a better transcript, of the same name: the same call again."""
    best: dict[tuple[str, str], int] = {}
    ranks = {suffix: rank for rank, suffix in enumerate(TRANSCRIPTS, start=1)}
    for index, found in enumerate(files):
        if found.is_lines:
            continue
        key = (str(Path(found.path).parent), found.stem)
        rank = ranks.get(found.suffix, 0)
        other = best.setdefault(key, index)
        if other == index:
            continue
        if rank < ranks.get(files[other].suffix, 0):
            best[key] = index
            yield other
        elif rank:
            yield index


def readable(name: str) -> str:
    """A file's name as a person reads it: archives packed on Chinese Windows unpack to names in GB18030."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raw = os.fsencode(name)
        try:
            return raw.decode("gb18030")
        except UnicodeDecodeError:
            return f"{clean(name)}~{sha256(raw).hexdigest()[:6]}"
    return name


def absolute(path: str) -> str:
    """The normal absolute path, symbolic links kept."""
    return os.path.normpath(Path.cwd() / path)
