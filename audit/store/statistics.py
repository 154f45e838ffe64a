"""What calls, findings and decisions come to: violations per 100 calls, precision of rules, work done. Counted by the database.

Signals are no violations. What an audit no longer finds (superseded) does not count; violations that the machine missed and a person
added do. Days and weeks are those of the calls where they were made; decisions have the days of China.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from audit.model.review import ReviewState, Verdict
from audit.store import tables as t
from audit.store.queue import values_of
from audit.store.sampling import calls_hidden_from, hides_something, is_hidden_from
from audit.store.violations import SIGNALS, Counting, counts_as_violation, in_family

# Below these an interval is so wide that nobody should be judged by the number.
FEW_CALLS, FEW_DECISIONS = 30, 10
_Z = 1.959964  # 95 %
_ZONE, _OFFSET = "Asia/Shanghai", "+8 hours"

Interval = tuple[float, float]


def midnight(moment: datetime) -> datetime:
    """When the day of work began that `moment` is in, by the clock of China, wherever the desk runs."""
    return moment.astimezone(ZoneInfo(_ZONE)).replace(hour=0, minute=0, second=0, microsecond=0)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which calls (by day, both ends included, team and agent) and which findings (by label family) are counted, and as what."""

    first: date | None = None
    last: date | None = None
    team: str | None = None
    agent: str | None = None
    family: str | None = None
    counting: Counting = Counting.SUSPECTED


@dataclass(frozen=True, slots=True)
class Rate:
    """Violations of one label, team, agent or week: in how many of how many calls, and how many. `squares` is the sum over calls of the
    square of each call's violations, `key` None where the call record does not say (or no longer: purged calls have no agent)."""

    key: str | None
    calls: int
    with_violation: int = 0
    violations: int = 0
    squares: int = 0

    @property
    def per_100(self) -> float:
        """Violations per 100 calls."""
        return 100 * self.violations / self.calls if self.calls else 0.0

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval of `per_100`, for a rate seen in few calls; None without calls."""
        return rate_interval(self.violations, self.squares, self.calls)

    @property
    def is_small(self) -> bool:
        """Whether there are too few calls to judge by."""
        return self.calls < FEW_CALLS


@dataclass(frozen=True, slots=True)
class RulePrecision:
    """How often reviewers agreed with a rule. `open` counts findings without a verdict: nobody decided, or nobody is sure."""

    rule: str
    label: str
    confirmed: int = 0
    dismissed: int = 0
    disputed: int = 0
    open: int = 0

    @property
    def decided(self) -> int:
        """Findings that are confirmed or dismissed."""
        return self.confirmed + self.dismissed

    @property
    def share(self) -> float | None:
        """The share of confirmed findings among the decided ones; None when there are none."""
        return self.confirmed / self.decided if self.decided else None

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval of `share`."""
        return wilson(self.confirmed, self.decided)

    @property
    def is_small(self) -> bool:
        """Whether there are too few decisions to judge by."""
        return self.decided < FEW_DECISIONS

    @property
    def is_dismissed_mostly(self) -> bool:
        """Whether reviewers dismiss more than half of what it finds, beyond chance and in more than a few cases."""
        return self.interval is not None and self.interval[1] < 0.5 and not self.is_small


@dataclass(frozen=True, slots=True)
class Totals:
    """The selection in a few numbers. `states` are those of all current findings but signals, as the queue has them; `missed` were added by
    hand; `median_s` is the time from audit to first decision, None without decisions."""

    calls: int
    with_violation: int
    violations: int
    states: Mapping[ReviewState, int]
    appeals_open: int
    missed: int
    median_s: float | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """All of a selection. Labels, teams and agents stand in the order of what is certain: by the lower end of their interval, highest
    first; weeks (keys: their Mondays) in the order of time; rules with those on top that reviewers keep dismissing."""

    totals: Totals
    labels: tuple[Rate, ...]
    teams: tuple[Rate, ...]
    agents: tuple[Rate, ...]
    weeks: tuple[Rate, ...]
    rules: tuple[RulePrecision, ...]


