"""Files to take away: findings as in the queue, whole calls, the log. Texts are masked; every export is a line of the log."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from audit.clips.mask import Private
from audit.clips.redact import redacted
from audit.errors import InputError
from audit.i18n import tr
from audit.model.call import Call, Source
from audit.model.finding import Finding
from audit.model.labels import LABELS
from audit.model.review import Decision, Ruling, Verdict, in_force
from audit.report.call_html import call_facts
from audit.report.labels import REVIEWS, ROLES, SEVERITIES, VERDICTS, name
from audit.report.page import clock
from audit.report.record import read_metadata, report_record, to_json
from audit.report.summary_xlsx import MAX_ROWS, Cell, Column
from audit.store import chain
from audit.store import tables as t
from audit.store.calls import stored_report
from audit.store.database import Store
from audit.store.dossier import Dossier, Filed, Statement, dossier
from audit.store.log_lines import Cover
from audit.store.queue import Entry, Filters, counts, queue
from audit.store.sampling import hidden_from
from audit.web import sheets
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.masks import Masks
from audit.web.numbers import Number
from audit.web.render import REVIEW_STATES
from audit.web.sheets import Table

router = APIRouter()
Exporter = Annotated[User, Depends(allowed(Permission.EXPORT))]
_LogReader = Annotated[User, Depends(allowed(Permission.LOG))]

# Findings read at once; a sheet has one row for the titles.
_BATCH = 500
MOST = MAX_ROWS - 1

SAID = {
    Verdict.CONFIRM: ("确认", "confirmed"),
    Verdict.DISMISS: ("排除", "dismissed"),
    Verdict.UNSURE: ("不确定", "unsure"),
}
RULED = {
    Ruling.UPHELD: ("裁定违规成立", "upheld"),
    Ruling.OVERTURNED: ("裁定违规不成立", "overturned"),
}


def noted(store: Store, user: User, subject: str, form: str, **facts: int) -> None:
    """Write the export into the log before anything leaves."""
    with store.writing() as connection:
        chain.append(connection, user.name, "export", subject, format=form, **facts)


@router.get("/export/findings.csv")
def findings_csv(request: Request, user: Exporter) -> Response:
    """The findings of the queue with the same query, in its order: as many as there are."""
    filters = Filters.from_query(request.query_params)
    desk = desk_of(request)
    noted(desk.store, user, "findings", sheets.CSV, rows=_total(desk.store, filters, user))
    return sheets.csv_file(_findings(desk.store, filters, user), "callaudit-findings", desk.cache)


@router.get("/export/findings.xlsx")
def findings_xlsx(request: Request, user: Exporter) -> Response:
    """The same as a workbook. Raises InputError CA839 when there are more than fit on a sheet."""
    filters = Filters.from_query(request.query_params)
    desk = desk_of(request)
    total = _total(desk.store, filters, user)
    if total > MOST:
        raise InputError("CA839", "findings.xlsx", rows=f"{total:,}", most=f"{MOST:,}")
    noted(desk.store, user, "findings", sheets.XLSX, rows=total)
    return sheets.xlsx_file([_findings(desk.store, filters, user)], "callaudit-findings", desk.cache)


@router.get("/export/calls/{number}.json")
def call_json(request: Request, number: Number, user: Exporter) -> Response:
    """The report of a call as `callaudit run` writes it, masked as for training."""
    store = desk_of(request).store
    with store.reading() as connection:
        report = stored_report(connection, number)
    record = report_record(redacted(report, Private(report.call)))
    noted(store, user, f"call:{number}", "json")
    return sheets.whole_file((to_json(record) + "\n").encode(), f"callaudit-call-{number}", "json")


@router.get("/export/calls/{number}.xlsx")
def call_xlsx(request: Request, number: Number, user: Exporter) -> Response:
    """A call with its record, its findings and what reviewers said of them, and its words, masked as for training."""
    desk = desk_of(request)
    with desk.store.reading() as connection:
        known = dossier(connection, number, user.number)
    noted(desk.store, user, f"call:{number}", sheets.XLSX)
    return sheets.xlsx_file(_of_call(known), f"callaudit-call-{number}", desk.cache)


@router.get("/export/log.csv")
def log_csv(request: Request, user: _LogReader) -> Response:
    """The whole log with its hashes, first line first. While the reader owes blind opinions, what others said is covered: the hashes stay,
    and hold for these lines once it is shown."""
    desk = desk_of(request)
    noted(desk.store, user, "log", sheets.CSV)
    return sheets.csv_file(Table("log", _log_columns(), _log_rows(desk.store, user)), "callaudit-log", desk.cache)


def _total(store: Store, filters: Filters, user: User) -> int:
    with store.reading() as connection:
        return counts(connection, filters, user.number, exact=True).total(filters)


def _findings(store: Store, filters: Filters, user: User) -> Table:
    return Table(tr("发现", "Findings"), _finding_columns(), _finding_rows(store, filters, user))


def _finding_columns() -> list[Column]:
    return [
        (tr("发现号", "Finding"), 9),
        (tr("通话号", "Call no."), 9),
        (tr("通话编号", "Call"), 28),
        (tr("名称", "Label"), 22),
        (tr("级别", "Severity"), 9),
        (tr("状态", "State"), 10),
        (tr("原话（已遮盖标识）", "Words (identifiers masked)"), 60),
        (tr("上下文", "In context"), 60),
        (tr("依据通话记录的理由", "Reason, where it is about the whole call"), 50),
        (tr("置信度", "Confidence"), 9),
        (tr("待人工听音", "Waits for a listener"), 10),
        (tr("申诉待裁定", "Appeal open"), 10),
        (tr("决定", "Decisions"), 60),
        (tr("裁定", "Ruling"), 40),
        (tr("坐席", "Agent"), 12),
        (tr("班组", "Team"), 12),
        (tr("日期", "Day"), 12),
        (tr("呼叫时间（当地）", "Started (local)"), 20),
        (tr("标签", "Label id"), 28),
        (tr("规则", "Rule"), 34),
    ]


def _finding_rows(store: Store, filters: Filters, user: User) -> Iterator[list[Cell]]:
    """The rows, a few hundred findings in memory at a time, all from one state of the store."""
    with store.reading() as connection:
        after: int | None = None
        while True:
            batch = queue(connection, filters, user.number, after=after, limit=_BATCH)
            said = _Said(connection, [entry.number for entry in batch.entries], user)
            for entry in batch.entries:
                yield _finding_row(entry, said)
            after = batch.following
            if after is None:
                return


def _finding_row(entry: Entry, said: "_Said") -> list[Cell]:
    excerpt = entry.excerpt
    return [
        entry.number,
        entry.call,
        entry.call_id,
        name(LABELS, entry.label),
        name(SEVERITIES, entry.severity),
        name(REVIEW_STATES, entry.state),
        excerpt.words if excerpt else None,
        f"{excerpt.before}{excerpt.words}{excerpt.after}" if excerpt else None,
        entry.reason or None,
        entry.confidence,
        _yes(entry.waits),
        _yes(entry.appealed),
        said.decisions(entry.number),
        said.ruling(entry.number),
        entry.agent,
        entry.team,
        entry.day.isoformat(),
        entry.started_at,
        entry.label,
        entry.rule,
    ]


class _Said:
    """What reviewers said of some findings, as the user may know it."""

    def __init__(self, connection: sa.Connection, findings: Sequence[int], user: User) -> None:
        self._metadata = {
            row.id: row.metadata
            for row in connection.execute(
                sa.select(t.findings.c.id, t.calls.c.metadata).join(t.calls).where(t.findings.c.id.in_(findings))
            )
        }
        owed = sa.select(t.findings.c.id).where(
            t.findings.c.id.in_(findings), t.findings.c.id.in_(hidden_from(connection, user.number))
        )
        self._hidden = set(connection.execute(owed).scalars())
        self._user = user.number
        self._decisions = _rows_of(connection, t.decisions, findings)
        self._rulings = _rows_of(connection, t.rulings, findings)

    def decisions(self, finding: int) -> str | None:
        """The decisions that hold: who, what, why."""
        rows = self._decisions[finding]
        made = [Decision(row.id, row.reviewer, Verdict(row.verdict), row.undoes) for row in rows]
        holding = {decision.number for decision in in_force(made).values()}
        told = [
            _told(row.name, SAID[Verdict(row.verdict)], self._masked(finding, row.reason, row.comment))
            for row in rows
            if row.id in holding and (finding not in self._hidden or row.reviewer == self._user)
        ]
        return tr("；", "; ").join(told) or None

    def ruling(self, finding: int) -> str | None:
        """The last word, if there is one."""
        if finding in self._hidden or not self._rulings[finding]:
            return None
        row = self._rulings[finding][-1]
        return _told(row.name, RULED[Ruling(row.verdict)], self._masked(finding, row.comment))

    def _masked(self, finding: int, *texts: str) -> list[str]:
        """What reviewers wrote, with the debtor's name and all numbers covered. Most wrote nothing."""
        written = [text for text in texts if text]
        if not written:
            return []
        of_call = read_metadata(json.loads(self._metadata[finding]))
        private = Private(Call("", of_call, (), Source("", "", "", None)))
        return [private.words(text) for text in written]


