"""Dashboards: what calls, findings and decisions come to, as tables, charts and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from audit.errors import InputError
from audit.i18n import tr
from audit.model.labels import LABELS
from audit.model.review import ReviewState
from audit.report.labels import FAMILIES, name
from audit.report.redaction import masked_id
from audit.report.summary_xlsx import Cell, Column
from audit.store.database import now
from audit.store.queue import Filters, choices
from audit.store.statistics import (
    FEW_CALLS,
    FEW_DECISIONS,
    DayOfWork,
    Rate,
    RulePrecision,
    Selection,
    Statistics,
    days_of_work,
    midnight,
    statistics,
)
from audit.store.violations import SIGNALS, Counting
from audit.web import sheets
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.charts import Chart, Drawing, Mark, ranking_chart, weeks_chart
from audit.web.pages.export import Exporter, noted
from audit.web.render import REVIEW_STATES, page, url
from audit.web.sheets import Table

router = APIRouter()
Reader = Annotated[User, Depends(allowed(Permission.STATISTICS))]
Rates = Literal["labels", "teams", "agents", "weeks"]
Drawn = Literal["labels", "teams", "agents", "weeks", "rules"]
Tabled = Literal["labels", "teams", "agents", "weeks", "rules", "work"]
RATES: tuple[Rates, ...] = ("weeks", "labels", "teams", "agents")

# So many rows are drawn, and shown before the reader asks for more; so many are listed at all.
SHOWN, LISTED = 15, 200
_DAYS_SHOWN = 10
_PERIODS = (7, 30, 90)

COUNTING = {
    Counting.SUSPECTED: ("疑似：机器判定成立且未被排除的，加上已确认的", "suspected: standing and not dismissed, and all that are confirmed"),
    Counting.CONFIRMED: ("已确认：只计复核确认的", "confirmed: only what reviewers confirmed"),
}  # fmt: skip
TITLES: Mapping[Tabled, tuple[str, str]] = {
    "weeks": ("每周走势", "Week by week"),
    "labels": ("按类别", "By label"),
    "teams": ("按班组", "By team"),
    "agents": ("按坐席", "By agent"),
    "rules": ("规则准确率", "Precision of rules"),
    "work": ("复核工作量", "Decisions by reviewer and day"),
}
_FIRST_COLUMN: Mapping[Rates, tuple[str, str]] = {
    "weeks": ("周（周一）", "Week from"),
    "labels": ("类别", "Label"),
    "teams": ("班组", "Team"),
    "agents": ("坐席", "Agent"),
}


@dataclass(frozen=True, slots=True)
class Board:
    """What is shown: the selection and its statistics; `work` is None for who may not see it."""

    selection: Selection
    statistics: Statistics
    work: tuple[DayOfWork, ...] | None

    def rates(self, key: Rates) -> tuple[Rate, ...]:
        """The rows of one of the tables of rates."""
        found: tuple[Rate, ...] = getattr(self.statistics, key)
        return found


def selected(
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    team: str = "",
    agent: str = "",
    family: str = "",
    counting: str = "",
) -> Selection:
    """What is asked for, named as in the queue, with `family` (`threat` …) and `counting` (`suspected` or `confirmed`).

    Raises InputError CA837 for a value that cannot be.
    """
    shared = Filters.from_query({"from": first, "to": last, "team": team, "agent": agent})
    counting = counting or Counting.SUSPECTED
    if family and (family not in FAMILIES or family == SIGNALS):
        raise InputError("CA837", "family", given=family[:80])
    if counting not in set(Counting):
        raise InputError("CA837", "counting", given=counting[:80])
    return Selection(
        shared.first, shared.last, shared.team or None, shared.agent or None, family or None, Counting(counting)
    )


Selected = Annotated[Selection, Depends(selected)]


def query_of(selection: Selection) -> dict[str, str]:
    """The selection as a query string has it; `selected` reads it back."""
    said = {
        "from": _iso(selection.first),
        "to": _iso(selection.last),
        "team": selection.team,
        "agent": selection.agent,
        "family": selection.family,
        "counting": None if selection.counting is Counting.SUSPECTED else selection.counting.value,
    }
    return {key: value for key, value in said.items() if value}


def board(request: Request, user: User, selection: Selection) -> Board:
    """Count what is selected, as the user may see it: who decided how much is for those who lead."""
    with desk_of(request).store.reading() as connection:
        work = tuple(days_of_work(connection, selection, user.number)) if user.may(Permission.RULE) else None
        return Board(selection, statistics(connection, selection, user.number), work)


@router.get("/dashboards")
def dashboards(request: Request, user: Reader, selection: Selected) -> Response:
    """The page."""
    shown = board(request, user, selection)
    with desk_of(request).store.reading() as connection:
        there = choices(connection)
    query = query_of(selection)
    today = midnight(now()).date()
    return page(
        request,
        "dashboards.html.j2",
        user=user,
        board=shown,
        totals=shown.statistics.totals,
        query=query,
        selected=_selected_in_words(selection),
        in_queue=lambda key, value: url("/queue", **(_queue_query(selection) | {key: value})),
        states=list(ReviewState),
        counting=Counting,
        counting_words=COUNTING,
        titles=TITLES,
        first_column=_FIRST_COLUMN,
        families=[family for family in FAMILIES if family != SIGNALS],
        family_names=FAMILIES,
        teams=there.teams,
        agents=there.agents,
        periods=[(days, _period(query, today, days)) for days in _PERIODS],
        charts=charts(shown),
        key_name=key_name,
        few_calls=FEW_CALLS,
        few_decisions=FEW_DECISIONS,
        most_rows=SHOWN,
        most_listed=LISTED,
        matrix=_matrix(shown.work or ()),
        waited=_duration(shown.statistics.totals.median_s),
    )


@router.get("/dashboards/export.xlsx")
def all_sheets(request: Request, user: Exporter, selection: Selected) -> Response:
    """Every table, as the sheets of one workbook."""
    made = board(request, user, selection)
    tables = [_totals_table(made), *(table(made, key) for key in RATES), table(made, "rules")]
    if made.work is not None:
        tables.append(table(made, "work"))
    desk = desk_of(request)
    noted(desk.store, user, "dashboards", sheets.XLSX, sheets=len(tables))
    return sheets.xlsx_file(tables, "callaudit-dashboards", desk.cache)


@router.get("/dashboards/{key}.csv")
def as_csv(request: Request, user: Exporter, selection: Selected, key: Tabled) -> Response:
    """One table as CSV."""
    made, desk = _table_for(request, user, selection, key), desk_of(request)
    noted(desk.store, user, f"dashboards:{key}", sheets.CSV)
    return sheets.csv_file(made, f"callaudit-{key}", desk.cache)


@router.get("/dashboards/{key}.xlsx")
def as_xlsx(request: Request, user: Exporter, selection: Selected, key: Tabled) -> Response:
    """One table as a workbook."""
    desk, made = desk_of(request), _table_for(request, user, selection, key)
    noted(desk.store, user, f"dashboards:{key}", sheets.XLSX)
    return sheets.xlsx_file([made], f"callaudit-{key}", desk.cache)


@router.get("/dashboards/{key}.svg")
def as_svg(request: Request, user: Exporter, selection: Selected, key: Drawn) -> Response:
    """One chart as a file of its own."""
    drawn = charts(board(request, user, selection))[key]
    noted(desk_of(request).store, user, f"dashboards:{key}", "svg")
    return sheets.whole_file(drawn.file(), f"callaudit-{key}", "svg")


def key_name(kind: Tabled, key: str | None) -> str:
    """What a row is called. Codes of agents and teams may hold numbers that are nobody's business."""
    if key is None:
        return tr("（未记录）", "(not recorded)")
    return name(LABELS, key) if kind == "labels" else key if kind == "weeks" else masked_id(key)


