"""Numbers of small stores, counted by hand. The week of 2026-03-02 (a Monday) and the next."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import InputError
from audit.model.finding import Finding, Severity
from audit.model.report import CallReport
from audit.model.review import ReviewState, Ruling, UserRole, Verdict
from audit.store import tables as t
from audit.store import violations, waiting
from audit.store.appeals import file_appeal, rule_on_appeal
from audit.store.database import Store
from audit.store.retention import purge
from audit.store.review import add_missed, decide, withdraw_missed
from audit.store.sampling import Draw, close_plan, create_plan, hidden_from
from audit.store.soundness import check
from audit.store.statistics import (
    Rate,
    RulePrecision,
    Selection,
    Statistics,
    days_of_work,
    midnight,
    rate_interval,
    statistics,
    wilson,
)
from audit.store.users import add_user
from audit.store.violations import Counting
from tests.store.runs import BAD, OTHER_RULES, finding, report, reviewers, take_in

ALL = Selection()
THREAT, CURSE, SIGNAL = "threat.violence", "insult.curse", "signal.hardship"


def call(
    call_id: str,
    found: Sequence[str],
    *,
    day: int = 2,
    agent: str | None = "A01",
    team: str | None = "一组",
    waits: Sequence[int] = (),
) -> CallReport:
    """A call with a finding of each label in `found`, in turns of their own; those at the places `waits` wait for a listener."""
    made = report(call_id, [f"{BAD}{place}" for place in range(len(found))], day=day)
    metadata = replace(made.call.metadata, agent_id=agent, team=team)
    findings = tuple(of_label(call_id, place, label, place in waits) for place, label in enumerate(found))
    return replace(made, call=replace(made.call, metadata=metadata), findings=findings)


def of_label(call_id: str, turn: int, label: str, waits: bool) -> Finding:
    made = finding(call_id, turn, 0, Severity.MAJOR)
    why = replace(made.why, review=("needs_listener",) if waits else ())
    return replace(made, label=label, rule=f"{label}/example", why=why, fingerprint=f"{label}-{turn}")


def counted(store: Store, selection: Selection = ALL) -> Statistics:
    with store.reading() as connection:
        return statistics(connection, selection)


def plain(rates: Sequence[Rate]) -> dict[str | None, tuple[int, int, int]]:
    """Calls, calls with a violation and violations by key."""
    return {rate.key: (rate.calls, rate.with_violation, rate.violations) for rate in rates}


@pytest.fixture
def small(store: Store, tmp_path: Path) -> Store:
    """Five calls of two weeks with seven findings, one of them a signal, one that waits for a listener:

    c1 一组 A01 2 March: threat (1), threat (2), curse (3) · c2 一组 A01 3 March: threat, waits (4) · c3 二组 A02 9 March: curse (5),
    signal (6) · c4 二组 A02 10 March: nothing · c5 without team and agent 10 March: threat (7)
    """
    take_in(
        store,
        tmp_path,
        call("c1", [THREAT, THREAT, CURSE]),
        call("c2", [THREAT], day=3, waits=[0]),
        call("c3", [CURSE, SIGNAL], day=9, agent="A02", team="二组"),
        call("c4", [], day=10, agent="A02", team="二组"),
        call("c5", [THREAT], day=10, agent=None, team=None),
    )
    reviewers(store, "王", "李")
    add_user(store, "主管", UserRole.LEAD, "test")
    return store


def test_what_stands_is_suspected_and_what_waits_is_not(small: Store) -> None:
    found = counted(small)
    assert (found.totals.calls, found.totals.with_violation, found.totals.violations) == (5, 3, 5)
    assert plain(found.labels) == {THREAT: (5, 2, 3), CURSE: (5, 2, 2)}
    assert plain(found.teams) == {"一组": (2, 1, 3), "二组": (2, 1, 1), None: (1, 1, 1)}
    assert plain(found.agents) == {"A01": (2, 1, 3), "A02": (2, 1, 1), None: (1, 1, 1)}
    assert plain(found.weeks) == {"2026-03-02": (2, 1, 3), "2026-03-09": (3, 2, 2)}
    assert [rate.key for rate in found.weeks] == ["2026-03-02", "2026-03-09"]
    # Two threats in one call and one in another: 2² + 1².
    assert next(rate.squares for rate in found.labels if rate.key == THREAT) == 5
    assert next(rate.per_100 for rate in found.teams if rate.key == "一组") == 150.0


def test_a_dismissed_finding_counts_no_longer_and_a_confirmed_one_that_waited_does(small: Store) -> None:
    decide(small, 1, "王", Verdict.DISMISS, reason="复述")
    decide(small, 4, "王", Verdict.CONFIRM)
    decide(small, 5, "王", Verdict.UNSURE)
    assert plain(counted(small).labels) == {THREAT: (5, 3, 3), CURSE: (5, 2, 2)}
    confirmed = counted(small, Selection(counting=Counting.CONFIRMED))
    assert plain(confirmed.labels) == {THREAT: (5, 1, 1)}
    assert plain(confirmed.agents) == {"A01": (2, 1, 1), "A02": (2, 0, 0), None: (1, 0, 0)}
    assert (confirmed.totals.with_violation, confirmed.totals.violations) == (1, 1)


@pytest.mark.parametrize(
    ("selection", "calls", "violations"),
    [
        (Selection(first=date(2026, 3, 3)), 4, 2),
        (Selection(last=date(2026, 3, 9)), 3, 4),
        (Selection(first=date(2026, 3, 9), last=date(2026, 3, 9)), 1, 1),
        (Selection(team="一组"), 2, 3),
        (Selection(agent="A02"), 2, 1),
        (Selection(team="一组", agent="A02"), 0, 0),
        (Selection(family="insult"), 5, 2),
        (Selection(family="threat", team="一组"), 2, 2),
        (Selection(team="一组' OR '1'='1"), 0, 0),
        (Selection(family="th%"), 5, 0),
    ],
)
def test_a_selection_counts_its_calls_and_its_findings(
    small: Store, selection: Selection, calls: int, violations: int
) -> None:
    found = counted(small, selection)
    assert (found.totals.calls, found.totals.violations) == (calls, violations)
    for rates in (found.teams, found.agents, found.weeks):
        assert (sum(r.calls for r in rates), sum(r.violations for r in rates)) == (calls, violations)
    assert sum(rate.violations for rate in found.labels) == violations


def test_nothing_selected_has_no_rates(store: Store) -> None:
    found = counted(store)
    assert found == Statistics(found.totals, (), (), (), (), ())
    assert (found.totals.calls, found.totals.median_s, found.totals.appeals_open) == (0, None, 0)


def test_what_a_later_audit_no_longer_finds_does_not_count(small: Store, tmp_path: Path) -> None:
    decide(small, 1, "王", Verdict.CONFIRM)
    again = replace(call("c1", [THREAT, THREAT, CURSE]), audit=OTHER_RULES)
    take_in(small, tmp_path / "again", replace(again, findings=again.findings[1:]), hour=14)
    found = counted(small)
    assert plain(found.labels)[THREAT] == (5, 2, 2)
    assert {rule.rule: rule.decided for rule in found.rules}[f"{THREAT}/example"] == 0
    assert counted(small, Selection(counting=Counting.CONFIRMED)).totals.violations == 0


def test_a_violation_added_by_hand_counts_until_it_is_withdrawn(small: Store) -> None:
    before = counted(small)
    first = add_missed(small, 4, "王", CURSE, turn=None, span=None)
    add_missed(small, 1, "王", CURSE, turn=0, span=None)
    add_missed(small, 1, "王", SIGNAL, turn=0, span=None)
    found = counted(small)
    assert found.totals.missed == 2
    # c4 had nothing; c1 had one curse and has two: 2² there, 1² in c3 and c4.
    assert next(rate for rate in found.labels if rate.key == CURSE) == Rate(CURSE, 5, 3, 4, 6)
    assert next(rate for rate in found.teams if rate.key == "二组") == Rate("二组", 2, 2, 2, 2)
    assert next(rate for rate in found.teams if rate.key == "一组") == Rate("一组", 2, 1, 4, 16)
    assert plain(counted(small, Selection(counting=Counting.CONFIRMED)).labels) == {CURSE: (5, 2, 2)}
    assert counted(small, Selection(family="threat")).totals.missed == 0
    assert counted(small, Selection(agent="A02")).totals.missed == 1
    withdraw_missed(small, first, "王")
    withdraw_missed(small, 2, "王")
    withdraw_missed(small, 3, "王")
    assert counted(small) == before


def test_what_the_machine_finds_in_the_same_place_later_counts_once(small: Store) -> None:
    add_missed(small, 1, "王", CURSE, turn=2, span=None)
    assert plain(counted(small).labels)[CURSE] == (5, 2, 2)
    decide(small, 3, "王", Verdict.DISMISS, reason="复述")
    assert plain(counted(small).labels)[CURSE] == (5, 2, 2)
    assert counted(small).totals.missed == 1


def test_precision_is_of_decided_findings_and_rulings_outweigh_decisions(small: Store) -> None:
    decide(small, 1, "王", Verdict.CONFIRM)
    decide(small, 2, "王", Verdict.DISMISS, reason="复述")
    decide(small, 4, "王", Verdict.CONFIRM)
    decide(small, 4, "李", Verdict.DISMISS, reason="复述")
    decide(small, 5, "王", Verdict.UNSURE)
    rules = {rule.rule: rule for rule in counted(small).rules}
    threat = rules[f"{THREAT}/example"]
    assert threat == RulePrecision(f"{THREAT}/example", THREAT, 1, 1, 1, 1)
    assert (threat.decided, threat.share, threat.interval) == (2, 0.5, wilson(1, 2))
    curse = rules[f"{CURSE}/example"]
    assert (curse.decided, curse.share, curse.interval, curse.open) == (0, None, None, 2)
    assert rules[f"{SIGNAL}/example"].open == 1

    appeal = file_appeal(small, 1, "李", "我没有这么说")
    assert counted(small).totals.appeals_open == 1
    assert counted(small, Selection(team="二组")).totals.appeals_open == 0
    rule_on_appeal(small, appeal, "主管", Ruling.OVERTURNED, "听过")
    found = counted(small)
    assert found.totals.appeals_open == 0
    overturned = next(rule for rule in found.rules if rule.label == THREAT)
    assert (overturned.confirmed, overturned.dismissed) == (0, 2)


def test_what_a_blind_plan_hides_counts_as_if_nobody_had_said_anything(small: Store) -> None:
    before = counted(small)
    with small.reading() as connection:
        numbers = {row.name: row.id for row in connection.execute(sa.select(t.users))}
        quiet = connection.execute(
            sa.select(t.calls.c.id).where(t.calls.c.id.not_in(sa.select(t.findings.c.call))).limit(1)
        ).scalar_one()
    create_plan(small, "周检", Draw(findings=1.0, calls=1.0, labels=(THREAT, CURSE)), 2, True, "主管")
    for number in (1, 2, 4):
        decide(small, number, "王", Verdict.DISMISS, reason="复述")
    decide(small, 5, "王", Verdict.CONFIRM)
    add_missed(small, quiet, "王", THREAT, turn=None, span=None)

    def known(name: str) -> Statistics:
        with small.reading() as connection:
            return statistics(connection, ALL, numbers[name])

    def work(name: str) -> list[int]:
        with small.reading() as connection:
            return [done.decided for done in days_of_work(connection, ALL, numbers[name])]

    # Nor is told how soon others decided, or how often and how: of few samples, that is as good as the verdicts.
    assert known("李") == before
    assert (work("李"), work("王")) == ([], [4])
    assert counted(small).totals.median_s is not None
    assert (known("李").totals.missed, known("王").totals.missed, counted(small).totals.missed) == (0, 1, 1)
    assert counted(small).totals.states[ReviewState.DISMISSED] == 3
    close_plan(small, 1, "主管")
    assert known("李") == counted(small)


@pytest.mark.parametrize("seed", range(2))
def test_all_numbers_are_those_of_a_plain_count_whatever_happened(store: Store, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    labels = [THREAT, CURSE, SIGNAL, "threat.family"]

    def made(number: int) -> CallReport:
        found = [dice.choice(labels) for _ in range(dice.randrange(5))]
        who = dice.choice([("A01", "一组"), ("A02", "一组"), ("A03", None), (None, "二组")])
        waits = [place for place in range(len(found)) if dice.random() < 0.3]
        return call(f"c{number}", found, day=1 + number, agent=who[0], team=who[1], waits=waits)

    reports = [made(number) for number in range(14)]
    take_in(store, tmp_path, *reports)
    reviewers(store, "王", "李")
    add_user(store, "主管", UserRole.LEAD, "test")

    def some_decisions() -> None:
        with store.reading() as connection:
            there = connection.execute(sa.select(t.findings.c.id).join(t.calls).where(t.calls.c.purged_at.is_(None)))
            numbers = list(there.scalars())
        for _ in range(15):
            verdict = dice.choice([Verdict.CONFIRM, Verdict.CONFIRM, Verdict.DISMISS, Verdict.UNSURE, Verdict.UNDO])
            with suppress(InputError):
                decide(store, dice.choice(numbers), dice.choice("王李"), verdict, reason="复述")

    def as_counted() -> None:
        for selection in (
            ALL,
            Selection(date(2026, 3, 4), date(2026, 3, 9)),
            Selection(team="一组"),
            Selection(family="threat"),
        ):
            for counting in Counting:
                for viewer in (None, 1, 3):
                    asked = replace(selection, counting=counting)
                    with store.reading() as connection:
                        assert_plain(connection, statistics(connection, asked, viewer), asked, viewer)
        assert check(store) == []

    some_decisions()
    as_counted()
    create_plan(store, "周检", Draw(findings=0.6, calls=0.5), 2, True, "主管")
    some_decisions()
    with store.reading() as connection:
        appealed = connection.execute(sa.select(t.findings.c.id).order_by(t.findings.c.id).limit(1)).scalar_one()
    rule_on_appeal(store, file_appeal(store, appealed, "李", "没有这么说"), "主管", Ruling.OVERTURNED, "听过")
    as_counted()
    again = [replace(one, audit=OTHER_RULES, findings=one.findings[1:]) for one in reports[::2]]
    take_in(store, tmp_path / "again", *again, hour=14)
    some_decisions()
    purge(store, date(2026, 3, 5), "test")
    as_counted()


def assert_plain(connection: sa.Connection, found: Statistics, asked: Selection, viewer: int | None) -> None:
    """Count in Python, row after row, and compare."""
    hidden = set() if viewer is None else set(connection.execute(hidden_from(connection, viewer)).scalars())

    def chosen(row: Any) -> bool:
        in_days = (asked.first or row.day) <= row.day <= (asked.last or row.day)
        return in_days and asked.team in (None, row.team)

    def chosen_findings(query: sa.Select[Any]) -> list[Any]:
        rows = connection.execute(query).all()
        return [
            row for row in rows if chosen(row) and (asked.family or row.label).split(".")[0] == row.label.split(".")[0]
        ]

    everything = chosen_findings(sa.select(t.findings))
    current = [row for row in everything if row.superseded_by is None]
    state = {row.id: "open" if row.id in hidden else row.state for row in current}
    counts = [
        row
        for row in current
        if not row.label.startswith("signal.")
        and (
            state[row.id] == "confirmed"
            or (asked.counting is Counting.SUSPECTED and not row.waits and state[row.id] != "dismissed")
        )
    ]
    calls = [row for row in connection.execute(sa.select(t.calls)) if chosen(row)]
    keys: dict[str, Callable[[Any], Any]] = {
        "teams": lambda row: row.team,
        "agents": lambda row: row.agent_id,
        "weeks": lambda row: (row.day - timedelta(days=row.day.weekday())).isoformat(),
    }
    for name, of_call in keys.items():
        n = Counter(row.call for row in counts)
        expected = {}
        for key in {of_call(row) for row in calls}:
            own = [n[row.id] for row in calls if of_call(row) == key]
            expected[key] = Rate(key, len(own), sum(map(bool, own)), sum(own), sum(one * one for one in own))
        assert {rate.key: rate for rate in getattr(found, name)} == expected
    by_label = {}
    for label in {row.label for row in counts}:
        own = list(Counter(row.call for row in counts if row.label == label).values())
        by_label[label] = Rate(label, len(calls), len(own), sum(own), sum(one * one for one in own))
    assert {rate.key: rate for rate in found.labels} == by_label
    breaches = Counter(state[row.id] for row in current if not row.label.startswith("signal."))
    assert {one.value: number for one, number in found.totals.states.items() if number} == breaches
    rules = Counter((row.rule, state[row.id]) for row in current)
    for rule in found.rules:
        assert (rule.confirmed, rule.dismissed) == (rules[rule.rule, "confirmed"], rules[rule.rule, "dismissed"])
        assert (rule.disputed, rule.open) == (
            rules[rule.rule, "disputed"], rules[rule.rule, "open"] + rules[rule.rule, "unsure"]
        )  # fmt: skip
    assert {rule.rule for rule in found.rules} == {row.rule for row in current}
    decisions = connection.execute(sa.select(t.decisions).order_by(t.decisions.c.id.desc())).all()
    first = {row.finding: row for row in decisions if row.verdict != "undo"}
    audited = dict(connection.execute(sa.select(t.sightings.c.id, t.audits.c.audited_at).join(t.audits)).all())
    waited = [
        (first[row.id].decided_at - audited[first[row.id].sighting]).total_seconds()
        for row in everything
        if row.id in first and row.id not in hidden
    ]
    assert found.totals.median_s == (pytest.approx(median(waited)) if waited else None)


def test_what_is_kept_of_calls_and_findings_can_be_counted_again(small: Store) -> None:
    decide(small, 1, "王", Verdict.CONFIRM)
    decide(small, 2, "王", Verdict.DISMISS, reason="复述")
    decide(small, 4, "李", Verdict.CONFIRM)
    before = counted(small)
    with small.writing() as connection:
        connection.execute(t.calls.update().values(suspected=7, confirmed=7))
        connection.execute(t.findings.update().values(waited_s=None))
    assert {fault.kind for fault in check(small)} == {"count", "waited"}
    with small.writing() as connection:
        violations.keep_counts(connection)
        # Calls without findings are never counted: nothing changes theirs.
        connection.execute(t.calls.update().where(t.calls.c.call_id == "c4").values(suspected=0, confirmed=0))
        waiting.keep_all(connection)
    assert check(small) == []
    assert counted(small) == before


def test_appeals_of_purged_calls_wait_no_longer(small: Store) -> None:
    file_appeal(small, 1, "李", "我没有这么说")
    assert counted(small).totals.appeals_open == 1
    purge(small, date(2027, 1, 1), "test")
    assert counted(small).totals.appeals_open == 0


def test_states_are_those_of_the_queue_of_breaches(small: Store) -> None:
    decide(small, 1, "王", Verdict.CONFIRM)
    decide(small, 3, "王", Verdict.DISMISS, reason="复述")
    decide(small, 6, "王", Verdict.CONFIRM)
    states = counted(small).totals.states
    assert {state: number for state, number in states.items() if number} == {
        ReviewState.OPEN: 4,
        ReviewState.CONFIRMED: 1,
        ReviewState.DISMISSED: 1,
    }


def test_rules_that_reviewers_keep_dismissing_stand_on_top(store: Store, tmp_path: Path) -> None:
    kinds = {"threat.violence": 12, "insult.curse": 12, "contact.harassment": 1, "money.extra_fees": 1}
    labels = [label for label, number in kinds.items() for _ in range(number)]
    take_in(store, tmp_path, call("c1", labels))
    reviewers(store, "王")
    for number, label in enumerate(labels, 1):
        verdict = Verdict.CONFIRM if label == "insult.curse" or number == 1 else Verdict.DISMISS
        if label != "money.extra_fees":
            decide(store, number, "王", verdict, reason="复述")
    rules = counted(store).rules
    # One dismissal says little, eleven of twelve say much; what nobody decided comes last.
    assert [rule.label for rule in rules] == [
        "threat.violence",
        "contact.harassment",
        "insult.curse",
        "money.extra_fees",
    ]
    assert [rule.is_dismissed_mostly for rule in rules] == [True, False, False, False]
    assert [rule.is_small for rule in rules] == [False, True, False, True]


def test_one_bad_call_of_one_ranks_below_many_of_many(store: Store, tmp_path: Path) -> None:
    often = [call(f"a{place}", [THREAT] if place < 30 else [], agent="A01") for place in range(40)]
    once = [call("b", [THREAT], agent="A02")]
    never = [call("c", [], agent="A03")]
    take_in(store, tmp_path, *often, *once, *never)
    agents = counted(store).agents
    assert [(rate.key, rate.per_100, rate.is_small) for rate in agents] == [
        ("A01", 75.0, False),
        ("A02", 100.0, True),
        ("A03", 0.0, True),
    ]


def test_the_median_is_from_audit_to_the_first_decision_on_each_finding(small: Store) -> None:
    audited = datetime(2026, 3, 20, 12, 30, tzinfo=UTC)
    made = [
        (1, Verdict.CONFIRM, 60),
        (1, Verdict.DISMISS, 99999),
        (2, Verdict.CONFIRM, 120),
        (3, Verdict.UNSURE, 600),
        (5, Verdict.CONFIRM, 300),
    ]
    _decided(small, [(number, 1, verdict, audited + timedelta(seconds=after)) for number, verdict, after in made])
    assert counted(small).totals.median_s == pytest.approx(210, abs=0.01)
    assert counted(small, Selection(family="threat")).totals.median_s == pytest.approx(90, abs=0.01)
    assert counted(small, Selection(team="二组")).totals.median_s == pytest.approx(300, abs=0.01)
    assert counted(small, Selection(team="三组")).totals.median_s is None


def test_a_day_of_work_ends_at_midnight_in_china(small: Store) -> None:
    evening, night = datetime(2026, 3, 20, 15, 59, tzinfo=UTC), datetime(2026, 3, 20, 16, 1, tzinfo=UTC)
    _decided(
        small,
        [
            (1, 1, Verdict.CONFIRM, evening),
            (2, 1, Verdict.DISMISS, evening),
            (3, 1, Verdict.UNSURE, night),
            (5, 2, Verdict.CONFIRM, night),
            (5, 2, Verdict.UNDO, night),
        ],
    )

    def work(selection: Selection = ALL) -> list[tuple[Any, ...]]:
        with small.reading() as connection:
            return [
                (done.day.day, done.reviewer, done.confirmed, done.dismissed, done.unsure, done.undone)
                for done in days_of_work(connection, selection)
            ]

    assert sorted(work()) == [(20, "王", 1, 1, 0, 0), (21, "李", 1, 0, 0, 1), (21, "王", 0, 0, 1, 0)]
    assert [row[0] for row in work()] == [21, 21, 20]
    assert work(Selection(last=date(2026, 3, 20))) == [(20, "王", 1, 1, 0, 0)]
    assert {row[0] for row in work(Selection(first=date(2026, 3, 21)))} == {21}


def test_midnight_is_that_of_china_wherever_the_desk_runs() -> None:
    night = datetime(2026, 3, 20, 16, 1, tzinfo=UTC)
    assert midnight(night) == datetime(2026, 3, 20, 16, tzinfo=UTC)
    assert midnight(night).date() == date(2026, 3, 21)
    assert midnight(night - timedelta(minutes=2)) == datetime(2026, 3, 19, 16, tzinfo=UTC)


def test_statistics_of_the_past_hold_when_calls_are_purged(small: Store) -> None:
    decide(small, 1, "王", Verdict.CONFIRM)
    before = counted(small)
    purge(small, date(2026, 3, 9), "test")
    after = counted(small)
    assert (after.labels, after.teams, after.weeks, after.rules) == (
        before.labels,
        before.teams,
        before.weeks,
        before.rules,
    )
    # Whose calls they were is gone.
    assert plain(after.agents) == {None: (3, 2, 4), "A02": (2, 1, 1)}


@given(st.integers(0, 400), st.integers(0, 400))
def test_wilsons_interval_lies_around_the_share_and_within_0_and_1(part: int, more: int) -> None:
    whole = part + more
    interval = wilson(part, whole)
    if not whole:
        assert interval is None
    else:
        assert interval is not None
        low, high = interval
        assert 0 <= low <= part / whole + 1e-12 and part / whole - 1e-12 <= high <= 1 and low < high


@pytest.mark.parametrize(
    ("events", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (40, 28.577, 54.469)]
)
def test_the_interval_of_a_rate_is_that_of_poisson_where_events_are_apart(events: int, low: float, high: float) -> None:
    """The exact limits, from tables; Byar's approximation errs by a few parts of a hundred at most."""
    found = rate_interval(events, events, 100)
    assert found is not None
    assert found[0] == pytest.approx(low, rel=0.06, abs=0.02) and found[1] == pytest.approx(high, rel=0.02)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60))
