"""Tokens with which a program uses the API in the name of a user. The token is shown once; the store keeps its SHA-256."""

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
from audit.store.sessions import digest
from audit.store.tables import storable

# Scanners for secrets that were committed find it by this.
PREFIX = "ca_"
MOST_NAME = 80
_USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TokenUser:
    """In whose name a token acts: the user's number, name and role, and the token's row."""

    number: int
    name: str
    role: UserRole
    token: int


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as its owner sees it in a list."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


def make(store: Store, user: int, name: str) -> str:
    """Make a token of a user, named for what uses it; it cannot be read again later.

    Raises InputError: CA611 when there is no such user or the account is disabled, CA801 when the name is empty or too long.
    """
    name = name.strip()
    if not name or len(name) > MOST_NAME or storable(name) != name:
        raise InputError("CA801", most=MOST_NAME)
    token = PREFIX + secrets.token_urlsafe(32)
    with store.writing() as connection:
        owner = connection.execute(
            sa.select(t.users.c.name).where(t.users.c.id == user, t.users.c.disabled_at.is_(None))
        ).scalar()
        if owner is None:
            raise InputError("CA611", f"user:{user}")
        values = {"user": user, "name": name, "digest": digest(token), "created_at": now()}
        key = connection.execute(t.tokens.insert().values(**values)).inserted_primary_key
        assert key is not None
        chain.append(connection, owner, "make_token", f"token:{key[0]}", user=user)
    return token


def find(store: Store, token: str) -> TokenUser | None:
    """In whose name `token` acts; None when it is none, was revoked, or the account is disabled."""
    if not token.startswith(PREFIX):
        return None
    query = (
        sa.select(t.tokens, t.users.c.name.label("owner"), t.users.c.role)
        .join(t.users, t.users.c.id == t.tokens.c.user)
        .where(t.tokens.c.digest == digest(token), t.tokens.c.revoked_at.is_(None), t.users.c.disabled_at.is_(None))
    )
    with store.reading() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        return None
    moment = now()
    if row.used_at is None or row.used_at < moment - _USED_EVERY:
        # No program waits for this; its next request tries again.
        store.written_if_free(t.tokens.update().where(t.tokens.c.id == row.id).values(used_at=moment))
    return TokenUser(row.user, row.owner, UserRole(row.role), row.id)


def of_user(store: Store, user: int) -> Sequence[ApiToken]:
    """All tokens of a user, the newest first, the revoked ones too."""
    query = sa.select(t.tokens).where(t.tokens.c.user == user).order_by(t.tokens.c.id.desc())
    with store.reading() as connection:
        return [
            ApiToken(row.id, row.name, row.created_at, row.used_at, row.revoked_at) for row in connection.execute(query)
        ]


def revoke(store: Store, token_id: int, user: int) -> None:
    """Make a token of a user worthless; raises InputError CA611 when the user has no such token that holds."""
    holds = sa.and_(t.tokens.c.id == token_id, t.tokens.c.user == user, t.tokens.c.revoked_at.is_(None))
    with store.writing() as connection:
        if connection.execute(t.tokens.update().where(holds).values(revoked_at=now())).rowcount == 0:
            raise InputError("CA611", f"token:{token_id}")
        owner = connection.execute(sa.select(t.users.c.name).where(t.users.c.id == user)).scalar_one()
        chain.append(connection, owner, "revoke_token", f"token:{token_id}", user=user)


def revoke_all(store: Store, user: int, actor: str) -> None:
    """Make all tokens of a user worthless, as when somebody else had their password."""
    holds = sa.and_(t.tokens.c.user == user, t.tokens.c.revoked_at.is_(None))
    with store.writing() as connection:
        for number in connection.execute(sa.select(t.tokens.c.id).where(holds)).scalars().all():
            connection.execute(t.tokens.update().where(t.tokens.c.id == number).values(revoked_at=now()))
            chain.append(connection, actor, "revoke_token", f"token:{number}", user=user)