@dataclass(frozen=True, slots=True)
class DayOfWork:
    """What a reviewer decided on a day (of China), decisions taken back later included; `undone` is how often one was."""

    day: date
    reviewer: str
    confirmed: int
    dismissed: int
    unsure: int
    undone: int

    @property
    def decided(self) -> int:
        """All decisions of the day."""
        return self.confirmed + self.dismissed + self.unsure


@dataclass(frozen=True, slots=True)
class _Hidden:
    """What blind plans hide from who asks: what others said of findings, and that they added some to calls. None: nothing."""

    user: int | None = None
    calls: sa.ColumnElement[bool] | None = None

    @classmethod
    def of(cls, connection: sa.Connection, user: int | None) -> "_Hidden":
        """Of this user; nobody's is nothing."""
        if user is None or not hides_something(connection, user):
            return cls()
        owed = calls_hidden_from(connection, user).where(t.samples.c.call == t.missed.c.call)
        return cls(user, owed.correlate(t.missed).exists())

    def state(self, findings: Any) -> sa.ColumnElement[str]:
        """The state of a finding, as if nobody had said anything where that is hidden."""
        state: sa.ColumnElement[str] = findings.c.state
        if self.user is None:
            return state
        # Of what nobody decided, nothing is hidden: most findings need no look at their samples.
        decided = t.findings.alias("decided")
        states = [other.value for other in ReviewState if other is not ReviewState.OPEN]
        hidden = self._numbers(self.user, decided, decided.c.state.in_(states))
        return sa.case((findings.c.id.in_(hidden), ReviewState.OPEN.value), else_=state)

    def told(self) -> list[sa.ColumnElement[bool]]:
        """The conditions on what was added by hand: one's own, where what others added is hidden."""
        own = t.missed.c.reviewer == self.user
        return [] if self.calls is None else [sa.or_(own, sa.not_(self.calls))]

    def seen(self, finding: "sa.Column[Any]") -> list[sa.ColumnElement[bool]]:
        """The conditions on findings of which all is told."""
        if self.user is None:
            return []
        decided = t.findings.alias("decided")
        return [finding.not_in(self._numbers(self.user, decided, decided.c.waited_s.is_not(None)))]

    @staticmethod
    def _numbers(user: int, findings: Any, which: sa.ColumnElement[bool]) -> sa.Select[int]:
        """The numbers of what is hidden, as a set that is made once: asked row by row, PostgreSQL would make it again and again."""
        current = findings.c.superseded_by.is_(None)
        return sa.select(findings.c.id).where(current, which, is_hidden_from(user, findings.c.id))


def statistics(connection: sa.Connection, selection: Selection, viewer: int | None = None) -> Statistics:
    """Count what is selected. Without a family, and where nothing is hidden, violations are those that are kept with the calls.

    What a blind plan hides from the user `viewer` counts as if nobody had said anything; None is whoever holds the store itself.
    """
    hidden = _Hidden.of(connection, viewer)
    if selection.family is None and hidden.user is None:
        calls, by_call = _calls_with_sums(connection, selection)
    else:
        calls, by_call = _calls(connection, selection), _by_call(connection, selection, hidden)
    seen = _by_label(connection, selection, hidden) | by_call
    missed = _missed(connection, selection, hidden, seen)
    labels = _rates(dict.fromkeys(seen["label"], sum(calls["day"].values())), seen["label"])
    teams, agents, days = (_rates(calls[kind], seen[kind]) for kind in _OF_CALL)
    rules = _rules(connection, selection, hidden)
    appeals, median = _appeals(connection, selection), _median(connection, selection, hidden)
    breaches = [states for (_, label), states in rules.items() if family_of(label) != SIGNALS]
    states = {state: sum(counts.get(state, 0) for counts in breaches) for state in ReviewState}
    totals = Totals(
        sum(rate.calls for rate in days),
        sum(rate.with_violation for rate in days),
        sum(rate.violations for rate in days),
        states,
        appeals,
        missed,
        median,
    )
    return Statistics(
        totals, _ranked(labels), _ranked(teams), _ranked(agents), _weeks(days), _suspect_first(_precision(rules))
    )


