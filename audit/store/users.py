"""Who works with the store. Passwords are hashed by who checks them; here is only where the hash is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from audit.errors import InputError
from audit.model.review import UserRole
from audit.store import chain
from audit.store import tables as t
from audit.store.database import Store, now
from audit.store.sessions import close_all
from audit.store.tables import storable

MOST_NAME = 64


@dataclass(frozen=True, slots=True)
class Account:
    """A user as those see it who look after accounts; `signs_in` is whether there is a password."""

    number: int
    name: str
    role: UserRole
    created_at: datetime
    disabled_at: datetime | None
    signs_in: bool


def add_user(store: Store, name: str, role: UserRole, actor: str, password_hash: str | None = None) -> int:
    """Add a user and return the number; raises InputError CA617 when the name is taken, empty, too long, or cannot be stored."""
    with store.writing() as connection:
        taken = connection.execute(sa.select(t.users.c.id).where(t.users.c.name == name)).scalar()
        if taken is not None or not _is_name(name):
            raise InputError("CA617", name[:MOST_NAME])
        values = {"name": name, "role": role.value, "password_hash": password_hash, "created_at": now()}
        key = connection.execute(t.users.insert().values(**values)).inserted_primary_key
        assert key is not None
        chain.append(connection, actor, "add_user", f"user:{key[0]}", role=role.value)
        return int(key[0])


def all_users(store: Store) -> Sequence[Account]:
    """Everybody, in the order they were added, disabled accounts too."""
    with store.reading() as connection:
        return [_account(row) for row in connection.execute(sa.select(t.users).order_by(t.users.c.id))]


def user(store: Store, number: int) -> Account:
    """One user; raises InputError CA611 when there is none of this number."""
    with store.reading() as connection:
        return _account(_row(connection, number))


def named(store: Store, name: str) -> Account:
    """The user of this name; raises InputError CA803 when there is none."""
    with store.reading() as connection:
        row = connection.execute(sa.select(t.users).where(t.users.c.name == storable(name))).one_or_none()
    if row is None or row.name != name:
        raise InputError("CA803", name[:MOST_NAME])
    return _account(row)


def credentials(store: Store, name: str) -> tuple[int, str] | None:
    """The number and the password hash of who may sign in by this name; None for unknown names, disabled accounts, no password."""
    with store.reading() as connection:
        row = connection.execute(
            sa.select(t.users).where(t.users.c.name == storable(name), t.users.c.disabled_at.is_(None))
        ).one_or_none()
    return None if row is None or row.name != name or row.password_hash is None else (row.id, row.password_hash)


def change_role(store: Store, number: int, role: UserRole, actor: str) -> None:
    """Give a user another role, from the next request on.

    Raises InputError: CA611 no such user, CA804 when nobody would be left who can look after accounts.
    """
    with store.writing() as connection:
        row = _row(connection, number)
        if role is not UserRole.ADMIN:
            _not_the_last_admin(connection, row)
        connection.execute(t.users.update().where(t.users.c.id == number).values(role=role.value))
        chain.append(connection, actor, "change_role", f"user:{number}", before=row.role, role=role.value)


def change_password(store: Store, number: int, password_hash: str, actor: str, *, keep: int | None = None) -> None:
    """Keep another password hash and end the user's sessions, but `keep`; raises InputError CA611 when there is no such user."""
    with store.writing() as connection:
        _row(connection, number)
        connection.execute(t.users.update().where(t.users.c.id == number).values(password_hash=password_hash))
        close_all(connection, number, but=keep)
        chain.append(connection, actor, "change_password", f"user:{number}")


def rehash(store: Store, number: int, before: str, password_hash: str) -> None:
    """Keep the same password under a stronger hash, unless it was changed meanwhile."""
    same = sa.and_(t.users.c.id == number, t.users.c.password_hash == before)
    with store.writing() as connection:
        connection.execute(t.users.update().where(same).values(password_hash=password_hash))


def disable(store: Store, number: int, actor: str) -> None:
    """Lock an account: its sessions end and its tokens open nothing. What the user did stays.

    Raises InputError: CA611 no such user, CA804 when nobody would be left who can look after accounts.
    """
    with store.writing() as connection:
        row = _row(connection, number)
        if row.disabled_at is not None:
            return
        _not_the_last_admin(connection, row)
        connection.execute(t.users.update().where(t.users.c.id == number).values(disabled_at=now()))
        close_all(connection, number)
        chain.append(connection, actor, "disable_user", f"user:{number}")


def enable(store: Store, number: int, actor: str) -> None:
    """Unlock an account; raises InputError CA611 when there is no such user."""
    with store.writing() as connection:
        if _row(connection, number).disabled_at is None:
            return
        connection.execute(t.users.update().where(t.users.c.id == number).values(disabled_at=None))
        chain.append(connection, actor, "enable_user", f"user:{number}")


def _is_name(name: str) -> bool:
    # Names stand in the log, in lists and on command lines: nothing that cannot be seen, nothing in front of or behind it.
    return name.isprintable() and name == name.strip() and 0 < len(name) <= MOST_NAME and storable(name) == name


def _not_the_last_admin(connection: sa.Connection, row: "sa.Row[tuple[object, ...]]") -> None:
    others = sa.select(sa.func.count()).where(
        t.users.c.role == UserRole.ADMIN.value, t.users.c.disabled_at.is_(None), t.users.c.id != row.id
    )
    if row.role == UserRole.ADMIN and row.disabled_at is None and not connection.execute(others).scalar_one():
        raise InputError("CA804", f"user:{row.id}")


def _row(connection: sa.Connection, number: int) -> "sa.Row[tuple[object, ...]]":
    row = connection.execute(sa.select(t.users).where(t.users.c.id == number)).one_or_none()
    if row is None:
        raise InputError("CA611", f"user:{number}")
    return row


def _account(row: "sa.Row[tuple[object, ...]]") -> Account:
    return Account(row.id, row.name, UserRole(row.role), row.created_at, row.disabled_at, row.password_hash is not None)
