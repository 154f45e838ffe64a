"""A correction says for which other calls it changes how often and whom somebody called; their findings and decisions stay."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit.model.call import Call, Role
from audit.model.review import Verdict
from audit.pipeline import Auditor, Options
from audit.rules.contact import ContactRecord, Records, findings_across, heard_in
from audit.store import tables as t
from audit.store.database import Store
from audit.store.elsewhere import Elsewhere
from audit.store.reaudit import Change, correct_and_audit, last_change
from audit.store.review import Correction, Proposal, decide
from audit.store.soundness import check, verify
from tests.store.runs import reviewers, rows, take_in
from tests.store.test_reaudit import spoken

MORNING = datetime(2026, 3, 2, 2, tzinfo=UTC)
TO_NOBODY, TO_DEBTOR = (Proposal(Correction.ROLE, 1, role) for role in ("agent", "debtor"))
UNDO = Proposal(Correction.UNDO)
TALK, ALONE = (("agent", "您好"), ("debtor", "什么事")), (("agent", "您好"), ("agent", "喂"))
FREQUENCY = ("contact.frequency",)


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor(Options(), proved=True)


@pytest.fixture
def run(store: Store, tmp_path: Path, auditor: Auditor) -> Callable[..., None]:
    """Takes in calls as a run judges them: each by itself, then over the log."""
    reviewers(store, "王")

    def taken(*calls: Call) -> None:
        reports = [auditor.report(call) for call in calls]
        log = [
            ContactRecord(r.call.call_id, r.call.metadata, r.call.both_spoke, heard_in(r.call, r.findings))
            for r in reports
        ]
        across = list(findings_across(Records(log), auditor.engine.pack, auditor.engine.policy))
        whole = [
            replace(r, findings=(*r.findings, *(f for f in across if f.call_id == r.call.call_id))) for r in reports
        ]
        take_in(store, tmp_path, *whole)

    return taken


def call(number: int, said: tuple[tuple[str, str], ...], debtor: str = "D1", **changes: object) -> Call:
    """Call `number` of the debtor's day, one every two hours."""
    made = spoken(*said)
    at = MORNING + timedelta(hours=2 * (number - 1))
    dialled = f"139{number:08}"  # another each time: attempts at one number are another limit
    metadata = replace(made.metadata, started_at=at, duration_s=90.0, debtor_id=debtor, callee_number=dialled)
    return replace(made, call_id=f"c{number}", metadata=replace(metadata, **changes))  # type: ignore[arg-type]


def held(store: Store) -> set[tuple[object, object]]:
    """The findings about frequency that stand, by call and label."""
    return {(row["call"], row["label"]) for row in rows(store, t.findings)
            if row["superseded_by"] is None and str(row["label"]) == "contact.frequency"}  # fmt: skip


def shown(store: Store, number: int) -> Change | None:
    with store.reading() as connection:
        return last_change(connection, number)


def test_a_call_that_was_no_conversation_is_said_to_make_a_later_one_not_too_many(
    store: Store, run: Callable[..., None], auditor: Auditor
) -> None:
    run(*(call(number, TALK) for number in (1, 2, 3, 4)), call(5, TALK, debtor="D2"))
    assert held(store) == {(4, FREQUENCY[0])}
    (finding,) = [row["id"] for row in rows(store, t.findings) if row["label"] == FREQUENCY[0]]
    decide(store, finding, "王", Verdict.CONFIRM)  # type: ignore[arg-type]
    change = correct_and_audit(store, 2, auditor, "王", TO_NOBODY)
    assert change.elsewhere == (Elsewhere(4, (), FREQUENCY),)
    assert (kept := shown(store, 2)) is not None and kept.elsewhere == change.elsewhere
    (row,) = [row for row in rows(store, t.findings) if row["id"] == finding]
    assert (row["state"], row["superseded_by"]) == ("confirmed", None)
    assert correct_and_audit(store, 2, auditor, "王", UNDO).elsewhere == ()
    assert check(store) == [] and verify(store)[0] == []


def test_a_conversation_that_was_taken_for_none_is_said_to_make_others_too_many(
    store: Store, run: Callable[..., None], auditor: Auditor
) -> None:
    run(call(1, TALK), call(2, ALONE), call(3, TALK), call(4, TALK))
    assert held(store) == set()
    change = correct_and_audit(store, 2, auditor, "王", TO_DEBTOR)
    assert change.elsewhere == (Elsewhere(4, FREQUENCY, ()),)
    assert held(store) == set(), "it is told, and nothing is changed"
    assert (kept := shown(store, 2)) is not None and kept.elsewhere == change.elsewhere


def test_corrections_of_several_calls_are_told_together_and_the_corrected_call_itself_too(
    store: Store, run: Callable[..., None], auditor: Auditor
) -> None:
    run(*(call(number, TALK) for number in (1, 2, 3, 4, 5)))
    assert held(store) == {(4, FREQUENCY[0]), (5, FREQUENCY[0])}
    assert correct_and_audit(store, 4, auditor, "王", TO_NOBODY).elsewhere == (Elsewhere(4, (), FREQUENCY),)
    both = (Elsewhere(4, (), FREQUENCY), Elsewhere(5, (), FREQUENCY))
    assert correct_and_audit(store, 1, auditor, "王", TO_NOBODY).elsewhere == both


def test_what_a_third_party_said_or_did_not_say_is_told_of_later_calls_to_the_number(
    store: Store, run: Callable[..., None], auditor: Auditor
) -> None:
    third = {"callee_role": Role.THIRD_PARTY, "callee_relation": "朋友", "callee_number": "139-0013-9000"}
    refuses = (("agent", "您好，请问是王先生的朋友吗"), ("third_party", "别再给我打电话了，跟我没关系"))
    run(call(1, refuses, **third), call(2, TALK, **(third | {"callee_number": "13900139000"})))
    before = {row["label"] for row in rows(store, t.findings) if row["call"] == 2}
    swapped = correct_and_audit(store, 1, auditor, "王", TO_NOBODY)
    vanished = {label for one in swapped.elsewhere if one.call == 2 for label in one.vanishes}
    assert "contact.ignored_refusal" in vanished & before


def test_a_correction_that_changes_nothing_others_hang_on_says_nothing_of_them(
    store: Store, run: Callable[..., None], auditor: Auditor
) -> None:
    run(*(call(number, TALK) for number in (1, 2, 3, 4)))
    text = Proposal(Correction.TEXT, 1, "再不还钱我打断你的腿")
    assert correct_and_audit(store, 2, auditor, "王", text).elsewhere == ()
    assert held(store) == {(4, FREQUENCY[0])}


def test_another_debtors_calls_are_left_out(store: Store, run: Callable[..., None], auditor: Auditor) -> None:
    run(*(call(number, TALK, debtor=f"D{number}") for number in (1, 2, 3, 4)), call(5, TALK, debtor="D1"))
    assert correct_and_audit(store, 1, auditor, "王", TO_NOBODY).elsewhere == ()
