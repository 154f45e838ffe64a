"""Who asks, and what they may do. Every page and every route of the API names the permission it needs."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from audit.errors import CallauditError, InputError
from audit.model.review import UserRole
from audit.store import chain, sessions, tokens
from audit.web.desk import Desk

_SAFE = ("GET", "HEAD", "OPTIONS")
API = "/api/v1"
CSRF_HEADER, CSRF_FIELD = "x-csrf-token", "csrf"


class Permission(StrEnum):
    """What somebody may be allowed to do."""

    READ = "read"
    LISTEN = "listen"
    LISTEN_REDACTED = "listen_redacted"
    REVEAL = "reveal"
    DECIDE = "decide"
    RULE = "rule"
    PLAN = "plan"
    STATISTICS = "statistics"
    EXPORT = "export"
    PLAYGROUND = "playground"
    PACKS = "packs"
    ACCOUNTS = "accounts"
    LOG = "log"


_P = Permission
_OFFICER = frozenset(
    (_P.READ, _P.LISTEN, _P.REVEAL, _P.DECIDE, _P.STATISTICS, _P.EXPORT, _P.PLAYGROUND, _P.PACKS),
)
_LEAD = _OFFICER | {_P.RULE, _P.PLAN, _P.LOG}
ROLES: dict[UserRole, frozenset[Permission]] = {
    UserRole.OFFICER: _OFFICER,
    UserRole.LEAD: _LEAD,
    UserRole.TRAINER: frozenset((_P.READ, _P.LISTEN_REDACTED, _P.STATISTICS, _P.PACKS)),
    UserRole.VIEWER: frozenset((_P.READ, _P.STATISTICS)),
    UserRole.ADMIN: _LEAD | {_P.ACCOUNTS},
}


class NotSignedInError(CallauditError):
    """Nobody is signed in (CA830): pages lead to the sign-in page, the API answers 401."""

    def __init__(self) -> None:
        super().__init__("CA830")


@dataclass(frozen=True, slots=True)
class User:
    """Who asks. For a token of the API `session` is None, `csrf` empty, and `token` its number."""

    number: int
    name: str
    role: UserRole
    csrf: str = ""
    session: int | None = None
    token: int | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the user's role has the permission."""
        return permission in ROLES[self.role]


def desk_of(request: Request) -> Desk:
    """The desk behind the app."""
    desk: Desk = request.app.state.desk
    return desk


def cookie_name(desk: Desk) -> str:
    """The name of the session's cookie; with TLS one that browsers take from this host only."""
    return "__Host-callaudit" if desk.secure else "callaudit"


def who(request: Request) -> User | None:
    """Who asks: by a token (routes of the API only) or by the session of the browser; None for nobody.

    Raises InputError CA818 for a token whose time is over.
    """
    desk = desk_of(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and request.url.path.startswith(f"{API}/"):
        by_token = tokens.find(desk.store, token.strip())
        return User(by_token.number, by_token.name, by_token.role, token=by_token.token) if by_token else None
    cookie = request.cookies.get(cookie_name(desk))
    session = sessions.find(desk.store, cookie) if cookie else None
    return User(session.user, session.name, session.role, session.csrf, session.id) if session else None


def allowed(permission: Permission | None) -> Callable[[Request], Awaitable[User]]:
    """A dependency that gives the user, who must have `permission` (None: must be signed in).

    What the request does is logged as done through its token, where it has one.

    Raises NotSignedInError; InputError CA818 for a token whose time is over, CA831 without the permission, CA832 when a changing request of
    a browser does not carry the session's CSRF token.
    """

    async def check(request: Request) -> User:
        user = await run_in_threadpool(who, request)
        if user is None:
            raise NotSignedInError
        request.state.user = user
        chain.act_by(user.token)
        if permission is not None and not user.may(permission):
            raise InputError("CA831", user.name)
        if request.method not in _SAFE and user.session is not None:
            await _check_csrf(request, user.csrf)
        return user

    return check


async def _check_csrf(request: Request, expected: str) -> None:
    given = request.headers.get(CSRF_HEADER)
    if given is None and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        field = (await request.form()).get(CSRF_FIELD)
        given = field if isinstance(field, str) else None
    if given is None or not secrets.compare_digest(given.encode(), expected.encode()):
        raise InputError("CA832")
