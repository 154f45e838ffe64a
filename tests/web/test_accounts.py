"""Accounts, one's own account, the log, the page of the API, and the same through the API."""

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from argon2 import PasswordHasher

import audit
from audit.errors import InputError
from audit.model.review import Opinion, Ruling, UserRole, Verdict
from audit.store import chain, sessions, tokens, users
from audit.store import tables as t
from audit.store.appeals import file_appeal, rule_on_appeal
from audit.store.log_lines import PAGE
from audit.store.review import add_missed, decide
from audit.store.sampling import Draw, close_plan, create_plan, give_opinion
from audit.web import accounts, passwords
from audit.web.desk import Desk
from audit.web.log_words import ACTIONS, FACTS
from tests.store.runs import rows
from tests.web.conftest import NAMES, Browser

SignIn = Callable[..., Browser]
PASSWORD = "correct horse 1"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real argon2id, with as little work as it can do."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def admin(client: SignIn) -> Browser:
    return client(UserRole.ADMIN)


def number_of(desk: Desk, role: UserRole) -> int:
    return users.named(desk.store, NAMES[role]).number


def secret_on(page: str) -> str:
    found = re.search(r'class="secret">([^<]+)<', page)
    assert found, page
    return found[1]


def bearer(browser: Browser, token: str) -> Browser:
    """The browser as a program: without cookies, with a token."""
    browser.cookies.clear()
    browser.headers["Authorization"] = f"Bearer {token}"
    return browser


def program(desk: Desk, browser: Browser, role: UserRole) -> Browser:
    return bearer(browser, tokens.make(desk.store, number_of(desk, role), "test"))


def test_an_added_user_gets_a_one_time_password_that_is_shown_once(desk: Desk, admin: Browser) -> None:
    answer = admin.post_form("/accounts", {"name": "新来的", "role": "trainer"})
    password = secret_on(answer.text)
    added = users.credentials(desk.store, "新来的")
    assert answer.status_code == 200 and added is not None
    assert passwords.matches(added.password_hash, password) and added.until is not None
    assert answer.headers["Cache-Control"] == "no-store"
    assert password not in admin.get("/accounts").text and password not in str(rows(desk.store, t.log))


@pytest.mark.parametrize("name", ["", " ", "admin-1", "cli:root", "x" * 65])
def test_a_name_that_cannot_be_is_said_on_the_page(desk: Desk, admin: Browser, name: str) -> None:
    before = users.all_users(desk.store)
    answer = admin.post_form("/accounts", {"name": name, "role": "officer"})
    assert answer.status_code == 409 and "CA617" in answer.text
    assert users.all_users(desk.store) == before


def test_a_role_that_is_none_is_refused(desk: Desk, admin: Browser) -> None:
    for data in ({"name": "新来的", "role": "root"}, {"name": "新来的"}):
        assert admin.post_form("/accounts", data).status_code == 422
    assert "新来的" not in [account.name for account in users.all_users(desk.store)]


def test_roles_locks_and_passwords_are_changed_from_the_list(desk: Desk, admin: Browser, client: SignIn) -> None:
    number, officer = number_of(desk, UserRole.OFFICER), client(UserRole.OFFICER)
    assert admin.post_form(f"/accounts/{number}/role", {"role": "viewer"}).headers["Location"] == "/accounts"
    assert users.user(desk.store, number).role is UserRole.VIEWER
    assert officer.get("/me").status_code == 200
    password = secret_on(admin.post_form(f"/accounts/{number}/password").text)
    assert officer.get("/me").status_code == 303  # a reset password ends sessions
    account = users.credentials(desk.store, NAMES[UserRole.OFFICER])
    assert account and passwords.matches(account.password_hash, password)
    admin.post_form(f"/accounts/{number}/disable")
    assert "已停用" in admin.get("/accounts").text
    admin.post_form(f"/accounts/{number}/enable")
    assert "已停用" not in admin.get("/accounts").text
    changed = [row["action"] for row in rows(desk.store, t.log) if row["actor"] == "admin-1"][-4:]
    assert changed == ["change_role", "change_password", "disable_user", "enable_user"]


def test_the_last_admin_cannot_lock_everybody_out(desk: Desk, admin: Browser) -> None:
    number = number_of(desk, UserRole.ADMIN)
    for path, data in ((f"/accounts/{number}/disable", {}), (f"/accounts/{number}/role", {"role": "lead"})):
        answer = admin.post_form(path, data)
        assert "CA804" in answer.text and answer.status_code >= 400
    assert admin.get("/accounts").status_code == 200


