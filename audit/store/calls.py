"""Calls in the store: reports taken in, findings carried from audit to audit, reports read back.

A finding is the same as before when its fingerprint is the same in the same turn; where the words of the call were
recognised anew, turns may have shifted, and the fingerprint alone decides. What an audit no longer finds is marked as superseded
by it and keeps its decisions; found again, it is current again.
"""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from audit.errors import InputError, Problem
from audit.model.call import Call
from audit.model.finding import Finding, Severity
from audit.model.report import CallReport
from audit.model.review import ReviewState
from audit.report.call_json import load_report
from audit.report.record import read_report, report_record, to_json
from audit.report.urgent import SELF_HARM
from audit.store import chain, search
from audit.store import tables as t
from audit.store.database import Store, now
from audit.store.tables import storable_id
from audit.store.violations import keep_counts

_BATCH = 50
# SQLite asks again after up to a tenth of a second: without a pause between batches who decides meanwhile would never get in.
_PAUSE_S = 0.02
_RECORDING = "recording"
# In the record of a run: that it is one call audited again, of what words, that which audit heard, instead of which audit, for which
# correction.
_REAUDIT = "reaudit"


class Taken(Enum):
    """What became of a report: a `NEW` call, one `AUDITED_AGAIN`, one that is the audit in force already (`UNCHANGED`), one from a run
    before that of the audit in force (`OLDER`), one whose time of keeping is over (`EXPIRED`)."""

    NEW = "new"
    AUDITED_AGAIN = "audited_again"
    UNCHANGED = "unchanged"
    OLDER = "older"
    EXPIRED = "expired"


@dataclass(slots=True)
class Imported:
    """What an import came to: how many reports of each kind, and those that could not be read."""

    counts: dict[Taken, int] = field(default_factory=lambda: dict.fromkeys(Taken, 0))
    failures: list[Problem] = field(default_factory=list)


def import_run(store: Store, folder: Path, reports: Iterable[Path], actor: str) -> Imported:
    """Take the `reports` (files that `callaudit run` wrote to `folder`) into the store; what is there already stays.

    Stopped at any moment, the same import finishes it. Raises InputError CA610 when `folder` holds no finished run.
    """
    run, imported, batch = _read_run(folder), Imported(), list[CallReport]()
    for path in reports:
        try:
            batch.append(load_report(path))
        except InputError as error:
            imported.failures.append(error.problem)
        if len(batch) == _BATCH:
            _take_in(store, run, batch, imported, actor)
            batch.clear()
            if store.is_sqlite:
                time.sleep(_PAUSE_S)
    if batch:
        _take_in(store, run, batch, imported, actor)
    return imported


def stored_report(connection: sa.Connection, call: int) -> CallReport:
    """The audit in force of the call with this number, as it was taken in; raises InputError CA611 when there is none."""
    return stored_audit(connection, audit_in_force(connection, call).number)


def stored_audit(connection: sa.Connection, audit: int) -> CallReport:
    """An audit, in force or not, as it was taken in; raises InputError CA611 when it is not there (any more)."""
    query = sa.select(t.audits, t.calls.c.metadata).join(t.calls, t.calls.c.id == t.audits.c.call)
    row = connection.execute(query.where(t.audits.c.id == audit, t.calls.c.purged_at.is_(None))).one_or_none()
    if row is None:
        raise InputError("CA611", str(audit))
    found = connection.execute(
        sa.select(t.sightings.c.record).where(t.sightings.c.audit == audit).order_by(t.sightings.c.number)
    ).scalars()
    return _read(connection, row, row.transcript, [json.loads(finding) for finding in found])


def call_as_in(connection: sa.Connection, call: int, transcript: int) -> Call:
    """The call in the words of one of its transcripts; raises InputError CA611 when there is none."""
    query = sa.select(t.audits, t.calls.c.metadata).join(t.calls, t.calls.c.id == t.audits.c.call)
    row = connection.execute(query.where(t.audits.c.id == audit_in_force(connection, call).number)).one()
    return _read(connection, row, transcript, []).call


def heard_call(connection: sa.Connection, call: int) -> Call:
    """The call in the words that were heard, before people corrected any; raises InputError CA611 when there is none."""
    return call_as_in(connection, call, audit_in_force(connection, call).heard)


