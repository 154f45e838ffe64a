"""A call audited again in the words that people corrected, and what that changed.

The audit counts as a run of its own. Findings that only other calls can bring (how often somebody was called) are taken over from the
audit before: only a run has the whole log. Where the words change who spoke or what other calls hang on, the record of the audit says
which calls would come out otherwise (`audit.store.elsewhere`).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import sqlalchemy as sa

from audit import __version__
from audit.errors import InputError
from audit.model.call import Call
from audit.model.finding import Finding, Severity
from audit.model.report import CallReport, Verdict
from audit.pipeline import Auditor
from audit.report.redaction import Redactor
from audit.rules.contact import across_rules
from audit.rules.engine import place
from audit.store import chain
from audit.store import tables as t
from audit.store.calls import audit_in_force, put_again, stored_audit, stored_report
from audit.store.database import Store
from audit.store.elsewhere import Elsewhere, as_record, elsewhere, from_record
from audit.store.review import Correction, Proposal, add_correction, after, corrected_call

MOST_CHARACTERS = 2000
# In the record of the run that an audit of corrected words is.
_ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding as one audit saw it. `quote` is masked; `waits`: a person must listen before it counts."""

    number: int
    label: str
    rule: str
    severity: Severity
    waits: bool
    turn: int | None
    quote: str

    @property
    def is_signal(self) -> bool:
        """Signals oblige follow-up; they are no breach."""
        return self.label.startswith("signal.")


@dataclass(frozen=True, slots=True)
class Change:
    """What an audit found otherwise than the one before it of the same call.

    `regraded` are findings of another severity, or that wait for a listener in one audit only: as before, as now. `same_rules` is False
    where rules, policy or version differ, too, so that not all need be due to the words. `elsewhere` are the calls whose findings about how
    often or whom somebody called would be others by the corrected words; they were not changed.
    """

    appeared: tuple[Seen, ...]
    vanished: tuple[Seen, ...]
    regraded: tuple[tuple[Seen, Seen], ...]
    verdicts: tuple[Verdict, Verdict]
    scores: tuple[int, int]
    same_rules: bool
    elsewhere: tuple[Elsewhere, ...] = ()


def correct_and_audit(store: Store, call: int, auditor: Auditor, reviewer: str, proposed: Proposal) -> Change:
    """Add a correction and audit the call again: both are done, or neither; what changed.

    Raises InputError: as `audit.store.review.correct`, CA840 when the correction to take back is no longer the last, CA843 when the words
    are too many, CA845 when nothing would be corrected.
    """
    if len(proposed.value) > MOST_CHARACTERS:
        raise InputError("CA843", str(call), most=MOST_CHARACTERS)
    # The first audit of a process loads lexicons: nobody has to wait for it to write.
    with store.reading() as connection:
        words = after(connection, call, proposed)
        if proposed.kind is not Correction.UNDO and words == corrected_call(connection, call):
            raise InputError("CA845", str(call))
    ready = auditor.report(words)
    with store.writing() as connection:
        correction = add_correction(connection, call, reviewer, proposed)
        return _put_in_force(connection, call, auditor, reviewer, correction, words, ready)


def reaudit(store: Store, call: int, auditor: Auditor, actor: str) -> Change:
    """Audit a call again, in its words as they are corrected now; what changed.

    Raises InputError CA611 when there is no such call.
    """
    with store.reading() as connection:
        words = corrected_call(connection, call)
    ready = auditor.report(words)
    with store.writing() as connection:
        return _put_in_force(connection, call, auditor, actor, None, words, ready)


def waits_for_audit(connection: sa.Connection, call: int) -> bool:
    """Whether corrections hold that the audit in force does not know, because a later run brought the words as they were heard."""
    return corrected_call(connection, call).turns != stored_report(connection, call).call.turns


def waiting_calls(connection: sa.Connection) -> list[int]:
    """The calls that `waits_for_audit` is true of."""
    heard = sa.and_(t.audits.c.current, t.audits.c.transcript == t.corrections.c.transcript)
    query = (
        sa.select(t.corrections.c.call).distinct().join(t.audits, heard).join(t.calls, t.audits.c.call == t.calls.c.id)
    )
    calls = connection.execute(query.where(t.calls.c.purged_at.is_(None)).order_by(t.corrections.c.call)).scalars()
    return [call for call in list(calls) if waits_for_audit(connection, call)]


def last_change(connection: sa.Connection, call: int, mask: Callable[[Call], Redactor] = Redactor) -> Change | None:
    """What the audit in force changed, its words masked by `mask`; None where a run made it.

    Raises InputError CA611 when there is no such call.
    """
    in_force = audit_in_force(connection, call)
    return None if in_force.instead_of is None else change_of(connection, in_force.instead_of, in_force.number, mask)