def test_ones_own_password_is_changed_by_who_knows_it(desk: Desk, client: SignIn) -> None:
    number = number_of(desk, UserRole.OFFICER)
    users.change_password(desk.store, number, passwords.hashed(PASSWORD, "x"), "test")
    here, elsewhere = client(), client()
    new = {"new": "another horse 2", "again": "another horse 2"}
    for data, code in (
        ({"password": "wrong"} | new, "CA806"),
        ({"password": PASSWORD} | new | {"again": "x"}, "CA807"),
        ({"password": PASSWORD, "new": "short", "again": "short"}, "CA802"),
    ):
        answer = here.post_form("/me/password", data)
        assert answer.status_code == 422 and code in answer.text
    assert elsewhere.get("/me").status_code == 200
    answer = here.post_form("/me/password", {"password": PASSWORD} | new)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me?done=password")
    assert "密码已更改" in here.get("/me?done=password").text
    assert elsewhere.get("/me").status_code == 303


def test_guessing_the_old_password_at_an_open_desk_is_limited(desk: Desk, client: SignIn) -> None:
    number = number_of(desk, UserRole.OFFICER)
    users.change_password(desk.store, number, passwords.hashed(PASSWORD, "x"), "test")
    here = client()
    new = {"new": "another horse 2", "again": "another horse 2"}
    for _ in range(5):
        here.post_form("/me/password", {"password": "wrong"} | new)
    assert "CA805" in here.post_form("/me/password", {"password": PASSWORD} | new).text
    assert here.get("/me").status_code == 200


def test_a_token_is_shown_once_works_in_the_api_and_is_revoked(desk: Desk, client: SignIn) -> None:
    officer = client()
    token = secret_on(officer.post_form("/me/tokens", {"name": "周报脚本"}).text)
    page = officer.get("/me").text
    assert "周报脚本" in page and token not in page
    found = tokens.find(desk.store, token)
    assert found is not None
    script = bearer(client(), token)
    assert script.get("/api/v1/me").json()["name"] == NAMES[UserRole.OFFICER]
    assert script.get("/me").status_code == 303  # pages are for people
    officer.post_form(f"/me/tokens/{found.token}/revoke")
    refused = script.get("/api/v1/me")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_token_revokes_itself_and_makes_no_other(desk: Desk, anonymous: Browser) -> None:
    script = program(desk, anonymous, UserRole.VIEWER)
    listed = script.get("/api/v1/tokens").json()
    assert [made["name"] for made in listed] == ["test"] and "digest" not in listed[0]
    assert script.post("/api/v1/tokens", json={"name": "more"}).status_code == 405
    assert script.post(f"/api/v1/tokens/{listed[0]['number']}/revoke").status_code == 204
    assert script.get("/api/v1/tokens").status_code == 401


def test_ones_own_sessions_elsewhere_can_be_ended(desk: Desk, client: SignIn) -> None:
    here, elsewhere = client(), client()
    open_ones = sessions.of_user(desk.store, number_of(desk, UserRole.OFFICER))
    mine = re.findall(r"/me/sessions/(\d+)/close", here.get("/me").text)
    assert len(open_ones) == 2 and len(mine) == 1  # not the one in use
    assert here.post_form(f"/me/sessions/{mine[0]}/close").headers["Location"] == "/me?done=session"
    assert elsewhere.get("/me").status_code == 303 and here.get("/me").status_code == 200


@pytest.mark.parametrize("kind", ["sessions", "tokens"])
def test_nobody_ends_what_is_anothers(desk: Desk, client: SignIn, kind: str) -> None:
    viewer, officer = client(UserRole.VIEWER), client()
    tokens.make(desk.store, number_of(desk, UserRole.VIEWER), "x")
    theirs = sessions.of_user(desk.store, number_of(desk, UserRole.VIEWER))[0].id if kind == "sessions" else 1
    action = "close" if kind == "sessions" else "revoke"
    assert officer.post_form(f"/me/{kind}/{theirs}/{action}").status_code == 404
    assert viewer.get("/me").status_code == 200
    assert tokens.of_user(desk.store, number_of(desk, UserRole.VIEWER))[0].revoked_at is None


def test_accounts_are_kept_by_programs_too(desk: Desk, anonymous: Browser) -> None:
    script = program(desk, anonymous, UserRole.ADMIN)
    answer = script.post("/api/v1/users", json={"name": "新来的", "role": "officer"})
    assert answer.status_code == 201 and re.fullmatch(r"[a-z2-9-]{19}", answer.json()["password"])
    number = answer.json()["number"]
    assert script.post(f"/api/v1/users/{number}/role", json={"role": "viewer"}).status_code == 204
    assert script.post(f"/api/v1/users/{number}/password").json()["password"] != answer.json()["password"]
    assert script.post(f"/api/v1/users/{number}/disable").status_code == 204
    listed = {user["name"]: user for user in script.get("/api/v1/users").json()}
    assert listed["新来的"]["role"] == "viewer" and listed["新来的"]["disabled_at"]
    assert script.post(f"/api/v1/users/{number}/enable").status_code == 204
    assert users.user(desk.store, number).disabled_at is None
    assert "password_hash" not in listed["新来的"]


