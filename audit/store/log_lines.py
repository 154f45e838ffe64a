"""The log as it is read: the last lines first, by who, what and about what. `chain` writes it and holds it together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from audit.store import tables as t
from audit.store.database import Store

PAGE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log; `facts` is JSON, exactly as it is hashed."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    facts: str


def lines(
    store: Store,
    *,
    before: int | None = None,
    actor: str = "",
    action: str = "",
    subject: str = "",
    limit: int = PAGE,
) -> Sequence[Line]:
    """Up to `limit` lines with numbers below `before`, the last first. `subject` is a whole one (`call:17`) or a kind (`call`)."""
    query = sa.select(t.log).order_by(t.log.c.id.desc()).limit(limit)
    if before is not None:
        query = query.where(t.log.c.id < before)
    if actor:
        query = query.where(t.log.c.actor == actor)
    if action:
        query = query.where(t.log.c.action == action)
    if subject:
        exact = t.log.c.subject == subject
        query = query.where(exact if ":" in subject else t.log.c.subject.startswith(f"{subject}:", autoescape=True))
    with store.reading() as connection:
        return [
            Line(row.id, datetime.fromisoformat(row.at), row.actor, row.action, row.subject, row.facts)
            for row in connection.execute(query)
        ]
