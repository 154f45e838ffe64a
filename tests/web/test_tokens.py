"""Tokens of the API: they end, the log says what was done through them, admins see and revoke those of others."""

import json
import re
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from audit.i18n import LANGUAGES, Lang
from audit.model.review import UserRole, Verdict
from audit.store import tables as t
from audit.store import tokens, users
from audit.store.database import now
from audit.store.review import decide
from audit.web.desk import Desk
from tests.store.runs import rows
from tests.web.attack import API
from tests.web.conftest import NAMES, Browser

SignIn = Callable[..., Browser]
ADMIN, OFFICER, LEAD = NAMES[UserRole.ADMIN], NAMES[UserRole.OFFICER], NAMES[UserRole.LEAD]


def made(desk: Desk, role: UserRole, days: int = tokens.DAYS) -> tuple[int, str]:
    """A new token of the user of a role: its number and what it is."""
    token = tokens.make(desk.store, users.named(desk.store, NAMES[role]).number, "test", days)
    return int(str(rows(desk.store, t.tokens)[-1]["id"])), token


def program(browser: Browser, token: str) -> Browser:
    browser.cookies.clear()
    browser.headers["Authorization"] = f"Bearer {token}"
    return browser


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let tokens be looked at as if so much time had passed."""
    moment = now() + by
    monkeypatch.setattr(tokens, "now", lambda: moment)


def lines(desk: Desk) -> list[tuple[str, str, dict[str, object]]]:
    return [(str(row["actor"]), str(row["action"]), json.loads(str(row["facts"]))) for row in rows(desk.store, t.log)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_token_that_ended_is_refused_and_says_when(
    desk: Desk, anonymous: Browser, monkeypatch: pytest.MonkeyPatch, lang: Lang
) -> None:
    _, token = made(desk, UserRole.OFFICER, days=2)
    script = program(anonymous, token)
    script.headers["Accept-Language"] = lang
    later(monkeypatch, timedelta(days=1))
    assert script.get(f"{API}/me").status_code == 200
    later(monkeypatch, timedelta(days=2, seconds=1))
    before = lines(desk)
    refused = script.get(f"{API}/me")
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    error = refused.json()["error"]
    ended = rows(desk.store, t.tokens)[-1]["expires_at"]
    assert isinstance(ended, datetime)
    assert error["code"] == "CA818" and ended.astimezone().date().isoformat() in error["text"]
    assert token not in refused.text and error["remedy"]
    assert script.post(f"{API}/views", json={"name": "x", "query": ""}).status_code == 401
    assert lines(desk) == before


def test_how_long_a_token_holds_is_chosen_when_it_is_made(desk: Desk, client: SignIn) -> None:
    officer = client()
    page = officer.get("/me").text
    assert f'max="{tokens.MOST_DAYS}" value="{tokens.DAYS}"' in page and tokens.MOST_DAYS <= 366
    for wrong in ("0", "-1", str(tokens.MOST_DAYS + 1)):
        answer = officer.post_form("/me/tokens", {"name": "周报脚本", "days": wrong})
        assert answer.status_code == 422 and "CA817" in answer.text
    assert officer.post_form("/me/tokens", {"name": "周报脚本", "days": "soon"}).status_code == 422
    assert rows(desk.store, t.tokens) == []
    for sent, days in (({"days": "7"}, 7), ({}, tokens.DAYS), ({"days": "365"}, 365)):
        assert officer.post_form("/me/tokens", {"name": "周报脚本"} | sent).status_code == 200
        kept = rows(desk.store, t.tokens)[-1]
        assert kept["expires_at"] - kept["created_at"] == timedelta(days=days)  # type: ignore[operator]
        assert lines(desk)[-1][1:] == ("make_token", {"days": days, "user": kept["user"]})
    shown = officer.get("/me").text
    assert "有效期至" in shown and shown.count(">有效<") == 3


@pytest.mark.parametrize(("days", "state"), [(31, "闲置"), (91, "已到期")])
def test_ones_own_page_says_what_became_of_a_token(
    desk: Desk, client: SignIn, monkeypatch: pytest.MonkeyPatch, days: int, state: str
) -> None:
    made(desk, UserRole.OFFICER)
    later(monkeypatch, timedelta(days=days))
    page = client().get("/me").text
    assert f">{state}<" in page and "从未" in page
    assert ("/me/tokens/1/revoke" in page) == (state == "闲置")


def test_an_admin_sees_and_revokes_the_tokens_of_others(desk: Desk, client: SignIn, anonymous: Browser) -> None:
    number, token = made(desk, UserRole.OFFICER)
    admin, script = client(UserRole.ADMIN), program(anonymous, token)
    page = admin.get("/accounts").text
    assert f"/accounts/tokens/{number}/revoke" in page and token not in page
    assert client(UserRole.LEAD).post_form(f"/accounts/tokens/{number}/revoke").status_code == 403
    assert script.get(f"{API}/me").status_code == 200
    assert admin.post_form(f"/accounts/tokens/{number}/revoke").headers["Location"] == "/accounts"
    assert script.get(f"{API}/me").json()["error"]["code"] == "CA830"
    assert lines(desk)[-1][:2] == (ADMIN, "revoke_token")
    assert f"/accounts/tokens/{number}/revoke" not in admin.get("/accounts").text
    assert admin.post_form(f"/accounts/tokens/{number}/revoke").status_code == 404


def test_an_admins_program_sees_and_revokes_them_too(desk: Desk, client: SignIn, anonymous: Browser) -> None:
    number, token = made(desk, UserRole.TRAINER)
    own, admins = made(desk, UserRole.ADMIN)
    script = program(anonymous, admins)
    listed = script.get(f"{API}/users/tokens").json()
    assert [(one["number"], one["owner"], one["state"]) for one in listed] == [
        (own, ADMIN, "active"),
        (number, NAMES[UserRole.TRAINER], "active"),
    ]
    assert all(set(one) >= {"created_at", "expires_at", "used_at", "revoked_at"} for one in listed)
    assert token not in str(listed) and "digest" not in listed[0]
    assert script.post(f"{API}/users/tokens/{number}/revoke").status_code == 204
    assert tokens.find(desk.store, token) is None
    assert program(client(), made(desk, UserRole.LEAD)[1]).get(f"{API}/users/tokens").status_code == 403


def test_every_line_that_a_token_writes_names_it_and_no_line_of_a_person_does(
    desk: Desk, client: SignIn, anonymous: Browser
) -> None:
    """Reading, listening, taking away, deciding, looking after accounts: one after the other, through a token."""
    store = desk.store
    exposed = [row for row in rows(store, t.findings) if row["label"] == "threat.exposure"]
    violence = next(row for row in rows(store, t.findings) if row["label"] == "threat.violence")
    for row in exposed:
        decide(store, int(str(row["id"])), LEAD, Verdict.CONFIRM)
    one, call = int(str(violence["id"])), int(str(violence["call"]))
    decide(store, one, OFFICER, Verdict.DISMISS, reason="复述")
    number, token = made(desk, UserRole.ADMIN)
    start, script = len(rows(store, t.log)), program(anonymous, token)
    written: list[str] = []

    def done(action: str, method: str, path: str, **sent: object) -> dict[str, object]:
        answer = script.request(method, f"{API}{path}", **sent)  # type: ignore[arg-type]
        assert answer.status_code < 300, (action, answer.text)
        written.append(action)
        is_json = answer.headers.get("Content-Type") == "application/json"
        told: dict[str, object] = answer.json() if is_json and answer.content else {}
        return told

    with store.reading() as connection:
        of_sample = sa.select(t.calls.c.id).where(t.calls.c.call_id == "sample-09")
        named = connection.execute(of_sample).scalar_one()
    done("listen", "GET", f"/calls/{call}/audio", headers={"Range": "bytes=0-99"})
    done("reveal", "POST", f"/calls/{named}/reveal", json={"field": "debtor_name"})
    done("export", "GET", "/export/findings.csv")
    done("export", "GET", f"/export/calls/{call}.json")
    done("export", "GET", "/export/log.csv")
    script.post(
        f"{API}/playground/compare", json={"edited": "", "rule": "", "calls": 1}
    )  # logged, though it is no rule
    written.append("try_rule")
    done("decide", "POST", f"/findings/{one}/decisions", json={"verdict": "confirm"})
    done("decide", "POST", f"/findings/{one}/undo")
    added = done("add_missed", "POST", f"/calls/{call}/missed", json={"label": "threat.vague"})
    done("withdraw_missed", "POST", f"/missed/{added['number']}/withdraw")
    filed = done("appeal", "POST", f"/findings/{exposed[0]['id']}/appeals", json={"statement": "不是"})
    asked = {"name": "接口", "seed": "1", "findings": 1.0, "opinions": 1, "blind": False, "labels": ["threat.violence"]}
    plan = done("plan", "POST", "/plans", json=asked)
    done("close_plan", "POST", f"/plans/{plan['number']}/close")
    done("reaudit", "POST", f"/calls/{call}/corrections", json={"kind": "swap_roles"})
    user = done("add_user", "POST", "/users", json={"name": "新来的", "role": "officer"})
    done("change_role", "POST", f"/users/{user['number']}/role", json={"role": "viewer"})
    done("change_password", "POST", f"/users/{user['number']}/password")
    done("disable_user", "POST", f"/users/{user['number']}/disable")
    done("enable_user", "POST", f"/users/{user['number']}/enable")
    pack = done("make_pack", "POST", "/packs", json={"labels": ["threat.exposure"], "limit": 1, "counter_examples": 0})
    while (state := script.get(f"{API}/packs/{pack['key']}").json())["state"] in ("waiting", "working"):
        time.sleep(0.05)
    assert state["state"] == "done", state
    done("hear_pack", "GET", f"/packs/{pack['key']}/clips/{state['clips'][0]}")
    done("download_pack", "GET", f"/packs/{pack['key']}/zip")
    mine = [line for line in lines(desk)[start:] if line[0] == ADMIN]
    assert {action for _, action, _ in mine} >= set(written) | {"correct"}
    assert all(facts["token"] == number for _, _, facts in mine), mine
    assert token not in str(rows(store, t.log)) and len(mine) == len(lines(desk)[start:])

    start = len(rows(store, t.log))
    person = client(UserRole.ADMIN)
    assert person.get(f"/calls/{call}/audio").status_code == 200
    assert person.get(f"{API}/export/log.csv").status_code == 200
    assert person.post_form(f"/appeals/{filed['appeal']}/ruling", {"verdict": "confirm", "comment": "是"}).is_error
    by_person = lines(desk)[start:]
    assert [action for _, action, _ in by_person] == ["sign_in", "listen", "export"], (
        "heard by a token is not heard by me"
    )
    assert not any("token" in facts for _, _, facts in by_person)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("pack-")]


def test_the_log_shows_which_token_did_it_on_the_page_in_exports_and_to_programs(
    desk: Desk, client: SignIn, anonymous: Browser
) -> None:
    for _ in range(12):
        number, token = made(desk, UserRole.LEAD)
    script = program(anonymous, token)
    assert number >= 12 and script.get(f"{API}/export/findings.csv").status_code == 200
    lead = client(UserRole.LEAD)
    page = lead.get("/log").text
    assert f'href="/log?token={number}">令牌 {number}</a>' in page and token not in page
    filtered = lead.get("/log", params={"token": str(number)}).text
    assert filtered.count('class="number-cell"') == 1 and "导出" in filtered
    for other in ("1", str(number * 10), "x"):  # neither a part of the number nor no number at all finds it
        assert "没有符合的记录" in lead.get("/log", params={"token": other}).text
    exported = lead.get("/export/log.csv").text
    assert re.search(rf'""token"":{number}[,}}]', exported) and token not in exported
    (line,) = script.get(f"{API}/log", params={"token": number}).json()
    assert (line["action"], line["actor"], line["token"]) == ("export", LEAD, number)
    assert script.get(f"{API}/log", params={"action": "make_token", "limit": 1}).json()[0]["token"] is None