def test_the_log_is_paged_from_its_end_and_filtered(desk: Desk, admin: Browser) -> None:
    with desk.store.writing() as connection:
        for number in range(PAGE + 20):
            chain.append(connection, "王", "decide", f"finding:{number}", verdict="confirm")
            chain.append(connection, "李", "decide", f"call:{number}", note=number)
    first = admin.get("/log").text
    assert first.count('<td class="number-cell">') == PAGE
    older = re.search(r'href="(/log\?before=[^"]+)"', first)
    assert older
    second = admin.get(older[1].replace("&amp;", "&")).text
    seen = [int(number) for page in (first, second) for number in re.findall(r'number-cell">(\d+)<', page)]
    assert seen == sorted(seen, reverse=True) and len(set(seen)) == 2 * PAGE
    assert admin.get("/log?actor=王").text.count("number-cell") == PAGE
    assert admin.get("/log?subject=finding:7").text.count("number-cell") == 1
    assert "finding:" not in admin.get("/log?subject=call&action=decide").text
    # What is shown can be asked for; codes have words, and lead to their pages.
    in_words = admin.get("/log?subject=发现 7").text
    assert in_words.count("number-cell") == 1 and '<a href="/findings/7">发现 7</a>' in in_words
    assert "没有符合的记录" in admin.get("/log?actor=谁").text
    assert "没有符合的记录" in admin.get("/log?subject=%25").text  # no pattern of the database's
    script = program(desk, admin, UserRole.LEAD)
    assert [line["subject"] for line in script.get("/api/v1/log?actor=李&limit=2").json()] == ["call:119", "call:118"]


def test_the_log_covers_what_others_said_from_who_owes_a_blind_opinion(desk: Desk, client: SignIn) -> None:
    finding = next(int(str(row["id"])) for row in rows(desk.store, t.findings) if row["label"] == "threat.violence")
    heard = {row["call"] for row in rows(desk.store, t.findings)}
    quiet = next(int(str(row["id"])) for row in rows(desk.store, t.calls) if row["id"] not in heard)
    users.add_user(desk.store, "王", UserRole.OFFICER, "test")
    plan, _ = create_plan(desk.store, "周检", Draw(findings=1.0, calls=1.0), 2, True, NAMES[UserRole.ADMIN])
    sample = {row["call"]: int(str(row["id"])) for row in rows(desk.store, t.samples)}[quiet]
    start = int(str(rows(desk.store, t.log)[-1]["id"]))
    decide(desk.store, finding, "王", Verdict.DISMISS, reason="复述")
    rule_on_appeal(
        desk.store, file_appeal(desk.store, finding, "王", "不是"), NAMES[UserRole.OFFICER], Ruling.UPHELD, "是"
    )
    add_missed(desk.store, quiet, "王", "threat.violence", turn=None, span=None)
    give_opinion(desk.store, sample, "王", Opinion.MISSED)
    lead = client(UserRole.LEAD)

    def told(address: str) -> str:
        return client(UserRole.LEAD).get(address).text

    def lines() -> list[tuple[str, str, dict[str, object]]]:
        found = [one for one in lead.get("/api/v1/log").json() if one["number"] > start]
        judged = [one for one in found if one["action"] in ("decide", "appeal", "rule", "add_missed", "opinion")]
        return [(one["action"], one["subject"], json.loads(one["facts"])) for one in reversed(judged)]

    cover = "盲审，暂不显示"
    decided, appealed, ruled, added, given = lines()
    assert decided[2]["verdict"] == decided[2]["state"] == ruled[2]["verdict"] == ruled[2]["state"] == cover
    assert (given[1], given[2]["verdict"]) == (f"sample:{sample}", cover)
    assert (added[1], added[2]["label"]) == (f"call:{cover}", cover)
    assert appealed[:2] == ("appeal", f"finding:{finding}")
    for address in ("/log", "/export/log.csv"):
        shown = told(address)
        assert cover in shown and f"call:{cover}" in shown
        assert not any(word in shown for word in ("dismissed", "missed</span>", "threat.violence", '"upheld"'))
    assert lead.get(f"/api/v1/log?subject=call:{quiet}&action=add_missed").json() == []
    close_plan(desk.store, plan, NAMES[UserRole.ADMIN])
    decided, _, ruled, added, given = lines()
    assert (decided[2]["verdict"], ruled[2]["verdict"]) == ("dismiss", "confirm")
    assert (given[2]["verdict"], added[1], added[2]["label"]) == ("missed", f"call:{quiet}", "threat.violence")
    assert cover not in told("/log") + told("/export/log.csv")