def charts(made: Board) -> dict[Drawn, Drawing]:
    """The charts of the page."""
    drawn: dict[Drawn, Drawing] = {}
    for key in RATES:
        rates = made.rates(key)
        marks = [
            Mark(key_name(key, rate.key), rate.per_100, rate.interval, _calls(rate), rate.is_small) for rate in rates
        ]
        title = f"{tr('每百通通话的违规数', 'Violations per 100 calls')} · {tr(*TITLES[key])}"
        if key == "weeks":
            drawn[key] = weeks_chart(Chart(key, title, _rates_in_words(marks)), marks)
        else:
            drawn[key] = ranking_chart(Chart(key, title, _rates_in_words(marks[:SHOWN])), marks[:SHOWN])
    drawn["rules"] = _rules_chart(made.statistics.rules)
    return drawn


def table(made: Board, key: Tabled) -> Table:
    """One of the tables, to download."""
    if key == "work":
        return Table(tr(*TITLES[key]), _work_columns(), [_work_row(day) for day in made.work or ()])
    if key == "rules":
        return Table(tr(*TITLES[key]), _rule_columns(), [_rule_row(rule) for rule in made.statistics.rules])
    return Table(tr(*TITLES[key]), _rate_columns(key), [_rate_row(key, rate) for rate in made.rates(key)])


