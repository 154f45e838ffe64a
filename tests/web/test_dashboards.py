import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from httpx2 import Response

from audit.model.review import UserRole, Verdict
from audit.store import tables as t
from audit.store.review import decide
from audit.store.sampling import Draw, close_plan, create_plan
from audit.web.charts import Chart, Mark, ranking_chart, weeks_chart
from audit.web.desk import Desk
from audit.web.pages import dashboards
from tests.store.runs import report, rows, take_in
from tests.web.conftest import NAMES, Browser

Client = Callable[..., Browser]
TABLES = ("labels", "teams", "agents", "weeks", "rules")
FORMULA, SCRIPT = '=HYPERLINK("http://evil.example")', "<script>alert(1)</script>"


def read_csv(answer: Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def read_xlsx(answer: Response) -> dict[str, list[tuple[object, ...]]]:
    assert answer.status_code == 200, answer.text
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


@pytest.fixture
def hostile(desk: Desk, tmp_path: Path) -> Desk:
    """The desk, with a call more, whose agent and team are called as no one is."""
    made = report("c-hostile", day=5)
    metadata = replace(made.call.metadata, agent_id=FORMULA, team=SCRIPT)
    take_in(desk.store, tmp_path / "hostile", replace(made, call=replace(made.call, metadata=metadata)), hour=14)
    return desk


def exports(desk: Desk) -> list[tuple[object, object, object]]:
    """The lines of the log on exports: who, what, facts."""
    return [
        (row["actor"], row["subject"], row["facts"]) for row in rows(desk.store, t.log) if row["action"] == "export"
    ]


def test_who_owes_a_blind_opinion_is_not_told_by_the_numbers_what_others_said(desk: Desk, client: Client) -> None:
    finding = next(int(str(row["id"])) for row in rows(desk.store, t.findings) if row["label"] == "threat.violence")
    create_plan(desk.store, "周检", Draw(findings=1.0), 2, True, NAMES[UserRole.ADMIN])
    decide(desk.store, finding, NAMES[UserRole.OFFICER], Verdict.DISMISS, reason="复述")

    def told(role: UserRole) -> tuple[int, int]:
        browser = client(role)
        overview = read_xlsx(browser.get("/dashboards/export.xlsx"))["概览"]
        shown = next(row[1] for row in overview if "已排除" in str(row[0]))
        return browser.get("/api/v1/statistics").json()["totals"]["states"]["dismissed"], int(str(shown))

    assert told(UserRole.LEAD) == told(UserRole.OFFICER) == (0, 0)
    close_plan(desk.store, 1, NAMES[UserRole.ADMIN])
    assert told(UserRole.LEAD) == (1, 1)


def test_the_page_shows_the_numbers_of_the_store(desk: Desk, client: Client) -> None:
    page = client(UserRole.VIEWER).get("/dashboards")
    assert page.status_code == 200
    calls = len(rows(desk.store, t.calls))
    assert f"<dt>通话</dt><dd>{calls} <small>通</small></dd>" in page.text
    for title in ("每周走势", "按类别", "按班组", "按坐席", "规则准确率"):
        assert title in page.text
    assert page.text.count("<svg") == page.text.count('role="img"') == page.text.count("<desc ")
    assert not re.search(r'\sstyle="|\son[a-z]+="|<style|<script(?! (defer|type="module") src=)', page.text)


def test_the_page_speaks_english(client: Client) -> None:
    browser = client(UserRole.OFFICER)
    browser.cookies.set("lang", "en")
    page = browser.get("/dashboards").text
    assert "Violations per 100 calls · By agent" in page and "Precision of rules" in page
    assert "违规" not in re.sub(r"<select.*?</select>", "", page)


def test_who_decided_how_much_is_shown_to_those_who_lead_only(desk: Desk, client: Client) -> None:
    decide(desk.store, 1, "officer-1", Verdict.CONFIRM)
    assert "复核工作量" in client(UserRole.LEAD).get("/dashboards").text
    officer = client(UserRole.OFFICER)
    assert "复核工作量" not in officer.get("/dashboards").text
    assert officer.get("/dashboards/work.csv").status_code == 403
    assert "复核工作量" not in read_xlsx(officer.get("/dashboards/export.xlsx"))
    assert officer.get("/api/v1/statistics/decisions").status_code == 403
    sheet = read_csv(client(UserRole.LEAD).get("/dashboards/work.csv"))
    assert [row[1:] for row in sheet[1:]] == [["officer-1", "1", "0", "0", "0", "1"]]


@pytest.mark.parametrize("role", [UserRole.VIEWER, UserRole.TRAINER])
def test_who_may_not_export_sees_no_way_to_and_is_refused(desk: Desk, client: Client, role: UserRole) -> None:
    browser = client(role)
    assert "/dashboards/labels.csv" not in browser.get("/dashboards").text
    for path in ("export.xlsx", "labels.csv", "labels.xlsx", "labels.svg"):
        assert browser.get(f"/dashboards/{path}").status_code == 403
    assert exports(desk) == []


def test_nobody_sees_numbers_without_signing_in(anonymous: Browser) -> None:
    for path in ("/dashboards", "/dashboards/labels.csv", "/dashboards/export.xlsx", "/dashboards/weeks.svg"):
        assert anonymous.get(path).headers["Location"].startswith("/sign-in")
    for path in ("statistics", "statistics/agents", "statistics/rules", "export/statistics.xlsx"):
        assert anonymous.get(f"/api/v1/{path}").status_code == 401


@pytest.mark.parametrize(
    "query",
    ["from=gestern", "to=2026-02-30", "family=signal", "family=threat%27--", "counting=all", "from=20260302%00"],
)
def test_what_cannot_be_selected_is_said(client: Client, query: str) -> None:
    browser = client(UserRole.OFFICER)
    page = browser.get(f"/dashboards?{query}")
    assert page.status_code == 422 and "CA837" in page.text
    assert browser.get(f"/api/v1/statistics?{query}").json()["error"]["code"] == "CA837"


def test_of_very_many_rows_the_page_lists_some_and_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = client(UserRole.OFFICER)
    labels = [row[0] for row in read_csv(browser.get("/dashboards/labels.csv"))[1:]]
    monkeypatch.setattr(dashboards, "SHOWN", 2)
    assert all(f">{label}<" in browser.get("/dashboards").text for label in labels)
    monkeypatch.setattr(dashboards, "LISTED", 3)
    page = browser.get("/dashboards").text
    assert f">{labels[2]}</a>" in page and f">{labels[3]}</a>" not in page
    assert f"其余 {len(labels) - 2} 行" in page and "这里只列前 3 行" in page


def test_a_selection_without_calls_says_so(client: Client) -> None:
    page = client(UserRole.OFFICER).get("/dashboards?from=1999-01-01&to=1999-12-31&team=&agent=&family=&counting=")
    assert page.status_code == 200
    assert "这个范围内没有通话" in page.text


def test_the_selection_goes_with_every_download(client: Client) -> None:
    page = client(UserRole.OFFICER).get("/dashboards?from=2026-01-01&family=threat&counting=confirmed").text
    downloads = re.findall(r'href="(/dashboards/[a-z]+\.[a-z]+[^"]*)"', page)
    assert len(downloads) == 1 + 3 * len(TABLES)
    assert all("from=2026-01-01&amp;family=threat&amp;counting=confirmed" in address for address in downloads)


def test_confirmed_counts_what_was_confirmed(desk: Desk, client: Client) -> None:
    browser = client(UserRole.OFFICER)
    breach = next(row for row in rows(desk.store, t.findings) if not str(row["label"]).startswith("signal."))
    assert read_csv(browser.get("/dashboards/labels.csv?counting=confirmed"))[1:] == []
    decide(desk.store, int(str(breach["id"])), "lead-1", Verdict.CONFIRM)
    (row,) = read_csv(browser.get("/dashboards/labels.csv?counting=confirmed"))[1:]
    assert row[1] == breach["label"] and row[3:5] == ["1", "1"]
    totals = browser.get("/api/v1/statistics?counting=confirmed").json()["totals"]
    assert (totals["violations"], totals["calls_with_violation"], totals["states"]["confirmed"]) == (1, 1, 1)


@pytest.mark.parametrize("key", TABLES)
def test_a_table_is_the_same_on_the_page_as_csv_as_xlsx_and_in_the_api(desk: Desk, client: Client, key: str) -> None:
    breaches = [row for row in rows(desk.store, t.findings) if not str(row["label"]).startswith("signal.")]
    for place, row in enumerate(breaches[:12]):
        verdict = Verdict.CONFIRM if place % 3 else Verdict.DISMISS
        decide(desk.store, int(str(row["id"])), "officer-1", verdict, reason="复述")
    browser = client(UserRole.OFFICER)
    as_csv = read_csv(browser.get(f"/dashboards/{key}.csv"))
    ((title, sheet),) = read_xlsx(browser.get(f"/dashboards/{key}.xlsx")).items()
    shown = [["" if cell is None else str(cell) for cell in row] for row in sheet]
    assert len(as_csv) > 1 and [[_number(cell) for cell in row] for row in as_csv] == [
        [_number(cell) for cell in row] for row in shown
    ]
    assert read_xlsx(browser.get("/dashboards/export.xlsx"))[title] == sheet
    told = browser.get(f"/api/v1/statistics/{key}").json()
    assert len(told) == len(as_csv) - 1
    value = "precision" if key == "rules" else "per_100"
    column = 5 if key in ("rules", "labels") else 4
    scale = 100 if key == "rules" else 1
    for line, cells in zip(told, as_csv[1:], strict=True):
        assert (
            cells[column] == ""
            if line[value] is None
            else float(cells[column]) == pytest.approx(scale * line[value], abs=0.06)
        )
    page = browser.get("/dashboards").text
    assert all(f">{row[0]}<" in page for row in as_csv[1:])


def _number(cell: str) -> float | str:
    return float(cell) if re.fullmatch(r"\d+(\.\d+)?", cell) else cell


@pytest.mark.parametrize("key", TABLES)
def test_a_chart_is_a_file_that_stands_alone(desk: Desk, client: Client, key: str) -> None:
    decide(desk.store, 1, "officer-1", Verdict.CONFIRM)
    answer = client(UserRole.OFFICER).get(f"/dashboards/{key}.svg")
    assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert "attachment" in answer.headers["Content-Disposition"]
    root = ElementTree.fromstring(answer.content)
    tags = {element.tag.removeprefix("{http://www.w3.org/2000/svg}") for element in root.iter()}
    assert root.tag == "{http://www.w3.org/2000/svg}svg" and {"title", "desc", "style", "text"} <= tags
    assert not tags & {"script", "image", "use", "a", "foreignObject"}
    # What a reader of the page has above the chart, a reader of the file has in it.
    title = root.findtext("{http://www.w3.org/2000/svg}title")
    assert title and title in [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    style = root.find("{http://www.w3.org/2000/svg}style")
    assert style is not None and style.text is not None
    assert ".whisker" in style.text and "var(" not in style.text and "url(" not in style.text


def test_every_export_is_a_line_of_the_log_without_words(desk: Desk, client: Client) -> None:
    browser = client(UserRole.LEAD)
    for path in ("labels.csv", "agents.xlsx?agent=A07", "weeks.svg", "export.xlsx"):
        assert browser.get(f"/dashboards/{path}").status_code == 200
    assert exports(desk) == [
        ("lead-1", "dashboards:labels", '{"format":"csv"}'),
        ("lead-1", "dashboards:agents", '{"format":"xlsx"}'),
        ("lead-1", "dashboards:weeks", '{"format":"svg"}'),
        ("lead-1", "dashboards", '{"format":"xlsx","sheets":7}'),
    ]


def test_names_that_are_formulas_or_markup_stay_words(hostile: Desk, client: Client) -> None:
    browser = client(UserRole.OFFICER)
    page = browser.get("/dashboards").text
    assert SCRIPT not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert [row[0] for row in read_csv(browser.get("/dashboards/agents.csv")) if "HYPERLINK" in row[0]] == [
        f"'{FORMULA}"
    ]
    agents = read_xlsx(browser.get("/dashboards/agents.xlsx"))["按坐席"]
    assert [row[0] for row in agents if "HYPERLINK" in str(row[0])] == [FORMULA]
    for key, name in (("agents", FORMULA), ("teams", SCRIPT)):
        drawn = ElementTree.fromstring(browser.get(f"/dashboards/{key}.svg").content)
        assert any(name[:12] in (element.text or "") for element in drawn.iter())
        assert not any(element.tag.endswith("script") for element in drawn.iter())
    chosen = browser.get("/dashboards", params={"team": SCRIPT})
    assert "班组 &lt;script&gt;" in chosen.text
    assert SCRIPT not in chosen.text and "<dt>通话</dt><dd>1 <small>通</small></dd>" in chosen.text


def test_a_number_in_an_agents_code_is_masked(desk: Desk, client: Client, tmp_path: Path) -> None:
    made = report("c-number", day=5)
    metadata = replace(made.call.metadata, agent_id="A-13800138000", team="13800138000组")
    take_in(desk.store, tmp_path / "number", replace(made, call=replace(made.call, metadata=metadata)), hour=14)
    browser = client(UserRole.LEAD)
    shown = browser.get("/dashboards").text
    # The form and the links have to send it; nobody reads it.
    assert "13800138000" not in re.sub(r'(value|href)="[^"]*"', "", shown)
    for key in ("agents", "teams"):
        for ending in ("csv", "svg"):
            assert "13800138000" not in browser.get(f"/dashboards/{key}.{ending}").text
    assert not any(
        "13800138000" in str(row) for rows in read_xlsx(browser.get("/dashboards/export.xlsx")).values() for row in rows
    )


def test_only_tables_and_charts_that_there_are_have_addresses(client: Client) -> None:
    browser = client(UserRole.LEAD)
    for path in ("users.csv", "work.svg", "labels.json", "..%2Flabels.csv", "labels.csv.csv"):
        assert browser.get(f"/dashboards/{path}").status_code == 404, path


def test_a_chart_says_what_is_small_and_what_goes_beyond_it() -> None:
    sure = Mark("坐席一", 40.0, (30.0, 52.0), "200 通", is_small=False)
    doubtful = Mark("坐席二", 50.0, (1.0, 300.0), "2 通", is_small=True)
    drawn = ElementTree.fromstring(ranking_chart(Chart("agents", "标题", "说明"), [sure, doubtful]).file())
    groups = {group.get("class"): group for group in drawn.iter("{http://www.w3.org/2000/svg}g")}
    assert _has(groups["small"], "path") and not _has(groups["enough"], "path")
    assert "坐席二: 50.0 [1.0–300.0] 2 通" in "".join(groups["small"].itertext())
    # The axis ends behind what is sure, not where a guess ends.
    assert "60" in "".join(drawn.itertext()) and "300" not in [text.text for text in drawn.iter() if text.get("class")]


@pytest.mark.parametrize("marks", [[], [Mark("2026-03-02", 0.0, (0.0, 3.7), "100 通", is_small=False)]])
def test_charts_of_nothing_are_charts(marks: list[Mark]) -> None:
    for drawn in (weeks_chart(Chart("weeks", "标题", ""), marks), ranking_chart(Chart("labels", "标题", ""), marks)):
        text = drawn.file().decode()
        assert "nan" not in text.lower() and "inf" not in text
        ElementTree.fromstring(text.encode())


def test_characters_that_no_xml_can_hold_are_replaced() -> None:
    mark = Mark("a\x00b\ud800\u202e]]>&<", 1.0, (0.5, 2.0), "\x1b", is_small=False)
    ElementTree.fromstring(ranking_chart(Chart("agents", "\x07", "\ufffe"), [mark]).file())


def _has(element: ElementTree.Element, tag: str) -> bool:
    return element.find(f"{{http://www.w3.org/2000/svg}}{tag}") is not None
