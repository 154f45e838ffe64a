"""Limits across calls: conversations per debtor and attempts per number on one local day (RULES.md section 2.1).

The two caps are different things: conversations are calls in which both sides spoke, summed over all of a debtor's
numbers; attempts are dials to one number. Calls that the debtor starts never count.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from audit.model.call import CallMetadata, Direction
from audit.model.finding import Explanation, Finding
from audit.rules.engine import fingerprint
from audit.rules.localtime import debtor_zone
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy

CONVERSATIONS, ATTEMPTS = "conversations", "attempts"


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """What counting needs to know of one call or attempt. `both_spoke` is False for an attempt nobody answered."""

    call_id: str
    metadata: CallMetadata
    both_spoke: bool


def in_order(records: Iterable[ContactRecord]) -> list[ContactRecord]:
    """The records that have a start, by it: what `frequency_findings` wants."""
    started = [(record.metadata.started_at, record) for record in records if record.metadata.started_at]
    return [record for _, record in sorted(started, key=lambda pair: (pair[0], pair[1].call_id))]


def frequency_findings(records: Iterable[ContactRecord], pack: RulePack, policy: Policy) -> Iterator[Finding]:
    """A finding for each call that exceeds a cap, and for each later one of the day.

    `records` come in the order of `started_at`; memory is bounded by the debtors and numbers of two days. Records without a
    start, or not started by the agent, are passed over; those without a debtor or a number count for the other cap only.
    """
    rules = [rule for rule in pack.rules if rule.kind == "frequency" and not policy.is_disabled(rule.id)]
    counted: dict[date, Counter[tuple[str, str]]] = {}
    latest: datetime | None = None
    for record in records:
        started = record.metadata.started_at
        if started is None or record.metadata.direction is not Direction.OUTBOUND:
            continue
        if latest is not None and started < latest:
            raise ValueError("contact records must come in the order of their start")
        latest = started
        day = started.astimezone(ZoneInfo(debtor_zone(record.metadata, policy))).date()
        for old in [other for other in counted if other < day - timedelta(days=2)]:
            del counted[old]
        today = counted.setdefault(day, Counter())
        for rule in rules:
            key, limit = _counts(rule, record, policy)
            if key is None:
                continue
            today[rule.id, key] += 1
            if today[rule.id, key] > limit:
                yield _finding(rule, record, pack, policy, day, today[rule.id, key], limit)


def _counts(rule: Rule, record: ContactRecord, policy: Policy) -> tuple[str | None, int]:
    """What the record counts towards under the rule (None: nothing), and the limit."""
    if rule.parameters["counts"] == CONVERSATIONS:
        return (record.metadata.debtor_id if record.both_spoke else None), policy.conversations_per_debtor_per_day
    answered = record.both_spoke or record.metadata.connected is True
    counts = policy.attempts_count == "all" or not answered
    return (record.metadata.callee_number if counts else None), policy.attempts_per_number_per_day


def _finding(
    rule: Rule, record: ContactRecord, pack: RulePack, policy: Policy, day: date, count: int, limit: int
) -> Finding:
    started = record.metadata.started_at
    assert started is not None
    local = started.astimezone(ZoneInfo(debtor_zone(record.metadata, policy)))
    binds = policy.binds(record.metadata.lender)
    return Finding(
        call_id=record.call_id,
        turn=None,
        label=rule.label,
        rule=rule.id,
        severity=policy.severity(rule.id, rule.severity),
        confidence=0.98,
        role=None,
        quote="",
        span=None,
        time=None,
        clauses=pack.clauses.cite(rule.clauses, day, binds, policy.jurisdiction),
        why=Explanation(
            name=rule.name,
            reason=rule.reason,
            variant="metadata",
            facts={
                "local_start": local.isoformat(timespec="seconds"),
                "day": day.isoformat(),
                "count": str(count),
                "limit": str(limit),
                "counts": str(rule.parameters["counts"]),
            },
        ),
        fingerprint=fingerprint(rule, None, (record.call_id,)),
    )