def days_of_work(connection: sa.Connection, selection: Selection, viewer: int | None = None) -> list[DayOfWork]:
    """What reviewers decided on the days of the selection, latest first, then by reviewer; teams, agents and families do not matter.

    What others said where a blind plan hides it from the user `viewer` is left out, as in `statistics`.
    """
    made, hidden = t.decisions.alias("made"), _Hidden.of(connection, viewer)
    day = _day_in_china(connection, made.c.decided_at)
    counts = [
        sa.func.count().filter(made.c.verdict == verdict.value)
        for verdict in (Verdict.CONFIRM, Verdict.DISMISS, Verdict.UNSURE, Verdict.UNDO)
    ]
    query = sa.select(day, t.users.c.name, *counts).join(t.users, t.users.c.id == made.c.reviewer)
    query = query.group_by(day, t.users.c.name)
    if seen := hidden.seen(made.c.finding):
        query = query.where(sa.or_(made.c.reviewer == viewer, *seen))
    if selection.first is not None:
        query = query.where(day >= selection.first.isoformat())
    if selection.last is not None:
        query = query.where(day <= selection.last.isoformat())
    rows = connection.execute(query.order_by(day.desc(), t.users.c.name)).all()
    return [DayOfWork(date.fromisoformat(row[0]), *row[1:]) for row in rows]


def family_of(label: str) -> str:
    """The part of a label before the dot."""
    return label.partition(".")[0]


def wilson(part: int, whole: int) -> Interval | None:
    """The 95 % interval of the share `part` / `whole` (Wilson 1927); None when there is nothing to divide by.

    >>> [round(end, 3) for end in wilson(8, 10)]
    [0.49, 0.943]
    """
    if not whole:
        return None
    share, weight = part / whole, _Z * _Z / whole
    middle, half = share + weight / 2, _Z * math.sqrt(share * (1 - share) / whole + weight / (4 * whole))
    return max(0.0, (middle - half) / (1 + weight)), min(1.0, (middle + half) / (1 + weight))


def rate_interval(events: int, squares: int, calls: int) -> Interval | None:
    """The 95 % interval of `events` per 100 calls: Byar's approximation of the exact Poisson limits (Breslow and Day 1987), widened where
    events come several to a call. `squares` is the sum over calls of the square of each call's events; None without calls.

    >>> [round(end, 1) for end in rate_interval(10, 10, 100)]
    [4.8, 18.4]
    >>> [round(end, 1) for end in rate_interval(10, 100, 100)]  # all ten in one call
    [0.1, 55.6]
    """
    if not calls:
        return None
    # So many events count as one: the calls are independent, what is said in one call is not.
    together = squares / events if events else 1.0
    seen = events / together
    low = seen * (1 - 1 / (9 * seen) - _Z / (3 * math.sqrt(seen))) ** 3 if seen else 0.0
    more = seen + 1
    high = more * (1 - 1 / (9 * more) + _Z / (3 * math.sqrt(more))) ** 3
    unit = 100 * together / calls
    return max(0.0, low) * unit, high * unit


_OF_CALL = ("team", "agent_id", "day")
_Sums = dict[str, "defaultdict[str | None, list[int]]"]


def _of_calls(table: Any, selection: Selection) -> list[sa.ColumnElement[bool]]:
    """The conditions on day, team and agent, on calls or on findings, which carry them."""
    conditions = []
    if selection.first is not None:
        conditions.append(table.c.day >= selection.first)
    if selection.last is not None:
        conditions.append(table.c.day <= selection.last)
    if selection.team is not None:
        conditions.append(table.c.team == selection.team)
    if selection.agent is not None:
        conditions.append(table.c.agent_id == selection.agent)
    return conditions


