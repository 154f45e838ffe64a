"""The API as it describes itself and as it tells errors: in Chinese, and in English for who asks so."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from httpx2 import Response

from audit.errors import CATALOGUE, Problem
from audit.i18n import LANGUAGES, Lang, speaking
from audit.model.review import UserRole
from audit.store import tokens
from audit.store.users import named
from audit.web.api_words import GROUPS, MODELS, OPERATIONS, PARAMETERS
from audit.web.app import create_app
from audit.web.described import described, model_key, operations
from audit.web.desk import Desk
from audit.web.frame import BODY_LIMIT
from tests.web.attack import API, TABLE
from tests.web.conftest import ADDRESS, NAMES, Browser

SignIn = Callable[..., Browser]
HAN = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def program(desk: Desk) -> Iterator[Browser]:
    """A program with the token of the admin, for which a defect of the desk is an answer as any other."""
    browser = Browser(create_app(desk), ADDRESS, follow_redirects=False, raise_server_exceptions=False)
    token = tokens.make(desk.store, named(desk.store, NAMES[UserRole.ADMIN]).number, "test")
    browser.headers["Authorization"] = f"Bearer {token}"
    with browser:
        yield browser


def told(desk: Desk, lang: Lang) -> dict[str, Any]:
    with speaking(lang):
        return described(create_app(desk))


def test_every_operation_is_told_in_both_languages(desk: Desk) -> None:
    in_english = dict(operations(told(desk, "en")))
    # Every route of the API but the description itself.
    routes = {route.replace(API, "") for route in TABLE if f" {API}/" in route} - {"GET /openapi.json"}
    assert set(in_english) == routes == set(OPERATIONS)
    for key, said in operations(told(desk, "zh")):
        for field in ("summary", "description"):
            assert HAN.search(said[field]), key
            assert in_english[key][field] and not HAN.search(in_english[key][field]), key
            assert "InputError" not in in_english[key][field], key
        assert said["tags"] == in_english[key]["tags"] and set(said["tags"]) <= set(GROUPS), key
        # Nothing but the words differs.
        assert [one["name"] for one in said.get("parameters", ())] == [
            one["name"] for one in in_english[key].get("parameters", ())
        ], key


def test_every_model_and_parameter_is_told_in_both_languages(desk: Desk) -> None:
    chinese, english = told(desk, "zh"), told(desk, "en")
    names = chinese["components"]["schemas"]
    assert {model_key(name) for name in names} == set(MODELS)
    for name, schema in names.items():
        assert HAN.search(schema["description"]), name
        assert english["components"]["schemas"][name]["description"] != schema["description"], name
    seen = set()
    for (key, here), (_, there) in zip(operations(chinese), operations(english), strict=True):
        for one, other in zip(here.get("parameters", ()), there.get("parameters", ()), strict=True):
            if "description" in other:
                seen.add(other["description"])
                assert HAN.search(one["description"]) and not HAN.search(other["description"]), key
    assert seen == set(PARAMETERS)


def test_the_description_follows_the_language_of_who_asks(program: Browser) -> None:
    def tagged(**headers: str) -> str:
        described: dict[str, Any] = program.get(f"{API}/openapi.json", headers=headers).json()
        return str(next(tag["description"] for tag in described["tags"] if tag["name"] == "calls"))

    assert (tagged(), tagged(**{"Accept-Language": "en"})) == ("通话", "Calls")
    assert tagged(**{"Accept-Language": "en", "Cookie": "lang=zh"}) == "通话", "what was chosen comes first"


def test_the_page_of_the_api_speaks_chinese_and_english_when_asked(client: SignIn) -> None:
    browser = client()
    page = browser.get("/api").text
    assert "对一条发现作出决定。" in page and "最低置信度" in page and "Decide on a finding" not in page
    browser.cookies.set("lang", "en")
    page = browser.get("/api").text
    assert "Decide on a finding." in page and "least confidence" in page and "对一条发现作出决定" not in page


def test_the_description_says_how_errors_are_told(desk: Desk) -> None:
    said = told(desk, "en")
    assert "HTTPValidationError" not in said["components"]["schemas"]
    error = said["components"]["schemas"]["Error"]["properties"]["error"]
    assert set(error["properties"]) == {"code", "where", "text", "remedy"}
    for key, operation in operations(said):
        assert "422" not in operation["responses"], key
        assert operation["responses"]["default"]["content"]["application/json"]["schema"]["$ref"].endswith("/Error")


def streamed(size: int) -> Iterator[bytes]:
    for _ in range(0, size + 1, 1 << 16):
        yield b"x" * (1 << 16)


# What is asked (method, path, how), and the status and code of the answer.
WRONG: dict[str, tuple[str, str, dict[str, Any], int, str]] = {
    "no token": ("GET", "/me", {"headers": {"Authorization": ""}}, 401, "CA830"),
    "no route": ("GET", "/nowhere", {}, 404, "CA834"),
    "no version": ("GET", "/../v2/me", {}, 404, "CA834"),
    "no number": ("GET", "/calls/x", {}, 404, "CA834"),
    "no call": ("GET", "/calls/99999", {}, 404, "CA611"),
    "no such method": ("DELETE", "/me", {}, 405, "CA836"),
    "conflict": ("POST", "/findings/1/undo", {}, 409, "CA613"),
    "too large": ("POST", "/views", {"content": b"x" * (BODY_LIMIT + 1)}, 413, "CA833"),
    "too large, length not said": ("POST", "/views", {"content": lambda: streamed(BODY_LIMIT)}, 413, "CA833"),
    "field missing": ("POST", "/views", {"json": {"name": "x"}}, 422, "CA835"),
    "no object": ("POST", "/views", {"json": []}, 422, "CA835"),
    "no JSON": ("POST", "/views", {"content": b"{"}, 422, "CA835"),
    "query out of range": ("GET", "/log?limit=0", {}, 422, "CA835"),
    "no filter": ("GET", "/findings?state=gone", {}, 422, "CA837"),
}


def asked(program: Browser, lang: Lang, method: str, path: str, how: dict[str, Any]) -> Response:
    content = how.get("content")
    sent = how | ({"content": content()} if callable(content) else {})
    headers = {"Accept-Language": lang} | sent.pop("headers", {})
    return program.request(method, f"{API}{path}", headers=headers, **sent)


def expect_error(answer: Response, lang: Lang, status: int, code: str) -> dict[str, str]:
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json"), answer.text
    assert set(answer.json()) == {"error"}
    error: dict[str, str] = answer.json()["error"]
    assert set(error) == {"code", "where", "text", "remedy"} and error["code"] == code
    entry = CATALOGUE[code]
    assert error["remedy"] == (entry.remedy_zh if lang == "zh" else entry.remedy_en)
    assert bool(HAN.search(error["text"])) == (lang == "zh") and error["text"]
    return error


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("what", WRONG)
def test_every_error_has_a_code_a_remedy_and_the_callers_language(program: Browser, what: str, lang: Lang) -> None:
    method, path, how, status, code = WRONG[what]
    expect_error(asked(program, lang, method, path, how), lang, status, code)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_the_role_may_not_is_told_in_the_same_way(desk: Desk, program: Browser, lang: Lang) -> None:
    token = tokens.make(desk.store, named(desk.store, NAMES[UserRole.VIEWER]).number, "test")
    how = {"headers": {"Authorization": f"Bearer {token}"}}
    expect_error(asked(program, lang, "GET", "/users", how), lang, 403, "CA831")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_defect_is_told_in_the_callers_language_too(
    program: Browser, client: SignIn, monkeypatch: pytest.MonkeyPatch, lang: Lang
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("audit.web.api.log.lines", broken)
    error = expect_error(asked(program, lang, "GET", "/log", {}), lang, 500, "CA815")
    assert "secret" not in str(error)


def test_fields_that_are_wrong_are_named_and_their_values_are_not(program: Browser) -> None:
    answer = asked(program, "zh", "POST", "/views", {"json": {"name": ["13800138000"], "query": "x"}})
    assert answer.json()["error"]["where"] == "body.name" and "13800138000" not in answer.text


def test_another_method_is_answered_with_those_that_there_are(program: Browser) -> None:
    assert program.put(f"{API}/me").headers["Allow"] == "GET"
    assert program.delete(f"{API}/users").headers["Allow"] == "GET, POST", "by all routes of the address"
    assert program.delete("/me").headers["Allow"] == "GET", "on pages too"


@pytest.mark.parametrize(
    ("header", "spoken"),
    [
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr, en;q=0.4, zh;q=0.6", "zh"),
        ("fr, en;q=0.6, zh;q=0.4", "en"),
        ("EN", "en"),
        ("", "zh"),
        ("*", "zh"),
        ("fr", "zh"),
        ("en;q=0", "zh"),
        ("en;q=x", "zh"),
        (",;q=1,,", "zh"),
        ("en;q=1;q=2", "zh"),
    ],
)
def test_programs_are_answered_in_the_language_that_they_accept(program: Browser, header: str, spoken: Lang) -> None:
    answer = program.get(f"{API}/nowhere", headers={"Accept-Language": header})
    with speaking(spoken):
        assert answer.json()["error"]["text"] == Problem("CA834").text()


def test_pages_are_chinese_whatever_the_browser_accepts(anonymous: Browser) -> None:
    assert "没有这个页面" in anonymous.get("/nowhere", headers={"Accept-Language": "en"}).text
