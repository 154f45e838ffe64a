"""What stands around every request: the reader's language, the headers that bind the browser, and a limit on what may be sent."""

import re
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import cast

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from audit.errors import Problem
from audit.i18n import LANGUAGES, Lang, language, speaking
from audit.web.answers import as_json, is_for_programs
from audit.web.pages.language import LANGUAGE_COOKIE

BODY_LIMIT = 1 << 20
_YEAR_S = 365 * 86400
_QUALITY = re.compile(r"q=([01](?:\.[0-9]{0,3})?)")


class Frame:
    """Wraps the app: pure ASGI, so that recordings are streamed as they are read."""

    def __init__(self, app: ASGIApp, secure: bool) -> None:
        self._app, self._secure = app, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope.setdefault("state", {})["nonce"] = secrets.token_urlsafe(16)
        with speaking(language_of(scope)):

            async def answer(message: Message) -> None:
                if message["type"] == "http.response.start":
                    bind(MutableHeaders(scope=message), scope, secure=self._secure)
                await send(message)

            if _declared(headers) > BODY_LIMIT:
                await _too_large(scope["path"])(scope, receive, answer)
                return
            await self._app(scope, _Body(receive), answer)


def bind(headers: MutableHeaders, scope: Scope, *, secure: bool) -> None:
    """Nothing loads or runs but what we serve; the page is framed by nobody; nothing stays in caches but our own static files."""
    headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{scope['state']['nonce']}'; img-src 'self'; media-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if secure:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR_S}"
    if scope["path"].startswith("/static/"):
        # An address with a hash (`render.static`) stands for this content for ever; modules import each other without.
        versioned = scope["query_string"].startswith(b"v=")
        headers["Cache-Control"] = f"public, max-age={_YEAR_S}" if versioned else "no-cache"
    else:
        headers.setdefault("Cache-Control", "no-store")


class _Body:
    """The body of a request, until it becomes too large: then HTTPException 413, which FastAPI lets through."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._size = receive, 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > BODY_LIMIT:
            raise HTTPException(413)
        return message


def _declared(headers: Headers) -> int:
    length = headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() and len(length) < 20 else 0


def language_of(scope: Scope) -> Lang:
    """What the reader chose; else, for programs, which have no switch, what they accept; else what the server was started with."""
    headers = Headers(scope=scope)
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(LANGUAGE_COOKIE)
    except CookieError:
        cookie = None
    if cookie is not None and cookie.value in LANGUAGES:
        return cast(Lang, cookie.value)
    accepted = _accepted(headers.get("accept-language", "")) if is_for_programs(scope["path"]) else None
    return accepted or language()


def _accepted(header: str) -> Lang | None:
    """The language that an `Accept-Language` likes best of those spoken here; None when it names none of them."""
    liked: dict[Lang, float] = {}
    for part in header.split(","):
        tag, _, quality = part.partition(";")
        spoken = tag.strip().partition("-")[0].lower()
        weight = _QUALITY.fullmatch(quality.strip())
        if spoken in LANGUAGES and (weight or not quality.strip()):
            liked.setdefault(spoken, float(weight[1]) if weight else 1.0)
    best = max(liked, key=lambda lang: liked[lang], default=None)
    return best if best and liked[best] > 0 else None


def _too_large(path: str) -> Response:
    problem = Problem("CA833", "", {"limit": str(BODY_LIMIT >> 20)})
    return as_json(problem, 413) if is_for_programs(path) else PlainTextResponse(problem.line(), 413)