@pytest.mark.parametrize("before", ["x", "-1", "1e9", "9" * 40, "٣", "0"])
def test_a_page_of_the_log_that_is_none_shows_something_sensible(admin: Browser, before: str) -> None:
    assert admin.get("/log", params={"before": before}).status_code == 200


def test_the_log_is_verified_and_a_changed_byte_is_told(desk: Desk, admin: Browser) -> None:
    whole = admin.post_form("/log/verify").text
    assert "日志完好" in whole and rows(desk.store, t.log_head)[0]["hash"] in whole  # type: ignore[operator]
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER guard_log_fixed")
        connection.exec_driver_sql("UPDATE log SET facts = '[1]' WHERE id = 2")
        connection.exec_driver_sql("UPDATE log SET facts = 'no json' WHERE id = 3")
    broken = admin.post_form("/log/verify")
    assert broken.status_code == 200 and "日志不完整" in broken.text
    assert "log:2</code> 内容被改动" in broken.text and "log:3" in broken.text and "no json" in broken.text
    script = program(desk, admin, UserRole.LEAD)
    told = script.post("/api/v1/log/verify").json()
    assert told["whole"] is False and [fault["row"] for fault in told["faults"]] == ["log:2", "log:3"]


def test_every_action_and_fact_that_the_program_writes_into_the_log_has_a_name() -> None:
    """Found in the source: what stands at the action's place in a call that writes a line, where it is written out."""
    places = {"chain.append": 2, "log_pack": 2, "self.log": 1, "maker.log": 1}
    written: set[str] = set()
    facts: set[str] = set()
    for path in Path(audit.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            place = places.get(ast.unparse(node.func)) if isinstance(node, ast.Call) else None
            if isinstance(node, ast.Call) and place is not None and len(node.args) > place:
                action = node.args[place]
                assert isinstance(action, ast.Constant) or ast.unparse(action) == "action", path
                written |= {str(action.value)} if isinstance(action, ast.Constant) else set()
                facts |= {keyword.arg for keyword in node.keywords if keyword.arg is not None}
    assert {"decide", "sign_in", "purge", "listen", "reveal", "make_pack", "hear_pack"} <= written
    assert written - set(ACTIONS) == set()
    assert all(zh and en for zh, en in ACTIONS.values())
    assert {"address", "verdict", "sound"} <= facts
    assert facts - set(FACTS) == set()


def test_the_page_of_the_api_names_every_operation_and_runs_no_script_of_others(admin: Browser) -> None:
    described = admin.get("/api/v1/openapi.json").json()
    page = admin.get("/api").text
    for path, methods in described["paths"].items():
        for method in methods:
            assert f"{method.upper()}</span><code>{path}</code>" in page
    assert "/api/v1/users/{number}/role" in described["paths"]
    assert not re.search(r'(src|href)="(https?:)?//', page) and not re.search(r"<script(?![^>]*src=)", page)
    assert "officer" in page  # the values of an enumeration are named


def test_pages_without_permission_say_so_and_are_not_in_the_navigation(client: SignIn) -> None:
    officer = client()
    for path in ("/accounts", "/log"):
        answer = officer.get(path)
        assert answer.status_code == 403 and "CA831" in answer.text
        assert f'href="{path}"' not in officer.get("/me").text
    lead = client(UserRole.LEAD)
    assert lead.get("/log").status_code == 200 and lead.get("/accounts").status_code == 403


@pytest.mark.parametrize("path", ["/me", "/accounts", "/log", "/api", "/sign-in"])
def test_pages_speak_english_when_asked(admin: Browser, path: str) -> None:
    if path == "/sign-in":
        admin.cookies.clear()
    admin.cookies.set("lang", "en")
    text = re.sub(r"<a[^>]*lang=\"zh-CN\".*?</a>", "", admin.get(path).text)
    assert not re.findall("[\u4e00-\u9fff]+", text)


def test_a_one_time_password_is_not_kept_as_ones_own_and_a_reset_ends_tokens(desk: Desk) -> None:
    officer = number_of(desk, UserRole.OFFICER)
    token = tokens.make(desk.store, officer, "test")
    issued = accounts.reset(desk.store, officer, NAMES[UserRole.ADMIN])
    assert tokens.find(desk.store, token) is None
    with pytest.raises(InputError) as refused:
        accounts.choose_password(desk.store, officer, NAMES[UserRole.OFFICER], issued.password, issued.password)
    assert refused.value.problem.code == "CA816"
    accounts.choose_password(desk.store, officer, NAMES[UserRole.OFFICER], PASSWORD, PASSWORD)