def versions_of(connection: sa.Connection, call: int) -> tuple[Call, ...]:
    """The call in all words that it was ever given, those in force first, then those that were heard: what is private in any of them is
    in the sound. Of versions that hold no more, only turns with times: the others cannot be placed in it.

    Raises InputError CA611 when there is no such call.
    """
    now_read = audit_in_force(connection, call)
    whole = list(dict.fromkeys((now_read.transcript, now_read.heard)))
    query = sa.select(t.transcripts.c.id).where(t.transcripts.c.call == call, t.transcripts.c.id.not_in(whole))
    earlier = [
        call_as_in(connection, call, number)
        for number in connection.execute(query.order_by(t.transcripts.c.id)).scalars().all()
    ]
    placed = (replace(one, turns=tuple(turn for turn in one.turns if turn.time)) for one in earlier)
    return (*(call_as_in(connection, call, number) for number in whole), *placed)


@dataclass(frozen=True, slots=True)
class AuditInForce:
    """Which audit of a call is in force: its number and transcript. `heard` is the transcript that its words were corrected from; where
    nobody corrected any, it is the transcript itself. `heard_by` is the audit that a run made of it. `instead_of` is the audit before, of one
    that was made here and not in a run."""

    number: int
    transcript: int
    heard: int
    heard_by: int
    instead_of: int | None


def audit_in_force(connection: sa.Connection, call: int) -> AuditInForce:
    """The audit in force of the call with this number; raises InputError CA611 when there is none."""
    query = sa.select(t.audits.c.id, t.audits.c.transcript, t.runs.c.record).join(t.runs, t.runs.c.id == t.audits.c.run)
    kept = sa.and_(t.audits.c.call == call, t.audits.c.current, t.calls.c.purged_at.is_(None))
    row = connection.execute(query.join(t.calls, t.calls.c.id == t.audits.c.call).where(kept)).one_or_none()
    if row is None:
        raise InputError("CA611", str(call))
    made_of = json.loads(row.record).get(_REAUDIT, {})
    return AuditInForce(
        number=row.id,
        transcript=row.transcript,
        heard=made_of.get("transcript", row.transcript),
        heard_by=made_of.get("heard_by", row.id),
        instead_of=made_of.get("instead_of"),
    )


def put_again(
    connection: sa.Connection, call: int, report: CallReport, made_with: dict[str, Any], correction: int | None
) -> int | None:
    """Put an audit of a call's corrected words in force (in a transaction of `Store.writing`); its number, None when it says what the
    audit in force says already.

    It counts as a run of its own, newer than the one before: a report of an earlier run no longer replaces it. `made_with` are versions,
    options, hashes and counts as in run.json; `correction` is what it was made for.
    """
    in_force = audit_in_force(connection, call)
    query = sa.select(t.audits.c.digest, t.runs.c.started_at, t.calls.c.day, t.calls.c.agent_id, t.calls.c.team)
    joined = query.select_from(t.audits.join(t.runs).join(t.calls, t.calls.c.id == t.audits.c.call))
    before = connection.execute(joined.where(t.audits.c.id == in_force.number)).one()
    record = report_record(report)
    digest = _digest(record)
    if before.digest == digest:
        return None
    parts = _parts(record)
    judged = {"verdict": parts.rest["verdict"], "score": parts.rest["score"], "metadata": to_json(parts.metadata)}
    connection.execute(t.calls.update().where(t.calls.c.id == call).values(**judged))
    made_of = {
        "call": call,
        "transcript": in_force.heard,
        "heard_by": in_force.heard_by,
        "instead_of": in_force.number,
        "correction": correction,
    }
    moment = max(now(), before.started_at + timedelta(microseconds=1))
    kept = made_with | {_REAUDIT: made_of}
    run = _Run(_digest(kept | {"at": moment.isoformat()}), moment, moment, to_json(kept))
    transcript = _transcript(connection, call, parts.turns)
    search.keep(connection, call, transcript, search.said(report.call))
    audit = _new_audit(connection, call, transcript, digest, run, parts)
    # Corrections leave the turns where they are: a decision stays with its turn.
    ids = _carry_over(connection, call, report.findings, same_words=True)
    _see(connection, call, audit, ids, report.findings, parts.findings, before._asdict())
    return audit


@dataclass(frozen=True, slots=True)
class _Run:
    sha256: str
    started_at: datetime
    finished_at: datetime
    record: str