def _rows_of(connection: sa.Connection, table: sa.Table, findings: Sequence[int]) -> Mapping[int, list[Any]]:
    """The rows on each finding, in order, each with the `name` of who made it."""
    query = sa.select(table, t.users.c.name).join(t.users, t.users.c.id == table.c.reviewer)
    rows: defaultdict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(query.where(table.c.finding.in_(findings)).order_by(table.c.id)):
        rows[row.finding].append(row)
    return rows


def _told(who: str, what: tuple[str, str], why: Sequence[str]) -> str:
    reasons = tr("（{}）", " ({})").format(tr("；", "; ").join(why)) if why else ""
    return f"{who} {tr(*what)}{reasons}"


def _yes(value: bool) -> str | None:
    return tr("是", "yes") if value else None


def _of_call(known: Dossier) -> Iterator[Table]:
    masks = Masks(Private)
    private = Private(known.report.call)
    shown = redacted(known.report, private)
    facts: list[list[Cell]] = [
        [tr("通话号", "Call no."), known.number],
        [tr("通话编号", "Call"), shown.call.call_id],
        [tr("判定", "Verdict"), name(VERDICTS, shown.verdict)],
        [tr("风险分", "Risk"), shown.score],
        *(_cells(fact.title, fact.value) for fact in call_facts(known.report.call.metadata, private)),
        [tr("审核时间（UTC）", "Audited (UTC)"), known.audited_at],
        ["callaudit", shown.audit.callaudit_version],
        [tr("规则包", "Rule pack"), shown.audit.rules_sha256],
        [tr("政策", "Policy"), shown.audit.policy],
    ]
    yield Table(tr("通话", "Call"), [(tr("项目", "What"), 28), (tr("内容", "Value"), 60)], facts)
    found = zip(shown.findings, known.findings, strict=True)
    yield Table(
        tr("发现", "Findings"),
        _columns_of_call(),
        [_row_of_call(finding, filed, private) for finding, filed in found],
    )
    added = [
        [name(LABELS, one.label), masks.added(one), private.words(one.comment) or None, one.reviewer, one.at]
        for one in known.added
    ]
    yield Table(tr("人工补记", "Added by hand"), _added_columns(), added)
    turns = [
        [turn.index + 1, name(ROLES, turn.role), clock(turn.time.start_s) if turn.time else None, turn.text]
        for turn in shown.call.turns
    ]
    yield Table(tr("对话", "Dialogue"), _turn_columns(), turns)


