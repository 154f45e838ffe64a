import gc
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.i18n import set_language
from audit.model.finding import Severity
from audit.model.report import CallReport, Verdict
from audit.report.registry import RUN_EMITTERS, run_emitter, write_call
from audit.report.run import write_run
from audit.report.summary import RunTotals, local_start, summarise
from tests.report import calls
from tests.report.pages import assert_inert, read_page
from tests.report.schemas import validator
from tests.report.strategies import call_reports


def written(folder: Path, reports: list[CallReport]) -> Path:
    write_run(folder, lambda: iter(reports), calls.FAILURES, calls.WARNINGS, calls.RUN)
    return folder


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]


def test_names_of_the_run_emitters() -> None:
    assert RUN_EMITTERS == {
        "findings.jsonl": "audit.report.findings_jsonl",
        "failures.jsonl": "audit.report.failures_jsonl",
        "summary.xlsx": "audit.report.summary_xlsx",
        "summary.html": "audit.report.summary_html",
        "run.json": "audit.report.run_json",
    }
    assert all(run_emitter(file) for file in RUN_EMITTERS)


def test_a_run_writes_its_files_and_nothing_else(tmp_path: Path, all_reports: list[CallReport]) -> None:
    written(tmp_path / "out", all_reports)
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(RUN_EMITTERS)


def test_every_finding_is_a_line_that_meets_its_schema(tmp_path: Path, all_reports: list[CallReport]) -> None:
    found = lines(written(tmp_path, all_reports) / "findings.jsonl")
    assert len(found) == sum(len(report.findings) for report in all_reports) > 10
    for record in found:
        validator("finding").validate(record)


def test_findings_come_by_call_then_whole_call_first_then_by_place(
    tmp_path: Path, all_reports: list[CallReport]
) -> None:
    found = lines(written(tmp_path, all_reports) / "findings.jsonl")
    keys = [
        (
            r["call_id"],
            -1 if r["turn"] is None else r["turn"],
            -1 if r["start_char"] is None else r["start_char"],
            r["rule"],
        )
        for r in found
    ]
    assert keys == sorted(keys)


def test_the_order_of_the_reports_does_not_matter(tmp_path: Path, all_reports: list[CallReport]) -> None:
    written(tmp_path / "a", all_reports)
    written(tmp_path / "b", all_reports[::-1])
    for file in RUN_EMITTERS:
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes(), file


def test_reports_are_read_one_at_a_time(tmp_path: Path) -> None:
    most = 0

    def stream() -> Iterator[CallReport]:
        nonlocal most
        for i in range(8):
            report = calls.threat_call()
            yield replace(report, call=replace(report.call, call_id=str(i)))
            del report
            most = max(most, sum(isinstance(thing, CallReport) for thing in gc.get_objects()))

    gc.collect()
    before = sum(isinstance(thing, CallReport) for thing in gc.get_objects())
    write_run(tmp_path, stream, (), (), calls.RUN)
    assert most - before <= 3


def test_run_json_counts_what_was_found(tmp_path: Path, all_reports: list[CallReport]) -> None:
    folder = written(tmp_path, all_reports)
    record = json.loads((folder / "run.json").read_bytes())
    validator("run").validate(record)
    counts, found = record["counts"], lines(folder / "findings.jsonl")
    breaches = [r for r in found if not r["label"].startswith("signal.")]
    assert counts["calls"] == len(all_reports)
    assert counts["violation"] + counts["review"] + counts["clean"] == len(all_reports)
    assert (counts["violation"], counts["review"], counts["clean"]) == (3, 1, 1)
    assert counts["findings"] == len(breaches)
    assert counts["signals"] == len(found) - len(breaches)
    assert counts["to_review"] == sum(bool(r["why"]["review"]) for r in breaches)
    assert sum(counts["by_severity"].values()) == counts["findings"] - counts["to_review"]
    assert sum(counts["by_label"].values()) == len(found)
    assert (counts["failures"], counts["warnings"]) == (2, 1)
    assert record["warnings"][0]["message"] == "没有名为 <b>x</b> 的报告格式。"


