"""The pages and routes of second review, as officers and leads use them."""

import io
import re
from collections.abc import Callable

import openpyxl
import pytest
from httpx2 import Response

from audit.model.review import UserRole, Verdict
from audit.store import tables as t
from audit.store.review import add_missed, decide
from audit.store.sampling import Draw, create_plan
from audit.store.users import add_user
from audit.web.desk import Desk
from tests.store.runs import rows
from tests.web.conftest import NAMES, Browser

Client = Callable[..., Browser]
OFFICER, LEAD, TRAINER, VIEWER = NAMES[UserRole.OFFICER], NAMES[UserRole.LEAD], UserRole.TRAINER, UserRole.VIEWER
FORM = {
    "name": "三月抽查",
    "seed": "7",
    "findings": "100",
    "calls": "100",
    "opinions": "2",
    "blind": "true",
    "at_least": "1",
}


@pytest.fixture
def plan(desk: Desk) -> int:
    """A blind plan of all findings and all calls without, two opinions each."""
    return create_plan(desk.store, "三月抽查", Draw(findings=1.0, calls=1.0), 2, True, LEAD)[0]


def went(answer: Response) -> str:
    assert answer.status_code == 303, answer.text[:300]
    return answer.headers["location"]


def samples(desk: Desk, *, calls: bool = False) -> list[dict[str, object]]:
    return [row for row in rows(desk.store, t.samples) if (row["finding"] is None) == calls]


def test_a_lead_draws_a_plan_and_is_told_what_was_drawn_from_what(desk: Desk, client: Client) -> None:
    lead = client(UserRole.LEAD)
    form = lead.get("/plans/new")
    assert form.status_code == 200 and 'name="seed"' in form.text
    shown = lead.get(went(lead.post_form("/plans", FORM | {"labels": ["threat.violence"], "last": "2026-12-31"}))).text
    drawn = len(samples(desk))
    assert drawn and f"从 {drawn} 条中抽 {drawn} 条" in shown
    assert "三月抽查" in shown and "暴力威胁" in shown and "2026-12-31" in shown
    assert {
        row["label"] for row in rows(desk.store, t.findings) if row["id"] in [s["finding"] for s in samples(desk)]
    } == {"threat.violence"}
    assert "三月抽查" in lead.get("/plans").text


@pytest.mark.parametrize(
    ("change", "code", "kept"),
    [
        ({"name": " "}, "CA623", "100"),
        ({"findings": "0", "calls": "0"}, "CA624", "三月抽查"),
        ({"first": "gestern"}, "CA625", "三月抽查"),
        ({"at_least": "-1"}, "CA625", "三月抽查"),
        ({"labels": ["<script>alert(1)</script>"]}, "CA625", "三月抽查"),
        ({"findings": "101"}, "CA835", ""),
    ],
)
def test_what_cannot_be_drawn_is_told_on_the_form(
    desk: Desk, client: Client, change: dict[str, str], code: str, kept: str
) -> None:
    answer = client(UserRole.LEAD).post_form("/plans", FORM | change)
    assert answer.status_code == 422
    assert code in answer.text and kept in answer.text and "<script>alert" not in answer.text
    assert rows(desk.store, t.plans) == []


def test_an_officer_is_led_from_sample_to_sample_to_the_end(desk: Desk, client: Client, plan: int) -> None:
    officer = client()
    address = went(officer.post_form(f"/plans/{plan}/next"))
    seen = []
    while address.startswith("/calls/"):
        found = re.fullmatch(r"/calls/\d+\?(?:finding=\d+&)?sample=(\d+)", address)
        assert found
        sample = found[1]
        shown = officer.get(address)
        assert shown.status_code == 200 and f"/samples/{sample}/opinion" in shown.text
        seen.append(int(sample))
        finding = "finding=" in address
        assert ('value="clean"' in shown.text) != finding
        verdict = "confirm" if finding else "clean"
        address = went(officer.post_form(f"/samples/{sample}/opinion", {"verdict": verdict, "comment": "听过"}))
    assert address == f"/plans/{plan}?end=1"
    assert "您这边没有要复查的样本了" in officer.get(address).text
    assert sorted(seen) == [row["id"] for row in rows(desk.store, t.samples)]
    assert {row["reviewer"] for row in rows(desk.store, t.opinions)} == {1}
    assert len(rows(desk.store, t.decisions)) == len(samples(desk))