@dataclass(frozen=True, slots=True)
class _Parts:
    """The record of a report, taken apart: `rest` is what is about the audit."""

    metadata: dict[str, Any]
    turns: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    rest: dict[str, Any]


def _parts(record: dict[str, Any]) -> _Parts:
    return _Parts(record["call"].pop("metadata"), record["call"].pop("turns"), record.pop("findings"), record)


def _read(connection: sa.Connection, audit: sa.Row[Any], transcript: int, findings: list[dict[str, Any]]) -> CallReport:
    """The report of a row of audits (with the metadata of its call), on the turns of `transcript`."""
    spoken = connection.execute(
        sa.select(t.turns.c.record).where(t.turns.c.transcript == transcript).order_by(t.turns.c.number)
    ).scalars()
    record = json.loads(audit.record)
    record["call"] |= {"metadata": json.loads(audit.metadata), "turns": [json.loads(turn) for turn in spoken]}
    return read_report(record | {"findings": findings}, f"call {audit.call}")


def _heard(transcript: int, run: str) -> int:
    """The transcript that was heard, of an audit of `transcript` in this run (`runs.record`)."""
    return int(json.loads(run).get(_REAUDIT, {}).get("transcript", transcript))


def _read_run(folder: Path) -> _Run:
    path = folder / "run.json"
    try:
        data = path.read_bytes()
        record = json.loads(data)
        started_at, finished_at = (datetime.fromisoformat(record[name]) for name in ("started_at", "finished_at"))
        kept = {name: record[name] for name in ("versions", "options", "hashes", "counts")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError("CA610", str(folder), reason=type(error).__name__) from error
    return _Run(hashlib.sha256(data).hexdigest(), started_at, finished_at, to_json(kept))


def _take_in(store: Store, run: _Run, reports: Sequence[CallReport], imported: Imported, actor: str) -> None:
    given = _given(store, reports)
    with store.writing() as connection:
        taken = [_take(connection, run, one) for one in given]
        counts = {kind.value: taken.count(kind) for kind in Taken}
        if counts["new"] or counts["audited_again"]:
            number = connection.execute(sa.select(t.runs.c.id).where(t.runs.c.sha256 == run.sha256)).scalar_one()
            chain.append(connection, actor, "import", f"run:{number}", **counts)
    for kind in taken:
        imported.counts[kind] += 1


@dataclass(frozen=True, slots=True)
class _Given:
    """A report to be taken in; `said` is what is searched of its call, None where nothing new is expected."""

    report: CallReport
    record: dict[str, Any]
    digest: str
    said: dict[str, Any] | None


def _given(store: Store, reports: Sequence[CallReport]) -> list[_Given]:
    """Masking takes longer than all else: it is done before others have to wait for the transaction, and not for what is there."""
    records = [report_record(report) for report in reports]
    digests = [_digest(record) for record in records]
    with store.reading() as connection:
        query = sa.select(t.audits.c.digest).where(t.audits.c.digest.in_(digests), t.audits.c.current)
        ids = [storable_id(report.call.call_id) for report in reports]
        query = query.join(t.calls, t.calls.c.id == t.audits.c.call).where(t.calls.c.call_id.in_(ids))
        known = set(connection.execute(query).scalars())
    return [
        _Given(report, record, digest, None if digest in known else search.said(report.call))
        for report, record, digest in zip(reports, records, digests, strict=True)
    ]


def _take(connection: sa.Connection, run: _Run, given: _Given) -> Taken:
    report, record, digest = given.report, given.record, given.digest
    call, day = report.call, _day(report.call, run)
    expired = connection.execute(sa.select(sa.func.max(t.purges.c.before))).scalar()
    if expired is not None and day < expired:
        return Taken.EXPIRED
    in_force = connection.execute(
        sa.select(t.calls.c.id, t.runs.c.started_at, t.runs.c.record, *(t.audits.c[name] for name in _OF_AUDIT))
        .select_from(t.calls.join(t.audits, sa.and_(t.audits.c.call == t.calls.c.id, t.audits.c.current)).join(t.runs))
        .where(t.calls.c.call_id == storable_id(call.call_id))
    ).one_or_none()
    if in_force is not None and (in_force.digest == digest or _is_corrected_from(connection, in_force, digest)):
        return Taken.UNCHANGED
    if in_force is not None and in_force.started_at > run.started_at:
        return Taken.OLDER
    parts = _parts(record)
    values = _call_values(call, day, parts)
    if in_force is None:
        number = _insert(connection, t.calls, call_id=storable_id(call.call_id), **values)
    else:
        number = in_force.id
        connection.execute(t.calls.update().where(t.calls.c.id == number).values(**values))
    transcript = _transcript(connection, number, parts.turns)
    search.keep(connection, number, transcript, given.said or search.said(call))
    audit = _new_audit(connection, number, transcript, digest, run, parts)
    # The words that were heard, and those that people made of them, have the same turns.
    same = in_force is not None and transcript in (in_force.transcript, _heard(in_force.transcript, in_force.record))
    ids = _carry_over(connection, number, report.findings, same_words=same)
    _see(connection, number, audit, ids, report.findings, parts.findings, values)
    return Taken.NEW if in_force is None else Taken.AUDITED_AGAIN


_MADE_BY = ("rules_sha256", "policy", "callaudit_version")
_OF_AUDIT = ("digest", "transcript", *_MADE_BY)


def _is_corrected_from(connection: sa.Connection, in_force: sa.Row[Any], digest: str) -> bool:
    """Whether the audit in force is of words corrected from those of the report with this digest, and by the same rules: then the report
    says nothing new."""
    made_of = json.loads(in_force.record).get(_REAUDIT)
    if made_of is None:
        return False
    heard = connection.execute(sa.select(t.audits).where(t.audits.c.id == made_of["heard_by"])).one()
    by_same_rules = all(getattr(heard, name) == getattr(in_force, name) for name in _MADE_BY)
    return bool(heard.digest == digest and by_same_rules)


def _day(call: Call, run: _Run) -> date:
    """The day of the call where it was made; without a start, the day it was audited."""
    return (call.metadata.started_at or run.finished_at).date()


def _call_values(call: Call, day: date, parts: _Parts) -> dict[str, Any]:
    heard, metadata = call.source.kind == _RECORDING, call.metadata
    return {
        "source_path": call.source.path,
        "source_sha256": call.source.sha256,
        "source_kind": call.source.kind,
        "source_line": call.source.line,
        "audio_path": str(Path(call.source.path).absolute()) if heard else None,
        "audio_sha256": call.source.sha256 if heard else None,
        "audio_state": None,
        "audio_checked_at": None,
        "started_at": metadata.started_at,
        "day": day,
        "agent_id": metadata.agent_id,
        "team": metadata.team,
        "verdict": parts.rest["verdict"],
        "score": parts.rest["score"],
        "metadata": to_json(parts.metadata),
    }


def _run_number(connection: sa.Connection, run: _Run) -> int:
    known = connection.execute(sa.select(t.runs.c.id).where(t.runs.c.sha256 == run.sha256)).scalar()
    if known is not None:
        return int(known)
    values = {"sha256": run.sha256, "started_at": run.started_at, "finished_at": run.finished_at, "record": run.record}
    return _insert(connection, t.runs, **values)


def _transcript(connection: sa.Connection, call: int, turns: list[dict[str, Any]]) -> int:
    """The number of the call's transcript with exactly these turns; audits of the same words share it."""
    digest = _digest({"turns": turns})
    same = sa.and_(t.transcripts.c.call == call, t.transcripts.c.digest == digest)
    known = connection.execute(sa.select(t.transcripts.c.id).where(same)).scalar()
    if known is not None:
        return int(known)
    number = _insert(connection, t.transcripts, call=call, digest=digest, turns=len(turns))
    rows = [
        {
            "transcript": number,
            "number": turn["index"],
            "call": call,
            "role": turn["role"],
            "text": turn["text"],
            "record": to_json(turn),
        }
        for turn in turns
    ]
    if rows:
        connection.execute(t.turns.insert(), rows)
    return number


def _new_audit(connection: sa.Connection, call: int, transcript: int, digest: str, run: _Run, parts: _Parts) -> int:
    """Put an audit in force, in place of the one that was."""
    before = sa.and_(t.audits.c.call == call, t.audits.c.current)
    connection.execute(t.audits.update().where(before).values(current=False))
    made_by = parts.rest["audit"]
    return _insert(
        connection,
        t.audits,
        call=call,
        run=_run_number(connection, run),
        transcript=transcript,
        digest=digest,
        rules_sha256=made_by["rules_sha256"],
        policy=made_by["policy"],
        callaudit_version=made_by["callaudit_version"],
        audited_at=run.finished_at,
        imported_at=now(),
        verdict=parts.rest["verdict"],
        score=parts.rest["score"],
        findings=len(parts.findings),
        record=to_json(parts.rest),
        current=True,
    )


def _carry_over(connection: sa.Connection, call: int, found: Sequence[Finding], same_words: bool) -> list[int | None]:
    """For each finding the number it had in earlier audits, None for those never found before."""
    query = sa.select(t.findings).where(t.findings.c.call == call).order_by(t.findings.c.id)
    # Current ones first: what was found last time is more likely what is found now.
    known = sorted(connection.execute(query).all(), key=lambda row: row.superseded_by is not None)
    numbers: list[int | None] = [None] * len(found)

    def pair(ours: Callable[[Finding], Hashable], theirs: Callable[[Any], Hashable]) -> None:
        free = defaultdict(list)
        for row in known:
            if row.id not in numbers:
                free[theirs(row)].append(row.id)
        for place, finding in enumerate(found):
            if numbers[place] is None and free[ours(finding)]:
                numbers[place] = free[ours(finding)].pop(0)

    pair(lambda f: (f.fingerprint, f.turn, _start(f)), lambda row: (row.fingerprint, row.turn, row.start_char))
    pair(lambda f: (f.fingerprint, f.turn), lambda row: (row.fingerprint, row.turn))
    if not same_words:
        known = [row for row in known if row.superseded_by is None]
        pair(lambda f: f.fingerprint, lambda row: row.fingerprint)
    return numbers


def _start(finding: Finding) -> int | None:
    return finding.span.start if finding.span else None


def _see(
    connection: sa.Connection,
    call: int,
    audit: int,
    numbers: Sequence[int | None],
    found: Sequence[Finding],
    records: Sequence[dict[str, Any]],
    call_values: dict[str, Any],
) -> None:
    """Write what the audit found; what it did not find is superseded by it."""
    shared = {name: call_values[name] for name in ("day", "agent_id", "team")}
    gone = sa.and_(t.findings.c.call == call, t.findings.c.superseded_by.is_(None))
    connection.execute(t.findings.update().where(gone).values(superseded_by=audit))
    queue = [shared | _queue_values(finding, record) for finding, record in zip(found, records, strict=True)]
    numbers, new = list(numbers), [place for place, number in enumerate(numbers) if number is None]
    for number, values in zip(numbers, queue, strict=True):
        if number is not None:
            connection.execute(t.findings.update().where(t.findings.c.id == number).values(**values))
    if new:
        opened = {"call": call, "state": ReviewState.OPEN.value}
        made = [opened | {"fingerprint": found[place].fingerprint} | queue[place] for place in new]
        insert = t.findings.insert().returning(t.findings.c.id, sort_by_parameter_order=True)
        for place, number in zip(new, connection.execute(insert, made).scalars(), strict=True):
            numbers[place] = number
    said = ("label", "rule", "severity", "confidence")
    sightings = [
        {"finding": number, "audit": audit, "call": call, "number": place, "quote": finding.quote}
        | {"record": to_json(record), **{name: values[name] for name in said}}
        for place, (number, finding, record, values) in enumerate(zip(numbers, found, records, queue, strict=True))
    ]
    if sightings:
        connection.execute(t.sightings.insert(), sightings)
    keep_counts(connection, [call])


def _queue_values(finding: Finding, record: dict[str, Any]) -> dict[str, Any]:
    """What the queue sorts and filters by, as this audit found it."""
    return {
        "superseded_by": None,
        "turn": finding.turn,
        "start_char": _start(finding),
        "label": finding.label,
        "rule": finding.rule,
        "severity": finding.severity.value,
        # Talk of suicide stands in front of everything.
        "rank": len(Severity) if finding.label == SELF_HARM else finding.severity.rank,
        "confidence": record["confidence"],
        "waits": bool(finding.why.review),
    }


def _insert(connection: sa.Connection, table: sa.Table, **values: Any) -> int:
    key = connection.execute(table.insert().values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _digest(record: dict[str, Any]) -> str:
    return hashlib.sha256(to_json(record).encode()).hexdigest()