def test_failures_say_what_to_do(tmp_path: Path) -> None:
    first, second = lines(written(tmp_path, []) / "failures.jsonl")
    assert list(first) == ["path", "line", "call_id", "code", "message", "remedy"]
    assert (first["path"], first["line"], first["call_id"], first["code"]) == ("calls.jsonl", 7, "=X-1", "CA402")
    assert first["message"].startswith("calls.jsonl:7: 报告格式版本为 9")
    assert second["line"] is None
    assert second["message"].startswith("不是完整的通话报告文件")
    assert all(record["remedy"] for record in (first, second))


def test_a_run_of_nothing_is_still_a_whole_run(tmp_path: Path) -> None:
    write_run(tmp_path, lambda: iter(()), (), (), calls.RUN)
    assert (tmp_path / "findings.jsonl").read_bytes() == b""
    validator("run").validate(json.loads((tmp_path / "run.json").read_bytes()))
    assert_inert(read_page(tmp_path / "summary.html"))


@given(st.lists(call_reports(), max_size=3))
@settings(deadline=None, max_examples=10)
def test_any_reports_make_a_harmless_summary(
    tmp_path_factory: pytest.TempPathFactory, reports: list[CallReport]
) -> None:
    folder = written(tmp_path_factory.mktemp("run"), reports)
    assert_inert(read_page(folder / "summary.html"))
    assert len(lines(folder / "findings.jsonl")) == sum(len(report.findings) for report in reports)


def test_links_of_the_summary_lead_to_the_pages_of_the_calls(tmp_path: Path, all_reports: list[CallReport]) -> None:
    folder = written(tmp_path, all_reports)
    for report in all_reports:
        write_call(report, folder)
    page = read_page(folder / "summary.html")
    links = {a.attributes["href"] for a in page.all("a")}
    assert len(links) == len(all_reports) - 1  # the clean call is in no list
    assert all((folder / unquote(link)).is_file() for link in links)


def test_the_summary_shows_the_worst_call_first_and_masks_identifiers(
    tmp_path: Path, threat_report: CallReport, off_hours_report: CallReport, review_report: CallReport
) -> None:
    page = read_page(written(tmp_path, [review_report, off_hours_report, threat_report]) / "summary.html")
    (table,) = page.all("table", "ranking")
    ranked = [a.text() for a in table.all("a")]
    assert ranked == [threat_report.call.call_id, off_hours_report.call.call_id, review_report.call.call_id]
    for secret in ("13800138000", "110101199003074477", "张伟"):
        assert secret not in page.text()


def test_self_harm_stands_on_top_of_the_summary(tmp_path: Path, threat_report: CallReport) -> None:
    page = read_page(written(tmp_path, [threat_report]) / "summary.html")
    (body,) = page.all("body")
    first = next(child for child in body.children if not isinstance(child, str))
    assert first.attributes["class"] == "urgent"
    for part in ("我真的不想活了", "立即通知值班主管", "12356"):
        assert part in first.text()


def test_a_call_id_that_holds_a_number_is_masked_on_the_summary(tmp_path: Path, threat_report: CallReport) -> None:
    call = replace(threat_report.call, call_id="20260302_13800138000")
    findings = tuple(replace(finding, call_id=call.call_id) for finding in threat_report.findings)
    page = read_page(written(tmp_path, [replace(threat_report, call=call, findings=findings)]) / "summary.html")
    assert "13800138000" not in page.text()
    assert "20260302_＊＊＊＊＊＊＊8000" in page.text()


