"""The queue in the browser and through the API."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from httpx2 import Response

from audit.model.labels import LABELS
from audit.model.review import UserRole, Verdict
from audit.store import tables as t
from audit.store.appeals import file_appeal
from audit.store.database import Store
from audit.store.review import decide
from audit.web.desk import Desk
from audit.web.pages import queue as of_queue
from tests.store.runs import rows
from tests.web.conftest import NAMES, Browser, links

Client = Callable[..., Browser]


def shown(answer: Response) -> list[int]:
    """The numbers of the findings in the list."""
    assert answer.status_code == 200, answer.text
    return [int(number) for number in re.findall(r'<tr id="finding-(\d+)"', answer.text)]


def count(answer: Response, kind: str, key: str) -> str:
    found = re.search(rf'id="count-{kind}-{key}"[^>]*>([^<]*)<', answer.text)
    assert found
    return found[1]


def change(store: Store, statement: str, *values: Any) -> None:
    with store.writing() as connection:
        connection.exec_driver_sql(statement, values)


def test_the_desk_begins_with_the_queue(client: Client, anonymous: Browser) -> None:
    assert client().get("/").headers["location"] == "/queue"
    for path in ("/", "/queue"):
        answer = anonymous.get(path)
        assert answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("role", UserRole)
def test_everybody_reads_the_queue_and_nobody_reads_a_number(client: Client, role: UserRole) -> None:
    answer = client(role).get("/queue?tab=breaches&label=privacy")
    assert shown(answer)
    words = unescape("".join(re.findall(r'<td class="said">.*?</td>', answer.text)))
    assert "＊" in words
    assert not re.search(r"\d{8,}", words)
    assert ("/export/findings.csv" in answer.text) == (role not in (UserRole.TRAINER, UserRole.VIEWER))


def test_without_filters_it_shows_what_waits_the_worst_first(client: Client, desk: Desk) -> None:
    officer = client()
    first = shown(officer.get("/queue"))
    decide(desk.store, first[0], NAMES[UserRole.OFFICER], Verdict.CONFIRM)
    again = officer.get("/queue")
    assert shown(again)[:10] == first[1:11]
    assert (count(again, "state", "open"), count(again, "state", "confirmed")) == ("73", "1")
    assert shown(officer.get("/queue?tab=breaches&state=confirmed")) == first[:1]
    severities = re.findall(r'<td><span class="chip chip-(\w+)">', again.text)
    order = ["critical", "major", "minor", "info"]
    assert severities == sorted(severities, key=order.index) and len(set(severities)) > 1


def test_pages_follow_each_other(client: Client) -> None:
    officer = client()
    first = officer.get("/queue?tab=breaches")
    (following,) = [unescape(path) for path in links(first) if "after=" in path]
    second = officer.get(following)
    assert len(shown(first)) == 50 and len(shown(second)) == 24
    assert len({*shown(first), *shown(second)}) == 74
    assert 'rel="next"' not in second.text


def test_boxes_that_are_ticked_together_are_added_up(client: Client) -> None:
    officer = client()
    answer = officer.get("/queue?tab=breaches&q=&state=open&severity=minor&severity=info&agent=&from=&least=&waits=")
    minor, info = (shown(officer.get(f"/queue?tab=breaches&severity={one}")) for one in ("minor", "info"))
    assert shown(answer) == minor + info
    assert (count(answer, "severity", "minor"), count(answer, "severity", "info")) == (str(len(minor)), str(len(info)))
    for value in ("open", "minor", "info"):
        assert f'value="{value}" checked' in answer.text
    # Each can be dropped by itself.
    assert "/queue?tab=breaches&amp;state=open&amp;severity=info" in answer.text


def test_a_finding_leads_to_its_call_and_takes_the_filters_along(client: Client) -> None:
    officer = client()
    answer = officer.get("/queue?tab=breaches&label=insult&state=open")
    number = shown(answer)[0]
    (path,) = [unescape(path) for path in links(answer) if f"finding={number}&" in path]
    assert re.fullmatch(rf"/calls/\d+\?finding={number}&tab=breaches&state=open&label=insult", path)
    assert officer.get(path).status_code == 200


def test_words_of_the_call_are_searched(client: Client) -> None:
    officer = client()
    assert 0 < len(shown(officer.get("/queue?tab=breaches&q=断子绝孙"))) < 50
    nothing = officer.get("/queue?tab=breaches&q=蝴蝶效应")
    assert shown(nothing) == [] and "没有符合这些条件的发现" in nothing.text


def test_htmx_gets_the_list_and_the_counts_and_a_short_address(client: Client) -> None:
    answer = client().get(
        "/queue?tab=breaches&q=&state=open&state=unsure&agent=", headers={"HX-Request": "true", "HX-Target": "queue"}
    )
    assert shown(answer)
    assert answer.headers["hx-push-url"] == "/queue?tab=breaches&state=open%2Cunsure"
    assert "<html" not in answer.text and "<form id=" not in answer.text
    assert 'id="count-state-open" hx-swap-oob="true"' in answer.text
    whole = client().get("/queue", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in whole.text


@pytest.mark.parametrize("query", ["state=closed", "from=gestern", "least=2", "tab=x", "after=0", "after=x"])
def test_what_cannot_be_asked_for_is_told(client: Client, query: str) -> None:
    officer = client()
    assert officer.get(f"/queue?{query}").status_code == 422
    assert officer.get(f"/api/v1/findings?{query}").status_code == 422
    assert officer.get("/queue?after=999999").status_code == 404


def test_talk_of_suicide_is_announced_wherever_one_looks(client: Client, desk: Desk) -> None:
    officer = client()
    assert "urgent-first" not in officer.get("/queue").text
    change(desk.store, "UPDATE findings SET label = 'signal.self_harm', rank = 4 WHERE id = 1")
    answer = officer.get("/queue?tab=breaches&agent=nobody")
    (path,) = re.findall(r'class="urgent-first"><a href="([^"]+)"', answer.text)
    urgent = officer.get(unescape(path))
    assert shown(urgent) == [1] and "chip-urgent" in urgent.text and "urgent-first" not in urgent.text
    assert shown(officer.get("/queue?tab=signals"))[0] == 1


def test_a_queue_that_is_done_says_so(client: Client, desk: Desk) -> None:
    for number in range(1, 4):
        decide(desk.store, number, NAMES[UserRole.LEAD], Verdict.CONFIRM)
    change(desk.store, "UPDATE findings SET state = 'confirmed'")
    answer = client().get("/queue")
    assert shown(answer) == [] and "全部处理完了" in answer.text
    change(desk.store, "UPDATE findings SET superseded_by = 1")
    assert "callaudit run" in client().get("/queue").text


def test_todays_work_is_counted(client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    began = datetime.now(UTC)
    monkeypatch.setattr(of_queue, "now", lambda: began)  # still today, also when the test goes on past midnight
    for number, role in ((1, UserRole.OFFICER), (2, UserRole.OFFICER), (3, UserRole.LEAD)):
        decide(desk.store, number, NAMES[role], Verdict.CONFIRM)
    today = re.search(r'<dl class="today".*?</dl>', client().get("/queue").text, re.DOTALL)
    assert today and re.findall(r"<dd>(\d+)</dd>", today[0])[:2] == ["2", "3"]


def test_today_begins_at_midnight_in_china(client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    decide(desk.store, 1, NAMES[UserRole.OFFICER], Verdict.CONFIRM)
    (decided,) = rows(desk.store, t.decisions)
    in_china = datetime.fromisoformat(str(decided["decided_at"])) + timedelta(hours=8)
    tomorrow = in_china.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - timedelta(hours=8)
    for moment, done in ((tomorrow - timedelta(seconds=1), "1"), (tomorrow + timedelta(seconds=1), "0")):
        monkeypatch.setattr(of_queue, "now", lambda moment=moment: moment)
        today = re.search(r'<dl class="today".*?</dl>', client().get("/queue").text, re.DOTALL)
        assert today and re.findall(r"<dd>(\d+)</dd>", today[0])[:2] == [done, done]


def test_all_labels_that_are_ticked_are_looked_at_and_kept(client: Client) -> None:
    boxes = [("label", label) for label in sorted(LABELS)]
    browser = client()
    page = browser.get("/queue", params=[("tab", "breaches"), *boxes])
    assert page.status_code == 200
    query = re.search(r'name="query" value="([^"]*)"', page.text)
    assert query
    saved = browser.post_form("/queue/views", {"name": "全部", "query": unescape(query[1])})
    assert saved.status_code == 303
    kept = dict(parse_qsl(urlsplit(saved.headers["location"]).query))["label"]
    assert kept.split(",") == sorted(LABELS)
    findings = browser.get("/api/v1/findings", params={"label": kept})
    assert findings.status_code == 200


def test_codes_with_a_telephone_number_are_not_shown(client: Client, desk: Desk) -> None:
    number = shown(client().get("/queue"))[0]
    change(desk.store, "UPDATE findings SET agent_id = '13800138000', team = '组13900139000' WHERE id = ?", number)
    file_appeal(desk.store, number, NAMES[UserRole.OFFICER], "不是这样")
    browser = client(UserRole.LEAD)
    for path in ("/queue", "/search", "/appeals", "/appeals/1"):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert "13800138000" not in answer.text and "13900139000" not in answer.text
    assert "＊＊＊＊＊＊＊8000" in browser.get("/appeals").text
    assert shown(browser.get("/queue?agent=13800138000")) == [number], "who knows the code may ask for it"


def test_views_are_kept_and_are_ones_own(client: Client) -> None:
    officer, lead = client(), client(UserRole.LEAD)
    query = "tab=breaches&severity=critical&label=insult"
    saved = officer.post_form("/queue/views", {"name": "  辱骂  严重 ", "query": query})
    assert (saved.status_code, saved.headers["location"]) == (303, f"/queue?{query}")
    page = officer.get(saved.headers["location"])
    assert (
        '<a href="/queue?tab=breaches&amp;severity=critical&amp;label=insult" aria-current="true">辱骂 严重</a>'
        in page.text
    )
    assert "辱骂 严重" not in lead.get("/queue").text
    assert officer.post_form("/queue/views", {"name": "辱骂 严重", "query": "tab=signals"}).status_code == 422
    assert lead.post_form("/queue/views", {"name": "辱骂 严重", "query": "tab=signals"}).status_code == 303
    (number,) = re.findall(r"/queue/views/(\d+)/delete", page.text)
    assert lead.post_form(f"/queue/views/{number}/delete").status_code == 404
    assert officer.post_form(f"/queue/views/{number}/delete").status_code == 303
    assert "辱骂 严重" not in officer.get("/queue").text
    assert officer.post_form(f"/queue/views/{number}/delete").status_code == 404


@pytest.mark.parametrize(
    ("name", "query"), [("", "tab=signals"), ("x" * 41, ""), ("a\u202eb", ""), ("\x00", ""), ("x", "state=closed")]
)
def test_views_that_cannot_be_are_refused(client: Client, name: str, query: str) -> None:
    assert client().post_form("/queue/views", {"name": name, "query": query}).status_code == 422


def test_nothing_is_changed_without_the_sessions_token(client: Client) -> None:
    officer = client()
    officer.post_form("/queue/views", {"name": "x", "query": "tab=signals"})
    for path in ("/queue/views", "/queue/views/1/delete"):
        assert officer.post(path, data={"name": "y", "query": "", "csrf": "wrong"}).status_code == 403
    assert officer.post("/api/v1/views", json={"name": "y", "query": ""}).status_code == 403
    assert officer.delete("/api/v1/views/1").status_code == 403
    assert [view["name"] for view in officer.get("/api/v1/views").json()] == ["x"]


HOSTILE = '"><script>alert(1)</script>\u202e{{ 1234577*7654321 }}'


def test_hostile_texts_are_shown_as_text(client: Client, desk: Desk) -> None:
    for column in ("agent_id", "team", "label", "rule"):
        change(desk.store, f"UPDATE findings SET {column} = ? WHERE id = 1", HOSTILE)
    change(desk.store, "UPDATE spoken SET masked = replace(masked, '，', ?)", "<img src=x onerror=alert(1)>")
    officer = client()
    officer.post_form("/queue/views", {"name": "<script>alert(1)</script>", "query": "agent=%3Cscript%3E"})
    for path in ("/queue", "/queue?tab=breaches&agent=%22%3E%3Cscript%3E&q=%3Cscript%3E&label=%3Cscript%3E"):
        page = officer.get(path).text
        assert "<script>alert" not in page and "<img" not in page and "\u202e" not in page
        assert "style=" not in page and "onclick" not in page and "9449848657217" not in page
        assert "&lt;script&gt;" in page


def test_the_page_speaks_english(client: Client) -> None:
    officer = client()
    officer.cookies.set("lang", "en")
    page = officer.get("/queue").text
    assert ">Severity<" in page and "Threat of violence" in page and "待处理" not in page


def test_programs_page_through_the_same_queue(client: Client) -> None:
    officer = client()
    read, after = [], None
    while True:
        query = "" if after is None else f"&after={after}"
        part = officer.get(f"/api/v1/findings?tab=breaches&state=open,unsure&limit=40{query}").json()
        read += [finding["number"] for finding in part["findings"]]
        after = part["following"]
        if after is None:
            break
    assert read[:50] == shown(officer.get("/queue?tab=breaches&state=open&state=unsure"))
    assert len(read) == len(set(read)) == 74
    finding = officer.get("/api/v1/findings?q=断子绝孙&limit=1").json()["findings"][0]
    assert finding["severity"] == "critical" and finding["words"] and finding["state"] == "open"
    assert officer.get("/api/v1/findings?limit=201").status_code == 422


def test_programs_count_and_keep_views(client: Client) -> None:
    officer = client()
    counted = officer.get("/api/v1/findings/counts?tab=signals").json()
    assert sum(cell["findings"] for cell in counted["counts"]) == 25 and counted["capped"] is False
    csrf = {"X-CSRF-Token": officer.csrf}
    kept = officer.post("/api/v1/views", json={"name": "x", "query": "label=insult"}, headers=csrf)
    assert kept.status_code == 201
    assert officer.get("/api/v1/views").json() == [
        {"number": kept.json()["number"], "name": "x", "query": "tab=breaches&label=insult"}
    ]
    assert client(UserRole.LEAD).get("/api/v1/views").json() == []
    assert officer.delete(f"/api/v1/views/{kept.json()['number']}", headers=csrf).status_code == 204
    assert officer.get("/api/v1/views").json() == []


def test_findings_of_the_api_need_a_reader(anonymous: Browser) -> None:
    for path in ("/api/v1/findings", "/api/v1/findings/counts", "/api/v1/views"):
        assert anonymous.get(path).status_code == 401
