"""The last word: what agents say against findings, and rulings on that and on findings on which reviewers disagree.

A ruling comes from somebody who had no part in the finding so far. It outweighs decisions; only a further appeal leads to another.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from audit.errors import InputError
from audit.model.review import ReviewState, Ruling
from audit.store import chain
from audit.store import tables as t
from audit.store.database import Store, now
from audit.store.review import add_row, call_of, reviewer_number, settle
from audit.store.sampling import lead_number

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Ruled:
    """A ruling on a finding; `appeal` is None where it settled a disagreement."""

    number: int
    finding: int
    appeal: int | None
    reviewer: str
    verdict: Ruling
    comment: str
    ruled_at: datetime


@dataclass(frozen=True, slots=True)
class Appeal:
    """What an agent says against a finding, who filed it, and what became of it (`ruling` None: nothing yet)."""

    number: int
    finding: int
    call: int
    filed_by: str
    statement: str
    filed_at: datetime
    label: str
    severity: str
    state: ReviewState
    agent_id: str | None
    day: date
    purged: bool
    ruling: Ruled | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A finding on which reviewers disagree, without a ruling or an appeal that waits for one. `since`: the latest decision."""

    finding: int
    call: int
    label: str
    severity: str
    agent_id: str | None
    since: datetime


def file_appeal(store: Store, finding: int, reviewer: str, statement: str) -> int:
    """Write down an agent's appeal on a finding; its number.

    Raises InputError: CA611 no such finding, CA612 the reviewer may not, CA626 a statement that is empty or longer than `LONGEST`, CA627
    when an earlier appeal waits for its ruling.
    """
    _say_something(statement, finding)
    with store.writing() as connection:
        user = reviewer_number(connection, reviewer)
        call = call_of(connection, finding)
        if _waiting(connection, finding) is not None:
            raise InputError("CA627", f"finding:{finding}")
        values = {"finding": finding, "call": call, "filed_by": user, "statement": statement, "filed_at": now()}
        number = add_row(connection, t.appeals, **values)
        chain.append(connection, reviewer, "appeal", f"finding:{finding}", appeal=number)
        return number


def rule_on_appeal(store: Store, appeal: int, reviewer: str, verdict: Ruling, comment: str) -> ReviewState:
    """Rule on an appeal; the state the finding is in now.

    Raises InputError: CA611 no such appeal, CA612 the reviewer may not decide, CA626 a comment that is empty or too long, CA628 when the
    reviewer had a part in the finding, CA629 when there is a ruling on the appeal.
    """
    _say_something(comment, appeal)
    with store.writing() as connection:
        user = reviewer_number(connection, reviewer)
        finding = connection.execute(sa.select(t.appeals.c.finding).where(t.appeals.c.id == appeal)).scalar()
        if finding is None:
            raise InputError("CA611", f"appeal:{appeal}")
        if _waiting(connection, finding) != appeal:
            raise InputError("CA629", f"appeal:{appeal}")
        return _rule(connection, finding, appeal, user, reviewer, verdict, comment)


def rule_on_dispute(store: Store, finding: int, reviewer: str, verdict: Ruling, comment: str) -> ReviewState:
    """Have the last word on a finding on which reviewers disagree; the state it is in now.

    Raises InputError: CA611 no such finding, CA626 a comment that is empty or too long, CA628 when the reviewer had a part in the finding,
    CA629 when nobody disagrees, or an appeal waits, CA630 unless the reviewer is a lead.
    """
    _say_something(comment, finding)
    with store.writing() as connection:
        user = lead_number(connection, reviewer)
        call_of(connection, finding)
        state = connection.execute(sa.select(t.findings.c.state).where(t.findings.c.id == finding)).scalar_one()
        if state != ReviewState.DISPUTED or _waiting(connection, finding) is not None:
            raise InputError("CA629", f"finding:{finding}")
        return _rule(connection, finding, None, user, reviewer, verdict, comment)


def had_a_part(connection: sa.Connection, finding: int, user: int) -> bool:
    """Whether the user decided on the finding (taken back or not), gave an opinion on it, filed an appeal or made a ruling on it."""
    of_finding = sa.select(t.samples.c.id).where(t.samples.c.finding == finding)
    parts = (
        sa.exists().where(t.decisions.c.finding == finding, t.decisions.c.reviewer == user),
        sa.exists().where(t.opinions.c.sample.in_(of_finding), t.opinions.c.reviewer == user),
        sa.exists().where(t.appeals.c.finding == finding, t.appeals.c.filed_by == user),
        sa.exists().where(t.rulings.c.finding == finding, t.rulings.c.reviewer == user),
    )
    return bool(connection.execute(sa.select(sa.or_(*parts))).scalar_one())


def open_appeals(connection: sa.Connection) -> list[Appeal]:
    """Appeals without a ruling, the oldest first; those of purged calls cannot be looked into any more and are left out."""
    waits = sa.and_(t.rulings.c.id.is_(None), t.calls.c.purged_at.is_(None))
    return _appeals(connection, waits, t.appeals.c.id)


def ruled_appeals(connection: sa.Connection, limit: int, before: int | None = None) -> list[Appeal]:
    """Appeals with a ruling, the last filed first, from those filed before the one with number `before`."""
    ruled = t.rulings.c.id.is_not(None)
    which = ruled if before is None else sa.and_(ruled, t.appeals.c.id < before)
    return _appeals(connection, which, t.appeals.c.id.desc(), limit)