def _cells(*cells: Cell) -> list[Cell]:
    return [*cells]


def _columns_of_call() -> list[Column]:
    return [
        (tr("发现号", "Finding"), 9),
        (tr("名称", "Label"), 22),
        (tr("级别", "Severity"), 9),
        (tr("状态", "State"), 10),
        (tr("待复核", "To review"), 16),
        (tr("置信度", "Confidence"), 9),
        (tr("说话人", "Speaker"), 11),
        (tr("轮次", "Turn"), 6),
        (tr("时间", "Moment"), 9),
        (tr("原话（已遮盖标识）", "Words (identifiers masked)"), 60),
        (tr("理由", "Reason"), 50),
        (tr("依据", "Clauses"), 60),
        (tr("决定", "Decisions"), 60),
        (tr("裁定", "Ruling"), 40),
        (tr("标签", "Label id"), 28),
        (tr("规则", "Rule"), 34),
    ]


def _row_of_call(finding: Finding, filed: Filed, private: Private) -> list[Cell]:
    def said(statement: Statement) -> str:
        written = [private.words(text) for text in (statement.reason, statement.comment) if text]
        return _told(statement.reviewer, SAID[statement.verdict], written)

    ruled = None
    if filed.rulings:
        last = filed.rulings[-1]
        ruled = _told(last.reviewer, RULED[last.verdict], [private.words(last.comment)] if last.comment else [])
    return [
        filed.number,
        name(LABELS, finding.label),
        name(SEVERITIES, finding.severity),
        name(REVIEW_STATES, filed.state),
        tr("、", ", ").join(name(REVIEWS, reason) for reason in finding.why.review) or None,
        finding.confidence,
        name(ROLES, finding.role) if finding.role else tr("整通通话", "whole call"),
        None if finding.turn is None else finding.turn + 1,
        clock(finding.time.start_s) if finding.time else None,
        finding.quote or None,
        tr(finding.why.reason.get("zh", ""), finding.why.reason.get("en", "")) or None,
        tr("；", "; ").join(tr(clause.zh, clause.en) for clause in finding.clauses) or None,
        tr("；", "; ").join(said(statement) for statement in filed.statements if statement.holds) or None,
        ruled,
        finding.label,
        finding.rule,
    ]


def _added_columns() -> list[Column]:
    return [
        (tr("名称", "Label"), 22),
        (tr("原话（已遮盖标识）", "Words (identifiers masked)"), 60),
        (tr("说明", "Comment"), 50),
        (tr("补记人", "Added by"), 16),
        (tr("时间（UTC）", "At (UTC)"), 20),
    ]


def _turn_columns() -> list[Column]:
    return [
        (tr("轮次", "Turn"), 6),
        (tr("说话人", "Speaker"), 11),
        (tr("时间", "Moment"), 9),
        (tr("文字（已遮盖标识）", "Words (identifiers masked)"), 100),
    ]


def _log_columns() -> list[Column]:
    # Named as in the description of the hash: who computes it again needs these.
    return [(title, 20) for title in ("id", "at", "actor", "action", "subject", "facts", "previous", "hash")]


def _log_rows(store: Store, user: User) -> Iterator[list[Cell]]:
    with store.reading() as connection:
        cover = Cover(connection, user.number)
        query = sa.select(t.log).order_by(t.log.c.id)
        for row in connection.execution_options(yield_per=_BATCH).execute(query):
            told = cover.told(row.actor, row.action, row.subject, row.facts)
            yield [row.id, row.at, row.actor, row.action, *told, row.previous, row.hash]
