"""Saved views: what somebody looks at again and again, under a name. Everybody has their own."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

import sqlalchemy as sa

from audit.errors import InputError
from audit.store import tables as t
from audit.store.database import Store, now
from audit.store.queue import Filters
from audit.store.tables import storable

MOST_NAME = 40


@dataclass(frozen=True, slots=True)
class View:
    """A saved view: `query` is the query string of its filters."""

    number: int
    name: str
    query: str

    def filters(self) -> Filters:
        """What it looks at; raises InputError CA837 when it asks for what cannot be asked for (any more)."""
        return Filters.from_query(dict(parse_qsl(self.query)))


def add_view(store: Store, user: int, name: str, filters: Filters) -> int:
    """Keep the filters under a name; its number. Raises InputError CA838 when the user has one of this name, or it cannot be one."""
    name = " ".join(name.split())
    with store.writing() as connection:
        same = sa.and_(t.views.c.user == user, t.views.c.name == name)
        taken = connection.execute(sa.select(t.views.c.id).where(same)).scalar() is not None
        if taken or not name.isprintable() or not 0 < len(name) <= MOST_NAME or storable(name) != name:
            raise InputError("CA838", storable(name)[:MOST_NAME], most=MOST_NAME)
        values = {"user": user, "name": name, "query": filters.query_string(), "created_at": now()}
        key = connection.execute(t.views.insert().values(**values)).inserted_primary_key
        assert key is not None
        return int(key[0])


def views(connection: sa.Connection, user: int) -> list[View]:
    """The user's views in the order they were added."""
    query = sa.select(t.views).where(t.views.c.user == user).order_by(t.views.c.id)
    return [View(row.id, row.name, row.query) for row in connection.execute(query)]


def view(connection: sa.Connection, number: int, user: int) -> View:
    """The user's view with this number; raises InputError CA611 when there is none."""
    own = sa.and_(t.views.c.id == number, t.views.c.user == user)
    row = connection.execute(sa.select(t.views).where(own)).one_or_none()
    if row is None:
        raise InputError("CA611", f"view:{number}")
    return View(row.id, row.name, row.query)


def remove_view(store: Store, number: int, user: int) -> None:
    """Forget a view; raises InputError CA611 when the user has none of this number."""
    with store.writing() as connection:
        view(connection, number, user)
        connection.execute(t.views.delete().where(t.views.c.id == number))
