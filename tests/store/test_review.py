from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import InputError
from audit.model.call import Role
from audit.model.review import Decision, ReviewState, UserRole, Verdict, in_force, review_state
from audit.model.span import CharSpan
from audit.store import tables as t
from audit.store.database import Store
from audit.store.review import Correction, add_missed, correct, corrected_call, decide, withdraw_missed
from audit.store.soundness import check, verify
from audit.store.users import add_user
from tests.store.runs import BAD, OTHER_RULES, report, reviewers, rows, take_in

YES, NO, UNSURE, UNDO = Verdict.CONFIRM, Verdict.DISMISS, Verdict.UNSURE, Verdict.UNDO


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ([], "open"),
        ([("王", YES)], "confirmed"),
        ([("王", NO)], "dismissed"),
        ([("王", UNSURE)], "unsure"),
        ([("王", YES), ("李", YES)], "confirmed"),
        ([("王", YES), ("李", NO)], "disputed"),
        ([("王", YES), ("李", UNSURE)], "confirmed"),
        ([("王", YES), ("王", NO)], "dismissed"),
        ([("王", YES), ("李", NO), ("李", YES)], "confirmed"),
        ([("王", YES), ("王", UNDO)], "open"),
        ([("王", YES), ("王", NO), ("王", UNDO)], "confirmed"),
        ([("王", YES), ("王", NO), ("王", UNDO), ("王", UNDO)], "open"),
        ([("王", YES), ("李", NO), ("李", UNDO)], "confirmed"),
    ],
)
def test_the_state_of_a_finding_is_what_its_decisions_come_to(
    store: Store, tmp_path: Path, said: list[tuple[str, Verdict]], state: str
) -> None:
    take_in(store, tmp_path, report("c1", [BAD, BAD]))
    reviewers(store, "王", "李")
    states = [decide(store, 1, name, verdict, reason="复述", comment="听过") for name, verdict in said]
    assert (states or [ReviewState.OPEN])[-1] == state
    assert [row["state"] for row in rows(store, t.findings)] == [state, "open"]
    assert len(rows(store, t.decisions)) == len(said)
    assert check(store) == [] and verify(store)[0] == []


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([YES, NO, UNSURE, UNDO])), max_size=12))
def test_undoing_everything_opens_a_finding_again(steps: list[tuple[int, Verdict]]) -> None:
    made: list[Decision] = []

    def say(reviewer: int, verdict: Verdict) -> None:
        own = in_force(made).get(reviewer)
        if verdict is not UNDO:
            made.append(Decision(len(made), reviewer, verdict))
        elif own is not None:
            made.append(Decision(len(made), reviewer, UNDO, own.number))

    for reviewer, verdict in steps:
        say(reviewer, verdict)
    while own := in_force(made):
        assert review_state(made) is not ReviewState.OPEN
        say(next(iter(own)), UNDO)
    assert review_state(made) is ReviewState.OPEN


def test_only_who_may_decide_decides_and_only_on_what_is_there(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("c1"))
    for role in UserRole:
        add_user(store, role.value, role, "test")
    for name in ("trainer", "viewer"):
        with pytest.raises(InputError, match="CA612"):
            decide(store, 1, name, YES)
    for name in ("officer", "lead", "admin"):
        decide(store, 1, name, YES)
    for finding, name, verdict, reason, code in (
        (1, "谁", YES, "", "CA612"),
        (99, "officer", YES, "", "CA611"),
        (1, "officer", NO, " ", "CA614"),
    ):
        with pytest.raises(InputError) as error:
            decide(store, finding, name, verdict, reason=reason)
        assert error.value.problem.code == code
    decide(store, 1, "officer", UNDO)
    with pytest.raises(InputError, match="CA613"):  # what is left are decisions of others
        decide(store, 1, "officer", UNDO)
    assert len(rows(store, t.decisions)) == 4


def test_a_name_is_taken_once(store: Store) -> None:
    add_user(store, "王", UserRole.OFFICER, "test")
    for name in ("王", " ", "王\x00"):
        with pytest.raises(InputError, match="CA617"):
            add_user(store, name, UserRole.LEAD, "test")
    assert [(row["name"], row["role"]) for row in rows(store, t.users)] == [("王", "officer")]