def test_the_interval_of_a_rate_lies_around_it(per_call: list[int]) -> None:
    events, squares, calls = sum(per_call), sum(n * n for n in per_call), len(per_call)
    interval = rate_interval(events, squares, calls)
    assert interval is not None
    assert 0 <= interval[0] <= 100 * events / calls <= interval[1]
    apart = rate_interval(events, events, calls)
    assert apart is not None and apart[0] >= interval[0] - 1e-9 and apart[1] <= interval[1] + 1e-9


def test_ten_violations_of_one_call_say_as_little_as_one() -> None:
    ten, one = rate_interval(10, 100, 100), rate_interval(1, 1, 100)
    assert ten is not None and one is not None
    assert ten == pytest.approx((10 * one[0], 10 * one[1]))


def test_an_interval_needs_something_to_divide_by() -> None:
    assert rate_interval(0, 0, 0) is None
    assert Rate(None, 0).per_100 == 0.0 and Rate(None, 0).interval is None


def _decided(store: Store, made: Sequence[tuple[int, int, Verdict, datetime]]) -> None:
    """Put decisions in at moments of our own."""
    with store.writing() as connection:
        for finding_number, reviewer, verdict, at in made:
            row = connection.execute(sa.select(t.sightings).where(t.sightings.c.finding == finding_number)).one()
            values = {"finding": finding_number, "call": row.call, "sighting": row.id, "reviewer": reviewer}
            values |= {"verdict": verdict.value, "reason": "", "comment": "", "decided_at": at}
            connection.execute(t.decisions.insert().values(**values))
        waiting.keep_all(connection)
