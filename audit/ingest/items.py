"""What ingest hands on: one call to audit, or one input that cannot be."""

import hashlib
import re
from dataclasses import dataclass, field

from audit.errors import Problem
from audit.model.call import CallMetadata

RECORDING = "recording"


@dataclass(frozen=True, slots=True)
class CallInput:
    """One call to audit, cheap to hold and to send to another process.

    `path` is the file as the user gave it. `kind` is `RECORDING` or the name of a transcript format. `content_sha256`
    is of the call's own bytes (the file, or its line in formats with a call a line) and, where a manifest speaks of it,
    of its row's record: the ledger knows by it what was audited.
    `line` (from 1) and `payload` (that line's text) are set for formats with a call a line.
    """

    call_id: str
    path: str
    kind: str
    content_sha256: str
    metadata: CallMetadata = field(default_factory=CallMetadata)
    line: int | None = None
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """One input that cannot be audited; it goes to failures.jsonl and the run goes on."""

    path: str
    problem: Problem
    line: int | None = None
    call_id: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A row of the manifest without a connected recording: nothing to hear, but it counts for how often one was called.

    `path` is the manifest's, `row` the row's number in it as a spreadsheet shows it (the header is row 1), or the line
    of a JSONL manifest.
    """

    call_id: str
    metadata: CallMetadata
    path: str
    row: int


NAME_BYTES = 120
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
_KEPT = frozenset("-_~+=@(),（）")
_HASHED = re.compile(r"~[0-9a-f]{8}")


def safe_name(call_id: str) -> str:
    """`call_id` as the stem of a file name on every system: no separators or dots, at most `NAME_BYTES` bytes of UTF-8.

    An id that is safe already is its own name; one that had to be changed gets a hash of the id, so that two ids never
    share a name.

    >>> safe_name("dev-001")
    'dev-001'
    >>> safe_name("../a.b")
    '___a_b~af99c6d0'
    """
    name = "".join(char if char.isalnum() or char in _KEPT else "_" for char in call_id)
    too_long = len(name.encode()) > NAME_BYTES
    looks_hashed = _HASHED.fullmatch(name[-9:]) is not None
    if name and name == call_id and not too_long and not looks_hashed and not _RESERVED.fullmatch(name):
        return name
    digest = hashlib.sha256(call_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return name.encode()[: NAME_BYTES - 9].decode(errors="ignore") + "~" + digest