def test_the_summary_says_what_was_judged_and_what_could_not_be(
    tmp_path: Path, threat_report: CallReport, clean_report: CallReport
) -> None:
    folder = written(tmp_path, [threat_report, clean_report])
    (scope,) = read_page(folder / "summary.html").all("section", "scope")
    assert "未审核：暴力威胁" in scope.text()
    assert "缺少是否接通 1 通：失联前联系第三人" in scope.text()
    record = json.loads((folder / "run.json").read_bytes())
    assert record["judged"] == dict.fromkeys(calls.JUDGED, 2)
    assert record["skipped"] == {"contact.third_party_early/call-log: connected": 1}


def test_a_run_that_judged_no_signals_does_not_say_that_there_are_none(
    tmp_path: Path, clean_report: CallReport
) -> None:
    assert "没有信号。" in read_page(written(tmp_path / "a", [clean_report]) / "summary.html").text()
    unjudged = replace(clean_report, audit=replace(clean_report.audit, judged=("insult.curse",)))
    text = read_page(written(tmp_path / "b", [unjudged]) / "summary.html").text()
    assert "没有信号。" not in text and "没有审核信号" in text


def test_failures_and_warnings_are_on_the_page_with_their_remedies(tmp_path: Path) -> None:
    text = read_page(written(tmp_path, []) / "summary.html").text()
    for part in (
        "recordings/broken.wav",
        "请删除该文件后重新运行同一条命令",
        "calls.jsonl:7",
        "可用：html",
        "<b>x</b>",
    ):
        assert part in text


def test_only_the_worst_are_ranked_on_the_page_and_it_says_so(
    tmp_path: Path, off_hours_report: CallReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.report.summary_html.WORST", 3)
    many = [replace(off_hours_report, call=replace(off_hours_report.call, call_id=f"c{i}")) for i in range(5)]
    page = read_page(written(tmp_path, many) / "summary.html")
    assert [a.text() for table in page.all("table", "ranking") for a in table.all("a")] == ["c0", "c1", "c2"]
    assert "仅列风险最高的 3 通" in page.text()


def test_the_page_speaks_english_when_asked(tmp_path: Path, threat_report: CallReport) -> None:
    set_language("en")
    text = read_page(written(tmp_path, [threat_report]) / "summary.html").text()
    for part in ("Calls audited", "Threat against family", "By agent", "Per 100 calls", "Delete the file"):
        assert part in text


def test_a_summary_is_what_an_officer_ranks_by(threat_report: CallReport) -> None:
    summary = summarise(threat_report)
    assert (summary.verdict, summary.score) == (Verdict.VIOLATION, threat_report.score)
    assert summary.page == "calls/2026-03-02_A07_0193.html"
    assert (summary.standing, summary.waiting, summary.signals) == (7, 1, 3)
    assert summary.severity(Severity.MAJOR) == 4
    assert summary.top is not None
    assert (summary.top.label, summary.top.waits) == ("threat.family", False)


def test_rates_are_per_hundred_calls(threat_report: CallReport, clean_report: CallReport) -> None:
    totals = RunTotals()
    for report in (threat_report, clean_report, clean_report, clean_report):
        same_agent = replace(report.call.metadata, agent_id="A07")
        totals.add(summarise(replace(report, call=replace(report.call, metadata=same_agent))))
    tally = totals.agents["A07"]
    assert (tally.calls, tally.violation_rate, tally.finding_rate) == (4, 25.0, 175.0)
    assert {hour: t.calls for hour, t in totals.hours.items()} == {10: 1, 14: 3}


@pytest.mark.parametrize(
    ("zone", "hour"), [("Asia/Urumqi", 8), (None, 10), ("Nowhere/Land", 10), ("../etc", 10), ("Asia", 10), ("", 10)]
)
def test_the_start_is_by_the_clock_at_the_debtors_place(clean_report: CallReport, zone: str | None, hour: int) -> None:
    started = datetime.fromisoformat("2026-03-02T10:00:00+08:00")
    metadata = replace(clean_report.call.metadata, started_at=started, callee_timezone=zone)
    local = local_start(metadata)
    assert local is not None
    assert (local.hour, local.timestamp()) == (hour, started.timestamp())
