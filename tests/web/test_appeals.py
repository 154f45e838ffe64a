"""The pages and routes of appeals and rulings, as officers and leads use them."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from httpx2 import Response

from audit.model.review import Ruling, UserRole, Verdict
from audit.store import tables as t
from audit.store.appeals import LONGEST, file_appeal, rule_on_appeal
from audit.store.database import now
from audit.store.review import decide
from audit.store.sampling import Draw, create_plan
from audit.store.users import add_user
from audit.web.desk import Desk
from audit.web.pages.appeals import age
from tests.store.runs import rows
from tests.web.conftest import NAMES, Browser

Client = Callable[..., Browser]
OFFICER, LEAD = NAMES[UserRole.OFFICER], NAMES[UserRole.LEAD]
SAID = "客户先这样说，坐席只是复述"


@pytest.fixture
def finding(desk: Desk) -> int:
    """A finding that the officer confirmed; there is another officer, 王."""
    number = next(int(str(row["id"])) for row in rows(desk.store, t.findings) if row["label"] == "threat.violence")
    add_user(desk.store, "王", UserRole.OFFICER, "test")
    decide(desk.store, number, OFFICER, Verdict.CONFIRM, comment="听得清楚")
    return number


@pytest.fixture
def appeal(desk: Desk, finding: int) -> int:
    return file_appeal(desk.store, finding, OFFICER, SAID)


def went(answer: Response) -> str:
    assert answer.status_code == 303, answer.text[:300]
    return answer.headers["location"]


def state(desk: Desk, finding: int) -> object:
    return next(row["state"] for row in rows(desk.store, t.findings) if row["id"] == finding)


def test_an_appeal_goes_from_the_call_to_the_list_to_somebody_else_and_is_settled(
    desk: Desk, client: Client, finding: int
) -> None:
    officer, other = client(), client(name="王")
    call = went(officer.get(f"/findings/{finding}"))
    assert f"/findings/{finding}/appeal" in officer.get(call).text
    form = officer.get(f"/findings/{finding}/appeal").text
    assert "暴力威胁" in form and 'name="statement"' in form and "听得清楚" in form
    filed = went(officer.post_form(f"/findings/{finding}/appeal", {"statement": SAID}))
    assert filed in officer.get("/appeals").text and filed in other.get("/appeals").text
    shown = officer.get(filed).text
    assert SAID in shown and f'action="{filed}/ruling"' not in shown  # the officer confirmed and filed
    shown = other.get(filed).text
    assert SAID in shown and f'action="{filed}/ruling"' in shown and f"finding={finding}" in shown
    assert went(other.post_form(f"{filed}/ruling", {"verdict": "dismiss", "comment": "确为复述"})) == "/appeals"
    assert state(desk, finding) == "dismissed"
    shown = officer.get(filed).text
    assert "确为复述" in shown and "违规不成立" in shown and "再次申诉" in shown and 'name="verdict"' not in shown
    listed = officer.get("/appeals").text
    assert "没有待裁定的申诉" in listed and filed in listed


def test_what_cannot_be_filed_or_ruled_is_told_and_what_was_written_stays(
    desk: Desk, client: Client, finding: int
) -> None:
    officer, other = client(), client(name="王")
    answer = officer.post_form(f"/findings/{finding}/appeal", {"statement": "长" * (LONGEST + 1)})
    assert answer.status_code == 422 and "CA626" in answer.text and "长" * LONGEST in answer.text
    assert "CA626" in officer.post_form(f"/findings/{finding}/appeal").text
    filed = went(officer.post_form(f"/findings/{finding}/appeal", {"statement": SAID}))
    second = other.post_form(f"/findings/{finding}/appeal", {"statement": "再来一次"})
    assert second.status_code == 409 and "CA627" in second.text and "再来一次" in second.text
    for browser, data, code in (
        (officer, {"verdict": "dismiss", "comment": "自己裁定"}, (403, "CA628")),
        (other, {"verdict": "dismiss", "comment": " "}, (422, "CA626")),
        (other, {"verdict": "unsure", "comment": "不知道"}, (422, "CA835")),
        (other, {"comment": "没有结论"}, (422, "CA835")),
    ):
        answer = browser.post_form(f"{filed}/ruling", data)
        assert (answer.status_code, code[1] in answer.text) == (code[0], True)
    assert rows(desk.store, t.rulings) == []
    assert went(other.post_form(f"{filed}/ruling", {"verdict": "confirm", "comment": "听过"})) == "/appeals"
    late = client(UserRole.LEAD).post_form(f"{filed}/ruling", {"verdict": "dismiss", "comment": "改"})
    assert late.status_code == 409 and "CA629" in late.text
    assert state(desk, finding) == "confirmed"


def test_a_lead_finds_disputes_and_settles_them(desk: Desk, client: Client, finding: int) -> None:
    decide(desk.store, finding, "王", Verdict.DISMISS, reason="只是复述")
    lead, officer = client(UserRole.LEAD), client()
    address = f"/findings/{finding}/ruling"
    assert address in lead.get("/appeals").text and address not in officer.get("/appeals").text
    shown = lead.get(address).text
    assert "只是复述" in shown and f'action="{address}"' in shown
    assert officer.get(address).status_code == 403
    assert officer.post_form(address, {"verdict": "confirm", "comment": "听过"}).status_code == 403
    assert went(lead.post_form(address, {"verdict": "confirm", "comment": "听过"})) == "/appeals"
    assert state(desk, finding) == "confirmed"
    assert address not in lead.get("/appeals").text
    again = lead.post_form(address, {"verdict": "dismiss", "comment": "改判"})
    assert again.status_code == 409 and "CA629" in again.text
    assert f'action="{address}"' not in lead.get(address).text


def test_a_dispute_is_not_told_to_who_owes_a_blind_opinion_on_it(desk: Desk, client: Client, finding: int) -> None:
    decide(desk.store, finding, "王", Verdict.DISMISS, reason="只是复述")
    create_plan(desk.store, "盲审", Draw(findings=1.0), 2, True, LEAD)
    lead = client(UserRole.LEAD)
    assert f"/findings/{finding}/ruling" not in lead.get("/appeals").text
    assert lead.get("/api/v1/disputes").json() == []
    shown = lead.get(f"/findings/{finding}/ruling").text
    assert "只是复述" not in shown and "盲审计划" in shown and "disputed" not in shown


def test_what_became_of_a_finding_is_not_told_to_who_owes_a_blind_opinion_on_it(
    desk: Desk, client: Client, finding: int, appeal: int
) -> None:
    create_plan(desk.store, "盲审", Draw(findings=1.0), 2, True, LEAD)
    lead, officer = client(UserRole.LEAD), client()  # the officer had decided before: owes nothing
    waiting = [browser.get("/api/v1/appeals").json()[0] for browser in (lead, officer)]
    assert [(one["hidden"], one["state"]) for one in waiting] == [(True, None), (False, "confirmed")]
    assert "chip-confirmed" not in lead.get("/appeals").text and "chip-confirmed" in officer.get("/appeals").text
    rule_on_appeal(desk.store, appeal, "王", Ruling.OVERTURNED, "确为复述")
    for path in ("/appeals", f"/appeals/{appeal}"):
        shown, known = lead.get(path).text, officer.get(path).text
        assert "违规不成立" not in shown and "确为复述" not in shown and "chip-dismissed" not in shown
        assert "违规不成立" in known
    told = [browser.get(f"/api/v1/appeals/{appeal}").json() for browser in (lead, officer)]
    assert [one["ruling"] is None for one in told] == [True, False]


def test_the_oldest_appeal_is_first_and_says_how_long_it_waits(desk: Desk, client: Client, finding: int) -> None:
    others = [int(str(row["id"])) for row in rows(desk.store, t.findings) if row["id"] != finding][:2]
    for number in others:
        file_appeal(desk.store, number, "王", SAID)
    file_appeal(desk.store, finding, OFFICER, SAID)
    table = client().get("/appeals").text.partition("<tbody>")[2].partition("</tbody>")[0]
    assert re.findall(r'<a href="(/appeals/\d)"', table) == ["/appeals/1", "/appeals/2", "/appeals/3"]
    assert table.count("今天") == 3 and "须他人裁定" in table
    assert [age(now() - timedelta(hours=hours)) for hours in (1, 25, 24 * 8 + 1)] == [0, 1, 8]


def test_the_history_goes_back_page_by_page(desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.web.pages.appeals._PAGE", 2)
    add_user(desk.store, "王", UserRole.OFFICER, "test")
    for number in (1, 2, 3):
        rule_on_appeal(desk.store, file_appeal(desk.store, number, "王", SAID), OFFICER, Ruling.UPHELD, "听过")
    first = client().get("/appeals").text
    assert re.findall(r'href="(/appeals/\d)"', first) == ["/appeals/3", "/appeals/2"]
    older = client().get("/appeals?before=2").text
    assert 'href="/appeals?before=2"' in first
    assert re.findall(r'href="(/appeals/\d)"', older) == ["/appeals/1"]


def test_identifiers_in_what_people_write_are_masked(desk: Desk, client: Client, finding: int) -> None:
    appeal = file_appeal(desk.store, finding, OFFICER, "请回电 13800138000 <b>谢谢</b>")
    browser = client(name="王")
    shown, told = browser.get(f"/appeals/{appeal}").text, browser.get(f"/api/v1/appeals/{appeal}").json()
    assert "13800138000" not in shown and "&lt;b&gt;谢谢" in shown and "<b>谢谢" not in shown
    assert "13800138000" not in told["statement"] and "谢谢" in told["statement"]
    browser.post_form(f"/appeals/{appeal}/ruling", {"verdict": "dismiss", "comment": "已回电 13800138000"})
    assert "13800138000" not in browser.get(f"/appeals/{appeal}").text
    (ruled,) = browser.get("/api/v1/appeals/ruled").json()
    assert "13800138000" not in ruled["ruling"]["comment"] and "已回电" in ruled["ruling"]["comment"]


@pytest.mark.parametrize(
    ("method", "path", "may"),
    [
        ("GET", "/appeals", "officer lead admin"),
        ("GET", "/appeals/1", "officer lead admin"),
        ("POST", "/appeals/1/ruling", "officer lead admin"),
        ("GET", "/findings/1/appeal", "officer lead admin"),
        ("POST", "/findings/1/appeal", "officer lead admin"),
        ("GET", "/findings/1/ruling", "lead admin"),
        ("POST", "/findings/1/ruling", "lead admin"),
        ("GET", "/api/v1/appeals", "officer lead admin"),
        ("GET", "/api/v1/appeals/ruled", "officer lead admin"),
        ("GET", "/api/v1/appeals/1", "officer lead admin"),
        ("GET", "/api/v1/disputes", "lead admin"),
    ],
)
def test_each_role_may_what_it_may(
    client: Client, appeal: int, anonymous: Browser, method: str, path: str, may: str
) -> None:
    for role in UserRole:
        browser = client(role)
        answer = browser.get(path) if method == "GET" else browser.post_form(path)
        # 403 may also be for who had a part in the finding: of the role's lack of permission CA831 speaks, and nothing else does.
        denied = (answer.status_code, "CA831" in answer.text) == (403, True)
        assert denied == (role.value not in may.split()) == ("CA831" in answer.text), role
    answer = anonymous.get(path) if method == "GET" else anonymous.post(path)
    assert answer.status_code == 401 if "/api/" in path else went(answer).startswith("/sign-in")


def test_without_the_token_of_the_session_nothing_is_filed_or_ruled(
    desk: Desk, client: Client, finding: int, appeal: int
) -> None:
    other = client(name="王")
    for path, data in (
        (f"/findings/{finding}/appeal", {"statement": SAID}),
        (f"/appeals/{appeal}/ruling", {"verdict": "dismiss", "comment": "听过"}),
        ("/api/v1/appeals/1/ruling", {}),
    ):
        assert other.post(path, data=data).status_code == 403
    assert (len(rows(desk.store, t.appeals)), rows(desk.store, t.rulings)) == (1, [])


def test_what_is_not_there_is_not_found(client: Client) -> None:
    lead = client(UserRole.LEAD)
    for path in ("/appeals/99999", "/findings/99999/appeal", "/findings/99999/ruling", "/api/v1/appeals/99999"):
        assert lead.get(path).status_code == 404
    assert lead.post_form("/appeals/99999/ruling", {"verdict": "confirm", "comment": "听过"}).status_code == 404


def test_a_program_does_what_the_pages_do(desk: Desk, client: Client, finding: int) -> None:
    officer, other, lead = client(), client(name="王"), client(UserRole.LEAD)

    def post(browser: Browser, path: str, **said: str) -> Response:
        return browser.post(f"/api/v1{path}", json=said, headers={"X-CSRF-Token": browser.csrf})

    filed = post(officer, f"/findings/{finding}/appeals", statement=SAID)
    assert (filed.status_code, filed.json()) == (201, {"appeal": 1})
    (waiting,) = other.get("/api/v1/appeals").json()
    assert (waiting["finding"], waiting["statement"], waiting["ruling"]) == (finding, SAID, None)
    refused = post(officer, "/appeals/1/ruling", verdict="upheld", comment="听过")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "CA628")
    ruled = post(other, "/appeals/1/ruling", verdict="overturned", comment="确为复述")
    assert (ruled.status_code, ruled.json()) == (201, {"state": "dismissed"})
    assert other.get("/api/v1/appeals").json() == []
    assert other.get("/api/v1/appeals/1").json()["ruling"]["verdict"] == "overturned"
    second = next(int(str(row["id"])) for row in rows(desk.store, t.findings) if row["id"] != finding)
    decide(desk.store, second, OFFICER, Verdict.CONFIRM)
    decide(desk.store, second, "王", Verdict.DISMISS, reason="复述")
    assert [one["finding"] for one in lead.get("/api/v1/disputes").json()] == [second]
    settled = post(lead, f"/findings/{second}/ruling", verdict="upheld", comment="听过")
    assert settled.json() == {"state": "confirmed"}


def test_the_pages_speak_english(desk: Desk, client: Client, finding: int, appeal: int) -> None:
    decide(desk.store, finding, "王", Verdict.DISMISS, reason="x")
    lead = client(UserRole.LEAD)
    lead.cookies.set("lang", "en")
    own = re.compile("[\u4e00-\u9fff]")
    for path in ("/appeals", f"/appeals/{appeal}", f"/findings/{finding}/appeal", f"/findings/{finding}/ruling"):
        main = lead.get(path).text.partition("<main")[2].partition("</main>")[0]
        # The card is that of the call's page; what people said stays in their language.
        for said in ("<article .*?</article>", "<p>.*?</p>", '<p class="statement">.*?</p>', "王"):
            main = re.sub(said, "", main, flags=re.S)
        assert not own.search(main), (path, own.search(main))
