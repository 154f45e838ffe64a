"""The switch between Chinese and English."""

from typing import Literal

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from audit.web.access import desk_of
from audit.web.render import local_path

LANGUAGE_COOKIE = "lang"
router = APIRouter()


@router.get("/language/{lang}")
def switch(request: Request, lang: Literal["zh", "en"], next: str = "/") -> Response:
    """Speak `lang` from now on, and go back to where the reader was."""
    answer = RedirectResponse(local_path(next), 303)
    answer.set_cookie(
        LANGUAGE_COOKIE, lang, max_age=365 * 86400, samesite="strict", secure=desk_of(request).secure, httponly=True
    )
    return answer
