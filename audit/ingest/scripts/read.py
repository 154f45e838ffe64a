"""From a script file to its pieces: size, encoding, parser. A format is one file beside this one and one line in `FORMATS`."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from audit.errors import InputError
from audit.ingest.scripts.piece import Parsed
from audit.ingest.text import decode

KB = 1024


@dataclass(frozen=True, slots=True)
class Format:
    """How files of some endings are read: by `module.parse`, from bytes where they are `binary`."""

    name: str
    module: str
    endings: tuple[str, ...]
    binary: bool = False


FORMATS = (
    Format("markdown", "audit.ingest.scripts.markdown", (".md", ".markdown")),
    Format("text", "audit.ingest.scripts.text", (".txt",)),
    Format("yaml", "audit.ingest.scripts.yaml", (".yaml", ".yml")),
    Format("json", "audit.ingest.scripts.json", (".json", ".jsonl")),
    Format("csv", "audit.ingest.scripts.csv", (".csv", ".tsv")),
    Format("sheet", "audit.ingest.scripts.xlsx", (".xlsx", ".xlsm"), binary=True),
    Format("docx", "audit.ingest.scripts.docx", (".docx",), binary=True),
)
ENDINGS = {ending: one for one in FORMATS for ending in one.endings}


def format_of(path: str) -> Format:
    """The format of a file by its ending. Raises InputError CA103 for an ending nobody reads."""
    suffix = Path(path).suffix.lower()
    if suffix not in ENDINGS:
        raise InputError("CA103", path, suffix=suffix or Path(path).name)
    return ENDINGS[suffix]


def read_bytes(path: str, max_kb: int) -> bytes:
    """A script file's bytes. Raises InputError when it cannot be read, or is larger than a script can be (CA525)."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(max_kb * KB + 1)
    except OSError as error:
        raise InputError("CA105", path, reason=error.strerror or type(error).__name__) from error
    check_size(data, path, max_kb)
    return data


def check_size(data: bytes, path: str, max_kb: int) -> None:
    """Raise InputError CA525 when there is more than a script can be."""
    if len(data) > max_kb * KB:
        raise InputError("CA525", path, limit=max_kb)


def parse(data: bytes, path: str) -> Parsed:
    """The pieces of a script file. Raises InputError when it is not what its ending says."""
    one = format_of(path)
    parser = cast(Callable[[object, str], Parsed], import_module(one.module).parse)
    if one.binary:
        return parser(data, path)
    text = decode(data, path).removeprefix("\ufeff") if data.strip() else ""
    return parser(text, path)
