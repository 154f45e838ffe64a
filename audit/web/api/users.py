"""Accounts, for programs that follow who comes and goes. All of it needs the permission `accounts`."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from audit.model.review import UserRole
from audit.store import users
from audit.web import accounts
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.numbers import Number

router = APIRouter(tags=["users"])
_Admin = Annotated[User, Depends(allowed(Permission.ACCOUNTS))]


class Account(BaseModel):
    """A user. `password_until` is set while a one-time password has not been replaced by one's own."""

    number: int
    name: str
    role: UserRole
    created_at: datetime
    disabled_at: datetime | None
    password_until: datetime | None


class NewUser(BaseModel):
    """Who is to be added."""

    name: str
    role: UserRole


class NewRole(BaseModel):
    """What somebody's work is from now on."""

    role: UserRole


class Issued(BaseModel):
    """A one-time password, shown this once; its owner chooses another at the first sign-in."""

    number: int
    password: str
    until: datetime


@router.get("/users")
def list_users(request: Request, user: _Admin) -> list[Account]:
    """Everybody, disabled accounts too."""
    return [
        Account(
            number=account.number,
            name=account.name,
            role=account.role,
            created_at=account.created_at,
            disabled_at=account.disabled_at,
            password_until=account.password_until,
        )
        for account in users.all_users(desk_of(request).store)
    ]


@router.post("/users", status_code=201)
def add_user(request: Request, new: NewUser, user: _Admin) -> Issued:
    """Add a user with a one-time password."""
    return _shown(accounts.add(desk_of(request).store, new.name, new.role, user.name))


@router.post("/users/{number}/password")
def reset_password(request: Request, number: Number, user: _Admin) -> Issued:
    """Replace a password by a one-time password; the user's sessions end."""
    return _shown(accounts.reset(desk_of(request).store, number, user.name))


@router.post("/users/{number}/role", status_code=204)
def change_role(request: Request, number: Number, new: NewRole, user: _Admin) -> None:
    """Give a user another role."""
    users.change_role(desk_of(request).store, number, new.role, user.name)


@router.post("/users/{number}/disable", status_code=204)
def disable_user(request: Request, number: Number, user: _Admin) -> None:
    """Lock an account: its sessions end and its tokens open nothing."""
    users.disable(desk_of(request).store, number, user.name)


@router.post("/users/{number}/enable", status_code=204)
def enable_user(request: Request, number: Number, user: _Admin) -> None:
    """Unlock an account."""
    users.enable(desk_of(request).store, number, user.name)


def _shown(issued: accounts.Issued) -> Issued:
    return Issued(number=issued.number, password=issued.password, until=issued.until)
