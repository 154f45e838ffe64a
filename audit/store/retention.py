"""When a call's time of keeping is over: what was said and who it was about goes, counts stay.

The rows of audits, findings and decisions stay with labels, severities, verdicts, days and teams, so that statistics of the past hold.
"""

import json
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from audit.store import chain, search
from audit.store import tables as t
from audit.store.database import Store, now

# Ids in one statement: SQLite takes 32,766 values, and a purge that is stopped should have got somewhere.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Purged:
    """How many calls were purged (or would be), and what went with them."""

    calls: int
    turns: int
    quotes: int
    corrections: int
    comments: int


def purge(store: Store, before: date, actor: str, *, dry_run: bool = False) -> Purged:
    """Remove the personal content of calls made before the day `before`; calls of those days are not taken in again.

    A call without a start was made on the day it was audited. Stopped at any moment, the same purge finishes it.
    """
    due = sa.and_(t.calls.c.day < before, t.calls.c.purged_at.is_(None))
    if dry_run:
        with store.reading() as connection:
            return _count(connection, list(connection.execute(sa.select(t.calls.c.id).where(due)).scalars()))
    total = Purged(0, 0, 0, 0, 0)
    with store.writing() as connection:
        number = connection.execute(
            t.purges.insert().values(before=before, calls=0, purged_at=now())
        ).inserted_primary_key
        assert number is not None
    while True:
        with store.writing() as connection:
            batch = list(connection.execute(sa.select(t.calls.c.id).where(due).limit(_BATCH)).scalars())
            if batch:
                gone = _count(connection, batch)
                _empty(connection, batch)
                total = Purged(*(a + b for a, b in zip(_numbers(total), _numbers(gone), strict=True)))
            connection.execute(t.purges.update().where(t.purges.c.id == number[0]).values(calls=total.calls))
            if len(batch) < _BATCH:
                facts = dict(zip(Purged.__slots__, _numbers(total), strict=True))
                chain.append(connection, actor, "purge", f"purge:{number[0]}", before=before.isoformat(), **facts)
                break
    with store.writing() as connection:
        search.forget(connection)
    _wipe(store)
    return total


def purged_of(store: Store, calls: Iterable[int]) -> set[int]:
    """Which of the calls were purged: what was derived from them has to go, too."""
    asked, gone = sorted(set(calls)), set[int]()
    with store.reading() as connection:
        for first in range(0, len(asked), _BATCH):
            query = sa.select(t.calls.c.id).where(t.calls.c.purged_at.is_not(None))
            gone.update(connection.execute(query.where(t.calls.c.id.in_(asked[first : first + _BATCH]))).scalars())
    return gone


def _numbers(purged: Purged) -> tuple[int, ...]:
    return purged.calls, purged.turns, purged.quotes, purged.corrections, purged.comments


def _count(connection: sa.Connection, calls: list[int]) -> Purged:
    def rows(table: sa.Table, *conditions: Any) -> int:
        total = 0
        for first in range(0, len(calls), _BATCH):
            of_calls = table.c.call.in_(calls[first : first + _BATCH])
            query = sa.select(sa.func.count()).select_from(table).where(of_calls, *conditions)
            total += connection.execute(query).scalar_one()
        return total

    comments = rows(t.decisions, t.decisions.c.comment != "") + rows(t.missed, t.missed.c.comment != "")
    quotes = rows(t.sightings, t.sightings.c.quote != "") + rows(t.missed, t.missed.c.quote != "")
    return Purged(len(calls), rows(t.turns), quotes, rows(t.corrections), comments)


def _empty(connection: sa.Connection, calls: list[int]) -> None:
    """Empty what the calls hold of persons. They are marked first: without the mark the database refuses the rest."""
    none: dict[str, Any] = dict.fromkeys(
        ("source_line", "audio_path", "audio_sha256", "audio_state", "audio_checked_at", "started_at", "agent_id")
    )
    emptied = {
        "call_id": sa.literal("purged-") + sa.cast(t.calls.c.id, sa.Text),
        "source_path": "",
        "source_sha256": "",
    }
    of_calls = t.calls.c.id.in_(calls)
    connection.execute(t.calls.update().where(of_calls).values(purged_at=now(), metadata="{}", **emptied, **none))
    connection.execute(t.turns.delete().where(t.turns.c.call.in_(calls)))
    connection.execute(t.spoken.delete().where(t.spoken.c.call.in_(calls)))
    for table, values in (
        (t.transcripts, {"digest": _numbered(t.transcripts)}),
        (t.audits, {"digest": _numbered(t.audits), "record": json.dumps({})}),
        (t.findings, {"fingerprint": _numbered(t.findings), "agent_id": None, "start_char": None}),
        (t.sightings, {"quote": "", "record": "{}"}),
        (t.decisions, {"reason": "", "comment": ""}),
        (t.corrections, {"value": ""}),
        (t.missed, {"quote": "", "comment": ""}),
        (t.samples, {"lacking": False}),
        (t.opinions, {"comment": ""}),
        (t.appeals, {"statement": ""}),
        (t.rulings, {"comment": ""}),
    ):
        connection.execute(table.update().where(table.c.call.in_(calls)).values(**values))


def _numbered(table: sa.Table) -> sa.ColumnElement[str]:
    return sa.literal("purged-") + sa.cast(table.c.id, sa.Text)


def _wipe(store: Store) -> None:
    """Have the database let go of deleted rows. SQLite has overwritten them (`secure_delete`), its journal holds them still;
    PostgreSQL gives their room to new rows."""
    if store.is_sqlite:
        with closing(store.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"VACUUM {', '.join(t.metadata.tables)}")
