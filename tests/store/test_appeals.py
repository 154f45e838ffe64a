"""Appeals and rulings: who may rule, what a ruling does, what damage to them is found."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from audit.errors import CallauditError, InputError
from audit.model.review import Opinion, Ruling, UserRole, Verdict
from audit.store import tables as t
from audit.store.appeals import (
    LONGEST,
    appeal_of,
    appeals_on,
    disputes,
    file_appeal,
    had_a_part,
    open_appeals,
    rule_on_appeal,
    rule_on_dispute,
    ruled_appeals,
    rulings_on,
)
from audit.store.database import Store
from audit.store.retention import purge
from audit.store.review import decide
from audit.store.sampling import Draw, create_plan, give_opinion
from audit.store.soundness import check, verify
from audit.store.users import add_user
from tests.store.runs import BAD, OTHER_RULES, report, reviewers, rows, take_in
from tests.store.test_soundness import damage, found

UPHELD, OVERTURNED = Ruling
SAID = "客户先这样说，坐席只是复述"


@pytest.fixture
def confirmed(store: Store, tmp_path: Path) -> Store:
    """Two findings; 王 confirmed the first. 李 and 周 are officers, 赵 and 钱 leads, 看 may not review."""
    take_in(store, tmp_path, report("c1", [BAD, BAD], day=2))
    reviewers(store, "王", "李", "周")
    for name, role in (("赵", UserRole.LEAD), ("钱", UserRole.ADMIN), ("看", UserRole.VIEWER)):
        add_user(store, name, role, "test")
    decide(store, 1, "王", Verdict.CONFIRM)
    return store


def state(store: Store, finding: int = 1) -> object:
    return next(row["state"] for row in rows(store, t.findings) if row["id"] == finding)


def code(error: pytest.ExceptionInfo[InputError]) -> str:
    return error.value.problem.code


def test_an_appeal_waits_and_a_ruling_on_it_outweighs_decisions(confirmed: Store) -> None:
    appeal = file_appeal(confirmed, 1, "李", SAID)
    with confirmed.reading() as connection:
        (waiting,) = open_appeals(connection)
    assert (waiting.number, waiting.finding, waiting.filed_by, waiting.statement) == (appeal, 1, "李", SAID)
    assert (waiting.label, waiting.state, waiting.agent_id, waiting.ruling) == (
        "threat.violence",
        "confirmed",
        "A07",
        None,
    )
    assert rule_on_appeal(confirmed, appeal, "周", OVERTURNED, "确为复述") == "dismissed"
    assert state(confirmed) == "dismissed"
    for name, verdict in (("王", Verdict.UNDO), ("钱", Verdict.CONFIRM)):
        with pytest.raises(InputError) as refused:
            decide(confirmed, 1, name, verdict)
        assert refused.value.problem.code == "CA631", "only a ruling on another appeal changes it"
    with confirmed.reading() as connection:
        assert open_appeals(connection) == []
        (ruled,) = ruled_appeals(connection, 10)
        assert ruled_appeals(connection, 10, before=appeal) == []
        assert appeal_of(connection, appeal) == ruled
        assert rulings_on(connection, 1) == [ruled.ruling]
    assert ruled.ruling and (ruled.ruling.reviewer, ruled.ruling.comment) == ("周", "确为复述")
    assert [row["action"] for row in rows(confirmed, t.log)][-2:] == ["appeal", "rule"]
    assert check(confirmed) == [] and verify(confirmed)[0] == []


def test_upheld_it_stays_a_violation_whatever_the_decisions(confirmed: Store) -> None:
    decide(confirmed, 1, "李", Verdict.DISMISS, reason="复述")
    assert state(confirmed) == "disputed"
    file_appeal(confirmed, 1, "李", SAID)
    assert rule_on_appeal(confirmed, 1, "周", UPHELD, "听过，坐席自己说的") == "confirmed"
    assert check(confirmed) == []


def test_a_finding_nobody_decided_on_can_be_appealed_and_ruled_on(confirmed: Store) -> None:
    file_appeal(confirmed, 2, "王", SAID)
    assert rule_on_appeal(confirmed, 1, "周", OVERTURNED, "确为复述") == "dismissed"
    assert [state(confirmed, number) for number in (1, 2)] == ["confirmed", "dismissed"]
    assert check(confirmed) == []


def test_who_had_a_part_in_a_finding_does_not_rule_on_it(confirmed: Store) -> None:
    decide(confirmed, 1, "钱", Verdict.CONFIRM)
    decide(confirmed, 1, "钱", Verdict.UNDO)  # taken back: but the mind was made up
    create_plan(confirmed, "三月", Draw(findings=1.0), 1, False, "赵")
    sample = next(row["id"] for row in rows(confirmed, t.samples) if row["finding"] == 1)
    give_opinion(confirmed, int(str(sample)), "李", Opinion.UNSURE)
    file_appeal(confirmed, 1, "赵", SAID)
    for name, expected in (("王", "CA628"), ("钱", "CA628"), ("李", "CA628"), ("赵", "CA628"), ("看", "CA612")):
        with pytest.raises(InputError) as error:
            rule_on_appeal(confirmed, 1, name, OVERTURNED, "确为复述")
        assert code(error) == expected, name
    assert rows(confirmed, t.rulings) == []
    users = {row["name"]: int(str(row["id"])) for row in rows(confirmed, t.users)}
    with confirmed.reading() as connection:
        part = {name for name, number in users.items() if had_a_part(connection, 1, number)}
        assert part == {"王", "钱", "李", "赵"}
        assert not any(had_a_part(connection, 2, number) for number in users.values())
    assert rule_on_appeal(confirmed, 1, "周", OVERTURNED, "确为复述") == "dismissed"


def test_a_second_appeal_goes_to_yet_another_person_and_its_ruling_holds(confirmed: Store) -> None:
    file_appeal(confirmed, 1, "李", SAID)
    with pytest.raises(InputError, match="CA627"):
        file_appeal(confirmed, 1, "周", SAID)
    rule_on_appeal(confirmed, 1, "周", UPHELD, "听过")
    again = file_appeal(confirmed, 1, "李", "另有录音为证")
    with pytest.raises(InputError, match="CA628"):
        rule_on_appeal(confirmed, again, "周", OVERTURNED, "改判")
    assert rule_on_appeal(confirmed, again, "赵", OVERTURNED, "改判") == "dismissed"
    with confirmed.reading() as connection:
        assert [(one.appeal, one.verdict) for one in rulings_on(connection, 1)] == [(1, UPHELD), (2, OVERTURNED)]
        assert [one.number for one in appeals_on(connection, 1)] == [1, 2]
        assert [one.number for one in ruled_appeals(connection, 10)] == [2, 1]
        assert [one.number for one in ruled_appeals(connection, 1, before=2)] == [1]
    assert check(confirmed) == [] and verify(confirmed)[0] == []


def test_an_appeal_is_ruled_on_once(confirmed: Store) -> None:
    file_appeal(confirmed, 1, "李", SAID)
    rule_on_appeal(confirmed, 1, "周", UPHELD, "听过")
    with pytest.raises(InputError, match="CA629"):
        rule_on_appeal(confirmed, 1, "赵", OVERTURNED, "改判")
    with pytest.raises(InputError, match="CA611"):
        rule_on_appeal(confirmed, 9, "赵", OVERTURNED, "改判")
    assert state(confirmed) == "confirmed"


@pytest.mark.parametrize("said", ["", " \n", "长" * (LONGEST + 1)])
def test_statements_and_reasons_are_said_and_said_briefly(confirmed: Store, said: str) -> None:
    with pytest.raises(InputError, match="CA626"):
        file_appeal(confirmed, 1, "李", said)
    file_appeal(confirmed, 1, "李", "长" * LONGEST)
    with pytest.raises(InputError, match="CA626"):
        rule_on_appeal(confirmed, 1, "周", UPHELD, said)
    with pytest.raises(InputError, match="CA626"):
        rule_on_dispute(confirmed, 1, "赵", UPHELD, said)
    assert rows(confirmed, t.rulings) == []


def test_only_reviewers_file_and_only_on_what_is_there(confirmed: Store) -> None:
    for finding, name, expected in ((1, "看", "CA612"), (1, "谁", "CA612"), (9, "李", "CA611")):
        with pytest.raises(InputError) as error:
            file_appeal(confirmed, finding, name, SAID)
        assert code(error) == expected
    purge(confirmed, date(2026, 3, 3), "test")
    with pytest.raises(InputError, match="CA611"):
        file_appeal(confirmed, 1, "李", SAID)


# Where reviewers disagree


def test_a_lead_who_had_no_part_settles_a_disagreement(confirmed: Store) -> None:
    with pytest.raises(InputError, match="CA629"):
        rule_on_dispute(confirmed, 1, "赵", UPHELD, "听过")
    decide(confirmed, 1, "钱", Verdict.DISMISS, reason="复述")
    with confirmed.reading() as connection:
        assert [(one.finding, one.call, one.label) for one in disputes(connection, 10)] == [(1, 1, "threat.violence")]
    for name, expected in (("李", "CA630"), ("钱", "CA628"), ("看", "CA612")):
        with pytest.raises(InputError) as error:
            rule_on_dispute(confirmed, 1, name, UPHELD, "听过")
        assert code(error) == expected
    assert rule_on_dispute(confirmed, 1, "赵", UPHELD, "听过") == "confirmed"
    with confirmed.reading() as connection:
        assert disputes(connection, 10) == []
        assert [(one.appeal, one.reviewer) for one in rulings_on(connection, 1)] == [(None, "赵")]
    with pytest.raises(InputError, match="CA629"):
        rule_on_dispute(confirmed, 1, "赵", OVERTURNED, "改判")
    assert check(confirmed) == [] and verify(confirmed)[0] == []


def test_a_disagreement_under_appeal_is_settled_by_the_appeal(confirmed: Store) -> None:
    decide(confirmed, 1, "李", Verdict.DISMISS, reason="复述")
    file_appeal(confirmed, 1, "李", SAID)
    with confirmed.reading() as connection:
        assert disputes(connection, 10) == []
    with pytest.raises(InputError, match="CA629"):
        rule_on_dispute(confirmed, 1, "赵", UPHELD, "听过")
    assert rule_on_appeal(confirmed, 1, "赵", UPHELD, "听过") == "confirmed"


# Through audits, time and damage


def test_a_ruling_survives_an_audit_with_other_rules(confirmed: Store, tmp_path: Path) -> None:
    file_appeal(confirmed, 1, "李", SAID)
    rule_on_appeal(confirmed, 1, "周", OVERTURNED, "确为复述")
    take_in(confirmed, tmp_path / "2", report("c1", [BAD, BAD], day=2, rules=OTHER_RULES), hour=13)
    assert state(confirmed) == "dismissed"
    assert check(confirmed) == []


def test_what_was_said_in_appeals_goes_with_the_call_and_never_was_in_the_log(confirmed: Store) -> None:
    file_appeal(confirmed, 1, "李", "欧阳小明13900139000")
    rule_on_appeal(confirmed, 1, "周", OVERTURNED, "欧阳小明确认")
    file_appeal(confirmed, 2, "李", "欧阳小明")
    purge(confirmed, date(2026, 3, 3), "test")
    assert "欧阳小明" not in str([rows(confirmed, table) for table in (t.appeals, t.rulings, t.log)])
    with confirmed.reading() as connection:
        assert open_appeals(connection) == []
        (ruled,) = ruled_appeals(connection, 10)
        assert ruled.purged and ruled.statement == "" and ruled.ruling and ruled.ruling.verdict is OVERTURNED
        with pytest.raises(InputError, match="CA611"):
            appeal_of(connection, 1)
    with pytest.raises(InputError, match="CA611"):
        rule_on_appeal(confirmed, 2, "周", UPHELD, "听过")
    assert check(confirmed) == [] and verify(confirmed)[0] == []


@pytest.mark.parametrize("table", ["appeals", "rulings", "opinions", "samples"])
def test_what_was_said_is_neither_changed_nor_dropped(judged: Store, table: str) -> None:
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET call = 2"):
        with pytest.raises(CallauditError, match="CA602"), judged.writing() as connection:
            connection.exec_driver_sql(statement)


@pytest.fixture
def judged(confirmed: Store, tmp_path: Path) -> Store:
    """With an opinion (李, on both findings), an appeal and a ruling on the first."""
    take_in(confirmed, tmp_path / "2", report("c2", ["您好"]))
    create_plan(confirmed, "三月", Draw(findings=1.0, calls=1.0), 1, False, "赵")
    for row in rows(confirmed, t.samples):
        verdict = Opinion.CONFIRM if row["finding"] else Opinion.CLEAN
        give_opinion(confirmed, int(str(row["id"])), "李", verdict)
    file_appeal(confirmed, 1, "赵", SAID)
    rule_on_appeal(confirmed, 1, "周", OVERTURNED, "确为复述")
    assert check(confirmed) == [] and verify(confirmed)[0] == []
    return confirmed


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE rulings SET verdict = 'perhaps'", ("word", "rulings:1")),
        ("UPDATE rulings SET verdict = 'confirm'", ("state", "findings:1")),
        ("DELETE FROM rulings", ("state", "findings:1")),
        ("UPDATE rulings SET finding = 2", ("state", "findings:2")),
        ("UPDATE opinions SET verdict = 'perhaps' WHERE id = 1", ("word", "opinions:1")),
        ("UPDATE opinions SET decision = NULL WHERE id = {finding}", ("opinion", "opinions:{finding}")),
        ("UPDATE opinions SET verdict = 'unsure' WHERE id = {finding}", ("opinion", "opinions:{finding}")),
        ("UPDATE opinions SET reviewer = 1 WHERE id = {finding}", ("opinion", "opinions:{finding}")),
        ("UPDATE opinions SET decision = 1 WHERE id = {call}", ("opinion", "opinions:{call}")),
        ("UPDATE samples SET finding = NULL WHERE id = {finding}", ("opinion", "opinions:{finding}")),
        (
            "INSERT INTO opinions (sample, call, reviewer, verdict, comment, given_at) "
            "SELECT sample, call, 3, verdict, '', given_at FROM opinions WHERE id = {call}",
            ("opinion", "samples:{call}"),
        ),
        ("UPDATE calls SET purged_at = '2026-01-01 00:00:00' WHERE id = 1", ("purged", "calls:1")),
        ("UPDATE appeals SET call = 2", ("call", "appeals.finding:1")),
    ],
)
def test_damage_to_what_was_judged_is_found(judged: Store, statement: str, fault: tuple[str, str]) -> None:
    with judged.reading() as connection:
        query = sa.select(t.opinions.c.id).join(t.samples).order_by(t.opinions.c.id)
        places = {
            "finding": connection.execute(query.where(t.samples.c.finding == 1)).scalar_one(),
            "call": connection.execute(query.where(t.samples.c.finding.is_(None))).scalar_one(),
        }
    damage(judged, statement.format(**places))
    assert (fault[0], fault[1].format(**places)) in found(judged)


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE rulings SET reviewer = 1", "rulings:1"),
        ("UPDATE rulings SET verdict = 'confirm'", "rulings:1"),
        ("DELETE FROM rulings", "rulings:1"),
        ("UPDATE appeals SET filed_by = 1", "appeals:1"),
        ("DELETE FROM appeals", "appeals:1"),
        ("UPDATE opinions SET verdict = 'missed' WHERE id = 1", "opinions:1"),
        ("DELETE FROM opinions WHERE id = 2", "opinions:2"),
        (
            "INSERT INTO appeals (finding, call, filed_by, statement, filed_at) "
            "SELECT finding, call, filed_by, statement, filed_at FROM appeals",
            "appeals:2",
        ),
    ],
)
def test_what_the_log_does_not_bear_out_is_named(judged: Store, statement: str, row: str) -> None:
    damage(judged, statement)
    assert [(fault.kind, fault.row) for fault in verify(judged)[0]] == [(row.partition("s:")[0], row)]