def appeal_of(connection: sa.Connection, number: int) -> Appeal:
    """The appeal with this number; raises InputError CA611 when there is none, or when its call was purged."""
    found = _appeals(connection, t.appeals.c.id == number, t.appeals.c.id)
    if not found or found[0].purged:
        raise InputError("CA611", f"appeal:{number}")
    return found[0]


def appeals_on(connection: sa.Connection, finding: int) -> list[Appeal]:
    """All appeals on a finding, in the order in which they were filed."""
    return _appeals(connection, t.appeals.c.finding == finding, t.appeals.c.id)


def rulings_on(connection: sa.Connection, finding: int) -> list[Ruled]:
    """All rulings on a finding, the last of which holds, in order."""
    query = (
        sa.select(t.rulings, t.users.c.name.label("ruler"))
        .join(t.users, t.users.c.id == t.rulings.c.reviewer)
        .where(t.rulings.c.finding == finding)
        .order_by(t.rulings.c.id)
    )
    return [
        Ruled(row.id, row.finding, row.appeal, row.ruler, Ruling(row.verdict), row.comment, row.ruled_at)
        for row in connection.execute(query).all()
    ]


def disputes(connection: sa.Connection, limit: int) -> list[Dispute]:
    """Findings that reviewers disagree on and that no appeal waits for, the gravest first."""
    f = t.findings.c
    since = sa.select(sa.func.max(t.decisions.c.decided_at)).where(t.decisions.c.finding == f.id).scalar_subquery()
    query = (
        sa.select(f.id, f.call, f.label, f.severity, f.agent_id, since.label("since"))
        .join(t.calls)
        .where(f.superseded_by.is_(None), f.state == ReviewState.DISPUTED.value, t.calls.c.purged_at.is_(None))
        .where(f.id.not_in(_waiting_findings()))
        .order_by(f.rank.desc(), f.confidence.desc(), f.id)
        .limit(limit)
    )
    return [Dispute(*row) for row in connection.execute(query).all()]


def _say_something(text: str, place: int) -> None:
    if not text.strip() or len(text) > LONGEST:
        raise InputError("CA626", str(place), most=LONGEST)


def _waiting(connection: sa.Connection, finding: int) -> int | None:
    """The number of the appeal on the finding that has no ruling."""
    query = sa.select(t.appeals.c.id).outerjoin(t.rulings, t.rulings.c.appeal == t.appeals.c.id)
    waits = sa.and_(t.appeals.c.finding == finding, t.rulings.c.id.is_(None))
    return connection.execute(query.where(waits)).scalar()


def _waiting_findings() -> sa.Select[int]:
    ruled = sa.exists().where(t.rulings.c.appeal == t.appeals.c.id)
    return sa.select(t.appeals.c.finding).where(sa.not_(ruled))


def _rule(
    connection: sa.Connection,
    finding: int,
    appeal: int | None,
    user: int,
    reviewer: str,
    verdict: Ruling,
    comment: str,
) -> ReviewState:
    call = call_of(connection, finding)
    if had_a_part(connection, finding, user):
        raise InputError("CA628", f"finding:{finding}")
    number = add_row(
        connection,
        t.rulings,
        finding=finding,
        call=call,
        appeal=appeal,
        reviewer=user,
        verdict=verdict.value,
        comment=comment,
        ruled_at=now(),
    )
    state = settle(connection, finding)
    facts = {"ruling": number, "appeal": appeal, "verdict": verdict.value, "state": state.value}
    chain.append(connection, reviewer, "rule", f"finding:{finding}", **facts)
    return state


def _appeals(
    connection: sa.Connection, which: sa.ColumnElement[bool], order: Any, limit: int | None = None
) -> list[Appeal]:
    filer, ruler = t.users.alias("filer"), t.users.alias("ruler")
    query = (
        sa.select(
            t.appeals,
            filer.c.name.label("filer"),
            ruler.c.name.label("ruler"),
            *(t.rulings.c[name].label(f"ruling_{name}") for name in ("id", "verdict", "comment", "ruled_at")),
            *(t.findings.c[name] for name in ("label", "severity", "state", "agent_id", "day")),
            t.calls.c.purged_at,
        )
        .select_from(
            t.appeals.join(t.findings, t.findings.c.id == t.appeals.c.finding)
            .join(t.calls, t.calls.c.id == t.appeals.c.call)
            .join(filer, filer.c.id == t.appeals.c.filed_by)
            .outerjoin(t.rulings, t.rulings.c.appeal == t.appeals.c.id)
            .outerjoin(ruler, ruler.c.id == t.rulings.c.reviewer)
        )
        .where(which)
        .order_by(order)
        .limit(limit)
    )
    return [_appeal(row) for row in connection.execute(query).all()]


def _appeal(row: sa.Row[Any]) -> Appeal:
    ruling = row.ruling_id and Ruled(
        row.ruling_id,
        row.finding,
        row.id,
        row.ruler,
        Ruling(row.ruling_verdict),
        row.ruling_comment,
        row.ruling_ruled_at,
    )
    return Appeal(
        number=row.id,
        finding=row.finding,
        call=row.call,
        filed_by=row.filer,
        statement=row.statement,
        filed_at=row.filed_at,
        label=row.label,
        severity=row.severity,
        state=ReviewState(row.state),
        agent_id=row.agent_id,
        day=row.day,
        purged=row.purged_at is not None,
        ruling=ruling,
    )
