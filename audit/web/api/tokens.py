"""One's own tokens. They are made on the page /me only: a token that got into wrong hands must not make others that outlive it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from audit.store import tokens
from audit.web.access import User, allowed, desk_of
from audit.web.numbers import Number

router = APIRouter(tags=["tokens"])
_Self = Annotated[User, Depends(allowed(None))]


class Token(BaseModel):
    """A token, without what opens anything."""

    number: int
    name: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@router.get("/tokens")
def list_tokens(request: Request, user: _Self) -> list[Token]:
    """One's own tokens, the newest first."""
    return [
        Token(
            number=made.id,
            name=made.name,
            created_at=made.created_at,
            used_at=made.used_at,
            revoked_at=made.revoked_at,
        )
        for made in tokens.of_user(desk_of(request).store, user.number)
    ]


@router.post("/tokens/{number}/revoke", status_code=204)
def revoke_token(request: Request, number: Number, user: _Self) -> None:
    """Make one's own token worthless, also the one in use."""
    tokens.revoke(desk_of(request).store, number, user.number)
