"""What a correction changes for other calls: how often and whom somebody called is judged over the log, by who spoke and what was said.

Their findings stay as the run made them: unanswered dials are not in a store, so that it cannot judge the log again. It can say which calls
come out otherwise by the calls it has.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa

from audit.model.call import CallMetadata
from audit.model.report import CallReport
from audit.report.record import read_metadata, to_json
from audit.rules.contact import ContactRecord, Key, Records, findings_across, heard_in, log_key
from audit.rules.engine import Engine
from audit.store import tables as t
from audit.store.calls import audit_in_force, stored_audit, stored_report

_KEYS: tuple[Key, ...] = ("debtor", "number")
# Of a number, without what stands before it.
_DIGITS = 11
# Somebody who answers for a whole company is called by all; a person's calls are far fewer.
_MOST = 500


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A call (its number) that the rules about the log would judge otherwise by the words as people corrected them: the labels that would
    appear and those that would vanish."""

    call: int
    appears: tuple[str, ...]
    vanishes: tuple[str, ...]


def elsewhere(connection: sa.Connection, call: int, corrected: CallReport, engine: Engine) -> list[Elsewhere]:
    """The calls of the same debtor or number, and the call itself, that come out otherwise with the words that are `corrected` than with
    those heard, by the calls of the store."""
    as_heard = _record(_heard(connection, call))
    if _record(corrected) == as_heard:
        return []
    before, after, numbers = [as_heard], [_record(corrected)], {corrected.call.call_id: call}
    for number in _neighbours(connection, call, corrected.call.metadata):
        report = stored_report(connection, number)
        numbers[report.call.call_id] = number
        before.append(_record(_heard(connection, number)))
        after.append(_record(report))
    then, now = _judged(before, engine), _judged(after, engine)
    return [
        Elsewhere(number, tuple(sorted(now[call_id] - then[call_id])), tuple(sorted(then[call_id] - now[call_id])))
        for call_id, number in sorted(numbers.items(), key=lambda entry: entry[1])
        if then[call_id] != now[call_id]
    ]


def as_record(found: Sequence[Elsewhere]) -> list[list[Any]]:
    """As it is kept in the record of a run: numbers and labels, nothing else."""
    return [[one.call, list(one.appears), list(one.vanishes)] for one in found]


def from_record(kept: Iterable[Sequence[Any]]) -> tuple[Elsewhere, ...]:
    """What was kept. These calls are no older than the corrected one, so that none is purged before it."""
    return tuple(Elsewhere(call, tuple(appears), tuple(vanishes)) for call, appears, vanishes in kept)


def _heard(connection: sa.Connection, call: int) -> CallReport:
    return stored_audit(connection, audit_in_force(connection, call).heard_by)


def _record(report: CallReport) -> ContactRecord:
    call = report.call
    return ContactRecord(call.call_id, call.metadata, call.both_spoke, heard_in(call, report.findings))


def _judged(records: Sequence[ContactRecord], engine: Engine) -> dict[str, set[str]]:
    """The labels of what the rules about the log find, by call."""
    labels: dict[str, set[str]] = {record.call_id: set() for record in records}
    for finding in findings_across(Records(records), engine.pack, engine.policy):
        labels[finding.call_id].add(finding.label)
    return labels


def _neighbours(connection: sa.Connection, call: int, metadata: CallMetadata) -> list[int]:
    """The other calls of the same debtor or number that have a start, the latest `_MOST` of them."""
    keys = {key: value for key in _KEYS if (value := log_key(metadata, key))}
    looks_like = list(_looks_like(metadata))
    if not looks_like or metadata.started_at is None:
        return []
    others = sa.and_(t.calls.c.id != call, t.calls.c.purged_at.is_(None), t.calls.c.started_at.is_not(None))
    query = sa.select(t.calls.c.id, t.calls.c.metadata).where(others, sa.or_(*looks_like))
    rows = connection.execute(query.order_by(t.calls.c.started_at.desc(), t.calls.c.id)).all()
    same = (row.id for row in rows if _shares(read_metadata(json.loads(row.metadata)), keys))
    return list(islice(same, _MOST))


def _looks_like(metadata: CallMetadata) -> Iterator[sa.ColumnElement[bool]]:
    """What is in the metadata of a call with the same debtor or number; in that of some others, too."""
    if metadata.debtor_id:
        yield t.calls.c.metadata.contains(to_json({"debtor_id": metadata.debtor_id})[1:-1], autoescape=True)
    number = metadata.callee_number or ""
    if "*" in number:
        yield t.calls.c.metadata.contains(to_json({"callee_number": number})[1:-1], autoescape=True)
    elif digits := "".join(filter(str.isdigit, number))[-_DIGITS:]:
        # However it is written.
        yield sa.func.replace(sa.func.replace(t.calls.c.metadata, " ", ""), "-", "").contains(digits, autoescape=True)


def _shares(metadata: CallMetadata, keys: Mapping[Key, str]) -> bool:
    return any(log_key(metadata, key) == value for key, value in keys.items())
