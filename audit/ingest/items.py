"""What ingest hands on: one call to audit, or one input that cannot be."""

from dataclasses import dataclass, field

from audit.errors import Problem
from audit.model.call import ATTEMPT, CallMetadata

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
    """A row of the manifest without a recording: nothing to hear, but it counts for how often one was called. `kind` is ATTEMPT
    where nobody answered, UNRECORDED or MISSING where a recording should be.

    `path` is the manifest's, `row` the row's number in it as a spreadsheet shows it (the header is row 1), or the line
    of a JSONL manifest.
    """

    call_id: str
    metadata: CallMetadata
    path: str
    row: int
    kind: str = ATTEMPT
