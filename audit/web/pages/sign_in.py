"""Signing in and out."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from audit.errors import InputError, Problem
from audit.store import sessions
from audit.web import accounts, passwords
from audit.web.access import User, allowed, cookie_name, desk_of, who
from audit.web.answers import status_of
from audit.web.render import local_path, page, see

router = APIRouter()
_FORM_TOKEN_LONGEST = 64
_Text = Annotated[str, Form()]


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "/") -> Response:
    """The form; who is signed in goes on."""
    return see(local_path(next)) if who(request) else _form(request, "sign_in.html.j2", next)


@router.post("/sign-in")
def sign_in(
    request: Request,
    name: _Text = "",
    password: _Text = "",
    form: _Text = "",
    next: _Text = "/",
) -> Response:
    """Open a session; or, with a one-time password, ask for one's own first."""
    try:
        _check_form(request, form)
        found = accounts.identify(desk_of(request).store, name, password, _address(request))
    except InputError as error:
        return _form(request, "sign_in.html.j2", next, error.problem, name)
    if found.until is not None:
        return _form(request, "choose_password.html.j2", next, name=name)
    return _signed_in(request, found.number, next)


@router.get("/sign-in/password")
def start_again() -> Response:
    """Where the switch of languages leads back to: a one-time password has to be given first."""
    return see("/sign-in")


@router.post("/sign-in/password")
def choose_password(
    request: Request,
    name: _Text = "",
    password: _Text = "",
    new: _Text = "",
    again: _Text = "",
    form: _Text = "",
    next: _Text = "/",
) -> Response:
    """Put one's own password in the place of the one-time password, and open a session."""
    store = desk_of(request).store
    try:
        _check_form(request, form)
        found = accounts.identify(store, name, password, _address(request))
        accounts.choose_password(store, found.number, name, new, again)
    except InputError as error:
        return _form(request, "choose_password.html.j2", next, error.problem, name)
    return _signed_in(request, found.number, next)


@router.post("/sign-out")
def sign_out(request: Request, user: Annotated[User, Depends(allowed(None))]) -> Response:
    """End the session on the server: its cookie is worth nothing any more, wherever it went."""
    desk = desk_of(request)
    if user.session is not None:
        sessions.close(desk.store, user.session, user.number)
    answer = see("/sign-in")
    answer.delete_cookie(cookie_name(desk), secure=desk.secure, httponly=True, samesite="strict")
    return answer


def _signed_in(request: Request, number: int, target: str) -> Response:
    """A new session, never one that the browser brought along; what it brought ends."""
    desk = desk_of(request)
    before = who(request)
    if before is not None and before.session is not None:
        sessions.close(desk.store, before.session, before.number)
    token, _ = sessions.open_session(desk.store, number, _address(request))
    answer = RedirectResponse(local_path(target), 303)
    answer.set_cookie(cookie_name(desk), token, secure=desk.secure, httponly=True, samesite="strict")
    answer.delete_cookie(_form_cookie(request), secure=desk.secure, httponly=True, samesite="strict")
    return answer


def _form(request: Request, template: str, target: str, problem: Problem | None = None, name: str = "") -> Response:
    """The form, with a token that has to come back in it and in a cookie: other sites can send neither."""
    token = request.cookies.get(_form_cookie(request), "")
    if not token or len(token) > _FORM_TOKEN_LONGEST:
        token = secrets.token_urlsafe(32)
    status = (401 if problem.code == "CA806" else status_of(problem.code)) if problem else 200
    answer = page(
        request,
        template,
        user=None,
        status=status,
        next=local_path(target),
        problem=problem,
        name=name,
        form=token,
        shortest=passwords.SHORTEST,
    )
    answer.set_cookie(_form_cookie(request), token, secure=desk_of(request).secure, httponly=True, samesite="strict")
    if problem and problem.code == "CA805":
        answer.headers["Retry-After"] = str(60 * int(str(problem.facts["minutes"])))
    return answer


def _check_form(request: Request, given: str) -> None:
    expected = request.cookies.get(_form_cookie(request), "")
    if not expected or not secrets.compare_digest(given.encode(errors="replace"), expected.encode(errors="replace")):
        raise InputError("CA808")


def _form_cookie(request: Request) -> str:
    return cookie_name(desk_of(request)) + "-form"


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
