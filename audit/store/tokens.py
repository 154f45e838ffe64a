"""Tokens with which a program uses the API in the name of a user. The token is shown once; the store keeps its SHA-256."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

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
# A token that nobody renews is one that nobody looks after: what leaked with a script ends by itself.
DAYS, MOST_DAYS = 90, 365
_IDLE = timedelta(days=30)
_USED_EVERY = timedelta(minutes=1)


class TokenState(StrEnum):
    """Whether a token opens anything. `idle`: it does, and nothing has used it for 30 days."""

    ACTIVE = "active"
    IDLE = "idle"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class TokenUser:
    """In whose name a token acts: the user's number, name and role, and the token's row."""

    number: int
    name: str
    role: UserRole
    token: int


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as it stands in a list: whose it is, what it was named, until when it holds."""

    id: int
    owner: str
    name: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    @property
    def state(self) -> TokenState:
        """What it is good for at this moment, if its owner's account is not disabled."""
        moment = now()
        if self.revoked_at is not None:
            return TokenState.REVOKED
        if self.expires_at <= moment:
            return TokenState.EXPIRED
        return TokenState.IDLE if (self.used_at or self.created_at) < moment - _IDLE else TokenState.ACTIVE

    @property
    def holds(self) -> bool:
        """Whether it opens anything, if its owner's account is not disabled."""
        return self.state in (TokenState.ACTIVE, TokenState.IDLE)


def make(store: Store, user: int, name: str, days: int = DAYS) -> str:
    """Make a token of a user, named for what uses it, that holds for so many days; it cannot be read again later.

    Raises InputError: CA611 when there is no such user or the account is disabled, CA801 when the name is empty or too long, CA817 when
    the days are fewer than one or more than `MOST_DAYS`.
    """
    name = name.strip()
    if not name or len(name) > MOST_NAME or storable(name) != name:
        raise InputError("CA801", most=MOST_NAME)
    if not 1 <= days <= MOST_DAYS:
        raise InputError("CA817", most=MOST_DAYS)
    token, moment = PREFIX + secrets.token_urlsafe(32), now()
    with store.writing() as connection:
        owner = connection.execute(
            sa.select(t.users.c.name).where(t.users.c.id == user, t.users.c.disabled_at.is_(None))
        ).scalar()
        if owner is None:
            raise InputError("CA611", f"user:{user}")
        values = {"user": user, "name": name, "digest": digest(token), "created_at": moment}
        values["expires_at"] = moment + timedelta(days=days)
        key = connection.execute(t.tokens.insert().values(**values)).inserted_primary_key
        assert key is not None
        chain.append(connection, owner, "make_token", f"token:{key[0]}", user=user, days=days)
    return token


def find(store: Store, token: str) -> TokenUser | None:
    """In whose name `token` acts; None when it is none, was revoked, or the account is disabled.

    Raises InputError CA818 when its time is over.
    """
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
    if row.expires_at <= moment:
        raise InputError("CA818", f"token:{row.id}", day=row.expires_at.astimezone().date().isoformat())
    if row.used_at is None or row.used_at < moment - _USED_EVERY:
        # No program waits for this; its next request tries again.
        store.written_if_free(t.tokens.update().where(t.tokens.c.id == row.id).values(used_at=moment))
    return TokenUser(row.user, row.owner, UserRole(row.role), row.id)


def of_user(store: Store, user: int) -> Sequence[ApiToken]:
    """All tokens of a user, the newest first, those too that open nothing any more."""
    return _listed(store, t.tokens.c.user == user)


def all_tokens(store: Store) -> Sequence[ApiToken]:
    """Everybody's tokens, the newest first, those too that open nothing any more."""
    return _listed(store, sa.true())


def revoke(store: Store, token_id: int, user: int) -> None:
    """Make a token of a user worthless; raises InputError CA611 when the user has no such token that was not revoked."""
    _revoke(store, token_id, t.tokens.c.user == user, None)


def take_away(store: Store, token_id: int, actor: str) -> None:
    """Make anybody's token worthless; raises InputError CA611 when there is none of this number that was not revoked."""
    _revoke(store, token_id, sa.true(), actor)


def revoke_all(store: Store, user: int, actor: str) -> None:
    """Make all tokens of a user worthless, as when somebody else had their password."""
    holds = sa.and_(t.tokens.c.user == user, t.tokens.c.revoked_at.is_(None))
    with store.writing() as connection:
        for number in connection.execute(sa.select(t.tokens.c.id).where(holds)).scalars().all():
            connection.execute(t.tokens.update().where(t.tokens.c.id == number).values(revoked_at=now()))
            chain.append(connection, actor, "revoke_token", f"token:{number}", user=user)


def _listed(store: Store, which: sa.ColumnElement[bool]) -> Sequence[ApiToken]:
    owner = t.users.c.name.label("owner")
    query = sa.select(t.tokens, owner).join(t.users, t.users.c.id == t.tokens.c.user).where(which)
    with store.reading() as connection:
        return [
            ApiToken(row.id, row.owner, row.name, row.created_at, row.expires_at, row.used_at, row.revoked_at)
            for row in connection.execute(query.order_by(t.tokens.c.id.desc()))
        ]


def _revoke(store: Store, token_id: int, whose: sa.ColumnElement[bool], actor: str | None) -> None:
    """Revoke a token among those that are `whose`; `actor` None stands for its owner."""
    query = sa.select(t.tokens.c.user, t.users.c.name).join(t.users, t.users.c.id == t.tokens.c.user)
    with store.writing() as connection:
        holds = sa.and_(t.tokens.c.id == token_id, t.tokens.c.revoked_at.is_(None), whose)
        row = connection.execute(query.where(holds)).one_or_none()
        if row is None:
            raise InputError("CA611", f"token:{token_id}")
        connection.execute(t.tokens.update().where(t.tokens.c.id == token_id).values(revoked_at=now()))
        chain.append(connection, actor or row.name, "revoke_token", f"token:{token_id}", user=row.user)
