"""What a run remembers in its output folder, so that the same command continues where it was stopped.

SQLite in WAL mode, one transaction a call (attempts, which cost nothing to read again, share one): what was written survives kill -9. The connection holds the exclusive lock
for its lifetime, which is what keeps two runs out of one folder; the system lets go of it however the process ends.

Calls stay known from run to run; which of them belong to this run, and what failed, is written anew each time.
"""

import hashlib
import json
import pickle
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from audit.errors import ConfigError, InputError, Problem
from audit.i18n import language
from audit.ingest.items import Attempt, CallInput, Failure
from audit.model.call import ATTEMPT, CallMetadata
from audit.model.finding import Finding
from audit.report.record import finding_record, metadata_record, read_metadata, to_json
from audit.rules.contact import ContactRecord, Key, log_key

NAME = ".ledger.sqlite"
_VERSION = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_IN_DOUBT = "?"

# calls: `identity` tells whether a call must be audited again; `audits` counts how often it was; `files` is what its
# files hold besides its own findings: the language of the page, the place of the input and a digest of the findings
# from other calls (NULL: no files, or nobody knows what they hold). `attempt` is the kind of a row of the manifest
# without a call (NULL for calls); `shown` tells whether there are files even without findings from other calls (an attempt's only if it has any).
# present: the calls of this run, and where they came from. notes: its failures and warnings.
_SCHEMA = """
CREATE TABLE calls (
    call_id TEXT PRIMARY KEY,
    identity TEXT NOT NULL,
    audits INTEGER NOT NULL,
    files TEXT,
    attempt TEXT,
    shown INTEGER NOT NULL,
    started_us INTEGER,
    debtor_key TEXT,
    number_key TEXT,
    metadata TEXT NOT NULL,
    both_spoke INTEGER NOT NULL,
    heard TEXT NOT NULL,
    worst INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE present (call_id TEXT PRIMARY KEY, place TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE notes (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, record TEXT NOT NULL);
"""
_PUT_CALL = """
INSERT INTO calls VALUES (
    :call_id, :identity, :audits, :files, :attempt, :shown, :started_us, :debtor_key, :number_key, :metadata, :both_spoke,
    :heard, :worst
)
ON CONFLICT (call_id) DO UPDATE SET
    identity = :identity, audits = audits + :audits, files = :files, attempt = :attempt, shown = :shown,
    started_us = :started_us, debtor_key = :debtor_key, number_key = :number_key, metadata = :metadata, both_spoke = :both_spoke,
    heard = :heard, worst = :worst
"""
_REPORTED = "SELECT call_id FROM present JOIN calls USING (call_id) WHERE files IS NOT NULL ORDER BY call_id"


@dataclass(frozen=True, slots=True)
class Audited:
    """What the ledger keeps of a call that was audited.

    `heard` is as in `ContactRecord`. `seconds` is its length as far as known; `worst` the rank of its gravest finding that counts, -1 for none.
    """

    metadata: CallMetadata
    both_spoke: bool
    heard: frozenset[str]
    seconds: float
    worst: int


@dataclass(frozen=True, slots=True)
class Crossing:
    """A call of this run whose files do not hold what only the run knows: the findings that other calls bring to it,
    the place its input has now, the language of the page.

    `attempt` is set where there was no call to audit. `files` is what the files are to hold, None for no files.
    """

    call_id: str
    path: str
    line: int | None
    findings: tuple[Finding, ...]
    attempt: Attempt | None
    files: str | None


def reported_calls(folder: Path) -> list[str]:
    """The ids of the calls of the last run into `folder` that have files, in order, read without claiming the folder.

    Raises InputError CA610 when no run wrote to it, ConfigError CA431 when one is writing now, CA432 when the ledger cannot be read.
    """
    path = folder / NAME
    if not path.is_file():
        raise InputError("CA610", str(folder), reason=NAME)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version != _VERSION:
                raise sqlite3.DatabaseError(f"version {version}")
            return [call_id for (call_id,) in database.execute(_REPORTED)]
    except sqlite3.DatabaseError as error:
        raise _unreadable(error, folder) from error


