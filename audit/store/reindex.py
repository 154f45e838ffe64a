"""The search index mended, beside a desk that goes on: what is searched is made anew from the words in force.

The parts of the index are made in one transaction, which says in the log what is to be done. Calls follow in batches, masked before
others have to wait: stopped at any moment every call is searched as before or as it should be, and the next run does the rest.
"""

import time
from dataclasses import dataclass

import sqlalchemy as sa

from audit.store import chain, search
from audit.store import tables as t
from audit.store.database import Store

# Between batches, for those who want to write meanwhile.
_PAUSE_S = 0.02


@dataclass(frozen=True, slots=True)
class Reindexed:
    """What was done: whether the index was made anew, of how many calls the words were put in, and how many purged calls were taken out."""

    remade: bool
    calls: int
    dropped: int


def reindex(store: Store, actor: str, *, whole: bool = False) -> Reindexed:
    """Mend what `audit.store.soundness.check` finds wrong with the search, or (`whole`) make all of it anew.

    A sound index stays as it is, and nothing is written. Raises CallauditError (CA602) when the database refuses.
    """
    with store.reading() as connection:
        if not whole and not _is_wrong(connection):
            return Reindexed(remade=False, calls=0, dropped=0)
    with store.writing() as connection:
        remade = whole or not _index_is_sound(connection)
        if remade:
            search.remake_index(connection)
        dropped = connection.execute(t.spoken.delete().where(_gone())).rowcount
        if dropped:
            search.forget(connection)
        calls = _all_calls(connection) if whole else search.unsearchable(connection)
        chain.append(connection, actor, "reindex", "search", remade=int(remade), calls=len(calls), dropped=dropped)
    done = 0
    for first in range(0, len(calls), search.BATCH):
        done += _put_in(store, calls[first : first + search.BATCH])
        time.sleep(_PAUSE_S)
    return Reindexed(remade, done, dropped)


def _put_in(store: Store, calls: list[int]) -> int:
    """Put in the words of some calls; how many. One that was audited again or purged meanwhile has the words that it should have."""
    with store.reading() as connection:
        said = search.said_in_force(connection, calls)
    with store.writing() as connection:
        query = sa.select(t.audits.c.call, t.audits.c.transcript).join(t.calls, t.calls.c.id == t.audits.c.call)
        kept = sa.and_(t.audits.c.call.in_(calls), t.audits.c.current, t.calls.c.purged_at.is_(None))
        in_force = {row.call: row.transcript for row in connection.execute(query.where(kept))}
        same = [call for call, (transcript, _) in said.items() if in_force.get(call) == transcript]
        for call in same:
            search.keep(connection, call, *said[call])
    return len(same)


def _is_wrong(connection: sa.Connection) -> bool:
    if not _index_is_sound(connection) or search.unsearchable(connection):
        return True
    return connection.execute(sa.select(t.spoken.c.call).where(_gone()).limit(1)).first() is not None


def _index_is_sound(connection: sa.Connection) -> bool:
    # Where parts are missing, what the rest holds cannot be asked.
    return not (search.missing_parts(connection) or search.not_as_indexed(connection))


def _gone() -> sa.ColumnElement[bool]:
    """Of what is searched, that of purged calls."""
    return t.spoken.c.call.in_(sa.select(t.calls.c.id).where(t.calls.c.purged_at.is_not(None)))


def _all_calls(connection: sa.Connection) -> list[int]:
    query = sa.select(t.calls.c.id).where(t.calls.c.purged_at.is_(None)).order_by(t.calls.c.id)
    return list(connection.execute(query).scalars())
