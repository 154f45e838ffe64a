"""`summary.xlsx`: sheets of calls (worst first), findings and failures, with links to the pages of the calls.

Every text is written as text: a cell that begins like a formula gets Excel's quote prefix, so that editing it does not
make it one either. A sheet holds at most 1,048,576 rows; more rows go on in a further sheet.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from audit.i18n import tr
from audit.model.finding import Severity
from audit.model.labels import LABELS
from audit.report.atomic import atomic_path
from audit.report.failures_jsonl import failure_record
from audit.report.labels import FACT_VALUES, FIELDS, REVIEWS, ROLES, SEVERITIES, VERDICTS, name
from audit.report.page import clock, printable
from audit.report.run import FoundInCall, Run
from audit.report.summary import CallSummary, RunTotals
from audit.report.urgent import SELF_HARM, urgent_steps

MAX_ROWS = 1_048_576
MAX_CHARACTERS = 32_767
MAX_LINKS = 65_530  # more links in a sheet and Excel repairs the file by dropping them
# Full-width signs, too: Excel takes them for the others where Chinese is set.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@dataclass(frozen=True, slots=True)
class Link:
    """A text that opens a page, by its path relative to the sheet's file."""

    text: str
    page: str


Cell = str | float | datetime | Link | None
Column = tuple[str, int]


def write(run: Run, path: Path) -> None:
    """Write the sheets of `run`; raises CallauditError (CA400) when they cannot be written."""
    with atomic_path(path) as part:
        options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"}
        with xlsxwriter.Workbook(part, options) as workbook:
            # The time of making is the only thing in the file that would differ between two equal runs.
            workbook.set_properties({"created": run.info.finished_at.replace(tzinfo=None)})
            book = Book(workbook)
            if run.totals.calls_with[SELF_HARM]:
                book.table(tr("紧急", "Urgent"), _urgent_columns(), map(_urgent_row, run.with_label(SELF_HARM)))
            book.table(tr("通话", "Calls"), _call_columns(), map(_call_row, run.calls()))
            book.table(tr("发现", "Findings"), _finding_columns(), map(_finding_row, run.findings()))
            book.table(
                tr("失败", "Failures"), _failure_columns(), ([*failure_record(f).values()] for f in run.failures)
            )
            book.table(tr("审核范围", "What was judged"), _scope_columns(), _scope_rows(run.totals))


