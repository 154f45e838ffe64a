"""Coming in and going out: passwords, cookies, forms from elsewhere, the limit on failures."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from argon2 import PasswordHasher, Type
from httpx2 import Response
from starlette.testclient import TestClient

from audit.errors import InputError
from audit.model.review import UserRole
from audit.store import attempts, users
from audit.store import tables as t
from audit.store.database import now
from audit.web import accounts, passwords
from audit.web.app import create_app
from audit.web.desk import Desk
from tests.store.runs import rows
from tests.web.conftest import ADDRESS, NAMES, Browser

PASSWORD = "correct horse 1"
NAME = NAMES[UserRole.OFFICER]
_REAL = passwords._HASHER


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real argon2id, with as little work as it can do."""
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", quick)
    monkeypatch.setattr(passwords, "_NOBODYS", quick.hash(b"\xff"))


@pytest.fixture
def officer(desk: Desk) -> int:
    """The number of an officer who has a password."""
    number = users.named(desk.store, NAME).number
    users.change_password(desk.store, number, passwords.hashed(PASSWORD, NAME), "test")
    return number


def form_of(answer: Response) -> str:
    found = re.search(r'name="form" value="([^"]+)"', answer.text)
    assert found, answer.text
    return found[1]


def sign_in(browser: TestClient, name: str = NAME, password: str = PASSWORD, **more: str) -> Response:
    """As somebody does who opens the page and fills it in."""
    form = form_of(browser.get("/sign-in"))
    return browser.post("/sign-in", data={"form": form, "name": name, "password": password} | more)


def cookies(answer: Response) -> dict[str, str]:
    """The cookies that an answer sets, by name, with their attributes."""
    return {line.partition("=")[0]: line for line in answer.headers.get_list("set-cookie")}


