"""Sampling plans: what is drawn, who is given what, what an opinion does, what is hidden from whom."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from audit.errors import InputError
from audit.model.report import CallReport
from audit.model.review import Opinion, UserRole, Verdict
from audit.store import tables as t
from audit.store.database import Store
from audit.store.retention import purge
from audit.store.review import decide
from audit.store.sampling import (
    Draw,
    Plan,
    Sample,
    agreement_in,
    close_plan,
    create_plan,
    disagreements,
    give_opinion,
    given_by,
    hidden_from,
    hides_something,
    is_hidden_from,
    left_for,
    next_sample,
    plan_of,
    plans,
    tallies,
)
from audit.store.soundness import check, verify
from audit.store.users import add_user
from tests.store.runs import BAD, OTHER_RULES, report, reviewers, rows, take_in

YES, NO, UNSURE, CLEAN, MISSED = Opinion
ALL = Draw(findings=1.0)


def of_agent(name: str, made: CallReport) -> CallReport:
    metadata = replace(made.call.metadata, agent_id=name)
    return replace(made, call=replace(made.call, metadata=metadata))


@pytest.fixture
def team(store: Store) -> Store:
    """A store with two officers, a lead, and somebody who may not review."""
    reviewers(store, "王", "李")
    add_user(store, "赵", UserRole.LEAD, "test")
    add_user(store, "看", UserRole.VIEWER, "test")
    return store


@pytest.fixture
def busy(team: Store, tmp_path: Path) -> Store:
    """Three agents with 40, 10 and 1 findings, and calls without any: 30, 6 and 1."""
    made = [of_agent("A", report(f"a{i}", [BAD] * 4, day=1 + i)) for i in range(10)]
    made += [of_agent("B", report(f"b{i}", [BAD] * 2)) for i in range(5)] + [of_agent("C", report("c", [BAD]))]
    made += [of_agent("A", report(f"qa{i}", ["您好"])) for i in range(30)]
    made += [of_agent("B", report(f"qb{i}", ["您好"])) for i in range(6)] + [of_agent("C", report("qc", ["您好"]))]
    take_in(team, tmp_path, *made)
    return team


@pytest.fixture
def three(team: Store, tmp_path: Path) -> Store:
    """A call with three findings, and one without any."""
    take_in(team, tmp_path, report("c1", [BAD] * 3), report("c2", ["您好"]))
    return team


def plan(store: Store, number: int = 1) -> Plan:
    with store.reading() as connection:
        return plan_of(connection, number)


def hidden(store: Store, name: str) -> list[int]:
    """All that is hidden; the same findings as when each is asked by itself."""
    number = user(store, name)
    one_by_one = sa.select(t.findings.c.id).where(t.findings.c.superseded_by.is_(None))
    with store.reading() as connection:
        found = sorted(set(connection.execute(hidden_from(connection, number)).scalars()))
        asked = connection.execute(one_by_one.where(is_hidden_from(number, t.findings.c.id))).scalars()
        assert sorted(asked) == found
        assert hides_something(connection, number) or not found
    return found


def user(store: Store, name: str) -> int:
    return next(int(str(row["id"])) for row in rows(store, t.users) if row["name"] == name)


def left(store: Store, name: str, number: int = 1) -> int:
    with store.reading() as connection:
        return left_for(connection, number, user(store, name))


def pulled(store: Store, name: str, number: int = 1) -> Sample:
    sample = next_sample(store, number, name)
    assert sample is not None
    return sample


def drawn_of(store: Store, number: int = 1) -> list[dict[str, object]]:
    return [row for row in rows(store, t.samples) if row["plan"] == number]


def code(error: pytest.ExceptionInfo[InputError]) -> str:
    return error.value.problem.code


# Drawing


def test_each_agent_has_a_part_in_proportion_and_at_least_so_many(busy: Store) -> None:
    _, drawn = create_plan(busy, "三月", Draw(findings=0.2, calls=0.1, at_least=1), 2, True, "赵")
    agents = {row["id"]: row["agent_id"] for row in rows(busy, t.calls)}
    samples = drawn_of(busy)
    findings = Counter(agents[row["call"]] for row in samples if row["finding"] is not None)
    calls = Counter(agents[row["call"]] for row in samples if row["finding"] is None)
    assert findings == {"A": 8, "B": 2, "C": 1}
    assert calls == {"A": 3, "B": 1, "C": 1}
    assert (drawn.findings, drawn.findings_of, drawn.calls, drawn.calls_of, drawn.agents) == (11, 51, 5, 37, 3)
    assert [row["number"] for row in samples] == list(range(1, 17))
    assert len({row["finding"] for row in samples if row["finding"]}) == 11
    of_call = {row["id"]: row["call"] for row in rows(busy, t.findings)}
    assert all(of_call[row["finding"]] == row["call"] for row in samples if row["finding"] is not None)
    assert {row["call"] for row in samples if row["finding"] is None}.isdisjoint(of_call.values())
    assert check(busy) == [] and verify(busy)[0] == []


@pytest.mark.parametrize(("at_least", "each"), [(0, (4, 1, 0)), (3, (4, 3, 1)), (1000, (40, 10, 1))])
def test_of_each_agent_at_least_so_many_or_all_there_are(busy: Store, at_least: int, each: tuple[int, ...]) -> None:
    create_plan(busy, "三月", Draw(findings=0.1, at_least=at_least), 1, False, "赵")
    agents = {row["id"]: row["agent_id"] for row in rows(busy, t.calls)}
    found = Counter(agents[row["call"]] for row in drawn_of(busy))
    assert tuple(found[agent] for agent in "ABC") == each


def test_the_same_seed_draws_the_same_and_another_draws_others(busy: Store) -> None:
    for name, seed in (("一", "7"), ("二", "7"), ("三", "8")):
        create_plan(busy, name, Draw(findings=0.3, calls=0.3, seed=seed), 1, False, "赵")
    first, again, other = (
        [(row["number"], row["call"], row["finding"]) for row in drawn_of(busy, number)] for number in (1, 2, 3)
    )
    assert first == again
    assert {row[1:] for row in first} != {row[1:] for row in other}
    # A plan that is stopped in the middle has seen findings and calls, and all that have many.
    assert {row[2] is None for row in first[: len(first) // 2]} == {True, False}


def test_only_what_fits_is_drawn(busy: Store) -> None:
    decide(busy, 1, "王", Verdict.CONFIRM)
    wanted = (
        (Draw(findings=1.0, states=("confirmed",)), 1),
        (Draw(findings=1.0, states=("open",)), 50),
        (Draw(findings=1.0, severities=("critical",)), 51),
        (Draw(findings=1.0, severities=("critical",), labels=("threat.violence",)), 51),
        (Draw(findings=1.0, first=date(2026, 3, 3)), 32),
        (Draw(findings=1.0, first=date(2026, 3, 1), last=date(2026, 3, 1)), 4),
    )
    for place, (draw, count) in enumerate(wanted, 1):
        _, drawn = create_plan(busy, f"计划{place}", draw, 1, False, "赵")
        assert (drawn.findings, drawn.findings_of, drawn.calls) == (count, count, 0), draw
        assert plan(busy, place).draw == draw
    for nothing in (Draw(findings=1.0, severities=("minor",)), Draw(), Draw(findings=1.0, last=date(2025, 1, 1))):
        with pytest.raises(InputError) as error:
            create_plan(busy, "空", nothing, 1, False, "赵")
        assert code(error) == "CA624"
    assert len(rows(busy, t.plans)) == len(wanted)


def test_what_was_superseded_or_purged_is_not_drawn(team: Store, tmp_path: Path) -> None:
    take_in(team, tmp_path / "1", report("old", [BAD], day=1), report("c2", [BAD, BAD]), report("q", ["您好"], day=1))
    take_in(team, tmp_path / "2", report("c2", [BAD, "您好"], rules=OTHER_RULES), hour=13)
    purge(team, date(2026, 3, 2), "test")
    _, drawn = create_plan(team, "三月", Draw(findings=1.0, calls=1.0), 1, False, "赵")
    assert (drawn.findings_of, drawn.calls_of) == (1, 0)


def test_a_signal_is_no_breach(team: Store, tmp_path: Path) -> None:
    made = report("c1", [BAD])
    signal = replace(made.findings[0], label="signal.self_harm")
    take_in(team, tmp_path, replace(made, findings=(signal,)))
    _, drawn = create_plan(team, "一", Draw(findings=1.0, calls=1.0), 1, False, "赵")
    assert (drawn.findings, drawn.calls) == (0, 1)
    _, drawn = create_plan(team, "二", Draw(findings=1.0, labels=("signal.self_harm",)), 1, False, "赵")
    assert (drawn.findings, drawn.calls) == (1, 0)


@pytest.mark.parametrize(
    ("draw", "opinions", "expected"),
    [
        (Draw(findings=1.1), 1, "CA625"),
        (Draw(findings=-0.1), 1, "CA625"),
        (Draw(calls=float("nan")), 1, "CA625"),
        (Draw(findings=1.0, at_least=-1), 1, "CA625"),
        (Draw(findings=1.0, labels=("threat.nothing",)), 1, "CA625"),
        (Draw(findings=1.0, severities=("worst",)), 1, "CA625"),
        (Draw(findings=1.0, states=("done",)), 1, "CA625"),
        (Draw(findings=1.0, first=date(2026, 3, 2), last=date(2026, 3, 1)), 1, "CA625"),
        (Draw(findings=1.0, seed=""), 1, "CA625"),
        (ALL, 3, "CA625"),
        (ALL, 0, "CA625"),
    ],
)
def test_values_that_are_none_are_refused(three: Store, draw: Draw, opinions: int, expected: str) -> None:
    with pytest.raises(InputError) as error:
        create_plan(three, "三月", draw, opinions, False, "赵")
    assert code(error) == expected
    assert rows(three, t.plans) == []


def test_only_a_lead_draws_and_closes_and_a_name_is_taken_once(three: Store) -> None:
    for name, expected in (("王", "CA630"), ("看", "CA612"), ("谁", "CA612")):
        with pytest.raises(InputError) as error:
            create_plan(three, "三月", ALL, 1, False, name)
        assert code(error) == expected
    create_plan(three, " 三月 ", ALL, 1, False, "赵")
    for taken in ("三月", "", "  ", "长" * 101, "\x00"):
        with pytest.raises(InputError) as error:
            create_plan(three, taken, ALL, 1, False, "赵")
        assert code(error) == "CA623"
    for name, expected in (("王", "CA630"), ("赵", "")):
        if expected:
            with pytest.raises(InputError, match=expected):
                close_plan(three, 1, name)
        else:
            close_plan(three, 1, name)
    with pytest.raises(InputError, match="CA611"):
        close_plan(three, 1, "赵")
    assert plan(three).closed_at is not None
    assert [row["action"] for row in rows(three, t.log)][-2:] == ["plan", "close_plan"]


def test_open_plans_come_first_the_latest_first(three: Store) -> None:
    for name in "一二三":
        create_plan(three, name, ALL, 1, False, "赵")
    close_plan(three, 3, "赵")
    with three.reading() as connection:
        assert [(one.number, one.created_by) for one in plans(connection)] == [(2, "赵"), (1, "赵"), (3, "赵")]


# Giving opinions


def test_two_who_ask_at_the_same_time_are_given_different_samples(three: Store) -> None:
    create_plan(three, "三月", ALL, 2, True, "赵")
    first, second, third = (pulled(three, name) for name in ("王", "李", "赵"))
    assert len({first.id, second.id, third.id}) == 3
    # Who asks again is still at the same one.
    assert pulled(three, "王") == first
    give_opinion(three, first.id, "王", YES)
    # What nobody else looks at comes first, then what has an opinion already.
    assert pulled(three, "王") in (second, third)  # nothing else is left
    give_opinion(three, second.id, "李", YES)
    assert pulled(three, "李") == first


def test_who_gave_opinions_still_keeps_what_is_being_looked_at(busy: Store) -> None:
    create_plan(busy, "三月", Draw(findings=1.0), 1, True, "赵")
    for _ in range(3):
        mine, other = pulled(busy, "王"), pulled(busy, "李")
        assert mine != other
        give_opinion(busy, mine.id, "王", YES)
        assert pulled(busy, "王") not in (mine, other)
        give_opinion(busy, other.id, "李", YES)


def test_where_all_are_looked_at_two_look_at_the_same(three: Store) -> None:
    create_plan(three, "三月", Draw(calls=1.0), 1, True, "赵")
    assert pulled(three, "王") == pulled(three, "李")


def test_a_plan_is_gone_through_to_its_end_by_each_reviewer(three: Store) -> None:
    create_plan(three, "三月", Draw(findings=1.0, calls=1.0), 2, True, "赵")
    seen: dict[str, list[int]] = {"王": [], "李": []}
    for name, finds, cleans in (("王", YES, CLEAN), ("李", NO, MISSED)):
        while sample := next_sample(three, 1, name):
            assert sample.verdicts == ((YES, NO, UNSURE) if sample.finding else (CLEAN, MISSED))
            give_opinion(three, sample.id, name, finds if sample.finding else cleans, reason="复述")
            seen[name].append(sample.id)
    assert sorted(seen["王"]) == sorted(seen["李"]) == [1, 2, 3, 4]
    assert next_sample(three, 1, "赵") is None
    made = plan(three)
    assert (made.samples, made.complete, made.gone, made.left) == (4, 4, 0, 0)
    with three.reading() as connection:
        assert given_by(connection, 1) == [("李", 4), ("王", 4)]
        assert [(one.kind, one.samples, list(one.counts.values())) for one in tallies(connection, 1)] == [
            ("findings", 3, [3, 3, 0]),
            ("calls", 1, [1, 1]),
        ]
        assert len(disagreements(connection, 1)) == 4
    assert check(three) == [] and verify(three)[0] == []


def test_an_opinion_on_a_finding_is_a_decision_too(three: Store) -> None:
    create_plan(three, "三月", ALL, 1, False, "赵")
    sample = pulled(three, "王")
    give_opinion(three, sample.id, "王", NO, reason="复述", comment="听过")
    assert sample.finding
    made = rows(three, t.decisions)
    assert [(row["finding"], row["verdict"], row["reason"], row["comment"]) for row in made] == [
        (sample.finding, "dismiss", "复述", "听过")
    ]
    assert rows(three, t.opinions)[0]["decision"] == made[0]["id"]
    assert {row["id"]: row["state"] for row in rows(three, t.findings)}[sample.finding] == "dismissed"
    assert [row["action"] for row in rows(three, t.log)][-2:] == ["decide", "opinion"]
    assert check(three) == [] and verify(three)[0] == []


def test_an_opinion_that_is_refused_leaves_nothing(three: Store) -> None:
    create_plan(three, "三月", Draw(findings=1.0, calls=1.0), 2, True, "赵")
    samples = drawn_of(three)
    finding, call = (
        next(int(str(row["id"])) for row in samples if (row["finding"] is None) == none) for none in (False, True)
    )
    before = {table.name: rows(three, table) for table in t.metadata.sorted_tables}
    for sample, name, verdict, expected in (
        (finding, "王", CLEAN, "CA622"),
        (call, "王", YES, "CA622"),
        (finding, "王", NO, "CA614"),
        (finding, "看", YES, "CA612"),
        (99, "王", YES, "CA611"),
    ):
        with pytest.raises(InputError) as error:
            give_opinion(three, sample, name, verdict)
        assert code(error) == expected
    assert {table.name: rows(three, table) for table in t.metadata.sorted_tables} == before


def test_no_more_opinions_than_were_asked_for_and_one_of_each_reviewer(three: Store) -> None:
    create_plan(three, "三月", ALL, 2, True, "赵")
    give_opinion(three, 1, "王", YES)
    with pytest.raises(InputError, match="CA621"):
        give_opinion(three, 1, "王", YES)
    give_opinion(three, 1, "李", YES)
    with pytest.raises(InputError, match="CA620"):
        give_opinion(three, 1, "赵", YES)
    close_plan(three, 1, "赵")
    with pytest.raises(InputError, match="CA620"):
        give_opinion(three, 2, "王", YES)
    assert len(rows(three, t.opinions)) == len(rows(three, t.decisions)) == 2
    assert next_sample(three, 1, "王") is None


def test_a_second_look_comes_from_another_pair_of_eyes(three: Store) -> None:
    decide(three, 1, "王", Verdict.CONFIRM)
    decide(three, 1, "王", Verdict.UNDO)
    create_plan(three, "三月", ALL, 1, False, "赵")
    of_first = next(int(str(row["id"])) for row in drawn_of(three) if row["finding"] == 1)
    with pytest.raises(InputError, match="CA621"):
        give_opinion(three, of_first, "王", YES)
    assert (left(three, "王"), left(three, "李"), left(three, "看")) == (2, 3, 0)
    # What is decided after the draw, through the queue, does not keep anybody from it.
    decide(three, 2, "李", Verdict.CONFIRM)
    assert left(three, "李") == 3


def test_what_can_no_longer_be_looked_at_is_counted_and_not_given_out(team: Store, tmp_path: Path) -> None:
    take_in(team, tmp_path / "1", report("c1", [BAD, BAD]), report("old", [BAD], day=1))
    create_plan(team, "三月", ALL, 1, True, "赵")
    purge(team, date(2026, 3, 2), "test")
    take_in(team, tmp_path / "2", report("c1", [BAD, "您好"], rules=OTHER_RULES), hour=13)
    made = plan(team)
    assert (made.samples, made.complete, made.gone, made.left) == (3, 0, 2, 1)
    assert left(team, "王") == 1
    sample = pulled(team, "王")
    give_opinion(team, sample.id, "王", YES)
    assert next_sample(team, 1, "王") is None
    for row in drawn_of(team):
        if row["id"] != sample.id:
            with pytest.raises(InputError) as error:
                give_opinion(team, int(str(row["id"])), "王", YES)
            assert code(error) in ("CA611", "CA620")
    assert check(team) == []


# What is hidden


def test_a_blind_plan_hides_findings_from_who_owes_an_opinion_and_from_nobody_else(three: Store) -> None:
    decide(three, 3, "李", Verdict.CONFIRM)
    create_plan(three, "三月", ALL, 2, True, "赵")
    of = {row["finding"]: int(str(row["id"])) for row in drawn_of(three)}
    assert hidden(three, "王") == [1, 2, 3]
    assert hidden(three, "李") == [1, 2]  # had decided on the third before: owes nothing there
    assert hidden(three, "看") == []
    give_opinion(three, of[1], "王", YES)
    assert (hidden(three, "王"), hidden(three, "李")) == ([2, 3], [1, 2])
    give_opinion(three, of[1], "李", NO, reason="复述")
    assert hidden(three, "李") == [2]
    assert hidden(three, "赵") == [2, 3]  # the first has its opinions: nothing to keep from anybody
    close_plan(three, 1, "赵")
    assert hidden(three, "赵") == []


def test_of_several_plans_each_hides_by_itself(three: Store) -> None:
    decide(three, 1, "李", Verdict.CONFIRM)
    create_plan(three, "三月", ALL, 2, True, "赵")
    decide(three, 2, "李", Verdict.CONFIRM)
    create_plan(three, "四月", ALL, 2, True, "赵")
    decide(three, 3, "李", Verdict.CONFIRM)
    of = {(row["plan"], row["finding"]): int(str(row["id"])) for row in drawn_of(three)}
    assert hidden(three, "李") == [2, 3]  # the second was decided on before the later plan, not before the first
    give_opinion(three, of[1, 2], "李", YES)
    assert hidden(three, "李") == [3]
    give_opinion(three, of[1, 3], "李", YES)
    # What was said in one plan is no opinion in the other that was open already.
    assert hidden(three, "李") == [3]
    close_plan(three, 2, "赵")
    assert (hidden(three, "李"), hidden(three, "王")) == ([], [1, 2, 3])
    close_plan(three, 1, "赵")
    assert hidden(three, "王") == []


def test_what_is_purged_is_hidden_from_nobody_and_takes_no_opinion(three: Store) -> None:
    create_plan(three, "三月", replace(ALL, calls=1.0), 2, True, "赵")
    purge(three, date(2027, 1, 1), "test")
    assert hidden(three, "王") == []
    assert {row["lacking"] for row in drawn_of(three)} == {False}
    assert check(three) == []


def test_a_sample_that_is_not_what_its_opinions_come_to_is_a_fault(three: Store) -> None:
    create_plan(three, "三月", ALL, 1, True, "赵")
    give_opinion(three, 1, "王", YES)
    assert check(three) == []
    with three.writing() as connection:
        connection.execute(t.samples.update().where(t.samples.c.id == 1).values(lacking=True))
        connection.execute(t.samples.update().where(t.samples.c.id == 2).values(lacking=False))
    assert [(fault.kind, fault.row) for fault in check(three)] == [("opinion", "samples:1"), ("opinion", "samples:2")]


def test_a_plan_that_is_not_blind_hides_nothing(three: Store) -> None:
    create_plan(three, "三月", ALL, 2, False, "赵")
    assert hidden(three, "王") == []


def test_what_opinions_say_is_told_when_a_sample_has_all_of_them(three: Store) -> None:
    create_plan(three, "三月", ALL, 2, True, "赵")
    give_opinion(three, 1, "王", YES)
    with three.reading() as connection:
        assert (agreement_in(connection, 1), disagreements(connection, 1), tallies(connection, 1)) == ([], [], [])
    give_opinion(three, 1, "李", NO, reason="复述")
    with three.reading() as connection:
        told = disagreements(connection, 1)
    assert [(one.sample.id, one.state, one.said) for one in told] == [(1, "disputed", (("王", YES), ("李", NO)))]


def test_agreement_is_of_findings_calls_labels_and_each_two_reviewers(three: Store) -> None:
    create_plan(three, "三月", Draw(findings=1.0, calls=1.0), 2, True, "赵")
    of = {row["finding"]: int(str(row["id"])) for row in drawn_of(three)}
    # The lead has the highest number: always the second of a pair.
    for finding, first, second, verdicts in (
        (1, "王", "李", (YES, YES)),
        (2, "李", "王", (NO, YES)),
        (3, "赵", "王", (NO, NO)),
        (None, "王", "李", (CLEAN, MISSED)),
    ):
        for name, verdict in zip((first, second), verdicts, strict=True):
            give_opinion(three, of[finding], name, verdict, reason="复述")
    with three.reading() as connection:
        groups = {(group.kind, group.key): group.agreement for group in agreement_in(connection, 1)}
    assert list(groups) == [
        ("findings", ""),
        ("calls", ""),
        ("label", "threat.violence"),
        ("reviewers", "王 · 李"),
        ("reviewers", "王 · 赵"),
    ]
    found = groups["findings", ""]
    assert (found.pairs, found.table["confirm", "dismiss"], found.table["dismiss", "confirm"]) == (3, 1, 0)
    assert found.observed == pytest.approx(2 / 3)
    assert found.kappa == pytest.approx((2 / 3 - 4 / 9) / (1 - 4 / 9))
    assert groups["calls", ""].table["clean", "missed"] == 1
    assert groups["label", "threat.violence"] == found
    assert groups["reviewers", "王 · 李"].pairs == 2
    assert groups["reviewers", "王 · 赵"].kappa is None


def test_nothing_said_in_opinions_is_in_the_log(three: Store) -> None:
    create_plan(three, "三月-欧阳小明", ALL, 1, True, "赵")
    give_opinion(three, 1, "王", NO, reason="13900139000", comment="欧阳小明")
    logged = str(rows(three, t.log))
    assert "欧阳小明" not in logged and "13900139000" not in logged


def test_what_was_said_of_a_sample_goes_with_its_call(three: Store) -> None:
    create_plan(three, "三月", ALL, 1, True, "赵")
    give_opinion(three, 1, "王", YES, comment="欧阳小明")
    purge(three, date(2026, 3, 3), "test")
    assert [(row["verdict"], row["comment"]) for row in rows(three, t.opinions)] == [("confirm", "")]
    assert check(three) == [] and verify(three)[0] == []
