import asyncio
import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from httpx2 import Response
from starlette.requests import Request

from audit.errors import CATALOGUE
from audit.model.call import Role, Turn
from audit.model.review import Ruling, UserRole, Verdict
from audit.model.span import CharSpan
from audit.report.call_json import load_report
from audit.store import chain, sampling
from audit.store import tables as t
from audit.store.appeals import file_appeal, rule_on_appeal
from audit.store.queue import Filters, queue
from audit.store.retention import purge
from audit.store.review import add_missed, decide
from audit.store.soundness import verify
from audit.web import sheets
from audit.web.access import User
from audit.web.desk import Desk
from audit.web.pages import export
from audit.web.sheets import Table, csv_pieces, workbook
from tests.store.runs import BAD, NAME, NUMBER, report, rows, take_in
from tests.web.conftest import Browser, timeless

Client = Callable[..., Browser]
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20A1")
FINDINGS, CALL_JSON, CALL_XLSX = "/export/findings.csv", "/export/calls/{}.json", "/export/calls/{}.xlsx"


def read_csv(answer: Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def read_xlsx(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}


def in_queue(desk: Desk, **query: str) -> list[int]:
    """The numbers of the findings that the queue shows, in its order."""
    with desk.store.reading() as connection:
        return [entry.number for entry in queue(connection, Filters.from_query(query), 1, limit=10_000).entries]


def exports(desk: Desk) -> list[tuple[str, dict[str, object]]]:
    """The lines of the log on exports: about what, with which facts."""
    lines = [row for row in rows(desk.store, t.log) if row["action"] == "export"]
    return [(str(row["subject"]), json.loads(str(row["facts"]))) for row in lines]


@pytest.fixture
def private(desk: Desk, tmp_path: Path) -> tuple[int, int]:
    """A call in which the debtor's name and number are spoken, written and everywhere; its number and that of its finding."""
    made = report(f"={NUMBER}", [f"{NAME}{BAD}，电话{NUMBER}"])
    turns = (*made.call.turns, Turn(1, Role.DEBTOR, "=HYPERLINK(1)"))
    metadata = replace(made.call.metadata, agent_id="=1+1", team="@组", extra={"备注": f"{NAME} {NUMBER}"})
    take_in(
        desk.store, tmp_path / "own", replace(made, call=replace(made.call, metadata=metadata, turns=turns)), hour=14
    )
    finding = rows(desk.store, t.findings)[-1]
    return int(str(finding["call"])), int(str(finding["id"]))


def test_findings_are_those_of_the_queue_in_its_order(desk: Desk, client: Client) -> None:
    browser = client(UserRole.OFFICER)
    for query in (
        {},
        {"tab": "signals"},
        {"severity": "critical"},
        {"label": "threat", "state": "open"},
        {"q": "还款"},
    ):
        expected = in_queue(desk, **query)
        assert [int(row["发现号"]) for row in read_csv(browser.get(FINDINGS, params=query))] == expected
    assert len(in_queue(desk)) > 20


def test_more_findings_than_are_read_at_once_come_whole_and_once(
    desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "_BATCH", 7)
    found = [int(row["发现号"]) for row in read_csv(client(UserRole.OFFICER).get(FINDINGS))]
    assert found == in_queue(desk) and len(found) > 14


def test_csv_and_xlsx_say_the_same(desk: Desk, client: Client) -> None:
    browser = client(UserRole.OFFICER)
    as_csv = browser.get(FINDINGS).content.decode("utf-8-sig")
    answer = browser.get("/export/findings.xlsx")
    assert "spreadsheetml" in answer.headers["Content-Type"]
    ((_, sheet),) = read_xlsx(answer.content).items()
    lines = list(csv.reader(io.StringIO(as_csv)))
    assert len(sheet) == len(lines)
    for row, line in zip(sheet, lines, strict=True):
        for cell, text in zip(row, line, strict=True):
            assert text == ("" if cell is None else str(cell)) or float(text) == float(cell)
    assert list(desk.cache.iterdir()) == []


def test_decisions_appeals_and_rulings_are_told(desk: Desk, client: Client) -> None:
    one, other = in_queue(desk)[:2]
    decide(desk.store, one, "officer-1", Verdict.CONFIRM)
    decide(desk.store, one, "lead-1", Verdict.UNSURE, comment="声音太小")
    decide(desk.store, other, "officer-1", Verdict.CONFIRM)
    decide(desk.store, other, "officer-1", Verdict.DISMISS, reason="复述")
    browser = client(UserRole.OFFICER)
    found = {int(row["发现号"]): row for row in read_csv(browser.get(FINDINGS))}
    assert (found[one]["状态"], found[one]["决定"]) == ("已确认", "officer-1 确认；lead-1 不确定（声音太小）")
    assert (found[other]["状态"], found[other]["决定"]) == ("已排除", "officer-1 排除（复述）")
    appeal = file_appeal(desk.store, one, "officer-1", "我没有这么说")
    assert read_csv(browser.get(FINDINGS, params={"appealed": "yes"}))[0]["申诉待裁定"] == "是"
    rule_on_appeal(desk.store, appeal, "admin-1", Ruling.OVERTURNED, "听过")
    (row,) = (row for row in read_csv(browser.get(FINDINGS)) if row["发现号"] == str(one))
    assert (row["状态"], row["申诉待裁定"], row["裁定"]) == ("已排除", "", "admin-1 裁定违规不成立（听过）")
    browser.cookies.set("lang", "en")
    (english,) = (row for row in read_csv(browser.get(FINDINGS)) if row["Finding"] == str(one))
    assert english["Decisions"] == "officer-1 confirmed; lead-1 unsure (声音太小)"
    assert english["Ruling"] == "admin-1 overturned (听过)"


def test_what_a_blind_plan_hides_is_in_no_file(desk: Desk, client: Client) -> None:
    number = in_queue(desk)[0]
    decide(desk.store, number, "lead-1", Verdict.CONFIRM, comment="保密的意见")
    sampling.create_plan(desk.store, "盲审", sampling.Draw(findings=1.0), 2, True, "lead-1")
    browser = client(UserRole.OFFICER)
    (row,) = (row for row in read_csv(browser.get(FINDINGS)) if row["发现号"] == str(number))
    assert (row["状态"], row["决定"]) == ("待处理", "")
    call = next(row["call"] for row in rows(desk.store, t.findings) if row["id"] == number)
    sheets = read_xlsx(browser.get(CALL_XLSX.format(call)).content)
    assert "保密的意见" not in str(sheets)
    (shown,) = (line for line in sheets["发现"] if line[0] == number)
    assert shown[3] == "待处理"
    assert "保密的意见" in client(UserRole.LEAD).get(FINDINGS).text


def test_no_file_holds_a_number_or_the_debtors_name(desk: Desk, client: Client, private: tuple[int, int]) -> None:
    call, finding = private
    decide(desk.store, finding, "officer-1", Verdict.DISMISS, reason=f"{NAME}说的", comment=f"打{NUMBER}核实")
    add_missed(desk.store, call, "officer-1", "conduct.pressure", turn=0, span=CharSpan(0, 9), comment=f"={NUMBER}")
    appeal = file_appeal(desk.store, finding, "officer-1", f"{NAME}")
    rule_on_appeal(desk.store, appeal, "admin-1", Ruling.UPHELD, f"{NAME} {NUMBER}")
    browser = client(UserRole.LEAD)
    paths = (FINDINGS, CALL_JSON.format(call), "/export/log.csv")
    texts = [timeless(browser.get(path).content.decode()) for path in paths]
    texts[2] = re.sub(r"[0-9a-f]{64}", "", texts[2])  # four digits may be in a hash by chance
    books = [read_xlsx(browser.get(path).content) for path in ("/export/findings.xlsx", CALL_XLSX.format(call))]
    for text in (*texts, *map(str, books)):
        assert NUMBER not in text and NUMBER[3:-4] not in text and NAME not in text and NAME[1:] not in text
    # They are there, masked.
    assert BAD in texts[0] and BAD in texts[1] and "欧" in texts[1]
    assert all("核实" in text for text in (texts[0], str(books[0]), str(books[1])))


def test_part_of_a_number_that_was_added_by_hand_is_masked_by_its_whole_turn(
    desk: Desk, client: Client, private: tuple[int, int]
) -> None:
    start = f"{NAME}{BAD}，电话".index("电话") + 2
    place = CharSpan(start, start + 7)
    add_missed(desk.store, private[0], "officer-1", "privacy.pii_readout", turn=0, span=place)
    sheets = read_xlsx(client(UserRole.OFFICER).get(CALL_XLSX.format(private[0])).content)
    assert [row[1] for row in sheets["人工补记"][1:]] == ["＊" * 7] and NUMBER[:7] not in str(sheets)


def test_formulas_in_calls_stay_words(desk: Desk, client: Client, private: tuple[int, int]) -> None:
    call, finding = private
    decide(desk.store, finding, "officer-1", Verdict.DISMISS, reason="=2+2")
    browser = client(UserRole.LEAD)
    (row,) = (row for row in read_csv(browser.get(FINDINGS)) if row["发现号"] == str(finding))
    assert (row["坐席"], row["班组"]) == ("'=1+1", "'@组") and row["通话编号"].startswith("'=")
    for path in ("/export/findings.xlsx", CALL_XLSX.format(call)):
        book = read_xlsx(browser.get(path).content)
        assert "=1+1" in str(book)
    assert any(line[3] == "=HYPERLINK(1)" for line in book["对话"])


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_begins_like_a_formula(text: str, tmp_path: Path) -> None:
    table = Table("t", [(text, 10)], [[text], [f" {text}"], [-1.5]])
    written = list(csv.reader(io.StringIO(b"".join(csv_pieces(table)).decode("utf-8-sig"), newline="")))
    cells = [row[0] for row in written]
    # What no sheet can hold is replaced before.
    assert cells[:2] == [cells[0], cells[0]] and cells[0][0] in "'\ufffd" and cells[2][0] == " "
    assert cells[3] == "-1.5"
    with workbook([table], tmp_path) as file:
        ((_, sheet),) = read_xlsx(file.read()).items()
    assert sheet[2][0] is not None and sheet[3][0] == -1.5
    assert list(tmp_path.iterdir()) == []


def test_rows_are_made_while_they_are_sent() -> None:
    made = []

    def endless() -> Any:
        for number in range(10**9):
            made.append(number)
            yield [number]

    pieces = csv_pieces(Table("t", [("n", 5)], endless()))
    first, second = next(pieces), next(pieces)
    assert first.startswith(b"\xef\xbb\xbfn\r\n0\r\n") and second.startswith(str(made[len(made) // 2]).encode())
    assert len(made) < 5000


@pytest.mark.parametrize("handler", [export.findings_csv, export.log_csv])
def test_who_takes_a_file_slowly_holds_no_connection(
    desk: Desk, client: Client, handler: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "_IN_MEMORY", 10)
    scope = {"type": "http", "query_string": b"", "headers": [], "app": client().app}
    answer = handler(Request(scope), User(1, "lead-1", UserRole.LEAD))
    assert desk.store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]

    async def whole() -> bytes:
        return b"".join([piece async for piece in answer.body_iterator])

    assert len(asyncio.run(whole()).splitlines()) > 2
    assert not list(desk.cache.iterdir()), "the file has no name"


def test_more_rows_than_a_sheet_holds_are_refused_with_a_way_out(
    desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert export.MOST == 1_048_575
    monkeypatch.setattr(export, "MOST", 5)
    browser = client(UserRole.OFFICER)
    answer = browser.get("/export/findings.xlsx")
    assert answer.status_code == 422 and "CA839" in answer.text and CATALOGUE["CA839"].remedy_zh in answer.text
    assert browser.get("/export/findings.xlsx", params={"severity": "critical", "label": "identity"}).status_code == 200
    assert browser.get(FINDINGS).status_code == 200
    assert [subject for subject, _ in exports(desk)] == ["findings", "findings"]


def test_a_call_as_json_is_a_report_that_callaudit_reads(desk: Desk, client: Client, tmp_path: Path) -> None:
    answer = client(UserRole.OFFICER).get(CALL_JSON.format(1))
    assert answer.headers["Content-Type"].startswith("application/json")
    (tmp_path / "call.json").write_bytes(answer.content)
    read = load_report(tmp_path / "call.json")
    assert len(read.call.turns) == sum(row["call"] == 1 for row in rows(desk.store, t.turns))
    assert len(read.findings) == sum(row["call"] == 1 for row in rows(desk.store, t.findings))


def test_a_call_as_sheets_has_its_record_findings_and_words(
    desk: Desk, client: Client, private: tuple[int, int]
) -> None:
    call, finding = private
    decide(desk.store, finding, "officer-1", Verdict.CONFIRM, comment="听过")
    add_missed(desk.store, call, "lead-1", "conduct.pressure", turn=None, span=None, comment="语气")
    book = read_xlsx(client(UserRole.OFFICER).get(CALL_XLSX.format(call)).content)
    assert list(book) == ["通话", "发现", "人工补记", "对话"]
    assert ("通话号", call) in book["通话"] and ("坐席", "=1+1") in book["通话"]
    (row,) = book["发现"][1:]
    assert row[:4] == (finding, "暴力威胁", "严重", "已确认") and row[9] == BAD and row[12] == "officer-1 确认（听过）"
    assert [line[0] for line in book["人工补记"][1:]] == ["不当施压"]
    assert [line[:2] for line in book["对话"][1:]] == [(1, "坐席"), (2, "债务人")]


def test_calls_that_there_are_not_or_no_longer_are_not_found(desk: Desk, client: Client) -> None:
    browser = client(UserRole.OFFICER)
    purge(desk.store, date(2100, 1, 1), "test")
    for number in (1, 999_999):
        for path in (CALL_JSON, CALL_XLSX):
            assert browser.get(path.format(number)).status_code == 404
    for none in ("0", "-1", "x", "1%2F..", str(2**40)):
        assert browser.get(CALL_JSON.format(none)).status_code == 404
    assert exports(desk) == []
    assert read_csv(browser.get(FINDINGS)) == []


def test_the_log_is_exported_whole_and_its_hashes_can_be_computed_again(desk: Desk, client: Client) -> None:
    lines = read_csv(client(UserRole.LEAD).get("/export/log.csv"))
    assert [int(line["id"]) for line in lines] == list(range(1, len(lines) + 1))
    assert (lines[-1]["actor"], lines[-1]["action"], lines[-1]["subject"]) == ("lead-1", "export", "log")
    previous = chain.START
    for line in lines:
        told = (line["at"], line["actor"], line["action"], line["subject"], line["facts"])
        assert line["hash"] == chain.line_hash(previous, int(line["id"]), *told)
        previous = line["hash"]


def test_every_export_is_a_line_of_the_log(desk: Desk, client: Client, private: tuple[int, int]) -> None:
    browser = client(UserRole.LEAD)
    total = len(in_queue(desk, severity="critical"))
    for path in (f"{FINDINGS}?severity=critical", "/export/findings.xlsx?severity=critical", CALL_JSON.format(1),
                 CALL_XLSX.format(2), "/export/log.csv"):  # fmt: skip
        assert browser.get(path).status_code == 200
    assert exports(desk) == [
        ("findings", {"format": "csv", "rows": total}),
        ("findings", {"format": "xlsx", "rows": total}),
        ("call:1", {"format": "json"}),
        ("call:2", {"format": "xlsx"}),
        ("log", {"format": "csv"}),
    ]
    assert verify(desk.store)[0] == []


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
@pytest.mark.parametrize(
    ("path", "roles"),
    [
        (FINDINGS, "officer lead admin"),
        ("/export/findings.xlsx", "officer lead admin"),
        (CALL_JSON.format(1), "officer lead admin"),
        (CALL_XLSX.format(1), "officer lead admin"),
        ("/export/log.csv", "lead admin"),
    ],
)
def test_only_roles_that_may_export_get_files(
    desk: Desk, client: Client, anonymous: Browser, prefix: str, path: str, roles: str
) -> None:
    for role in UserRole:
        answer = client(role).get(prefix + path)
        assert answer.status_code == (200 if role.value in roles else 403), role
        assert "attachment" in answer.headers.get("Content-Disposition", "") or role.value not in roles
    assert anonymous.get(prefix + path).status_code == (401 if prefix else 303)
    assert len(exports(desk)) == len(roles.split())


@pytest.mark.parametrize("query", ["state=closed", "from=x", "least=2", "severity=%00"])
def test_what_cannot_be_asked_for_is_said_and_not_logged(desk: Desk, client: Client, query: str) -> None:
    browser = client(UserRole.OFFICER)
    for path in (FINDINGS, "/export/findings.xlsx"):
        answer = browser.get(f"{path}?{query}")
        assert answer.status_code == 422 and "CA837" in answer.text
    assert exports(desk) == []
