"""`callaudit evaluate`: how right the findings are on labelled calls, by family and label, with what was missed."""

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit.cli.options import POLICY, RULES
from audit.i18n import tr

if TYPE_CHECKING:
    from audit.evaluation.outcome import Outcome, Overall
    from audit.evaluation.scores import Bin, Difference, Interval, Row

BOTH = "both"
_RULES = 15


@click.command(
    help=tr(
        "用标注通话（LABELS 格式的 JSONL，可多个文件）计算查准率、查全率、F1 及 95% 区间、置信度是否可信、哪些规则误报多。",
        "Precision, recall and F1 with 95 % intervals, calibration and the rules with most false findings, on labelled "
        "calls (JSONL; several files).",
    )
)
@click.argument("labelled", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--by",
    type=click.Choice(["family", "label", BOTH]),
    default="family",
    show_default=True,
    help=tr("按类、按标签，或都列", "by family, by label, or both"),
)
@click.option(
    "--accusations",
    is_flag=True,
    help=tr("各表不计待人工听音的发现", "leave what waits for a listener out of the tables"),
)
@click.option(
    "--misses",
    default=0,
    show_default=True,
    help=tr("列出多少条漏报和误报", "how many misses and false findings to list"),
)
@click.option(
    "--html",
    "page",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help=tr("另写一页带图表的报告", "also write a page with charts"),
)
@click.option("--json", "as_json", is_flag=True, help=tr("输出 JSON", "write JSON"))
@POLICY
@RULES
def evaluate(
    labelled: tuple[str, ...],
    by: str,
    accusations: bool,
    misses: int,
    page: Path | None,
    as_json: bool,
    policy: str,
    rules: tuple[str, ...],
) -> None:
    """Audits the calls, cross-call limits included, and compares with their labels."""
    from audit.errors import ConfigError
    from audit.evaluation import outcome as outcomes
    from audit.evaluation.labelled import audit_labelled
    from audit.pipeline import Auditor, Options

    calls, problems = audit_labelled(labelled, Auditor(Options(policy=policy, rules=rules)))
    for problem in problems:
        click.echo(problem.line(), err=True)
    if not calls:
        raise ConfigError("CA436", ", ".join(labelled))
    outcome = outcomes.evaluate(calls, accusations)
    if page:
        from audit.evaluation.page import write

        write(outcome, labelled, page)
    if as_json:
        click.echo(json.dumps(outcomes.record(outcome), ensure_ascii=False, indent=2))
        return
    _show(outcome, by, misses)


def _show(outcome: "Outcome", by: str, misses: int) -> None:
    click.echo(
        tr("{0} 通通话，{1} 个话轮；方括号内为 95% 区间", "{0} calls, {1} turns; 95 % intervals in brackets").format(
            outcome.calls, outcome.turns
        )
    )
    for title, overall in (
        (tr("不含待听音", "what stands by itself"), outcome.accusing),
        (tr("含待听音", "with what waits for a listener"), outcome.all_found),
    ):
        _head(title)
        _overall(overall)
    if by in ("family", BOTH):
        _table(tr("按类", "by family"), outcome.families)
    if by in ("label", BOTH):
        _table(tr("按标签", "by label"), outcome.labels)
    if outcome.left_out:
        click.echo(
            tr("标注中从未出现、不计分：", "occur nowhere among the labels, not scored: ") + ", ".join(outcome.left_out)
        )
    _bins(tr("置信度：独立成立的发现", "calibration: what stands by itself"), outcome.standing)
    _bins(tr("置信度：待人工听音", "calibration: waiting for a listener"), outcome.waiting)
    _rules(outcome)
    _list(tr("漏报", "missed"), outcome.missed, misses)
    _list(tr("误报", "false"), outcome.false, misses)


def _head(title: str) -> None:
    click.echo()
    columns = (tr("标注", "gold"), tr("找到", "found"), tr("查准率", "P"), tr("查全率", "R"), "F1")
    click.echo(_line(title, columns))


def _line(name: str, cells: Sequence[str]) -> str:
    widths = (7, 7, 20, 20, 20)
    return _padded(name, 34) + "".join(
        _padded(cell, width, right=True) for cell, width in zip(cells, widths, strict=True)
    )


def _padded(text: str, width: int, right: bool = False) -> str:
    """The text in so many columns of a terminal, where a Han character takes two."""
    blank = " " * (width - sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text))
    return blank + text if right else text + blank


def _cells(row: "Row") -> Sequence[str]:
    score = row.score
    return (
        str(score.gold),
        str(score.found),
        _share(score.precision, row.precision),
        _share(score.recall, row.recall),
        _share(score.f1, row.f1),
    )


def _share(share: float | None, interval: "Interval") -> str:
    if share is None:
        return "–"
    return f"{share:.3f}" + (f" [{interval[0]:.2f}–{interval[1]:.2f}]" if interval else "")


def _overall(overall: "Overall") -> None:
    click.echo(_line(tr("违规（按类）", "breaches (by family)"), _cells(overall.violations)))
    click.echo(_line(tr("信号", "signals"), _cells(overall.signals)))
    click.echo(_line(tr("有无违规（按通）", "calls with a breach"), _cells(overall.calls)))
    per_thousand = f"{1000 * overall.flagged / overall.clean:.2f}" if overall.clean else "–"
    click.echo(
        tr("干净话轮 {0} 个，误报 {1} 个（每千 {2}）", "{0} clean turns, {1} falsely flagged ({2} per 1,000)").format(
            overall.clean, overall.flagged, per_thousand
        )
    )


def _table(title: str, rows: Sequence["Row"]) -> None:
    _head(title)
    for row in rows:
        click.echo(_line(row.name, _cells(row)))


def _bins(title: str, bins: Sequence["Bin"]) -> None:
    click.echo()
    columns = (tr("显示", "shown"), tr("正确", "right"), tr("正确率", "share"))
    click.echo(_padded(title, 44) + "".join(_padded(column, 8, right=True) for column in columns))
    for one in bins:
        if one.shown:
            click.echo(f"{f'{one.low:g}–{one.high:g}':44}{one.shown:8}{one.right:8}{one.right / one.shown:8.2f}")


def _rules(outcome: "Outcome") -> None:
    click.echo()
    columns = (tr("误报", "false"), tr("类对", "family"), tr("正确", "right"))
    title = tr("误报最多的规则", "rules with most false findings")
    click.echo(_padded(title, 56) + "".join(_padded(column, 8, right=True) for column in columns))
    for rule in outcome.rules[:_RULES]:
        if rule.false or rule.near:
            click.echo(f"{rule.rule:56}{rule.false:8}{rule.near:8}{rule.right:8}")


def _list(title: str, differences: Sequence["Difference"], limit: int) -> None:
    from audit.evaluation.outcome import difference

    for one in differences[:limit]:
        row = difference(one)
        turn = "" if row["turn"] is None else row["turn"]
        why = f"  ← {row['rule']} {row['confidence']:.2f} {' + '.join(row['matched'])}" if "rule" in row else ""
        click.echo(f"  {title}  {row['call']}  {turn}  {row['label']}  {row['text']}{why}")
