"""Pages and parts of pages, made from the templates of the desk."""

from functools import cache
from importlib.resources import files
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import ChoiceLoader, Environment, PackageLoader
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from audit.i18n import language
from audit.model.review import UserRole
from audit.report.labels import name
from audit.report.page import environment
from audit.report.redaction import masked_id
from audit.web.access import CSRF_FIELD, Permission, User

# Set to "off" by who does without keys of one character.
KEYS_COOKIE = "keys"
ROLE_NAMES: dict[str, tuple[str, str]] = {
    UserRole.OFFICER: ("合规专员", "Officer"),
    UserRole.LEAD: ("主管", "Lead"),
    UserRole.TRAINER: ("培训", "Trainer"),
    UserRole.VIEWER: ("只读", "Viewer"),
    UserRole.ADMIN: ("管理员", "Admin"),
}
REVIEW_STATES: dict[str, tuple[str, str]] = {
    "open": ("待处理", "Open"),
    "confirmed": ("已确认", "Confirmed"),
    "dismissed": ("已排除", "Dismissed"),
    "unsure": ("不确定", "Unsure"),
    "disputed": ("意见不一", "Disputed"),
}


def page(request: Request, template: str, *, user: User | None, status: int = 200, **context: object) -> Response:
    """A whole page. Templates extend `base.html.j2`; `user` is who asks, None for nobody."""
    return HTMLResponse(_rendered(request, template, user, context), status)


def part(request: Request, template: str, *, user: User, status: int = 200, **context: object) -> Response:
    """A piece of a page that htmx puts in place."""
    return HTMLResponse(_rendered(request, template, user, context), status)


def is_part(request: Request) -> bool:
    """Whether htmx asks, which wants a piece and not a page."""
    return "hx-request" in request.headers


def see(path: str, **query: object) -> Response:
    """Lead the browser on to `path` after a change."""
    return RedirectResponse(url(path, **query), 303)


def url(path: str, **query: object) -> str:
    """`path` with a query; values that are None or empty are left out, lists are repeated.

    >>> url("/queue", state="open", label=["threat", "insult"], team=None)
    '/queue?state=open&label=threat&label=insult'
    """
    given = {key: value for key, value in query.items() if value not in (None, "", [], ())}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def local_path(target: str | None) -> str:
    """`target` if it is a path of this desk, else its start: nobody is led away.

    >>> local_path("/calls/3?finding=2"), local_path("//evil.example"), local_path("https://evil.example")
    ('/calls/3?finding=2', '/', '/')
    """
    plain = target is not None and target.startswith("/") and target.isprintable()
    return target if target and plain and target[1:2] not in ("/", "\\") else "/"


def _rendered(request: Request, template: str, user: User | None, context: dict[str, object]) -> str:
    from audit.web.pages import PAGES

    shown = [entry for entry in PAGES if user and (entry.permission is None or user.may(entry.permission))]
    return (
        _templates()
        .get_template(template)
        .render(
            request=request,
            user=user,
            lang=language(),
            pages=shown,
            nonce=request.state.nonce,
            keys_off=request.cookies.get(KEYS_COOKIE) == "off",
            csrf_field=lambda: _csrf_field(user),
            may=lambda permission: user is not None and user.may(Permission(permission)),
            **context,
        )
    )


def _csrf_field(user: User | None) -> Markup:
    """The hidden field that every form which changes something carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, user.csrf if user else "")


@cache
def _templates() -> Environment:
    made = environment(ChoiceLoader([PackageLoader("audit.web"), PackageLoader("audit.report")]))
    made.globals |= {"url": url, "static": _static}
    made.filters |= {
        "user_role": lambda key: name(ROLE_NAMES, key),
        "review_state": lambda key: name(REVIEW_STATES, key),
        "masked_id": masked_id,
    }
    return made


@cache
def _static(file: str) -> str:
    """The address of a file in `static`, which changes with its content, so that browsers may keep it."""
    import hashlib

    folder = "audit.report" if file == "page.css" else "audit.web"
    inside = "templates" if file == "page.css" else "static"
    digest = hashlib.sha256(files(folder).joinpath(inside, *file.split("/")).read_bytes()).hexdigest()
    return f"/static/{file}?v={digest[:12]}"
