"""What stands around every page: headers, language, errors, limits."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from audit.web.desk import Desk
from audit.web.frame import BODY_LIMIT
from audit.web.render import local_path
from tests.web.conftest import Browser


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
