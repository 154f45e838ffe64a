"""What stands around every page: headers, language, errors, limits."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from audit.web.desk import Desk
from audit.web.frame import BODY_LIMIT
from audit.web.render import local_path
from tests.web.conftest import ADDRESS, Browser


def test_every_answer_forbids_what_the_pages_do_not_need(anonymous: Browser) -> None:
    for path in ("/static/desk.css", "/static/page.css", "/nowhere"):
        headers = anonymous.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"


def test_only_versioned_static_files_stay_in_caches(anonymous: Browser) -> None:
    assert "max-age" in anonymous.get("/static/desk.css?v=1").headers["Cache-Control"]
    assert anonymous.get("/static/desk.css").headers["Cache-Control"] == "no-cache"
    assert anonymous.get("/nowhere").headers["Cache-Control"] == "no-store"


def test_an_unknown_address_is_said_in_the_language_that_the_reader_chose(anonymous: Browser) -> None:
    assert "没有这个页面" in anonymous.get("/nowhere").text
    answer = anonymous.get("/language/en?next=/nowhere")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/nowhere")
    anonymous.cookies.set("lang", "en")
    page = anonymous.get("/nowhere")
    assert page.status_code == 404
    assert "There is no such page" in page.text


def test_a_language_that_nobody_speaks_here_is_no_page(anonymous: Browser) -> None:
    assert anonymous.get("/language/fr").status_code == 404
    anonymous.cookies.set("lang", "fr")
    assert "没有这个页面" in anonymous.get("/nowhere").text


def test_the_api_answers_in_json(anonymous: Browser) -> None:
    answer = anonymous.get("/api/v1/nowhere")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "CA834"


def test_other_hosts_than_the_allowed_ones_are_refused(desk: Desk, anonymous: Browser) -> None:
    elsewhere = TestClient(anonymous.app, "http://evil.example")
    assert elsewhere.get("/static/desk.css").status_code == 400


def test_a_body_is_taken_in_up_to_the_limit(anonymous: Browser) -> None:
    assert anonymous.post("/nowhere", content=b"x" * (BODY_LIMIT + 1)).status_code == 413


def test_the_switch_of_the_keys_is_a_cookie_and_leads_nobody_away(client: Callable[..., Browser]) -> None:
    officer = client()
    assert "data-keys" not in officer.get("/queue").text
    off = officer.post_form("/keys", {"keys": "off", "next": "/queue?state=open"})
    assert (off.status_code, off.headers["Location"]) == (303, "/queue?state=open")
    assert "HttpOnly" in off.headers["Set-Cookie"] and "SameSite=strict" in off.headers["Set-Cookie"]
    page = officer.get("/queue").text
    assert '<body data-keys="off"' in page and 'name="keys" value="on"' in page
    away = officer.post_form("/keys", {"keys": "on", "next": "//evil.example"})
    assert away.headers["Location"] == "/" and "data-keys" not in officer.get("/queue").text
    assert officer.post_form("/keys", {"keys": "<b>"}).status_code == 422
    assert officer.post("/keys", data={"keys": "off"}).status_code == 403
    officer.cookies.set("keys", '"><script>')
    assert "data-keys" not in officer.get("/queue").text


@pytest.mark.parametrize(
    "target", [None, "", "https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nb"]
)
def test_nobody_is_led_away(target: str | None) -> None:
    assert local_path(target) == "/"


def test_signing_in_leads_back_to_a_page_of_the_desk_alone(anonymous: Browser) -> None:
    here = "/findings/1/decisions"
    asked = anonymous.get("/queue?severity=critical").headers["Location"]
    assert asked == "/sign-in?next=%2Fqueue%3Fseverity%3Dcritical"
    sent = anonymous.post(here, headers={"Referer": f"{ADDRESS}/calls/5?finding=1"}).headers["Location"]
    assert sent == "/sign-in?next=%2Fcalls%2F5%3Ffinding%3D1"
    part = {"HX-Request": "true"}
    by_htmx = anonymous.post(here, headers=part | {"HX-Current-URL": f"{ADDRESS}/calls/5?finding=1"})
    assert by_htmx.status_code == 401
    assert by_htmx.headers["HX-Redirect"] == sent
    for elsewhere in ("http://evil.example/calls/5", "//evil.example/", "http://[", "javascript:alert(1)", ""):
        assert anonymous.post(here, headers={"Referer": elsewhere}).headers["Location"] == "/sign-in", elsewhere
        answer = anonymous.post(here, headers=part | {"HX-Current-URL": elsewhere})
        assert answer.headers["HX-Redirect"] == "/sign-in", elsewhere
