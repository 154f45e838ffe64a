"""What somebody tries who is not signed in, or wants more than the role allows, on every route there is.

The routes are those of the app itself: one that is added without a line in `attack.MAY` fails here. docs/desk-security.md says what was tried.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from audit.model.review import UserRole
from audit.pipeline import Options
from audit.store import sessions, tokens
from audit.store.database import Store
from audit.store.users import named
from audit.web.app import create_app
from audit.web.desk import Desk
from tests.web.attack import API, CLOSED, LETTERS, NONSENSE, TABLE, UNSAFE, bound, contents, filled, routes_of, send
from tests.web.conftest import ADDRESS, NAMES, Browser

Client = Callable[..., Browser]


# One desk for all tests that change nothing in it.


@pytest.fixture(scope="module")
def app(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    folder = tmp_path_factory.mktemp("desk")
    with Store(str(shutil.copy(sample_store, folder / "store.sqlite"))) as store:
        yield create_app(Desk(store, Options(), folder))


@pytest.fixture(scope="module")
def store(app: FastAPI) -> Store:
    made: Store = app.state.desk.store
    return made


@pytest.fixture(scope="module")
def as_role(app: FastAPI) -> Iterator[Client]:
    """Makes browsers that share one thread; `None` is nobody. A new session each time."""
    browsers = []

    def browser(role: UserRole | None) -> Browser:
        made = Browser(app, ADDRESS, follow_redirects=False, raise_server_exceptions=False)
        made.__enter__()
        browsers.append(made)
        if role is not None:
            token, session = sessions.open_session(
                app.state.desk.store, named(app.state.desk.store, NAMES[role]).number
            )
            made.cookies.set("callaudit", token)
            made.csrf = session.csrf
        return made

    yield browser
    for made in browsers:
        made.__exit__(None, None, None)


@pytest.fixture(scope="module")
def nobody(as_role: Client) -> Browser:
    return as_role(None)


@pytest.fixture(scope="module")
def admin(as_role: Client) -> Browser:
    return as_role(UserRole.ADMIN)


def test_every_route_is_in_the_table_of_who_may_use_it(app: FastAPI) -> None:
    assert sorted(routes_of(app.routes)) == sorted(TABLE)
    assert all(set(who) <= set("OLTVA") or who == "*" for who in TABLE.values())


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"headers": {"Cookie": "callaudit=guessed"}},
        {"headers": {"Cookie": "callaudit="}},
        {"headers": {"Cookie": "callaudit=' OR 1=1 --"}},
        {"headers": {"Authorization": "Bearer ca_guessed"}},
        {"headers": {"Authorization": "Bearer "}},
        {"headers": {"Authorization": "Basic YWRtaW46YWRtaW4="}},
        {"headers": {"X-Forwarded-User": "admin-1", "Remote-User": "admin-1"}},
    ],
    ids=["nothing", "guessed cookie", "empty cookie", "sql", "guessed token", "empty token", "basic", "proxy user"],
)
def test_without_a_session_there_is_only_the_sign_in(
    nobody: Browser, store: Store, credentials: dict[str, Any]
) -> None:
    before = contents(store)
    for route in CLOSED:
        answer = send(nobody, route, **credentials)
        if API in route:
            assert answer.status_code == 401 and set(answer.json()) == {"error"}, route
        else:
            assert answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in"), route
            assert answer.text == "", route
        assert bound(answer), route
    assert contents(store) == before


def test_a_closed_or_disabled_session_is_none(app: FastAPI, as_role: Client, store: Store) -> None:
    browser = as_role(UserRole.VIEWER)
    assert browser.get("/me").status_code == 200
    assert browser.post_form("/sign-out").status_code == 303
    browser.cookies.set("callaudit", "")
    for route in CLOSED:
        assert send(browser, route, csrf=browser.csrf).status_code in (303, 401), route


def test_a_token_opens_the_api_and_no_page(app: FastAPI, nobody: Browser, store: Store) -> None:
    token = tokens.make(store, named(store, NAMES[UserRole.ADMIN]).number, "test")
    bearer = {"Authorization": f"Bearer {token}"}
    for route in CLOSED:
        answer = send(nobody, route, headers=bearer)
        if API in route:
            assert answer.status_code not in (401, 403), route
        else:
            assert answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in"), route


@pytest.mark.parametrize("letter", LETTERS)
def test_every_role_may_do_what_the_table_says_and_nothing_else(as_role: Client, letter: str) -> None:
    browser = as_role(LETTERS[letter])
    for route in CLOSED:
        if route == "POST /sign-out":
            continue  # everybody may; the next test signs out
        answer = send(browser, route, csrf=browser.csrf)
        if letter in TABLE[route]:
            assert answer.status_code in (200, 204, 303, 404, 409, 422), (route, answer.status_code, answer.text)
            assert not answer.headers.get("Location", "").startswith("/sign-in"), route
        else:
            assert answer.status_code == 403 and "CA831" in answer.text, (route, answer.status_code)
        assert bound(answer), route


@pytest.mark.parametrize("role", UserRole)
def test_everybody_may_sign_out(as_role: Client, role: UserRole) -> None:
    browser = as_role(role)
    assert browser.post_form("/sign-out").headers["Location"] == "/sign-in"
    assert browser.get("/me").status_code == 303


def test_no_change_is_made_without_the_sessions_csrf_token(as_role: Client, admin: Browser, store: Store) -> None:
    other = as_role(UserRole.OFFICER)
    before = contents(store)
    for route in UNSAFE:
        for wrong in (None, "", "guessed", other.csrf, admin.csrf[:-1], admin.csrf + "x", "中"):
            if API in route and wrong == "中":
                continue  # no header can hold it
            answer = send(admin, route, csrf=wrong)
            assert answer.status_code == 403 and "CA832" in answer.text, (route, wrong, answer.status_code)
    assert contents(store) == before


def test_the_csrf_token_counts_in_a_form_or_a_header_and_nowhere_else(admin: Browser, store: Store) -> None:
    before = contents(store)
    for route in UNSAFE:
        method, path = filled(route)
        for options in (
            {"params": {"csrf": admin.csrf}},
            {"content": f"csrf={admin.csrf}", "headers": {"Content-Type": "text/plain"}},
            {"json": {"csrf": admin.csrf}},
            {"headers": {"X-CSRF": admin.csrf, "Origin": ADDRESS}},
        ):
            answer = admin.request(method, path, **options)
            assert answer.status_code == 403 and "CA832" in answer.text, (route, options)
    assert contents(store) == before


def test_another_method_than_the_routes_own_does_nothing(admin: Browser, store: Store) -> None:
    before = contents(store)
    there = {filled(route) for route in TABLE}
    paths = {path for _, path in there}
    for path in sorted(paths):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            if (method, path) not in there:
                answer = admin.request(method, path, headers={"X-CSRF-Token": admin.csrf})
                assert answer.status_code in (404, 405), (method, path, answer.status_code)
    for route in UNSAFE:
        _, path = filled(route)
        override = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST", "X-CSRF-Token": admin.csrf}
        answer = admin.get(path, headers=override, params={"_method": "POST", "csrf": admin.csrf})
        assert answer.status_code in (200, 303, 404, 405), (route, answer.status_code)
    assert contents(store) == before


HOSTILE_NUMBERS = (
    "..%2f..",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%5c..%5cwindows%5cwin.ini",
    "%00",
    "1%00",
    "%0d%0aSet-Cookie:x=1",
    "-1",
    "0",
    "1e3",
    "0x1",
    "2147483648",
    "9223372036854775808",
    "9" * 400,
    "NaN",
    "null",
    "%ff%fe",
    "1%27%20OR%201=1--",
    "%3Cscript%3Ealert(1)%3C/script%3E",
    "${jndi:ldap:x}",
    "{{7*7}}",
)


@pytest.mark.parametrize("number", HOSTILE_NUMBERS)
def test_a_hostile_number_or_name_in_an_address_leads_nowhere(admin: Browser, store: Store, number: str) -> None:
    before = contents(store)
    for route in CLOSED:
        method, path = filled(route, number, number)
        if "{" not in route or (method, path) in {filled(other) for other in TABLE}:
            continue
        form = {} if API in path else {"data": NONSENSE}
        answer = admin.request(method, path, headers={"X-CSRF-Token": admin.csrf}, **form)  # type: ignore[arg-type]
        assert answer.status_code in (404, 405, 422), (method, path, answer.status_code)
        if "json" not in answer.headers["Content-Type"]:
            assert "<script>alert" not in answer.text, path
        assert "root:" not in answer.text and "set-cookie" not in answer.headers, path
        assert bound(answer), path
    assert contents(store) == before