def change_of(
    connection: sa.Connection, before: int, after: int, mask: Callable[[Call], Redactor] = Redactor
) -> Change:
    """What the audit `after` of a call found otherwise than the audit `before`; `mask` makes the masks of a call."""
    then, now = _Audit.read(connection, before, mask), _Audit.read(connection, after, mask)
    both = [number for number in then.seen if number in now.seen]
    pairs = [(then.seen[number], now.seen[number]) for number in both]
    return Change(
        appeared=tuple(seen for number, seen in now.seen.items() if number not in then.seen),
        vanished=tuple(seen for number, seen in then.seen.items() if number not in now.seen),
        regraded=tuple((old, new) for old, new in pairs if (old.severity, old.waits) != (new.severity, new.waits)),
        verdicts=(then.report.verdict, now.report.verdict),
        scores=(then.report.score, now.report.score),
        same_rules=_rules(then.report) == _rules(now.report),
        elsewhere=_elsewhere_of(connection, after) if after != before else (),
    )


def _put_in_force(
    connection: sa.Connection,
    call: int,
    auditor: Auditor,
    actor: str,
    correction: int | None,
    audited: Call,
    report: CallReport,
) -> Change:
    """Put the audit of the words that hold now in force: `report`, if nobody changed what was `audited` in the meantime."""
    before = audit_in_force(connection, call).number
    words = corrected_call(connection, call)
    own = report if words == audited else auditor.report(words)
    whole = _with_findings_across(own, stored_report(connection, call), auditor)
    found = elsewhere(connection, call, own, auditor.engine)
    made_with = _made_with(auditor) | ({_ELSEWHERE: as_record(found)} if found else {})
    audit = put_again(connection, call, whole, made_with, correction)
    change = change_of(connection, before, audit or before)
    if audit is not None:
        facts = {"appeared": len(change.appeared), "vanished": len(change.vanished), "regraded": len(change.regraded)}
        chain.append(connection, actor, "reaudit", f"call:{call}", audit=audit, correction=correction, **facts)
    return change


def _elsewhere_of(connection: sa.Connection, audit: int) -> tuple[Elsewhere, ...]:
    """What was kept of other calls when the audit was made."""
    query = sa.select(t.runs.c.record).join(t.audits, t.audits.c.run == t.runs.c.id).where(t.audits.c.id == audit)
    return from_record(json.loads(connection.execute(query).scalar_one()).get(_ELSEWHERE, []))


def _with_findings_across(report: CallReport, before: CallReport, auditor: Auditor) -> CallReport:
    """`report` with the findings that other calls brought to the audit before."""
    across = frozenset(rule.id for rule in across_rules(auditor.engine.pack))
    # A rule may search single calls as well; what it finds there is in a turn.
    own = [finding for finding in report.findings if not _is_across(finding, across)]
    brought = [finding for finding in before.findings if _is_across(finding, across)]
    return replace(report, findings=tuple(sorted([*own, *brought], key=place)))


def _is_across(finding: Finding, across: frozenset[str]) -> bool:
    return finding.rule in across and finding.turn is None


def _made_with(auditor: Auditor) -> dict[str, object]:
    """What a run keeps of itself, as in run.json."""
    engine = auditor.engine
    return {
        "versions": {"callaudit": __version__},
        "options": {"policy": auditor.options.policy, "rules": ", ".join(auditor.options.rules)},
        "hashes": {"rules": engine.pack.sha256, "policy": engine.policy.sha256},
        "counts": {"calls": 1},
    }


def _rules(report: CallReport) -> tuple[str, str, str]:
    return report.audit.rules_sha256, report.audit.policy, report.audit.callaudit_version


@dataclass(frozen=True, slots=True)
class _Audit:
    """A stored audit: its report, and its findings by number."""

    report: CallReport
    seen: dict[int, Seen]

    @classmethod
    def read(cls, connection: sa.Connection, number: int, mask: Callable[[Call], Redactor]) -> "_Audit":
        report = stored_audit(connection, number)
        of_audit = sa.select(t.sightings.c.finding).where(t.sightings.c.audit == number).order_by(t.sightings.c.number)
        redactor = mask(report.call)
        rows = zip(connection.execute(of_audit).scalars(), report.findings, strict=True)
        return cls(report, {number: _seen(number, finding, redactor) for number, finding in rows})


def _seen(number: int, finding: Finding, redactor: Redactor) -> Seen:
    return Seen(
        number,
        finding.label,
        finding.rule,
        finding.severity,
        bool(finding.why.review),
        finding.turn,
        redactor.quote(finding),
    )
