"""What the tests of security share: who may use which route, and how a route is asked for something it should not give."""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from httpx2 import Response
from starlette.routing import Mount

from audit.model.review import UserRole
from audit.store import tables as t
from audit.store.database import Store
from tests.web.conftest import Browser

# Who may use what. O officer, L lead, T trainer, V viewer, A admin; * is for those who are not signed in, too.
MAY = """
*      GET /static/page.css
*      GET /static/{path}
*      GET /language/{lang}
*      GET /sign-in
*      POST /sign-in
*      GET /sign-in/password
*      POST /sign-in/password
OLTVA  GET /
OLTVA  POST /sign-out
OLTVA  POST /keys
OLTVA  GET /me
OLTVA  POST /me/password
OLTVA  POST /me/tokens
OLTVA  POST /me/tokens/{number}/revoke
OLTVA  POST /me/sessions/{number}/close
OLTVA  GET /api
OLTVA  GET /api/v1/me
OLTVA  GET /api/v1/tokens
OLTVA  POST /api/v1/tokens/{number}/revoke
OLTVA  GET /api/v1/openapi.json
A      GET /accounts
A      POST /accounts
A      POST /accounts/{number}/password
A      POST /accounts/{number}/role
A      POST /accounts/{number}/disable
A      POST /accounts/{number}/enable
A      POST /accounts/tokens/{number}/revoke
A      GET /api/v1/users
A      GET /api/v1/users/tokens
A      POST /api/v1/users/tokens/{number}/revoke
A      POST /api/v1/users
A      POST /api/v1/users/{number}/password
A      POST /api/v1/users/{number}/role
A      POST /api/v1/users/{number}/disable
A      POST /api/v1/users/{number}/enable
LA     GET /log
LA     POST /log/verify
LA     GET /api/v1/log
LA     POST /api/v1/log/verify
LA     GET /export/log.csv
LA     GET /api/v1/export/log.csv
OLTVA  GET /queue
OLTVA  POST /queue/views
OLTVA  POST /queue/views/{number}/delete
OLTVA  GET /search
OLTVA  GET /findings/{number}
OLTVA  GET /calls/{number}
OLTVA  GET /calls/{number}/corrections
OLTVA  GET /api/v1/findings
OLTVA  GET /api/v1/findings/counts
OLTVA  GET /api/v1/views
OLTVA  POST /api/v1/views
OLTVA  DELETE /api/v1/views/{number}
OLTVA  GET /api/v1/search
OLTVA  GET /api/v1/calls/{number}
OLTVA  GET /api/v1/calls/{number}/corrections
OLTA   GET /calls/{number}/audio
OLTA   GET /calls/{number}/peaks.json
OLTA   GET /api/v1/calls/{number}/audio
OLTA   GET /api/v1/calls/{number}/peaks
OLA    POST /calls/{number}/reveal
OLA    POST /api/v1/calls/{number}/reveal
OLA    POST /findings/{number}/decisions
OLA    POST /calls/{number}/missed
OLA    POST /missed/{number}/withdraw
OLA    POST /calls/{number}/corrections
OLA    POST /api/v1/findings/{number}/decisions
OLA    POST /api/v1/findings/{number}/undo
OLA    POST /api/v1/calls/{number}/missed
OLA    POST /api/v1/missed/{number}/withdraw
OLA    POST /api/v1/calls/{number}/corrections
OLA    GET /plans
OLA    GET /plans/{number}
OLA    POST /plans/{number}/next
OLA    POST /samples/{number}/opinion
LA     GET /plans/new
LA     POST /plans
LA     POST /plans/{number}/close
OLA    GET /api/v1/plans
OLA    GET /api/v1/plans/{number}
OLA    POST /api/v1/plans/{number}/next
OLA    POST /api/v1/samples/{number}/opinion
LA     POST /api/v1/plans
LA     POST /api/v1/plans/{number}/close
LA     GET /api/v1/plans/{number}/agreement
LA     GET /api/v1/plans/{number}/disagreements
OLA    GET /appeals
OLA    GET /appeals/{number}
OLA    POST /appeals/{number}/ruling
OLA    GET /findings/{number}/appeal
OLA    POST /findings/{number}/appeal
LA     GET /findings/{number}/ruling
LA     POST /findings/{number}/ruling
OLA    GET /api/v1/appeals
OLA    GET /api/v1/appeals/ruled
OLA    GET /api/v1/appeals/{number}
OLA    POST /api/v1/findings/{number}/appeals
OLA    POST /api/v1/appeals/{number}/ruling
LA     GET /api/v1/disputes
LA     POST /api/v1/findings/{number}/ruling
OLTVA  GET /dashboards
OLTVA  GET /api/v1/statistics
OLTVA  GET /api/v1/statistics/rules
OLTVA  GET /api/v1/statistics/{key}
LA     GET /api/v1/statistics/decisions
OLA    GET /dashboards/export.xlsx
OLA    GET /dashboards/{key}.csv
OLA    GET /dashboards/{key}.xlsx
OLA    GET /dashboards/{key}.svg
OLA    GET /export/findings.csv
OLA    GET /export/findings.xlsx
OLA    GET /export/calls/{number}.json
OLA    GET /export/calls/{number}.xlsx
OLA    GET /api/v1/export/findings.csv
OLA    GET /api/v1/export/findings.xlsx
OLA    GET /api/v1/export/calls/{number}.json
OLA    GET /api/v1/export/calls/{number}.xlsx
OLA    GET /api/v1/export/statistics.xlsx
OLA    GET /api/v1/export/statistics/{key}.csv
OLA    GET /api/v1/export/statistics/{key}.xlsx
OLA    GET /api/v1/export/statistics/{key}.svg
OLA    GET /playground
OLA    POST /playground/try
OLA    POST /playground/compare
OLA    POST /playground/rule.yaml
OLA    POST /api/v1/playground/audit
OLA    POST /api/v1/playground/compare
OLTA   GET /packs
OLTA   POST /packs/preview
OLTA   POST /packs
OLTA   GET /packs/{key}
OLTA   GET /packs/{key}/clips/{file}
OLTA   GET /packs/{key}/pack.zip
OLTA   POST /api/v1/packs/preview
OLTA   POST /api/v1/packs
OLTA   GET /api/v1/packs
OLTA   GET /api/v1/packs/{key}
OLTA   GET /api/v1/packs/{key}/zip
OLTA   GET /api/v1/packs/{key}/clips/{file}
"""
TABLE = {line[7:]: line[:7].strip() for line in MAY.strip().splitlines()}
LETTERS = dict(zip("OLTVA", UserRole, strict=True))
OPEN = [route for route, who in TABLE.items() if who == "*"]
CLOSED = [route for route, who in TABLE.items() if who != "*"]
UNSAFE = [route for route in CLOSED if not route.startswith("GET ")]
API = "/api/v1"
NOWHERE = 999_999
# Fields of forms that cannot be: what is allowed comes as far as being misunderstood, and changes nothing.
NONSENSE = dict.fromkeys(("limit", "seed", "role", "verdict", "kind", "opinions", "turn", "findings"), "nonsense")