def test_deciding_on_the_page_of_the_call_is_the_opinion(desk: Desk, client: Client, plan: int) -> None:
    officer = client()
    one = samples(desk)[0]
    page = officer.get(f"/calls/{one['call']}?finding={one['finding']}&sample={one['id']}").text
    forms = re.findall(r'<form id="(\w+)" method="post" action="([^"]+)" hx-post="([^"]+)"', page)
    assert forms == [(name, *[f"/samples/{one['id']}/opinion"] * 2) for name in ("decide", "dismiss")]
    answer = officer.post_form(
        f"/samples/{one['id']}/opinion",
        {"verdict": "dismiss", "common": "说话人标错", "seen": "0", "queue": ""},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200 and answer.headers["hx-redirect"].startswith("/calls/")
    (decision,) = rows(desk.store, t.decisions)
    assert (decision["verdict"], decision["reason"]) == ("dismiss", "说话人标错")
    # Another look at it: the opinion stands, and the usual form is back.
    page = officer.get(f"/calls/{one['call']}?finding={one['finding']}&sample={one['id']}").text
    assert "您的意见已记录" in page and f'action="/samples/{one["id"]}/opinion"' not in page


def test_the_bar_is_only_on_the_page_of_its_own_call(desk: Desk, client: Client, plan: int) -> None:
    one = samples(desk)[0]
    other = next(row["id"] for row in rows(desk.store, t.calls) if row["id"] != one["call"])
    officer = client()
    for address in (f"/calls/{other}?sample={one['id']}", f"/calls/{other}?sample=99999", f"/calls/{other}?sample=x"):
        answer = officer.get(address)
        assert answer.status_code == 200 and "sample-bar" not in answer.text
    assert "sample-bar" not in client(VIEWER).get(f"/calls/{one['call']}?sample={one['id']}").text


def test_what_others_decided_is_hidden_until_the_opinion_is_given(desk: Desk, client: Client, plan: int) -> None:
    one = samples(desk)[0]
    address = f"/calls/{one['call']}?finding={one['finding']}&sample={one['id']}"
    add_user(desk.store, "另一位", UserRole.OFFICER, "test")
    decide(desk.store, int(str(one["finding"])), "另一位", Verdict.DISMISS, reason="只是复述而已")
    officer = client()
    assert "只是复述而已" not in officer.get(address).text
    officer.post_form(f"/samples/{one['id']}/opinion", {"verdict": "confirm"})
    assert "只是复述而已" in officer.get(address).text


def test_what_others_added_to_a_call_is_hidden_until_the_opinion_is_given(
    desk: Desk, client: Client, plan: int
) -> None:
    one = samples(desk, calls=True)[0]
    call = int(str(one["call"]))
    add_user(desk.store, "另一位", UserRole.OFFICER, "test")
    add_missed(desk.store, call, "另一位", "threat.violence", turn=None, span=None, comment="听出威胁")
    officer, address = client(), f"/calls/{call}?sample={one['id']}"

    def told() -> tuple[bool, bool, int, bool]:
        page, book = officer.get(address).text, officer.get(f"/export/calls/{call}.xlsx").content
        sheets = openpyxl.load_workbook(io.BytesIO(book))
        added = "".join(str(cell) for row in sheets["人工补记"].values for cell in row)
        return (
            "听出威胁" in page,
            "不显示他人的补记" in page,
            len(officer.get(f"/api/v1/calls/{call}").json()["missed"]),
            "听出威胁" in added,
        )

    assert told() == (False, True, 0, False)
    officer.post_form(f"/samples/{one['id']}/opinion", {"verdict": "clean"})
    assert told() == (True, False, 1, True)


def test_a_refused_opinion_is_told_and_changes_nothing(desk: Desk, client: Client, plan: int) -> None:
    officer, one = client(), samples(desk)[0]
    for data, code in (
        ({"verdict": "dismiss"}, "CA614"),
        ({"verdict": "clean"}, "CA622"),
        ({"verdict": "perhaps"}, "CA835"),
    ):
        answer = officer.post_form(f"/samples/{one['id']}/opinion", data)
        assert answer.status_code == 422 and code in answer.text
    assert officer.post_form("/samples/99999/opinion", {"verdict": "confirm"}).status_code == 404
    assert officer.post(f"/samples/{one['id']}/opinion", data={"verdict": "confirm"}).status_code == 403  # no token
    assert rows(desk.store, t.opinions) == []


def test_agreement_and_disagreements_are_shown_to_who_plans(desk: Desk, client: Client, plan: int) -> None:
    first, second = samples(desk)[:2]
    officer, lead = client(), client(UserRole.LEAD)
    for one, verdicts in ((first, ("confirm", "dismiss")), (second, ("confirm", "confirm"))):
        for browser, verdict in zip((officer, lead), verdicts, strict=True):
            went(browser.post_form(f"/samples/{one['id']}/opinion", {"verdict": verdict, "reason": "复述"}))
    shown = lead.get(f"/plans/{plan}").text
    assert "一致 50.0%（2 对）" in shown and "Cohen" in shown
    # The lead gave one of the opinions: who rules is somebody else, who finds the way here.
    assert f"/findings/{first['finding']}/ruling" in shown
    seen = officer.get(f"/plans/{plan}").text
    assert "Cohen" not in seen and f"{LEAD}</th>" in seen
    told = lead.get(f"/api/v1/plans/{plan}/agreement").json()
    assert [(one["kind"], one["pairs"], one["observed"]) for one in told][:1] == [("findings", 2, 0.5)]
    (apart,) = lead.get(f"/api/v1/plans/{plan}/disagreements").json()
    assert apart["sample"]["id"] == first["id"] and apart["state"] == "disputed"
    assert [one["opinion"] for one in apart["said"]] == ["confirm", "dismiss"]


def test_a_closed_plan_takes_no_more(desk: Desk, client: Client, plan: int) -> None:
    lead, officer = client(UserRole.LEAD), client()
    one = samples(desk)[0]
    assert went(lead.post_form(f"/plans/{plan}/close")) == f"/plans/{plan}"
    late = officer.post_form(f"/samples/{one['id']}/opinion", {"verdict": "confirm"})
    assert late.status_code == 409 and "CA620" in late.text
    assert went(officer.post_form(f"/plans/{plan}/next")) == f"/plans/{plan}?end=1"
    assert "已关闭" in officer.get(f"/plans/{plan}").text
    assert "/next" not in officer.get("/plans").text


@pytest.mark.parametrize(
    ("method", "path", "may"),
    [
        ("GET", "/plans", "officer lead admin"),
        ("GET", "/plans/1", "officer lead admin"),
        ("GET", "/plans/new", "lead admin"),
        ("POST", "/plans", "lead admin"),
        ("POST", "/plans/1/next", "officer lead admin"),
        ("POST", "/samples/1/opinion", "officer lead admin"),
        ("POST", "/plans/1/close", "lead admin"),
        ("GET", "/api/v1/plans", "officer lead admin"),
        ("GET", "/api/v1/plans/1", "officer lead admin"),
        ("GET", "/api/v1/plans/1/agreement", "lead admin"),
        ("GET", "/api/v1/plans/1/disagreements", "lead admin"),
    ],
)
def test_each_role_may_what_it_may(
    client: Client, plan: int, anonymous: Browser, method: str, path: str, may: str
) -> None:
    for role in UserRole:
        browser = client(role)
        answer = browser.get(path) if method == "GET" else browser.post_form(path)
        denied = (answer.status_code, "CA831" in answer.text) == (403, True)
        assert denied == (role.value not in may.split()) == ("CA831" in answer.text), role
    answer = anonymous.get(path) if method == "GET" else anonymous.post(path)
    assert answer.status_code == 401 if "/api/" in path else went(answer).startswith("/sign-in")


def test_a_program_does_what_the_pages_do(desk: Desk, client: Client) -> None:
    lead = client(UserRole.LEAD)
    token = {"X-CSRF-Token": lead.csrf}
    asked = {"name": "接口", "seed": "1", "findings": 1.0, "calls": 1.0, "opinions": 1, "blind": False}
    made = lead.post("/api/v1/plans", json=asked, headers=token)
    assert made.status_code == 201
    number, told = made.json()["number"], made.json()
    assert told["drawn"]["findings"] == len(samples(desk)) == told["drawn"]["findings_of"]
    assert told["left_for_me"] == told["samples"] == len(rows(desk.store, t.samples))
    given = 0
    while sample := lead.post(f"/api/v1/plans/{number}/next", headers=token).json():
        opinion = {"verdict": sample["verdicts"][0], "comment": "听过"}
        answer = lead.post(f"/api/v1/samples/{sample['id']}/opinion", json=opinion, headers=token)
        assert answer.status_code == 201
        given += 1
    told = lead.get(f"/api/v1/plans/{number}").json()
    assert (told["complete"], told["left_for_me"]) == (given, 0)
    assert lead.get("/api/v1/plans").json() == [told]
    assert lead.post(f"/api/v1/plans/{number}/close", headers=token).json()["closed_at"]
    refused = lead.post("/api/v1/plans", json=asked, headers=token)
    assert refused.json()["error"]["code"] == "CA623"
    assert lead.post("/api/v1/plans", json=asked | {"findings": 2}, headers=token).status_code == 422
    assert lead.get("/api/v1/plans/99999/agreement").status_code == 404


def test_a_hostile_name_is_text(desk: Desk, client: Client) -> None:
    lead = client(UserRole.LEAD)
    name = '"><script>alert(1)</script>{{ 7 * 7 }}'
    address = went(lead.post_form("/plans", FORM | {"name": name}))
    for path in ("/plans", address):
        shown = lead.get(path).text
        assert "<script>alert" not in shown and "&lt;script&gt;alert(1)" in shown and "{{ 7 * 7 }}" in shown


def test_the_pages_speak_english(client: Client, plan: int) -> None:
    lead = client(UserRole.LEAD)
    lead.cookies.set("lang", "en")
    for path in ("/plans", "/plans/new", f"/plans/{plan}"):
        main = lead.get(path).text.partition("<main")[2].partition("</main>")[0].replace("三月抽查", "")
        assert not re.search("[\u4e00-\u9fff]", main), path