def _table_for(request: Request, user: User, selection: Selection, key: Tabled) -> Table:
    made = board(request, user, selection)
    if key == "work" and made.work is None:
        raise InputError("CA831", user.name)
    return table(made, key)


def _period(query: Mapping[str, str], today: date, days: int) -> str:
    """The address of the same for the last days."""
    first = today - timedelta(days=days - 1)
    return url("/dashboards", **{**query, "from": first.isoformat(), "to": today.isoformat()})


def _selected_in_words(selection: Selection) -> str:
    """What is selected, for who reads a print."""
    first, last = _iso(selection.first), _iso(selection.last)
    days = f"{first or '…'} – {last or '…'}" if first or last else tr("全部日期", "all days")
    team = tr("班组 {}", "team {}").format(key_name("teams", selection.team)) if selection.team else ""
    agent = tr("坐席 {}", "agent {}").format(key_name("agents", selection.agent)) if selection.agent else ""
    family = name(FAMILIES, selection.family) if selection.family else ""
    return tr("，", ", ").join(part for part in (days, team, agent, family) if part)


def _queue_query(selection: Selection) -> dict[str, str]:
    """The findings of the selection, as the queue is asked for them."""
    found = Filters(
        first=selection.first,
        last=selection.last,
        team=selection.team or "",
        agent=selection.agent or "",
        labels=(selection.family,) if selection.family else (),
    )
    return found.query()


def _calls(rate: Rate) -> str:
    return tr("{} 通", "{} calls").format(rate.calls)


def _rates_in_words(marks: Sequence[Mark]) -> str:
    """What a chart of rates says, for those who cannot see it."""
    if not marks:
        return tr("没有数据。", "No data.")
    said = tr("、", ", ").join(f"{mark.name} {mark.value:.1f}" for mark in marks[:5])
    explained = tr(
        "点为每百通违规数，线为 95% 区间，空心点表示通话少于 {} 通。",
        "Dots are violations per 100 calls, lines 95 % intervals, hollow dots stand for fewer than {} calls.",
    ).format(FEW_CALLS)
    return tr("共 {} 行，前几行：{}。{}", "{} rows, the first: {}. {}").format(len(marks), said, explained)


def _rules_chart(rules: Sequence[RulePrecision]) -> Drawing:
    def of_100(share: float) -> float:
        return 100 * share

    marks = [
        Mark(
            rule.rule,
            of_100(rule.share),
            (of_100(rule.interval[0]), of_100(rule.interval[1])),
            f"{rule.confirmed}/{rule.decided}",
            rule.is_small,
        )
        for rule in rules
        if rule.share is not None and rule.interval is not None
    ][:SHOWN]
    explained = tr(
        "点为已确认占已确认与已排除之和的百分比，线为 95% Wilson 区间，最常被排除的规则在最上；空心点表示决定少于 {} 条。",
        "Dots are the percentage confirmed of those confirmed or dismissed, lines 95 % Wilson intervals, rules dismissed most on top; "
        "hollow dots stand for fewer than {} decisions.",
    ).format(FEW_DECISIONS)
    return ranking_chart(Chart("rules", tr(*TITLES["rules"]), explained, "%"), marks, most=100.0)


def _totals_table(made: Board) -> Table:
    """What the page shows in numbers, and what was selected."""
    selection, totals = made.selection, made.statistics.totals
    rows: list[list[Cell]] = [
        [tr("通话日期从", "Calls from"), _iso(selection.first)],
        [tr("至", "to"), _iso(selection.last)],
        [tr("班组", "Team"), selection.team and masked_id(selection.team)],
        [tr("坐席", "Agent"), selection.agent and masked_id(selection.agent)],
        [tr("类别", "Labels"), selection.family and name(FAMILIES, selection.family)],
        [tr("计数口径", "Counted"), tr(*COUNTING[selection.counting])],
        [tr("通话", "Calls"), totals.calls],
        [tr("有违规的通话", "Calls with violations"), totals.with_violation],
        [tr("违规", "Violations"), totals.violations],
        *(_state_row(state, number) for state, number in totals.states.items()),
        [tr("待裁定的申诉", "Appeals open"), totals.appeals_open],
        [tr("人工补记的违规", "Added by hand"), totals.missed],
        [tr("审核到首次决定的中位数（小时）", "Audit to first decision, median (h)"),
         None if totals.median_s is None else round(totals.median_s / 3600, 2)],
    ]  # fmt: skip
    return Table(tr("概览", "Overview"), [(tr("项目", "What"), 36), (tr("数值", "Value"), 44)], rows)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _state_row(state: ReviewState, number: int) -> list[Cell]:
    zh, en = REVIEW_STATES[state]
    return [tr(f"{zh}的发现", f"Findings {en.lower()}"), number]


