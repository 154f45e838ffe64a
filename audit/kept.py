"""What was made once and is costly to make again, kept in the user's cache folder.

A file is named by what it was made from and believed only if this user wrote it, nobody else can, and its checksum agrees: whoever could
plant a pickle could run code. Nothing depends on a file: one that cannot be read is made again, one that cannot be written is only slower.
"""

import hashlib
import mmap
import os
import pickle
import sys
import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar, cast

from audit import __version__
from audit.folders import cache_folder

T = TypeVar("T")

_CHECKSUM = 4
_START = 0xCA11AD17  # so that nothing but zeros, as a crash may leave them, is no content with its checksum
_OTHERS_MAY_WRITE = 0o022
# Of each kind so many files stay: what was made from files that have changed since is of no use.
_NEWEST = 8


def remembered(kind: str, key: str, make: Callable[[], T]) -> T:
    """What `make` makes, made once for the key. It must be picklable and immutable; what `make` raises is not remembered."""
    content = read_kept(kind, key)
    if content is not None:
        return cast(T, pickle.loads(content))
    made = make()
    keep(kind, key, pickle.dumps(made, pickle.HIGHEST_PROTOCOL))
    return made


def read_kept(kind: str, key: str) -> memoryview | None:
    """The content kept under the key, or None when there is none to be trusted."""
    with suppress(OSError), _place(kind, key).open("rb") as file:
        if _is_ours(os.fstat(file.fileno())):
            stored = memoryview(file.read())
            content = stored[_CHECKSUM:]
            if stored[:_CHECKSUM] == checksum(content):
                return content
    return None


def map_kept(kind: str, key: str) -> memoryview | None:
    """The same, mapped and not read, for content that is asked for in small parts; these must carry a `checksum` of their own."""
    with suppress(OSError, ValueError), _place(kind, key).open("rb") as file:  # ValueError: an empty file
        if _is_ours(os.fstat(file.fileno())):
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))[_CHECKSUM:]
    return None


def keep(kind: str, key: str, content: bytes) -> None:
    """Keep the content under the key, whole or not at all. Where nothing can be written, nothing is kept."""
    place = _place(kind, key)
    with suppress(OSError):
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=place.parent, prefix=".")  # for this user's eyes alone
        unfinished = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(checksum(content) + content)
            unfinished.replace(place)
        except OSError:
            unfinished.unlink()
            raise
        _forget_old(place.parent)


def checksum(content: bytes | memoryview) -> bytes:
    """Tells what was damaged from what was written; who wrote it, the file's owner says."""
    return zlib.crc32(content, _START).to_bytes(_CHECKSUM, "big")


def key_of(*made_from: str | bytes) -> str:
    """The name of what is made from these by this version of callaudit on this Python."""
    digest = hashlib.sha256(f"{__version__}\0{sys.version}".encode())
    for part in made_from:
        content = part.encode() if isinstance(part, str) else part
        digest.update(f"\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def code_of(*folders: str) -> str:
    """Tells one state of the code in these folders of the package from another: who works on callaudit changes it without changing its
    version. Contents are read only where a file's size or time is new, as after an installation."""
    package = Path(__file__).parent
    files = sorted(file for folder in folders for file in (package / folder).glob("*.py"))
    statuses = [(str(file), file.stat()) for file in files]
    seen = "".join(f"{name} {status.st_size} {status.st_mtime_ns}\n" for name, status in statuses)
    return remembered(
        "code", key_of(seen), lambda: hashlib.sha256(b"\0".join(f.read_bytes() for f in files)).hexdigest()
    )


def installed(package: str) -> str:
    """Tells one installation of a package from another, without importing it: place, size and time of its `__init__.py`.

    Raises ModuleNotFoundError.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(name=package)
    status = Path(spec.origin).stat()
    return f"{spec.origin} {status.st_size} {status.st_mtime_ns}"


def _place(kind: str, key: str) -> Path:
    return cache_folder() / kind / key


def _is_ours(status: os.stat_result) -> bool:
    if os.name == "nt":  # the folder is in the user's own profile, and owners have no number
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & _OTHERS_MAY_WRITE


def _forget_old(folder: Path) -> None:
    files = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in files[_NEWEST:]:
        file.unlink(missing_ok=True)
