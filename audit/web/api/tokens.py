"""Tokens: one's own, and for who looks after accounts everybody's. They are made on the page /me only: a token that got into wrong hands
must not make others that outlive it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from audit.store import tokens
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.numbers import Number

router = APIRouter(tags=["tokens"])
_Self = Annotated[User, Depends(allowed(None))]
_Admin = Annotated[User, Depends(allowed(Permission.ACCOUNTS))]


class Token(BaseModel):
    """A token, without what opens anything. It is `idle` when nothing has used it for 30 days."""

    number: int
    owner: str
    name: str
    state: tokens.TokenState
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@router.get("/tokens")
def list_tokens(request: Request, user: _Self) -> list[Token]:
    """One's own tokens, the newest first."""
    return [_shown(made) for made in tokens.of_user(desk_of(request).store, user.number)]


@router.post("/tokens/{number}/revoke", status_code=204)
def revoke_token(request: Request, number: Number, user: _Self) -> None:
    """Make one's own token worthless, also the one in use."""
    tokens.revoke(desk_of(request).store, number, user.number)


@router.get("/users/tokens")
def list_all_tokens(request: Request, user: _Admin) -> list[Token]:
    """Everybody's tokens, the newest first, for who looks after accounts."""
    return [_shown(made) for made in tokens.all_tokens(desk_of(request).store)]


@router.post("/users/tokens/{number}/revoke", status_code=204)
def revoke_any_token(request: Request, number: Number, user: _Admin) -> None:
    """Make anybody's token worthless."""
    tokens.take_away(desk_of(request).store, number, user.name)


def _shown(made: tokens.ApiToken) -> Token:
    return Token(
        number=made.id,
        owner=made.owner,
        name=made.name,
        state=made.state,
        created_at=made.created_at,
        expires_at=made.expires_at,
        used_at=made.used_at,
        revoked_at=made.revoked_at,
    )