def test_the_right_password_opens_a_session_and_leads_back(officer: int, anonymous: Browser) -> None:
    answer = sign_in(anonymous, next="/me?done=token")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me?done=token")
    assert NAME in anonymous.get("/me").text
    assert anonymous.get("/sign-in?next=/log").headers["Location"] == "/log"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\r\nSet-Cookie: x"],
)
def test_nobody_is_led_away_after_signing_in(officer: int, anonymous: Browser, target: str) -> None:
    answer = sign_in(anonymous, next=target)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http(desk: Desk, officer: int) -> None:
    plain = cookies(sign_in(Browser(create_app(desk), ADDRESS, follow_redirects=False)))["callaudit"]
    assert "HttpOnly" in plain and "SameSite=strict" in plain and "Path=/" in plain
    assert "Secure" not in plain and "Domain" not in plain
    tls = Browser(create_app(replace(desk, secure=True)), "https://127.0.0.1", follow_redirects=False)
    answer = sign_in(tls)
    for line in cookies(answer).values():
        assert line.startswith("__Host-callaudit")
        assert all(word in line for word in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"))
        assert "Domain" not in line
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    assert tls.get("/me").status_code == 200


def test_signing_in_never_takes_over_a_token_that_the_browser_brought(officer: int, anonymous: Browser) -> None:
    anonymous.cookies.set("callaudit", "chosen-by-somebody-else")
    first = cookies(sign_in(anonymous))["callaudit"]
    assert "chosen-by-somebody-else" not in first
    anonymous.cookies.clear()
    anonymous.cookies.set("callaudit", "chosen-by-somebody-else")
    assert anonymous.get("/me").status_code == 303


def test_signing_in_again_ends_the_session_before(officer: int, desk: Desk, anonymous: Browser) -> None:
    sign_in(anonymous)
    before = anonymous.cookies["callaudit"]
    answer = anonymous.post("/sign-in", data={"form": "x"})
    form = form_of(answer)
    anonymous.post("/sign-in", data={"form": form, "name": NAME, "password": PASSWORD})
    assert anonymous.cookies["callaudit"] != before
    assert len(rows(desk.store, t.sessions)) == 1


def test_signing_out_ends_the_session_on_the_server(officer: int, desk: Desk, anonymous: Browser) -> None:
    sign_in(anonymous)
    stolen = anonymous.cookies["callaudit"]
    csrf = re.search(r'name="csrf" value="([^"]+)"', anonymous.get("/me").text)
    assert csrf
    assert anonymous.post("/sign-out").status_code == 403
    assert anonymous.get("/me").status_code == 200
    answer = anonymous.post("/sign-out", data={"csrf": csrf[1]})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert "Max-Age=0" in cookies(answer)["callaudit"]
    thief = Browser(create_app(desk), ADDRESS, follow_redirects=False)
    thief.cookies.set("callaudit", stolen)
    assert thief.get("/me").status_code == 303
    assert [row["action"] for row in rows(desk.store, t.log)[-2:]] == ["sign_in", "sign_out"]


def wrong(desk: Desk, browser: Browser) -> Iterator[Response]:
    """Answers to sign-ins that fail for different reasons."""
    lead, viewer = (users.named(desk.store, NAMES[role]).number for role in (UserRole.LEAD, UserRole.VIEWER))
    users.change_password(desk.store, lead, passwords.hashed(PASSWORD, "x"), "test")
    users.disable(desk.store, lead, "test")
    issued = accounts.reset(desk.store, viewer, "test")
    with desk.store.writing() as connection:
        past = now() - timedelta(minutes=1)
        connection.execute(t.users.update().where(t.users.c.id == viewer).values(password_until=past))
    yield sign_in(browser, NAME, "wrong")
    yield sign_in(browser, "nobody", PASSWORD)
    yield sign_in(browser, NAMES[UserRole.LEAD], PASSWORD)
    yield sign_in(browser, NAMES[UserRole.TRAINER], "")
    yield sign_in(browser, NAMES[UserRole.VIEWER], issued.password)
    yield sign_in(browser, NAME, "x" * 10_000)
    yield sign_in(browser, "名" * 1_000, "\x00")


def test_the_answer_to_a_failed_sign_in_does_not_tell_why(officer: int, desk: Desk, anonymous: Browser) -> None:
    plain = {
        re.sub(r'name="(form|name)" value="[^"]*"', "", answer.text)
        for answer in wrong(desk, anonymous)
        if answer.status_code == 401
    }
    assert len(plain) == 1
    assert "CA806" in plain.pop()
    assert "callaudit" not in anonymous.cookies
    assert len([row for row in rows(desk.store, t.log) if row["action"] == "sign_in_failed"]) == 7


def test_an_unknown_name_is_as_much_work_as_a_known_one(
    monkeypatch: pytest.MonkeyPatch, officer: int, desk: Desk
) -> None:
    verified: list[str] = []
    hasher = passwords._HASHER

    class Counting:
        def verify(self, kept: str, password: bytes) -> bool:
            verified.append(kept)
            return hasher.verify(kept, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    for name in (NAME, "nobody", NAMES[UserRole.TRAINER]):
        with pytest.raises(InputError, match="CA806"):
            accounts.identify(desk.store, name, "wrong", "192.0.2.1")
    parameters = {kept.rpartition("$")[0].rpartition("$")[0] for kept in verified}
    assert len(verified) == 3 and len(parameters) == 1


@pytest.mark.parametrize("name", [NAME, "nobody"])
def test_too_many_failures_are_answered_with_how_long_to_wait(officer: int, anonymous: Browser, name: str) -> None:
    for _ in range(attempts.PER_NAME):
        assert sign_in(anonymous, name, "wrong").status_code == 401
    answer = sign_in(anonymous, name, PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "请约 15 分钟后再试" in answer.text and "CA805" in answer.text
    assert anonymous.get("/me").status_code == 303


def test_a_form_from_elsewhere_signs_nobody_in(officer: int, anonymous: Browser) -> None:
    form = form_of(anonymous.get("/sign-in"))
    right = {"name": NAME, "password": PASSWORD}
    for given in ({}, {"form": ""}, {"form": form[:-1]}, {"form": "中"}):
        answer = anonymous.post("/sign-in", data=right | given)
        assert answer.status_code == 403 and "CA808" in answer.text
    anonymous.cookies.clear()
    assert anonymous.post("/sign-in", data=right | {"form": form}).status_code == 403
    assert anonymous.post("/sign-in/password", data=right | {"form": form}).status_code == 403


def test_a_one_time_password_only_serves_to_choose_ones_own(desk: Desk, anonymous: Browser) -> None:
    issued = accounts.add(desk.store, "新来的", UserRole.VIEWER, "test")
    asked = sign_in(anonymous, "新来的", issued.password)
    assert asked.status_code == 200 and "callaudit" not in anonymous.cookies
    assert anonymous.get("/me").status_code == 303
    common = {"form": form_of(asked), "name": "新来的", "password": issued.password, "next": "/me"}
    for new, again, code in (
        ("short", "short", "CA802"),
        ("新来的", "新来的", "CA802"),
        ("first choice 1", "other choice 1", "CA807"),
    ):
        refused = anonymous.post("/sign-in/password", data=common | {"new": new, "again": again})
        assert refused.status_code == 422 and code in refused.text
    assert anonymous.get("/me").status_code == 303
    answer = anonymous.post("/sign-in/password", data=common | {"new": PASSWORD, "again": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me")
    assert "新来的" in anonymous.get("/me").text
    other = Browser(create_app(desk), ADDRESS, follow_redirects=False)
    assert sign_in(other, "新来的", issued.password).status_code == 401
    assert sign_in(other, "新来的", PASSWORD).status_code == 303


def test_the_page_speaks_both_languages_and_the_switch_leads_back(anonymous: Browser) -> None:
    assert "登录" in anonymous.get("/sign-in").text
    anonymous.cookies.set("lang", "en")
    page = anonymous.get("/sign-in?next=/me")
    assert "Password" in page.text and "/language/zh?next=%2Fsign-in%3Fnext%3D%2Fme" in page.text
    assert anonymous.get("/sign-in/password").headers["Location"] == "/sign-in"


def test_an_overlong_cookie_of_the_form_is_replaced(anonymous: Browser) -> None:
    anonymous.cookies.set("callaudit-form", "x" * 3000)
    assert len(form_of(anonymous.get("/sign-in"))) == 43


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("", "王"),
        ("123456789", "王"),
        ("x" * 257, "王"),
        ("administrator", "administrator"),
        ("Administrator1", "administrator"),
        ("ａｄｍｉｎｉｓｔｒａｔｏｒ", "administrator"),
    ],
)
def test_passwords_that_are_short_or_the_name_are_refused(password: str, name: str) -> None:
    with pytest.raises(InputError, match="CA802"):
        passwords.hashed(password, name)


@pytest.mark.parametrize("password", ["correct horse", "密码密码密码密码密码", "\udcff" * 10, "a" * 256])
def test_a_password_matches_its_hash_and_no_other(password: str) -> None:
    kept = passwords.hashed(password, "王")
    assert kept.startswith("$argon2id$") and password not in kept
    assert passwords.matches(kept, password)
    assert not passwords.matches(kept, password[:-1]) and not passwords.matches(kept, password + "x")
    assert kept != passwords.hashed(password, "王")


def test_the_same_characters_typed_in_another_way_are_the_same_password() -> None:
    assert passwords.matches(passwords.hashed("Ｃａｆe\u0301 ０１２３４", "王"), "Café 01234")


@pytest.mark.parametrize("kept", [None, "", "x", "$argon2id$v=19$broken", "plain text"])
def test_what_is_no_hash_matches_nothing(kept: str | None) -> None:
    assert not passwords.matches(kept, "correct horse")
    assert not passwords.matches(kept, "\xff")


def test_a_weaker_hash_is_made_anew_at_the_next_sign_in(
    monkeypatch: pytest.MonkeyPatch, officer: int, desk: Desk
) -> None:
    weak = users.credentials(desk.store, NAME)
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    accounts.identify(desk.store, NAME, PASSWORD, "192.0.2.1")
    strong = users.credentials(desk.store, NAME)
    assert weak and strong and "m=8,t=1" in weak.password_hash and "m=16,t=2" in strong.password_hash
    accounts.identify(desk.store, NAME, PASSWORD, "192.0.2.1")
    assert users.credentials(desk.store, NAME) == strong


def test_one_time_passwords_are_long_random_and_easy_to_type() -> None:
    made = {passwords.one_time() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"([a-hj-kmnp-z2-9]{4}-){3}[a-hj-kmnp-z2-9]{4}", password) for password in made)


def test_the_work_of_a_hash_is_what_rfc_9106_recommends() -> None:
    assert _REAL.type is Type.ID
    assert _REAL.time_cost >= 3 and _REAL.memory_cost >= 65_536 and _REAL.hash_len >= 32 and _REAL.salt_len >= 16
