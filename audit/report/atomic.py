"""Files that are there wholly or not at all: a reader never sees half a report, whatever stops the writer."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audit.errors import CallauditError

# Glob of the files that a writer stopped by kill -9 leaves behind.
PART = ".[0-9a-f]" + "[0-9a-f]" * 15 + ".part"


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a path in the same folder to write to; it becomes `path` when the block ends without an error.

    The folder is made when it is missing. Raises CallauditError (CA400) when the system refuses to write; `path` is
    then as it was.
    """
    # Not tempfile: its files are readable by their owner only, and reports are made to be handed on.
    part = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise CallauditError("CA400", str(path), reason=error.strerror or str(error)) from error


def write_atomic(path: Path, data: str | bytes) -> None:
    """Write `data` (text as UTF-8, line ends as they are) to `path`, all of it or nothing.

    Raises CallauditError (CA400) when the system refuses to write.
    """
    with atomic_path(path) as part:
        part.write_bytes(data.encode() if isinstance(data, str) else data)