def test_corrections_are_added_and_taken_back_and_never_touch_what_was_heard(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("c1", ["您好", BAD]))
    reviewers(store, "王")
    heard = rows(store, t.turns)
    correct(store, 1, "王", Correction.SWAP_ROLES)
    correct(store, 1, "王", Correction.ROLE, turn=0, value="third_party")
    correct(store, 1, "王", Correction.TEXT, turn=1, value="打断您一下")

    def now() -> list[tuple[Role, str]]:
        with store.reading() as connection:
            return [(turn.role, turn.text) for turn in corrected_call(connection, 1).turns]

    assert now() == [(Role.THIRD_PARTY, "您好"), (Role.DEBTOR, "打断您一下")]
    correct(store, 1, "王", Correction.UNDO)
    assert now() == [(Role.THIRD_PARTY, "您好"), (Role.DEBTOR, BAD)]
    correct(store, 1, "王", Correction.UNDO)
    correct(store, 1, "王", Correction.UNDO)
    assert now() == [(Role.AGENT, "您好"), (Role.AGENT, BAD)]
    with pytest.raises(InputError, match="CA613"):
        correct(store, 1, "王", Correction.UNDO)
    for turn, kind, value in ((9, Correction.TEXT, "x"), (0, Correction.ROLE, "boss")):
        with pytest.raises(InputError, match="CA615"):
            correct(store, 1, "王", kind, turn=turn, value=value)
    assert rows(store, t.turns) == heard
    assert len(rows(store, t.corrections)) == 6
    assert check(store) == []


def test_a_missed_violation_quotes_the_words_and_can_be_withdrawn(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("c1", ["我去你单位等你"]))
    reviewers(store, "王")
    number = add_missed(store, 1, "王", "threat.livelihood", turn=0, span=CharSpan(1, 5), comment="去单位")
    add_missed(store, 1, "王", "process.no_recording_notice", turn=None, span=None)
    assert [row["quote"] for row in rows(store, t.missed)] == ["去你单位", ""]
    for label, turn, span, code in (
        ("threat.livelihood", 0, CharSpan(3, 8), "CA615"),
        ("threat.livelihood", 0, CharSpan(3, 3), "CA615"),
        ("threat.livelihood", 1, CharSpan(0, 1), "CA615"),
        ("threat.livelihood", None, CharSpan(0, 1), "CA615"),
        ("threat.nothing", 0, CharSpan(0, 1), "CA616"),
    ):
        with pytest.raises(InputError, match=code):
            add_missed(store, 1, "王", label, turn=turn, span=span)
    withdraw_missed(store, number, "王")
    assert [row["withdraws"] for row in rows(store, t.missed)] == [None, None, number]
    for again in (number, 3, 99):
        with pytest.raises(InputError, match="CA613"):
            withdraw_missed(store, again, "王")
    assert check(store) == []


def test_what_was_missed_and_corrected_stays_when_a_call_is_audited_again(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path / "1", report("c1"))
    reviewers(store, "王")
    add_missed(store, 1, "王", "threat.vague", turn=0, span=CharSpan(0, 2))
    correct(store, 1, "王", Correction.SWAP_ROLES)
    take_in(store, tmp_path / "2", report("c1", rules=OTHER_RULES), hour=13)
    assert len(rows(store, t.missed)) == 1
    with store.reading() as connection:
        assert corrected_call(connection, 1).turns[0].role is Role.DEBTOR


def test_nothing_said_in_calls_is_in_the_log(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("c-13800138000", ["欧阳小明13900139000" + BAD]))
    reviewers(store, "王")
    decide(store, 1, "王", NO, reason="他是欧阳小明", comment="13900139000")
    correct(store, 1, "王", Correction.TEXT, turn=0, value="13900139000")
    add_missed(store, 1, "王", "threat.vague", turn=0, span=CharSpan(0, 4), comment="欧阳小明")
    logged = str(rows(store, t.log))
    assert "欧阳小明" not in logged and "13900139000" not in logged and "13800138000" not in logged
