"""How long findings waited for a decision: the seconds from the audit that was decided on to the first decision, kept with the finding."""

from typing import Any

import sqlalchemy as sa

from audit.model.review import Verdict
from audit.store import tables as t


def first_decisions() -> sa.Select[Any]:
    """`finding`, `decided_at` and `audited_at` of the first decision on each finding; one that was taken back later was one."""
    of_finding = sa.select(sa.func.min(t.decisions.c.id)).where(t.decisions.c.verdict != Verdict.UNDO.value)
    return (
        sa.select(t.decisions.c.finding, t.decisions.c.decided_at, t.audits.c.audited_at)
        .join(t.sightings, t.sightings.c.id == t.decisions.c.sighting)
        .join(t.audits, t.audits.c.id == t.sightings.c.audit)
        .where(t.decisions.c.id.in_(of_finding.group_by(t.decisions.c.finding)))
    )


def keep_all(connection: sa.Connection) -> None:
    """Keep the time of every finding that somebody decided on."""
    _keep(connection, first_decisions())


def keep(connection: sa.Connection, decision: int) -> None:
    """Keep the time of a decision's finding, if it was the first one."""
    row = sa.select(t.decisions.c.finding).where(t.decisions.c.id == decision).scalar_subquery()
    before = sa.exists().where(t.findings.c.id == row, t.findings.c.waited_s.is_not(None))
    if not connection.execute(sa.select(before)).scalar_one():
        joined = t.decisions.join(t.sightings, t.sightings.c.id == t.decisions.c.sighting)
        joined = joined.join(t.audits, t.audits.c.id == t.sightings.c.audit)
        columns = (t.decisions.c.finding, t.decisions.c.decided_at, t.audits.c.audited_at)
        _keep(connection, sa.select(*columns).select_from(joined).where(t.decisions.c.id == decision))


def _keep(connection: sa.Connection, decided: sa.Select[Any]) -> None:
    found = [
        {"of": row.finding, "waited_s": (row.decided_at - row.audited_at).total_seconds()}
        for row in connection.execute(decided)
    ]
    if found:
        change = t.findings.update().where(t.findings.c.id == sa.bindparam("of"))
        connection.execute(change.values(waited_s=sa.bindparam("waited_s")), found)