def _of_family(table: Any, selection: Selection) -> list[sa.ColumnElement[bool]]:
    return [] if selection.family is None else [in_family(table, selection.family)]


def _calls(connection: sa.Connection, selection: Selection) -> dict[str, dict[str | None, int]]:
    """How many calls each team, agent and day has."""
    kinds = [
        sa.select(sa.literal(kind).label("kind"), sa.cast(t.calls.c[kind], sa.Text).label("key"), sa.func.count())
        .where(*_of_calls(t.calls, selection))
        .group_by(t.calls.c[kind])
        for kind in _OF_CALL
    ]
    found: dict[str, dict[str | None, int]] = {kind: {} for kind in _OF_CALL}
    for kind, key, calls in connection.execute(sa.union_all(*kinds)).all():
        found[kind][key] = calls
    return found


def _calls_with_sums(connection: sa.Connection, selection: Selection) -> tuple[dict[str, dict[str | None, int]], _Sums]:
    """How many calls each team, agent and day has, and the sums of the violations that are kept with them."""
    n = t.calls.c[selection.counting.value]
    found: dict[str, dict[str | None, int]] = {kind: {} for kind in _OF_CALL}
    sums = {kind: _no_sums() for kind in _OF_CALL}
    for kind in _OF_CALL:
        key = t.calls.c[kind]
        numbers = (sa.func.count(), sa.func.count().filter(n > 0), sa.func.sum(n), sa.func.sum(n * n))
        query = sa.select(sa.cast(key, sa.Text), *numbers).where(*_of_calls(t.calls, selection)).group_by(key)
        for of, calls, *three in connection.execute(query).all():
            found[kind][of] = calls
            sums[kind][of] = [int(number) for number in three]
    return found, sums


def _violations(selection: Selection, hidden: _Hidden) -> list[sa.ColumnElement[bool]]:
    counts = counts_as_violation(t.findings, selection.counting, hidden.state(t.findings))
    return [counts, *_of_family(t.findings, selection), *_of_calls(t.findings, selection)]


def _sums(counted: Any) -> tuple[Any, Any, Any]:
    """Calls with a violation, violations, and the sum of their squares, over rows of `n` violations each."""
    return sa.func.count(), sa.func.sum(counted.c.n), sa.func.sum(counted.c.n * counted.c.n)


def _by_label(connection: sa.Connection, selection: Selection, hidden: _Hidden) -> _Sums:
    """The sums by label. Label by label and call by call in the order of an index, nothing has to be sorted. What is hidden is looked up
    anew by each statement: then all labels are one."""
    conditions = _violations(selection, hidden)
    if hidden.user is not None:
        by_both = sa.select(t.findings.c.label, sa.func.count().label("n")).where(*conditions)
        counted = by_both.group_by(t.findings.c.label, t.findings.c.call).subquery()
        rows = connection.execute(sa.select(counted.c.label, *_sums(counted)).group_by(counted.c.label)).all()
        return {"label": _no_sums() | {label: [int(number) for number in numbers] for label, *numbers in rows}}
    label = sa.bindparam("of_label", type_=sa.Text)
    grouped = sa.select(sa.func.count().label("n")).where(t.findings.c.label == label, *conditions)
    if selection.agent is None:
        grouped = grouped.with_hint(t.findings, "INDEXED BY ix_findings_labels", "sqlite")
    query = sa.select(*_sums(grouped.group_by(t.findings.c.call).subquery()))
    sums = _no_sums()
    for known in values_of(connection, t.findings.c.label):
        of_calls, violations, squares = connection.execute(query, {"of_label": known}).one()
        if of_calls:
            sums[known] = [of_calls, int(violations), int(squares)]
    return {"label": sums}


