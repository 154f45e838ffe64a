"""What counts as a violation, and how many each call has: kept with the call, so that statistics of all calls need not read all findings."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from audit.model.review import ReviewState
from audit.store import tables as t

SIGNALS = "signal"


class Counting(StrEnum):
    """What counts as a violation: what a reviewer confirmed, or also what stands by itself and no reviewer dismissed."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"


def counts_as_violation(
    findings: Any, counting: Counting, state: sa.ColumnElement[str] | None = None
) -> sa.ColumnElement[bool]:
    """Whether a row of `findings` counts. Superseded ones and signals do not. `state` is the finding's own, if no other is given."""
    state = findings.c.state if state is None else state
    counts = state == ReviewState.CONFIRMED.value
    if counting is Counting.SUSPECTED:
        stands = sa.and_(sa.not_(findings.c.waits), state != ReviewState.DISMISSED.value)
        counts = sa.or_(counts, stands)
    return sa.and_(findings.c.superseded_by.is_(None), sa.not_(in_family(findings, SIGNALS)), counts)


def in_family(table: Any, family: str) -> sa.ColumnElement[bool]:
    """Whether a row's label is one of the family."""
    # LIKE knows wildcards, and a range would lead SQLite to read the table in the order of an index, which is slower than to read it.
    start = f"{family}."
    return sa.func.substr(table.c.label, 1, len(start)) == start


def counted_by_call() -> sa.Select[Any]:
    """`call`, `suspected` and `confirmed` of each call that has findings, from the findings."""
    f = t.findings
    both = [sa.func.count().filter(counts_as_violation(f, counting)).label(counting.value) for counting in Counting]
    return sa.select(f.c.call, *both).group_by(f.c.call)


def keep_counts(connection: sa.Connection, calls: Iterable[int] | None = None) -> None:
    """Count the violations of some calls again, after their findings or the states of these changed; of all (None)."""
    query = counted_by_call()
    if calls is not None:
        query = query.where(t.findings.c.call.in_(list(calls)))
    found = [
        {"of": row.call, **{one.value: getattr(row, one.value) for one in Counting}}
        for row in connection.execute(query)
    ]
    if found:
        values: dict[str, Any] = {one.value: sa.bindparam(one.value) for one in Counting}
        connection.execute(t.calls.update().where(t.calls.c.id == sa.bindparam("of")).values(**values), found)
