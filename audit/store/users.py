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
# Who else is an actor of the log: the program itself, the command line, who failed to sign in.
_NO_USERS = frozenset((chain.SYSTEM, "cli", "anonymous"))


@dataclass(frozen=True, slots=True)
class Account:
    """A user as those see it who look after accounts. `password` is whether there is one; `password_until` is set while it is one
    that somebody else made, which only serves to choose one's own until then."""

    number: int
    name: str
    role: UserRole
    created_at: datetime
    disabled_at: datetime | None
    password: bool
    password_until: datetime | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is held against; `until` as `Account.password_until`."""

    number: int
    password_hash: str
    until: datetime | None


def add_user(
    store: Store,
    name: str,
    role: UserRole,
    actor: str,
    password_hash: str | None = None,
    password_until: datetime | None = None,
) -> int:
    """Add a user and return the number; `password_until` as in `Account`.

    Raises InputError CA617 when the name is taken, empty, too long, would pass for an actor of the log that is no user, or cannot be stored.
    """
    with store.writing() as connection:
        taken = connection.execute(sa.select(t.users.c.id).where(t.users.c.name == name)).scalar()
        if taken is not None or not _is_name(name):
            raise InputError("CA617", name[:MOST_NAME])
        values = {
            "name": name,
            "role": role.value,
            "password_hash": password_hash,
            "password_until": password_until,
            "created_at": now(),
        }
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


def credentials(store: Store, name: str) -> Credentials | None:
    """What a sign-in by this name is held against; None for unknown names, disabled accounts, no password."""
    with store.reading() as connection:
        row = connection.execute(
            sa.select(t.users).where(t.users.c.name == storable(name), t.users.c.disabled_at.is_(None))
        ).one_or_none()
    if row is None or row.name != name or row.password_hash is None:
        return None
    return Credentials(row.id, row.password_hash, row.password_until)


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


def change_password(
    store: Store,
    number: int,
    password_hash: str,
    actor: str,
    *,
    until: datetime | None = None,
    keep: int | None = None,
) -> None:
    """Keep another password hash and end the user's sessions, but `keep`; `until` as `Account.password_until`.

    Raises InputError CA611 when there is no such user.
    """
    with store.writing() as connection:
        _row(connection, number)
        values = {"password_hash": password_hash, "password_until": until}
        connection.execute(t.users.update().where(t.users.c.id == number).values(values))
        close_all(connection, number, but=keep)
        chain.append(connection, actor, "change_password", f"user:{number}", once=int(until is not None))


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
    if name.partition(":")[0] in _NO_USERS:
        return False
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
    signs_in = row.password_hash is not None
    return Account(row.id, row.name, UserRole(row.role), row.created_at, row.disabled_at, signs_in, row.password_until)
