"""`summary.html`: the run on one self-contained page, what needs a person first."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from markupsafe import Markup

from audit.model.finding import Severity
from audit.model.report import Verdict
from audit.report.charts import bar, hours_chart
from audit.report.failures_jsonl import failure_record
from audit.report.page import write_page
from audit.report.run import FoundInCall, Run
from audit.report.scope import scope, skipped_rules
from audit.report.summary import RunTotals, Tally
from audit.report.urgent import SELF_HARM, urgent_steps

WORST = 500
_FEW = 20
_MANY = 200


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One label: how often it stands and waits, in how many calls, and that as a bar."""

    label: str
    standing: int
    waiting: int
    calls: int
    bar: Markup


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One agent or team, with the rate of calls with a violation as a bar."""

    name: str
    tally: Tally
    bar: Markup


@dataclass(frozen=True, slots=True)
class SignalGroup:
    """One kind of signal with its first calls."""

    label: str
    count: int
    found: tuple[FoundInCall, ...]


def write(run: Run, path: Path) -> None:
    """Write the page of `run`; raises CallauditError (CA400) when it cannot be written."""
    totals = run.totals
    write_page(
        path,
        "summary.html.j2",
        None,
        info=run.info,
        totals=totals,
        severities=[(severity.value, totals.severities[severity]) for severity in Severity],
        verdicts=[(verdict.value, totals.verdicts[verdict]) for verdict in Verdict],
        verdict_bar=bar([(verdict.value, totals.verdicts[verdict]) for verdict in Verdict], totals.calls),
        urgent=list(run.with_label(SELF_HARM, _MANY)),
        urgent_calls=totals.calls_with[SELF_HARM],
        urgent_total=totals.standing[SELF_HARM] + totals.waiting[SELF_HARM],
        steps=urgent_steps(),
        signals=_signals(run),
        worst=[(call, bar([(call.verdict.value, call.score)], 100)) for call in run.calls(WORST) if call.score],
        worst_limit=WORST,
        shown=_FEW,
        labels=_labels(totals),
        agents=_groups(totals.agents),
        teams=_groups(totals.teams),
        most_rows=_MANY,
        hours=hours_chart(totals.hours),
        scope=scope(totals.judged),
        skipped=skipped_rules(totals.skipped.items()),
        failures=[failure_record(failure) for failure in islice(run.failures, _MANY)],
        failures_total=len(run.failures),
        warnings=run.warnings[:_MANY],
        warnings_total=len(run.warnings),
    )


def _labels(totals: RunTotals) -> list[LabelRow]:
    labels = totals.breach_labels()
    most = max((totals.standing[label] + totals.waiting[label] for label in labels), default=0)
    return [
        LabelRow(
            label,
            totals.standing[label],
            totals.waiting[label],
            totals.calls_with[label],
            bar([("violation", totals.standing[label]), ("review", totals.waiting[label])], most),
        )
        for label in labels
    ]


def _groups(groups: Mapping[str, Tally]) -> list[GroupRow]:
    """Groups by rate of calls with a violation, highest first; by number of calls, then name, where rates are equal."""
    worst = sorted(groups.items(), key=lambda group: (-group[1].violation_rate, -group[1].calls, group[0]))
    return [GroupRow(name, tally, bar([("violation", tally.violation_rate)], 100)) for name, tally in worst]


def _signals(run: Run) -> list[SignalGroup]:
    totals = run.totals
    return [
        SignalGroup(label, totals.standing[label] + totals.waiting[label], tuple(run.with_label(label, _FEW)))
        for label in totals.signal_labels()
        if label != SELF_HARM
    ]