class Book:
    """A workbook of plain tables."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._header = workbook.add_format({"bold": True, "bg_color": "#E9EDF3", "bottom": 1, "valign": "vcenter"})
        self._literal = workbook.add_format({"quote_prefix": True})
        self._link = workbook.add_format({"font_color": "#1F3A5F", "underline": 1, "quote_prefix": True})

    def table(self, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
        """One table with a frozen header and filters, over as many sheets as it needs."""
        sheet, number, row = self._sheet(title, columns), 1, 0
        for cells in rows:
            if row + 1 == MAX_ROWS:
                self._filter(sheet, row, columns)
                number += 1
                sheet, row = self._sheet(f"{title} {number}", columns), 0
            row += 1
            for column, cell in enumerate(cells):
                self._write(sheet, row, column, cell)
        self._filter(sheet, row, columns)

    def _sheet(self, title: str, columns: Sequence[Column]) -> Any:
        sheet = self._workbook.add_worksheet(title)
        sheet.freeze_panes(1, 1)
        for index, (text, width) in enumerate(columns):
            sheet.set_column(index, index, width)
            sheet.write_string(0, index, text, self._header)
        return sheet

    def _filter(self, sheet: Any, last_row: int, columns: Sequence[Column]) -> None:
        sheet.autofilter(0, 0, last_row, len(columns) - 1)

    def _write(self, sheet: Any, row: int, column: int, cell: Cell) -> None:
        if isinstance(cell, Link) and row <= MAX_LINKS:
            text = printable(cell.text)[:MAX_CHARACTERS]
            sheet.write_url(row, column, f"external:{cell.page}", self._link, text or "-")
        elif isinstance(cell, Link | str):
            text = printable(cell.text if isinstance(cell, Link) else cell)[:MAX_CHARACTERS]
            sheet.write_string(row, column, text, self._literal if text.startswith(FORMULA) else None)
        elif isinstance(cell, datetime):
            sheet.write_datetime(row, column, cell.replace(tzinfo=None))
        elif cell is not None:
            sheet.write_number(row, column, cell)


def _urgent_columns() -> list[Column]:
    return [
        (tr("通话编号", "Call"), 28),
        (tr("原话（已遮盖标识）", "Words (identifiers masked)"), 60),
        (tr("时间", "Moment"), 9),
        (tr("坐席是否回应", "Duty"), 14),
        (tr("待复核", "To review"), 16),
        (tr("坐席", "Agent"), 12),
        (tr("班组", "Team"), 12),
        (tr("呼叫时间（当地）", "Started (local)"), 20),
        (tr("处置", "What to do"), 120),
    ]


def _urgent_row(found: FoundInCall) -> list[Cell]:
    finding, call = found.finding, found.call
    return [
        Link(call.shown_id, call.page),
        found.quote,
        clock(finding.time.start_s) if finding.time else None,
        name(FACT_VALUES, finding.why.facts["duty"]) if "duty" in finding.why.facts else None,
        tr("、", ", ").join(name(REVIEWS, reason) for reason in finding.why.review) or None,
        call.agent_id,
        call.team,
        call.local_start,
        " ".join(urgent_steps()),
    ]


def _scope_columns() -> list[Column]:
    return [
        (tr("类别或规则", "Label or rule"), 60),
        (tr("审核的通话", "Calls judged"), 12),
        (tr("未能判断的通话", "Calls not judged"), 16),
        (tr("缺少的资料", "What was lacking"), 24),
    ]


def _scope_rows(totals: RunTotals) -> Iterator[list[Cell]]:
    """Every label with the calls in which some rule looked for it, then the rules that lacked a field of the call record."""
    for label in (*LABELS, *sorted(set(totals.judged) - set(LABELS))):
        yield [f"{name(LABELS, label)} {label}", totals.judged[label], totals.calls - totals.judged[label], None]
    for note, calls in sorted(totals.skipped.items()):
        rule, _, field = note.partition(": ")
        yield [rule, totals.calls - calls, calls, name(FIELDS, field)]


def _call_columns() -> list[Column]:
    return [
        (tr("通话编号", "Call"), 28),
        (tr("判定", "Verdict"), 13),
        (tr("风险分", "Risk"), 8),
        *((name(SEVERITIES, severity), 7) for severity in Severity),
        (tr("待复核", "To review"), 9),
        (tr("信号", "Signals"), 7),
        (tr("最严重的发现", "Gravest finding"), 22),
        (tr("原话（已遮盖标识）", "Words (identifiers masked)"), 50),
        (tr("坐席", "Agent"), 12),
        (tr("班组", "Team"), 12),
        (tr("债务人编号", "Debtor id"), 16),
        (tr("呼叫时间（当地）", "Started (local)"), 20),
        (tr("时长（秒）", "Length (s)"), 11),
        (tr("来源文件", "Source file"), 40),
    ]


def _call_row(call: CallSummary) -> list[Cell]:
    top = call.top
    return [
        Link(call.shown_id, call.page),
        name(VERDICTS, call.verdict),
        call.score,
        *(call.severity(severity) for severity in Severity),
        call.waiting,
        call.signals,
        name(LABELS, top.label) if top else None,
        top.quote if top else None,
        call.agent_id,
        call.team,
        call.debtor_id,
        call.local_start,
        call.length_s,
        call.path,
    ]


def _finding_columns() -> list[Column]:
    return [
        (tr("通话编号", "Call"), 28),
        (tr("名称", "Label"), 22),
        (tr("级别", "Severity"), 9),
        (tr("待复核", "To review"), 16),
        (tr("置信度", "Confidence"), 9),
        (tr("说话人", "Speaker"), 11),
        (tr("时间", "Moment"), 9),
        (tr("原话（已遮盖标识）", "Words (identifiers masked)"), 60),
        (tr("理由", "Reason"), 50),
        (tr("合规说法", "What to say instead"), 50),
        (tr("应尽义务", "Duty"), 10),
        (tr("依据", "Clauses"), 60),
        (tr("坐席", "Agent"), 12),
        (tr("班组", "Team"), 12),
        (tr("呼叫时间（当地）", "Started (local)"), 20),
        (tr("标签", "Label id"), 28),
        (tr("规则", "Rule"), 34),
    ]


def _finding_row(found: FoundInCall) -> list[Cell]:
    finding, call = found.finding, found.call
    return [
        Link(call.shown_id, call.page),
        name(LABELS, finding.label),
        name(SEVERITIES, finding.severity),
        tr("、", ", ").join(name(REVIEWS, reason) for reason in finding.why.review) or None,
        finding.confidence,
        name(ROLES, finding.role) if finding.role else tr("整通通话", "whole call"),
        clock(finding.time.start_s) if finding.time else None,
        found.quote,
        found.reason,
        found.advice or None,
        name(FACT_VALUES, finding.why.facts["duty"]) if "duty" in finding.why.facts else None,
        tr("；", "; ").join(tr(clause.zh, clause.en) for clause in finding.clauses)
        or tr("依据待核实", "No clause can be cited yet"),
        call.agent_id,
        call.team,
        call.local_start,
        finding.label,
        finding.rule,
    ]


def _failure_columns() -> list[Column]:
    return [
        (tr("文件", "File"), 50),
        (tr("行", "Line"), 8),
        (tr("通话编号", "Call"), 28),
        (tr("代码", "Code"), 9),
        (tr("问题", "What is wrong"), 60),
        (tr("处理办法", "Remedy"), 60),
    ]