def _by_call(connection: sa.Connection, selection: Selection, hidden: _Hidden) -> _Sums:
    """The sums by what a call has one of. All findings of a call share its day, team and agent: min() takes the one there is."""
    shared = [sa.func.min(t.findings.c[kind]).label(kind) for kind in _OF_CALL]
    grouped = sa.select(*shared, sa.func.count().label("n")).where(*_violations(selection, hidden))
    counted = grouped.group_by(t.findings.c.call).cte("counted")
    kinds = [
        sa.select(sa.literal(kind), sa.cast(counted.c[kind], sa.Text), *_sums(counted)).group_by(counted.c[kind])
        for kind in _OF_CALL
    ]
    sums = {kind: _no_sums() for kind in _OF_CALL}
    for kind, key, *numbers in connection.execute(sa.union_all(*kinds)).all():
        sums[kind][key] = [int(number) for number in numbers]
    return sums


def _no_sums() -> "defaultdict[str | None, list[int]]":
    return defaultdict(lambda: [0, 0, 0])


def _missed(connection: sa.Connection, selection: Selection, hidden: _Hidden, seen: _Sums) -> int:
    """Put what was added by hand into the sums; how many there are. They are few: each comes with what else its call has."""
    withdrawal, same = t.missed.alias(), t.findings.alias()
    same_call = sa.and_(
        same.c.call == t.missed.c.call,
        counts_as_violation(same, selection.counting, hidden.state(same)),
        *_of_family(same, selection),
    )
    same_label = sa.and_(same_call, same.c.label == t.missed.c.label)
    of_call, of_label = (
        sa.select(sa.func.count()).select_from(same).where(condition).scalar_subquery()
        for condition in (same_call, same_label)
    )
    # Found by a later audit in the same place, it is there already.
    found_later = sa.exists().where(same_label, same.c.turn.is_not_distinct_from(t.missed.c.turn))
    query = (
        sa.select(t.missed.c.call, t.missed.c.label, *(t.calls.c[kind] for kind in _OF_CALL), of_call, of_label)
        .join(t.calls, t.calls.c.id == t.missed.c.call)
        .where(
            t.missed.c.withdraws.is_(None),
            ~sa.exists().where(withdrawal.c.withdraws == t.missed.c.id),
            ~found_later,
            ~in_family(t.missed, SIGNALS),
            *_of_family(t.missed, selection),
            *_of_calls(t.calls, selection),
            *hidden.told(),
        )
    )
    rows: Sequence[Any] = connection.execute(query).all()
    added: dict[tuple[str, str | None, int], list[int]] = {}
    for call, label, team, agent, day, in_call, with_label in rows:
        added.setdefault(("label", label, call), [with_label, 0])[1] += 1
        for kind, key in zip(_OF_CALL, (team, agent, day.isoformat()), strict=True):
            added.setdefault((kind, key, call), [in_call, 0])[1] += 1
    for (kind, key, _), (before, more) in added.items():
        sums = seen[kind][key]
        seen[kind][key] = [sums[0] + (not before), sums[1] + more, sums[2] + (before + more) ** 2 - before**2]
    return len(rows)


def _rules(
    connection: sa.Connection, selection: Selection, hidden: _Hidden
) -> dict[tuple[str, str], dict[ReviewState, int]]:
    """How many current findings of each rule are in each state."""
    of = (
        sa.select(t.findings.c.rule, t.findings.c.label, hidden.state(t.findings).label("state"))
        .where(
            t.findings.c.superseded_by.is_(None), *_of_family(t.findings, selection), *_of_calls(t.findings, selection)
        )
        .subquery()
    )
    query = sa.select(of.c.rule, sa.func.min(of.c.label), of.c.state, sa.func.count()).group_by(of.c.rule, of.c.state)
    found: dict[str, tuple[str, dict[ReviewState, int]]] = {}
    for rule, of_rule, state, number in connection.execute(query).all():
        found.setdefault(rule, (of_rule, {}))[1][ReviewState(state)] = number
    return {(rule, of_rule): states for rule, (of_rule, states) in found.items()}


