from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.i18n import set_language
from audit.model.report import CallReport
from audit.report import summary_xlsx
from audit.report.registry import write_call
from audit.report.run import write_run
from tests.report import calls
from tests.report.strategies import call_reports


def book_of(folder: Path, reports: list[CallReport]) -> Any:
    write_run(folder, lambda: iter(reports), calls.FAILURES, (), calls.RUN)
    return openpyxl.load_workbook(folder / "summary.xlsx")


def cells(book: Any) -> list[Any]:
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_sheets_for_calls_findings_and_failures(tmp_path: Path, all_reports: list[CallReport]) -> None:
    book = book_of(tmp_path, all_reports)
    assert book.sheetnames == ["紧急", "通话", "发现", "失败", "审核范围"]
    assert [sheet.max_row - 1 for sheet in book][:4] == [
        sum(finding.label == "signal.self_harm" for report in all_reports for finding in report.findings),
        len(all_reports),
        sum(len(report.findings) for report in all_reports),
        len(calls.FAILURES),
    ]
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.endswith(str(sheet.max_row))
        assert sheet.column_dimensions["A"].width > 20


def test_the_worst_call_comes_first(tmp_path: Path, threat_report: CallReport, clean_report: CallReport) -> None:
    sheet = book_of(tmp_path, [clean_report, threat_report])["通话"]
    assert [cell.value for cell in sheet["A"]] == ["通话编号", threat_report.call.call_id, clean_report.call.call_id]
    assert [cell.value for cell in sheet["C"]][1:] == [threat_report.score, 0]


def test_what_begins_like_a_formula_is_text_and_stays_text_when_edited(
    tmp_path: Path, hostile_report: CallReport
) -> None:
    begins = [
        cell for cell in cells(book_of(tmp_path, [hostile_report])) if str(cell.value).startswith(("=", "+", "-", "@"))
    ]
    assert {cell.value for cell in begins} >= {"=cmd|' /C calc'!A0", "@SUM(1)", "=X-1"}
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in begins)


@given(st.lists(call_reports(), max_size=3))
@settings(deadline=None, max_examples=10)
def test_no_cell_is_ever_a_formula(tmp_path_factory: pytest.TempPathFactory, reports: list[CallReport]) -> None:
    book = book_of(tmp_path_factory.mktemp("xlsx"), reports)
    assert book["通话"].max_row == len(reports) + 1
    assert {cell.data_type for cell in cells(book)} <= {"s", "n", "d"}


def test_findings_and_calls_link_to_the_page_of_the_call(tmp_path: Path, all_reports: list[CallReport]) -> None:
    for report in all_reports:
        write_call(report, tmp_path, ["html"])
    book = book_of(tmp_path, all_reports)
    for title in ("通话", "发现"):
        for (cell,) in book[title].iter_rows(min_row=2, max_col=1):
            assert (tmp_path / cell.hyperlink.target.replace("\\", "/")).is_file()


def test_identifiers_are_masked_in_the_sheets(tmp_path: Path, threat_report: CallReport) -> None:
    values = " ".join(str(cell.value) for cell in cells(book_of(tmp_path, [threat_report])))
    for secret in ("13800138000", "110101199003074477", "张伟"):
        assert secret not in values


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(
    tmp_path: Path, clean_report: CallReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary_xlsx, "MAX_ROWS", 4)
    many = [replace(clean_report, call=replace(clean_report.call, call_id=f"c{i}")) for i in range(7)]
    book = book_of(tmp_path, many)
    assert book.sheetnames == ["通话", "通话 2", "通话 3", "发现", "失败", *book.sheetnames[5:]]
    found = [row[0].value for title in book.sheetnames[:3] for row in book[title].iter_rows(min_row=2)]
    assert found == [f"c{i}" for i in range(7)]
    assert book["通话 2"].freeze_panes == "B2"


def test_more_links_than_excel_allows_go_on_as_text(
    tmp_path: Path, clean_report: CallReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary_xlsx, "MAX_LINKS", 2)
    many = [replace(clean_report, call=replace(clean_report.call, call_id=f"c{i}")) for i in range(4)]
    column = [cell for (cell,) in book_of(tmp_path, many)["通话"].iter_rows(min_row=2, max_col=1)]
    assert [cell.value for cell in column] == ["c0", "c1", "c2", "c3"]
    assert [cell.hyperlink is not None for cell in column] == [True, True, False, False]


def test_a_text_longer_than_a_cell_is_cut(tmp_path: Path, clean_report: CallReport) -> None:
    metadata = replace(clean_report.call.metadata, agent_id="长" * 40_000)
    report = replace(clean_report, call=replace(clean_report.call, metadata=metadata))
    values = [cell.value for cell in cells(book_of(tmp_path, [report]))]
    assert "长" * summary_xlsx.MAX_CHARACTERS in values


def test_talk_of_suicide_comes_on_the_first_sheet_with_what_to_do(tmp_path: Path, threat_report: CallReport) -> None:
    sheet = book_of(tmp_path, [threat_report]).worksheets[0]
    ((_, *row),) = sheet.iter_rows(min_row=2, values_only=True)
    assert row[0] == "我真的不想活了"
    assert row[-1].startswith("立即通知值班主管")


def test_findings_carry_advice_and_what_became_of_the_duty(tmp_path: Path, threat_report: CallReport) -> None:
    head, *rows = book_of(tmp_path, [threat_report])["发现"].iter_rows(values_only=True)
    (row,) = [dict(zip(head, row, strict=True)) for row in rows if "signal.complaint" in row]
    assert (row["合规说法"], row["应尽义务"]) == ("请说出投诉电话并登记。", "未回应")


def test_the_scope_sheet_tells_judged_labels_from_others(tmp_path: Path, threat_report: CallReport) -> None:
    rows = [*book_of(tmp_path, [threat_report])["审核范围"].iter_rows(min_row=2, values_only=True)]
    assert ("威胁家人 threat.family", 1, 0, None) in rows
    assert ("暴力威胁 threat.violence", 0, 1, None) in rows
    assert rows[-1] == ("contact.third_party_early/call-log", 0, 1, "是否接通")


def test_sheets_speak_english_when_asked(tmp_path: Path, review_report: CallReport) -> None:
    set_language("en")
    book = book_of(tmp_path, [review_report])
    assert book.sheetnames == ["Calls", "Findings", "Failures", "What was judged"]
    assert "Collection from a third party" in [cell.value for cell in book["Findings"]["B"]]
