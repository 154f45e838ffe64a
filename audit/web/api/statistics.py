"""What calls, findings and decisions come to, for programs that follow it. All of it needs the permission `statistics`."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from audit.store import statistics as counted
from audit.store.statistics import Selection
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.pages.dashboards import Rates, Reader, Selected

router = APIRouter(tags=["statistics"])
_Lead = Annotated[User, Depends(allowed(Permission.RULE))]


class Totals(BaseModel):
    """The selection in a few numbers; `states` are those of the findings that are no signals, the median is of the time from audit to
    first decision."""

    calls: int
    calls_with_violation: int
    violations: int
    states: dict[str, int]
    appeals_open: int
    missed: int
    median_s: float | None


class Rate(BaseModel):
    """Violations per 100 calls with their 95 % interval. `key` is a label, team, agent or the Monday of a week, null where it is not
    recorded; `small`: too few calls to judge by."""

    key: str | None
    calls: int
    calls_with_violation: int
    violations: int
    per_100: float
    low: float | None
    high: float | None
    small: bool


class Precision(BaseModel):
    """The share of a rule's findings that reviewers confirmed, of those confirmed or dismissed, with its 95 % interval (Wilson)."""

    rule: str
    label: str
    confirmed: int
    dismissed: int
    disputed: int
    not_decided: int
    precision: float | None
    low: float | None
    high: float | None
    small: bool


class Day(BaseModel):
    """What a reviewer decided on a day (of China)."""

    day: date
    reviewer: str
    confirmed: int
    dismissed: int
    unsure: int
    undone: int


class Statistics(BaseModel):
    """All of a selection, each list in the order of the page."""

    totals: Totals
    labels: list[Rate]
    teams: list[Rate]
    agents: list[Rate]
    weeks: list[Rate]
    rules: list[Precision]


@router.get("/statistics")
def statistics(request: Request, user: Reader, selection: Selected) -> Statistics:
    """Rates by label, team, agent and week, precision by rule. `from` and `to` are days of calls; `counting` is `suspected` or `confirmed`."""
    found = _counted(request, user, selection)
    totals = found.totals
    return Statistics(
        totals=Totals(
            calls=totals.calls,
            calls_with_violation=totals.with_violation,
            violations=totals.violations,
            states={state.value: number for state, number in totals.states.items()},
            appeals_open=totals.appeals_open,
            missed=totals.missed,
            median_s=totals.median_s,
        ),
        labels=_rates(found.labels),
        teams=_rates(found.teams),
        agents=_rates(found.agents),
        weeks=_rates(found.weeks),
        rules=[_precision(rule) for rule in found.rules],
    )


@router.get("/statistics/rules")
def rules(request: Request, user: Reader, selection: Selected) -> list[Precision]:
    """Precision by rule, those on top that reviewers keep dismissing."""
    return [_precision(rule) for rule in _counted(request, user, selection).rules]


@router.get("/statistics/decisions")
def decisions(request: Request, user: _Lead, selection: Selected) -> list[Day]:
    """Decisions by reviewer and day, for leads; `from` and `to` are days of decisions here."""
    with desk_of(request).store.reading() as connection:
        return [
            Day(
                day=done.day,
                reviewer=done.reviewer,
                confirmed=done.confirmed,
                dismissed=done.dismissed,
                unsure=done.unsure,
                undone=done.undone,
            )
            for done in counted.days_of_work(connection, selection, user.number)
        ]


@router.get("/statistics/{key}")
def rates(request: Request, user: Reader, selection: Selected, key: Rates) -> list[Rate]:
    """One of the tables of rates; `weeks` in the order of time, the others by the lower end of the interval, highest first."""
    return _rates(getattr(_counted(request, user, selection), key))


def _counted(request: Request, user: User, selection: Selection) -> counted.Statistics:
    with desk_of(request).store.reading() as connection:
        return counted.statistics(connection, selection, user.number)


def _rates(found: tuple[counted.Rate, ...]) -> list[Rate]:
    return [
        Rate(
            key=rate.key,
            calls=rate.calls,
            calls_with_violation=rate.with_violation,
            violations=rate.violations,
            per_100=rate.per_100,
            low=rate.interval[0] if rate.interval else None,
            high=rate.interval[1] if rate.interval else None,
            small=rate.is_small,
        )
        for rate in found
    ]


def _precision(rule: counted.RulePrecision) -> Precision:
    return Precision(
        rule=rule.rule,
        label=rule.label,
        confirmed=rule.confirmed,
        dismissed=rule.dismissed,
        disputed=rule.disputed,
        not_decided=rule.open,
        precision=rule.share,
        low=rule.interval[0] if rule.interval else None,
        high=rule.interval[1] if rule.interval else None,
        small=rule.is_small,
    )