class Ledger:
    """The ledger of one output folder, open for one run, begun with no call in it.

    Raises ConfigError: CA431 when another run has it open, CA432 when it cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / NAME
        self._db = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            self._begin()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise _unreadable(error, folder) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._commit()
        self._db.close()

    # The calls of this run

    def is_done(self, item: CallInput, key: str) -> bool:
        """Whether this very call was audited under `key`, so that its files only have to be there still."""
        row = self._db.execute("SELECT identity, files FROM calls WHERE call_id = ?", (item.call_id,)).fetchone()
        return row is not None and row[0] == _identity(item, key) and row[1] is not None

    def keep(self, item: CallInput) -> None:
        """Count a call that is done among those of this run."""
        self._present(item.call_id, _place(item.path, item.line))

    def begin(self, call_id: str) -> None:
        """From here on the files of a call may be of any audit, until it is recorded."""
        self._commit()
        self._db.execute("UPDATE calls SET files = NULL WHERE call_id = ?", (call_id,))

    def record(self, item: CallInput, key: str, audited: Audited) -> None:
        """Remember that a call was audited and its files written, without findings from other calls."""
        row = _row(item.call_id, audited.metadata) | {
            "identity": _identity(item, key),
            "audits": 1,
            "files": _files(language(), _place(item.path, item.line), ()),
            "both_spoke": audited.both_spoke,
            "heard": " ".join(sorted(audited.heard)),
            "worst": audited.worst,
        }
        with self._transaction():
            self._db.execute(_PUT_CALL, row)
            self.keep(item)

    def attempt(self, attempt: Attempt, key: str, shown: bool) -> None:
        """Count an attempt among the calls of this run; `shown` when it has findings of its own."""
        row = _row(attempt.call_id, attempt.metadata)
        identity = _digest(row["metadata"], attempt.kind, key)
        row |= {"identity": identity, "audits": 0, "attempt": attempt.kind, "shown": shown}
        # What is known of attempts the next run reads again: it may be lost, and a million commits would take their time.
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")
        self._db.execute(f"{_PUT_CALL} WHERE identity != :identity", row)
        self._present(attempt.call_id, _place(attempt.path, attempt.row))

    def forget(self, call_id: str) -> bool:
        """Drop what is known of a call that cannot be audited now; whether anything was, so that it may have files."""
        return self._db.execute("DELETE FROM calls WHERE call_id = ?", (call_id,)).rowcount > 0

    def has_calls(self) -> bool:
        """Whether this run has a call or an attempt."""
        return self._db.execute("SELECT 1 FROM present LIMIT 1").fetchone() is not None

    def reported(self) -> Generator[str, None, None]:
        """The ids of the calls of this run that have files, in order."""
        rows = self._db.execute(_REPORTED)
        with closing(rows):
            for (call_id,) in rows:
                yield call_id

    # Findings from other calls

    def begins(self) -> datetime | None:
        """The first start of a call or attempt of this run; None when none has a start."""
        row = self._db.execute("SELECT MIN(started_us) FROM present JOIN calls USING (call_id)").fetchone()
        return None if row[0] is None else _EPOCH + timedelta(microseconds=row[0])

    def has_unanswered(self) -> bool:
        """Whether dials that nobody answered are among the calls of this run."""
        found = self._db.execute(
            "SELECT 1 FROM present JOIN calls USING (call_id) WHERE attempt = ? LIMIT 1", (ATTEMPT,)
        )
        return found.fetchone() is not None

    def by(self, key: Key) -> Generator[tuple[str, ContactRecord], None, None]:
        """The calls and attempts of this run that have the key and a start, sorted by key, start and id."""
        rows = self._db.execute(
            f"SELECT {key}_key, call_id, metadata, both_spoke, heard FROM present JOIN calls USING (call_id)"
            f" WHERE {key}_key IS NOT NULL AND started_us IS NOT NULL ORDER BY {key}_key, started_us, call_id"
        )
        with closing(rows):
            for value, call_id, metadata, both_spoke, heard in rows:
                record = read_metadata(json.loads(metadata))
                yield value, ContactRecord(call_id, record, bool(both_spoke), frozenset(heard.split()))

    def crossings(self, findings: Iterable[Finding]) -> Generator[Crossing, None, None]:
        """The calls of this run whose files do not hold their share of `findings`, in order.

        Each is to be written and then given to `crossed`.
        """
        self._commit()
        # Pickled: the table is this process's own and gone with it.
        pickled = ((finding.call_id, number, pickle.dumps(finding)) for number, finding in enumerate(findings))
        self._db.execute("CREATE TEMP TABLE crossing (call_id TEXT, number INTEGER, finding BLOB)")
        self._db.executemany("INSERT INTO crossing VALUES (?, ?, ?)", pickled)
        self._db.execute("CREATE INDEX temp.crossing_call_id ON crossing (call_id, number)")
        calls = self._db.execute(
            "SELECT call_id, finding, files, place, attempt, shown, metadata FROM present JOIN calls USING (call_id)"
            " LEFT JOIN crossing USING (call_id) ORDER BY call_id, number"
        )
        with closing(calls):
            for call_id, group in groupby(calls, key=itemgetter(0)):
                rows = list(group)
                _, _, files, place, kind, shown, metadata = rows[0]
                share = tuple(pickle.loads(row[1]) for row in rows if row[1] is not None)
                wanted = _files(language(), place, share) if shown or share else None
                if files != wanted:
                    path, line = json.loads(place)
                    record = read_metadata(json.loads(metadata))
                    attempt = Attempt(call_id, record, path, line, kind) if kind else None
                    self._db.execute("UPDATE calls SET files = ? WHERE call_id = ?", (_IN_DOUBT, call_id))
                    yield Crossing(call_id, path, line, share, attempt, wanted)

    def crossed(self, crossing: Crossing, worst: int) -> None:
        """Remember that the files of a call were written with the findings from other calls."""
        self._db.execute(
            "UPDATE calls SET files = ?, worst = ? WHERE call_id = ?", (crossing.files, worst, crossing.call_id)
        )

    # What went wrong, and what came out

    def fail(self, failure: Failure) -> None:
        """Remember an input of this run that cannot be audited."""
        record = [failure.path, failure.line, failure.call_id, *_problem_record(failure.problem)]
        self._note("failure", record)

    def warn(self, problem: Problem) -> None:
        """Remember a warning of this run."""
        self._note("warning", _problem_record(problem))

    def failures(self) -> list[Failure]:
        """The inputs of this run that cannot be audited, sorted by place."""
        found = [
            Failure(path, Problem(*problem), line, call_id) for path, line, call_id, *problem in self._notes("failure")
        ]
        return sorted(found, key=lambda failure: (failure.path, failure.line or 0, failure.problem.code))

    def warnings(self) -> list[Problem]:
        """The warnings of this run, in the order they came."""
        return [Problem(*record) for record in self._notes("warning")]

    def worst(self) -> int:
        """The rank of the gravest finding of this run that counts, -1 for none."""
        row = self._db.execute(
            "SELECT MAX(worst) FROM present JOIN calls USING (call_id) WHERE files IS NOT NULL"
        ).fetchone()
        return -1 if row[0] is None else int(row[0])

    def _begin(self) -> None:
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        with self._transaction():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {_VERSION}")
            elif version != _VERSION:
                raise sqlite3.DatabaseError(f"version {version}")
            self._db.execute("DELETE FROM present")
            self._db.execute("DELETE FROM notes")

    def _present(self, call_id: str, place: str) -> None:
        self._db.execute("INSERT INTO present VALUES (?, ?)", (call_id, place))

    def _commit(self) -> None:
        """Keep what was written of attempts."""
        if self._db.in_transaction:
            self._db.execute("COMMIT")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._commit()
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _note(self, kind: str, record: list[Any]) -> None:
        # default=str: facts are what a text shows; a path or an enum shows as itself.
        self._db.execute("INSERT INTO notes (kind, record) VALUES (?, ?)", (kind, json.dumps(record, default=str)))

    def _notes(self, kind: str) -> Iterator[list[Any]]:
        rows = self._db.execute("SELECT record FROM notes WHERE kind = ? ORDER BY number", (kind,))
        return (json.loads(record) for (record,) in rows)


def _unreadable(error: sqlite3.DatabaseError, folder: Path) -> ConfigError:
    if getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ConfigError("CA431", str(folder))
    return ConfigError("CA432", str(folder / NAME), reason=str(error))


def _problem_record(problem: Problem) -> list[Any]:
    return [problem.code, problem.where, dict(problem.facts)]


def _row(call_id: str, metadata: CallMetadata) -> dict[str, Any]:
    """The columns of a call nobody answered; a call that was audited says more."""
    started = metadata.started_at
    return {
        "call_id": call_id,
        "started_us": None if started is None else (started - _EPOCH) // timedelta(microseconds=1),
        "debtor_key": log_key(metadata, "debtor"),
        "number_key": log_key(metadata, "number"),
        "metadata": to_json(metadata_record(metadata)),
        "files": None,
        "attempt": None,
        "shown": True,
        "both_spoke": False,
        "heard": "",
        "worst": -1,
    }


def _identity(item: CallInput, key: str) -> str:
    """What a call's findings depend on: its content, its record, and how it is audited. Not where it lies: that a folder
    was moved, or named in another way, is no reason to transcribe it again."""
    return _digest(item.content_sha256, item.kind, json.dumps(metadata_record(item.metadata)), key)


def _place(path: str, line: int | None) -> str:
    return json.dumps([path, line])


def _files(lang: str, place: str, findings: Iterable[Finding]) -> str:
    """What files hold besides a call's own findings."""
    return _digest(lang, place, *(to_json(finding_record(finding)) for finding in findings))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
