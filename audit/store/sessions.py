"""Who is signed in. The browser holds a token, the store its SHA-256: who reads the store cannot sign in with what it holds."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from audit.errors import InputError
from audit.model.review import UserRole
from audit.store import chain
from audit.store import tables as t
from audit.store.database import Store, now

# An officer listens to a long call without a click, and goes home in the evening.
IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that holds: its row, the user's number, name and role, and what unsafe requests of it have to repeat (`csrf`)."""

    id: int
    user: int
    name: str
    role: UserRole
    csrf: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its owner sees it in a list."""

    id: int
    created_at: datetime
    seen_at: datetime


def digest(token: str) -> str:
    """What the store keeps of a token. Tokens are random and long: a plain hash cannot be guessed back."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def open_session(store: Store, user: int, address: str = "") -> tuple[str, Session]:
    """Sign a user in: a new token, and the session it opens. Sessions whose time is over are forgotten at this occasion.

    `address` is where the user sits, for the log.

    Raises InputError CA611 when there is no such user, or when the account is disabled.
    """
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    with store.writing() as connection:
        row = connection.execute(
            sa.select(t.users).where(t.users.c.id == user, t.users.c.disabled_at.is_(None))
        ).one_or_none()
        if row is None:
            raise InputError("CA611", f"user:{user}")
        moment = now()
        connection.execute(t.sessions.delete().where(sa.not_(_holds(moment))))
        values = {"digest": digest(token), "user": user, "csrf": csrf, "created_at": moment, "seen_at": moment}
        key = connection.execute(t.sessions.insert().values(**values)).inserted_primary_key
        assert key is not None
        chain.append(connection, row.name, "sign_in", f"user:{user}", session=int(key[0]), address=address)
        return token, Session(int(key[0]), user, row.name, UserRole(row.role), csrf)


def find(store: Store, token: str) -> Session | None:
    """The session that `token` opens; None when there is none, its time is over, or the account is disabled."""
    moment = now()
    query = (
        sa.select(t.sessions, t.users.c.name, t.users.c.role)
        .join(t.users, t.users.c.id == t.sessions.c.user)
        .where(t.sessions.c.digest == digest(token), t.users.c.disabled_at.is_(None), _holds(moment))
    )
    with store.reading() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        return None
    if row.seen_at < moment - _SEEN_EVERY:
        # Nobody waits for this to read a page; the next request tries again.
        store.written_if_free(t.sessions.update().where(t.sessions.c.id == row.id).values(seen_at=moment))
    return Session(row.id, row.user, row.name, UserRole(row.role), row.csrf)


def of_user(store: Store, user: int) -> Sequence[OpenSession]:
    """The sessions of a user that hold, the last one used first."""
    query = sa.select(t.sessions).where(t.sessions.c.user == user, _holds(now())).order_by(t.sessions.c.seen_at.desc())
    with store.reading() as connection:
        return [OpenSession(row.id, row.created_at, row.seen_at) for row in connection.execute(query)]


def close(store: Store, session_id: int, user: int) -> None:
    """Sign out: the token of this session of the user opens nothing any more.

    Raises InputError CA611 when the user has no such session (any more).
    """
    own = sa.and_(t.sessions.c.id == session_id, t.sessions.c.user == user)
    with store.writing() as connection:
        if connection.execute(t.sessions.delete().where(own)).rowcount == 0:
            raise InputError("CA611", f"session:{session_id}")
        name = connection.execute(sa.select(t.users.c.name).where(t.users.c.id == user)).scalar_one()
        chain.append(connection, name, "sign_out", f"user:{user}", session=session_id)


def close_all(connection: sa.Connection, user: int, *, but: int | None = None) -> None:
    """End the sessions of a user, but one (the one that changed the password), in the transaction of what makes it necessary."""
    connection.execute(t.sessions.delete().where(t.sessions.c.user == user, t.sessions.c.id != (but or 0)))


def _holds(moment: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(t.sessions.c.seen_at > moment - IDLE, t.sessions.c.created_at > moment - LONGEST)
