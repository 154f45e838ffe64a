"""The app: pages, API, static files, and what becomes of errors."""

from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import FileResponse, Response
from starlette.routing import Match
from starlette.staticfiles import StaticFiles

from audit import __version__
from audit.errors import CallauditError, InputError, Problem
from audit.i18n import speaking
from audit.web import api, pages, render
from audit.web.access import API, NotSignedInError, desk_of
from audit.web.answers import as_json, is_for_programs, status_of
from audit.web.desk import Desk
from audit.web.frame import BODY_LIMIT, Frame, bind, language_of

_CODES = {400: "CA835", 404: "CA834"}
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def create_app(desk: Desk) -> FastAPI:
    """The app for one desk."""
    app = FastAPI(title="callaudit", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk
    app.get("/static/page.css", include_in_schema=False)(_report_style)
    app.mount("/static", StaticFiles(packages=[("audit.web", "static")]))
    for router in pages.ROUTERS:
        app.include_router(router, include_in_schema=False)
    for router in api.ROUTERS:
        app.include_router(router, prefix=API)
    app.add_exception_handler(CallauditError, _told)
    app.add_exception_handler(RequestValidationError, _misunderstood)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _defect)
    app.add_middleware(
        TrustedHostMiddleware, allowed_hosts=[_in_header(host) for host in desk.hosts], www_redirect=False
    )
    app.add_middleware(Frame, secure=desk.secure)
    return app


def _report_style() -> Response:
    """The style that reports and desk share."""
    return FileResponse(Path(str(files("audit.report") / "templates" / "page.css")), media_type="text/css")


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, CallauditError)
    wrong = isinstance(error, InputError | NotSignedInError)
    return _answer(request, error.problem, status_of(error.problem.code) if wrong else 503)


def _misunderstood(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    # The names of the fields only: their values may be private.
    fields = sorted({".".join(str(part) for part in one["loc"]) for one in error.errors()})
    # An address whose number is none leads nowhere.
    if any(field.startswith("path.") for field in fields):
        return _answer(request, Problem("CA834", request.url.path), 404)
    return _answer(request, Problem("CA835", ", ".join(fields)), 422)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 413:
        return _answer(request, Problem("CA833", "", {"limit": BODY_LIMIT >> 20}), 413)
    problem = Problem(_CODES.get(error.status_code, "CA836"), request.url.path)
    answer = _answer(request, problem, error.status_code)
    answer.headers.update(error.headers or {})
    if error.status_code == 405 and (methods := _methods_of(request)):
        answer.headers["Allow"] = ", ".join(methods)
    return answer


def _methods_of(request: Request) -> list[str]:
    """The methods that the address takes, by all of its routes: Starlette names those of the first only. None for static files."""
    asked = [(method, {**request.scope, "method": method}) for method in _METHODS]
    return [
        method
        for method, scope in asked
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)
    ]


def _defect(request: Request, _: Exception) -> Response:
    """What nobody foresaw: the traceback is for the server's terminal. Starlette answers it outside of what binds every other answer."""
    with speaking(language_of(request.scope)):
        answer = _answer(request, Problem("CA815"), 500)
    bind(answer.headers, request.scope, secure=desk_of(request).secure)
    return answer


def _page_of(request: Request) -> str | None:
    """The page, with its query, on which the reader is; to which signing in leads back. None where only another site can tell."""
    if render.is_part(request):
        address = request.headers.get("HX-Current-URL", "")
    else:
        address = str(request.url) if request.method == "GET" else request.headers.get("Referer", "")
    try:
        page = urlsplit(address)
    except ValueError:
        return None
    if page.netloc != request.url.netloc:
        return None
    return page.path + (f"?{page.query}" if page.query else "")


def _in_header(host: str) -> str:
    """A host as browsers send it: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _answer(request: Request, problem: Problem, status: int) -> Response:
    """What went wrong, as who asks can read it."""
    if is_for_programs(request.url.path):
        return as_json(problem, status)
    if status == 401:
        sign_in = render.url("/sign-in", next=_page_of(request))
        if render.is_part(request):
            return Response(status_code=401, headers={"HX-Redirect": sign_in})
        return render.see(sign_in)
    user = getattr(request.state, "user", None)
    if render.is_part(request):
        return render.page(request, "error_part.html.j2", user=user, status=status, problem=problem)
    return render.page(request, "error.html.j2", user=user, status=status, problem=problem)