def routes_of(routes: Any, prefix: str = "") -> Iterator[str]:
    """`METHOD /path` of every route of an app, also those of routers inside it."""
    for route in routes:
        if isinstance(route, Mount):
            yield f"GET {prefix}{route.path}/{{path}}"
        elif hasattr(route, "original_router"):  # how FastAPI keeps an included router
            yield from routes_of(route.original_router.routes, prefix + route.include_context.prefix)
        else:
            yield from (f"{method} {prefix}{route.path}" for method in route.methods - {"HEAD"})


def filled(route: str, number: object = NOWHERE, text: object = "nothing") -> tuple[str, str]:
    """Method and path of a route, with something at the place of each parameter."""
    method, path = route.split(" ", 1)
    path = path.replace("{lang}", "en").replace("/static/{path}", "/static/desk.css")
    return method, re.sub(r"\{\w+\}", str(text), path.replace("{number}", str(number)))


def send(
    browser: Browser, route: str, *, csrf: str | None = None, number: object = NOWHERE, **options: Any
) -> Response:
    """Ask for a route with nonsense in it; with a CSRF token in the form (pages) or in the header (API) unless None."""
    method, path = filled(route, number)
    if method == "GET":
        return browser.request(method, path, **options)
    headers = dict(options.pop("headers", {}))
    if path.startswith(API):
        headers |= {} if csrf is None else {"X-CSRF-Token": csrf}
        return browser.request(method, path, headers=headers, **({"json": []} | options))
    data = NONSENSE | ({} if csrf is None else {"csrf": csrf})
    return browser.request(method, path, headers=headers, **({"data": data} | options))


def contents(store: Store) -> str:
    """A digest of all that the store holds, but of when somebody was last seen."""
    seen = (t.sessions.c.seen_at, t.tokens.c.used_at)
    with store.reading() as connection:
        rows = [
            repr(tuple(row))
            for table in t.metadata.sorted_tables
            for row in connection.execute(sa.select(*(column for column in table.c if column not in seen)))
        ]
    return hashlib.sha256("\n".join(sorted(rows)).encode(errors="surrogatepass")).hexdigest()


def bound(answer: Response) -> bool:
    """Whether the answer carries what binds the browser."""
    policy = answer.headers.get("Content-Security-Policy", "")
    return (
        "default-src 'none'" in policy
        and "frame-ancestors 'none'" in policy
        and "base-uri 'none'" in policy
        and "form-action 'self'" in policy
        and "unsafe-" not in policy
        and answer.headers.get("X-Content-Type-Options") == "nosniff"
        and answer.headers.get("X-Frame-Options") == "DENY"
        and answer.headers.get("Referrer-Policy") in ("same-origin", "no-referrer")
        and answer.headers.get("Cross-Origin-Opener-Policy") == "same-origin"
    )