def _rate_columns(key: Rates) -> list[Column]:
    first = [(tr(*_FIRST_COLUMN[key]), 28)] + ([(tr("标签", "Label id"), 30)] if key == "labels" else [])
    return [
        *first,
        (tr("通话", "Calls"), 10),
        (tr("有违规的通话", "With violations"), 14),
        (tr("违规", "Violations"), 10),
        (tr("每百通违规数", "Per 100 calls"), 14),
        (tr("95% 区间下限", "95 % from"), 13),
        (tr("95% 区间上限", "95 % to"), 13),
        (tr("样本", "Sample"), 12),
    ]


def _rate_row(key: Rates, rate: Rate) -> list[Cell]:
    low, high = rate.interval or (None, None)
    return [
        key_name(key, rate.key),
        *([rate.key] if key == "labels" else []),
        rate.calls,
        rate.with_violation,
        rate.violations,
        round(rate.per_100, 2),
        low if low is None else round(low, 2),
        high if high is None else round(high, 2),
        _few(rate.is_small),
    ]


def _rule_columns() -> list[Column]:
    return [
        (tr("规则", "Rule"), 44),
        (tr("类别", "Label"), 24),
        (tr("已确认", "Confirmed"), 10),
        (tr("已排除", "Dismissed"), 10),
        (tr("有决定", "Decided (n)"), 10),
        (tr("准确率（%）", "Precision (%)"), 12),
        (tr("95% 区间下限", "95 % from"), 13),
        (tr("95% 区间上限", "95 % to"), 13),
        (tr("意见不一", "Disputed"), 10),
        (tr("未决定", "Not decided"), 11),
        (tr("样本", "Sample"), 12),
    ]


def _rule_row(rule: RulePrecision) -> list[Cell]:
    shares = (rule.share, *(rule.interval or (None, None)))
    return [
        rule.rule,
        name(LABELS, rule.label),
        rule.confirmed,
        rule.dismissed,
        rule.decided,
        *(None if share is None else round(100 * share, 1) for share in shares),
        rule.disputed,
        rule.open,
        _few(rule.is_small),
    ]


def _few(is_small: bool) -> str | None:
    return tr("样本少", "few") if is_small else None


def _work_columns() -> list[Column]:
    return [
        (tr("日期", "Day"), 12),
        (tr("复核人", "Reviewer"), 20),
        (tr("确认", "Confirmed"), 10),
        (tr("排除", "Dismissed"), 10),
        (tr("不确定", "Unsure"), 10),
        (tr("撤回", "Taken back"), 10),
        (tr("决定合计", "Decisions"), 10),
    ]


def _work_row(day: DayOfWork) -> list[Cell]:
    return [day.day.isoformat(), day.reviewer, day.confirmed, day.dismissed, day.unsure, day.undone, day.decided]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Decisions of the last days on which there were any (earliest first), by reviewer, and of all days selected."""

    days: tuple[date, ...]
    rows: tuple[tuple[str, tuple[int, ...], int], ...]


def _matrix(work: Sequence[DayOfWork]) -> Matrix:
    days = sorted({done.day for done in work})
    shown = tuple(days[-_DAYS_SHOWN:])
    numbers = {(done.reviewer, done.day): done.decided for done in work}
    rows = [
        (
            reviewer,
            tuple(numbers.get((reviewer, day), 0) for day in shown),
            sum(numbers.get((reviewer, day), 0) for day in days),
        )
        for reviewer in sorted({done.reviewer for done in work})
    ]
    return Matrix(shown, tuple(rows))


def _duration(seconds: float | None) -> str:
    """A waiting time as people say it.

    >>> _duration(5400.0)
    '1.5 小时'
    """
    if seconds is None:
        return "–"
    if seconds < 3600:
        return tr("{:.0f} 分钟", "{:.0f} min").format(seconds / 60)
    if seconds < 2 * 86400:
        return tr("{:.1f} 小时", "{:.1f} h").format(seconds / 3600)
    return tr("{:.1f} 天", "{:.1f} days").format(seconds / 86400)
