"""The switch of the keys of one character: who speaks to the computer, or hits keys without meaning it, can do without them (WCAG 2.1.4)."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from audit.web.access import User, allowed, desk_of
from audit.web.render import KEYS_COOKIE, local_path

router = APIRouter()


@router.post("/keys")
def switch(
    request: Request,
    user: Annotated[User, Depends(allowed(None))],
    keys: Annotated[Literal["on", "off"], Form()],
    next: Annotated[str, Form()] = "/me",
) -> Response:
    """Let keys do something in this browser, or nothing, from now on; and go back to where the reader was."""
    answer = RedirectResponse(local_path(next), 303)
    secure = desk_of(request).secure
    if keys == "off":
        answer.set_cookie(KEYS_COOKIE, keys, max_age=365 * 86400, samesite="strict", secure=secure, httponly=True)
    else:
        answer.delete_cookie(KEYS_COOKIE, samesite="strict", secure=secure, httponly=True)
    return answer
