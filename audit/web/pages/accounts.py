"""Accounts, for who looks after them; and what is everybody's own: password, tokens, sessions."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from audit.errors import InputError, Problem
from audit.model.review import UserRole
from audit.store import sessions, tokens, users
from audit.web import accounts, passwords
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.accounts import Issued
from audit.web.answers import status_of
from audit.web.numbers import Number
from audit.web.render import page, see

router = APIRouter()
_Admin = Annotated[User, Depends(allowed(Permission.ACCOUNTS))]
_Self = Annotated[User, Depends(allowed(None))]
_Text = Annotated[str, Form()]
_Role = Annotated[UserRole, Form()]


@router.get("/accounts")
def list_accounts(request: Request, user: _Admin) -> Response:
    """Everybody, and what they may do."""
    return _accounts(request, user)


@router.post("/accounts")
def add(request: Request, user: _Admin, role: _Role, name: _Text = "") -> Response:
    """Add a user; the answer is the one place where the one-time password stands."""
    try:
        issued = accounts.add(desk_of(request).store, name.strip(), role, user.name)
    except InputError as error:
        return _accounts(request, user, problem=error.problem, name=name)
    return _accounts(request, user, issued=issued)


@router.post("/accounts/{number}/password")
def reset(request: Request, number: Number, user: _Admin) -> Response:
    """Give a user a one-time password."""
    return _accounts(request, user, issued=accounts.reset(desk_of(request).store, number, user.name))


@router.post("/accounts/{number}/role")
def change_role(request: Request, number: Number, user: _Admin, role: _Role) -> Response:
    """Give a user another role."""
    users.change_role(desk_of(request).store, number, role, user.name)
    return see("/accounts")


@router.post("/accounts/{number}/disable")
def disable(request: Request, number: Number, user: _Admin) -> Response:
    """Lock an account."""
    users.disable(desk_of(request).store, number, user.name)
    return see("/accounts")


@router.post("/accounts/{number}/enable")
def enable(request: Request, number: Number, user: _Admin) -> Response:
    """Unlock an account."""
    users.enable(desk_of(request).store, number, user.name)
    return see("/accounts")


@router.post("/accounts/tokens/{number}/revoke")
def take_token_away(request: Request, number: Number, user: _Admin) -> Response:
    """Make anybody's token worthless."""
    tokens.take_away(desk_of(request).store, number, user.name)
    return see("/accounts")


@router.get("/me")
def my_page(request: Request, user: _Self, done: str = "") -> Response:
    """One's own account."""
    return _me(request, user, done=done)


@router.post("/me/password")
def change_password(
    request: Request, user: _Self, password: _Text = "", new: _Text = "", again: _Text = ""
) -> Response:
    """Change one's own password; one's sessions elsewhere end. Guessing the old one counts as at the sign-in."""
    store = desk_of(request).store
    try:
        accounts.identify(store, user.name, password, request.client.host if request.client else "")
        accounts.choose_password(store, user.number, user.name, new, again, keep=user.session)
    except InputError as error:
        return _me(request, user, problem=error.problem)
    return see("/me", done="password")


@router.post("/me/tokens")
def make_token(request: Request, user: _Self, name: _Text = "", days: Annotated[int, Form()] = tokens.DAYS) -> Response:
    """Make a token for the API that holds for so many days; the answer is the one place where it stands."""
    try:
        token = tokens.make(desk_of(request).store, user.number, name, days)
    except InputError as error:
        return _me(request, user, problem=error.problem)
    return _me(request, user, token=token)


@router.post("/me/tokens/{number}/revoke")
def revoke_token(request: Request, number: Number, user: _Self) -> Response:
    """Make one's own token worthless."""
    tokens.revoke(desk_of(request).store, number, user.number)
    return see("/me", done="token")


@router.post("/me/sessions/{number}/close")
def close_session(request: Request, number: Number, user: _Self) -> Response:
    """End one's own session, wherever it is open."""
    sessions.close(desk_of(request).store, number, user.number)
    return see("/me", done="session")


def _accounts(
    request: Request, user: User, *, issued: Issued | None = None, problem: Problem | None = None, name: str = ""
) -> Response:
    store = desk_of(request).store
    return page(
        request,
        "accounts.html.j2",
        user=user,
        status=status_of(problem.code) if problem else 200,
        accounts=users.all_users(store),
        tokens=[made for made in tokens.all_tokens(store) if made.holds],
        roles=list(UserRole),
        issued=issued,
        problem=problem,
        name=name,
    )


def _me(
    request: Request, user: User, *, done: str = "", problem: Problem | None = None, token: str | None = None
) -> Response:
    store = desk_of(request).store
    return page(
        request,
        "me.html.j2",
        user=user,
        status=status_of(problem.code) if problem else 200,
        token_days=tokens.DAYS,
        most_days=tokens.MOST_DAYS,
        tokens=tokens.of_user(store, user.number),
        sessions=sessions.of_user(store, user.number),
        done=done,
        problem=problem,
        token=token,
        shortest=passwords.SHORTEST,
    )