def _precision(rules: Mapping[tuple[str, str], Mapping[ReviewState, int]]) -> list[RulePrecision]:
    return [
        RulePrecision(
            rule,
            label,
            states.get(ReviewState.CONFIRMED, 0),
            states.get(ReviewState.DISMISSED, 0),
            states.get(ReviewState.DISPUTED, 0),
            states.get(ReviewState.OPEN, 0) + states.get(ReviewState.UNSURE, 0),
        )
        for (rule, label), states in rules.items()
    ]


def _appeals(connection: sa.Connection, selection: Selection) -> int:
    """How many appeals wait for a ruling."""
    chosen = [*_of_family(t.findings, selection), *_of_calls(t.findings, selection)]
    ruled = sa.exists().where(t.rulings.c.appeal == t.appeals.c.id)
    # As the list of appeals has them: into those of purged calls nobody can look.
    of_calls = t.appeals.join(t.findings).join(t.calls, t.calls.c.id == t.appeals.c.call)
    kept = t.calls.c.purged_at.is_(None)
    query = sa.select(sa.func.count()).select_from(of_calls).where(~ruled, kept, *chosen)
    return int(connection.execute(query).scalar_one())


def _median(connection: sa.Connection, selection: Selection, hidden: _Hidden) -> float | None:
    """The median of the seconds from audit to first decision."""
    chosen = [*_of_family(t.findings, selection), *_of_calls(t.findings, selection), *hidden.seen(t.findings.c.id)]
    waited = sa.select(t.findings.c.waited_s).where(t.findings.c.waited_s.is_not(None), *chosen)
    number = connection.execute(sa.select(sa.func.count()).select_from(waited.subquery())).scalar_one()
    if not number:
        return None
    # One in the middle, or two.
    middle = waited.order_by(t.findings.c.waited_s).limit(2 - number % 2).offset((number - 1) // 2)
    seconds: Sequence[float] = connection.execute(middle).scalars().all()
    return sum(seconds) / len(seconds)


def _day_in_china(connection: sa.Connection, moment: Any) -> sa.ColumnElement[str]:
    if connection.dialect.name == "sqlite":
        return sa.func.date(moment, _OFFSET, type_=sa.Text)
    return sa.cast(sa.cast(sa.func.timezone(_ZONE, moment), sa.Date), sa.Text)


def _rates(calls: Mapping[str | None, int], sums: Mapping[str | None, Sequence[int]]) -> list[Rate]:
    return [_rate(key, number, sums.get(key, (0, 0, 0))) for key, number in calls.items()]


def _rate(key: str | None, calls: int, sums: Sequence[int]) -> Rate:
    with_violation, violations, squares = sums
    return Rate(key, calls, with_violation, violations, squares)


def _ranked(rates: Iterable[Rate]) -> tuple[Rate, ...]:
    """By the lower end of the interval: who had one bad call of three stands below who had thirty of a hundred."""

    def certain(rate: Rate) -> tuple[float, float, int, str]:
        low = rate.interval[0] if rate.interval else 0.0
        return -low, -rate.per_100, -rate.calls, rate.key or ""

    return tuple(sorted(rates, key=certain))


def _weeks(days: Iterable[Rate]) -> tuple[Rate, ...]:
    """The days of each week, Monday to Sunday, together."""
    weeks: dict[str, list[int]] = {}
    for rate in days:
        day = date.fromisoformat(rate.key or "")
        week = weeks.setdefault((day - timedelta(days=day.weekday())).isoformat(), [0, 0, 0, 0])
        for place, number in enumerate((rate.calls, rate.with_violation, rate.violations, rate.squares)):
            week[place] += number
    return tuple(Rate(monday, *weeks[monday]) for monday in sorted(weeks))


def _suspect_first(rules: Iterable[RulePrecision]) -> tuple[RulePrecision, ...]:
    """By the upper end of the interval, lowest first: what is certainly wrong often. Rules without decisions come last."""

    def doubtful(rule: RulePrecision) -> tuple[float, int, str]:
        high = rule.interval[1] if rule.interval else 2.0
        return high, -(rule.open + rule.disputed), rule.rule

    return tuple(sorted(rules, key=doubtful))
