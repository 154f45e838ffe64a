from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audit.errors import InputError
from audit.model.call import Call, Role, Source, Turn
from audit.model.finding import Finding
from audit.model.report import CallReport
from audit.model.review import UserRole, Verdict
from audit.model.span import TimeSpan
from audit.model.transcript import Word
from audit.pipeline import Auditor, Options
from audit.report.record import canonical
from audit.store import tables as t
from audit.store.calls import heard_call, stored_report
from audit.store.database import Store
from audit.store.reaudit import (
    MOST_CHARACTERS,
    Change,
    Seen,
    correct_and_audit,
    reaudit,
    waiting_calls,
    waits_for_audit,
)
from audit.store.retention import purge
from audit.store.review import Correction, Proposal, correct, corrections_of, decide
from audit.store.soundness import check, verify
from audit.store.users import add_user
from tests.store.runs import NUMBER, OTHER_RULES, became, report, reviewers, rows, take_in

SWAP, UNDO = Proposal(Correction.SWAP_ROLES), Proposal(Correction.UNDO)
THREAT = "再不还钱我打断你的腿"
ACROSS = "contact.frequency/conversations-per-month"


def role(turn: int, value: str) -> Proposal:
    return Proposal(Correction.ROLE, turn, value)


def text(turn: int, value: str) -> Proposal:
    return Proposal(Correction.TEXT, turn, value)


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor(Options(), proved=True)


@pytest.fixture
def taken(store: Store, tmp_path: Path, auditor: Auditor) -> Callable[..., CallReport]:
    """Takes in a real audit of a call: `said` by role, as in ("agent", "您好")."""

    def take(*said: tuple[str, str], hour: int = 12, more: Sequence[Finding] = (), **changes: Any) -> CallReport:
        call = replace(spoken(*said), **changes)
        made = auditor.report(call)
        made = replace(made, findings=(*more, *made.findings))
        take_in(store, tmp_path / str(hour), made, hour=hour)
        return made

    reviewers(store, "王", "李")
    return take


def spoken(*said: tuple[str, str]) -> Call:
    turns = tuple(
        Turn(i, Role(who), words, TimeSpan(2.0 * i, 2.0 * i + 1.5), (Word(words, TimeSpan(2.0 * i, 2.0 * i + 1.5)),))
        for i, (who, words) in enumerate(said)
    )
    return replace(report("c1").call, turns=turns)


def labels(seen: Sequence[Seen]) -> set[str]:
    return {one.label for one in seen}


def turns(store: Store) -> list[tuple[str, str]]:
    with store.reading() as connection:
        return [(turn.role.value, turn.text) for turn in stored_report(connection, 1).call.turns]


def current(store: Store) -> set[tuple[int, str]]:
    return {(row["id"], row["label"]) for row in rows(store, t.findings) if row["superseded_by"] is None}  # type: ignore[misc]


def sound(store: Store) -> bool:
    return check(store) == [] and verify(store)[0] == []


def test_who_said_it_decides_and_taking_the_swap_back_brings_the_same_finding_and_its_decisions_back(
    store: Store, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    made = taken(("agent", "您好"), ("agent", THREAT), ("debtor", "你敢"))
    threat = next(row["id"] for row in rows(store, t.findings) if row["label"] == "threat.violence")
    decide(store, threat, "王", Verdict.CONFIRM)  # type: ignore[arg-type]
    before = current(store)

    change = correct_and_audit(store, 1, auditor, "王", SWAP)
    assert "threat.violence" in labels(change.vanished)
    assert change.verdicts[0] == "violation" and change.scores[1] < change.scores[0]
    assert change.same_rules
    assert turns(store) == [("debtor", "您好"), ("debtor", THREAT), ("agent", "你敢")]
    assert threat not in {number for number, _ in current(store)}

    back = correct_and_audit(store, 1, auditor, "李", UNDO)
    assert {seen.number for seen in back.appeared} == {seen.number for seen in change.vanished}
    assert current(store) == before
    assert [row["state"] for row in rows(store, t.findings) if row["id"] == threat] == ["confirmed"]
    with store.reading() as connection:
        assert stored_report(connection, 1) == canonical(made)
    assert sound(store)


def test_corrections_build_on_each_other_and_are_taken_back_one_by_one(
    store: Store, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    taken(("agent", "您好"), ("debtor", "打断你的推"))
    steps = [
        (SWAP, [("debtor", "您好"), ("agent", "打断你的推")]),
        (text(1, "我要打断你的腿"), [("debtor", "您好"), ("agent", "我要打断你的腿")]),
        (SWAP, [("agent", "您好"), ("debtor", "我要打断你的腿")]),
        (role(1, "agent"), [("agent", "您好"), ("agent", "我要打断你的腿")]),
    ]
    said = [turns(store)]
    for proposed, wanted in steps:
        correct_and_audit(store, 1, auditor, "王", proposed)
        assert turns(store) == wanted
        said.append(wanted)
    assert "threat.violence" in {label for _, label in current(store)}
    with store.reading() as connection:
        assert [made.kind for made in corrections_of(connection, 1)] == [step.kind for step, _ in steps]
        assert not waits_for_audit(connection, 1)
        assert [turn.text for turn in heard_call(connection, 1).turns] == ["您好", "打断你的推"]
    for wanted in reversed(said[:-1]):
        correct_and_audit(store, 1, auditor, "李", UNDO)
        assert turns(store) == wanted
    with pytest.raises(InputError, match="CA613"):
        correct_and_audit(store, 1, auditor, "李", UNDO)
    assert sound(store)


def test_what_a_change_tells_is_masked_and_says_what_no_longer_waits(
    store: Store, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    call = spoken(("agent", "您好"), ("agent", f"再不还钱我打断你的腿{NUMBER}"), ("debtor", "好"))
    unsure = (call.turns[0], replace(call.turns[1], role_confidence=0.4), call.turns[2])
    taken(turns=unsure)
    change = correct_and_audit(store, 1, auditor, "王", role(1, "agent"))
    waited, stands = next(pair for pair in change.regraded if pair[0].label == "threat.violence")
    assert (waited.waits, stands.waits) == (True, False)
    assert waited.number == stands.number and stands.turn == 1
    gone = correct_and_audit(store, 1, auditor, "王", role(1, "debtor"))
    told = [seen.quote for seen in (*gone.vanished, *gone.appeared)]
    assert told and not any(NUMBER in quote for quote in told)


def test_a_corrected_turn_has_the_words_and_no_word_times(
    store: Store, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    taken(("agent", "您好"), ("agent", "看看你的腿"))
    change = correct_and_audit(store, 1, auditor, "王", text(1, "打断你的腿"))
    assert "threat.violence" in labels(change.appeared) and not change.vanished
    with store.reading() as connection:
        corrected = stored_report(connection, 1).call.turns
    assert corrected[0].words and corrected[1].words == ()
    assert corrected[1].time == TimeSpan(2.0, 3.5)


def across(label: str = "contact.frequency") -> Finding:
    made = report("c1").findings[0]
    return replace(made, turn=None, rule=ACROSS, label=label, quote="", span=None, fingerprint="a" * 16)


def test_findings_that_other_calls_brought_stay_with_their_decisions(
    store: Store, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    taken(("agent", "您好"), ("agent", THREAT), more=[across()])
    brought = next(row["id"] for row in rows(store, t.findings) if row["rule"] == ACROSS)
    decide(store, brought, "王", Verdict.CONFIRM)  # type: ignore[arg-type]
    for proposed in (SWAP, UNDO):
        change = correct_and_audit(store, 1, auditor, "王", proposed)
        assert brought not in {seen.number for seen in (*change.appeared, *change.vanished)}
    kept = next(row for row in rows(store, t.findings) if row["id"] == brought)
    assert (kept["state"], kept["superseded_by"]) == ("confirmed", None)


class Interrupted(Auditor):
    """Does something while it audits for the first time."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__(Options(), proved=True)
        self._meanwhile: Callable[[], object] | None = meanwhile

    def report(self, call: Call) -> CallReport:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile:
            meanwhile()
        return super().report(call)


def test_two_who_correct_at_once_are_both_heard(
    store: Store, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    taken(("agent", "您好"), ("debtor", "打断你的腿"))

    def other() -> None:
        correct_and_audit(store, 1, auditor, "李", text(0, "我是银行的"))

    change = correct_and_audit(store, 1, Interrupted(other), "王", role(1, "agent"))
    assert turns(store) == [("agent", "我是银行的"), ("agent", "打断你的腿")]
    assert "threat.violence" in labels(change.appeared)
    assert sound(store)


def test_a_correction_whose_audit_fails_is_not_made(
    store: Store, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    taken(("agent", "您好"), ("agent", THREAT))
    before = {table.name: rows(store, table) for table in t.metadata.sorted_tables}

    def fail() -> None:
        raise InputError("CA301", "x")

    def withdraw_right() -> None:
        with store.writing() as connection:
            connection.execute(t.users.update().where(t.users.c.name == "王").values(role="viewer"))

    with pytest.raises(InputError, match="CA301"):
        correct_and_audit(store, 1, Interrupted(fail), "王", SWAP)
    assert {table.name: rows(store, table) for table in t.metadata.sorted_tables} == before
    with pytest.raises(InputError, match="CA612"):
        correct_and_audit(store, 1, Interrupted(withdraw_right), "王", SWAP)
    assert rows(store, t.corrections) == [] and len(rows(store, t.audits)) == 1

    class FailsInTheEnd(Auditor):
        """Fails when it has to audit again what was corrected meanwhile."""

        calls = 0

        def report(self, call: Call) -> CallReport:
            self.calls += 1
            if self.calls == 1:
                correct_and_audit(store, 1, auditor, "李", text(0, "喂"))
                return super().report(call)
            raise InputError("CA301", "x")

    with pytest.raises(InputError, match="CA301"):
        correct_and_audit(store, 1, FailsInTheEnd(Options(), proved=True), "李", SWAP)
    assert [row["kind"] for row in rows(store, t.corrections)] == ["text"]
    assert turns(store) == [("agent", "喂"), ("agent", THREAT)]
    assert sound(store)


def test_an_earlier_run_does_not_bring_the_words_before_back(
    store: Store, tmp_path: Path, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    first = taken(("agent", "您好"), ("agent", THREAT))
    correct_and_audit(store, 1, auditor, "王", SWAP)
    other = replace(first, audit=OTHER_RULES)
    for late, what in ((first, "unchanged"), (other, "older")):
        for hour in (11, 12):
            assert became(take_in(store, tmp_path / f"{what}{hour}", late, hour=hour)) == {what: 1}
    assert turns(store)[1] == ("debtor", THREAT)


def test_corrections_of_words_that_a_later_run_brings_again_wait_until_the_next_audit(
    store: Store, tmp_path: Path, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    first = taken(("agent", "您好"), ("agent", THREAT))
    threat = next(row["id"] for row in rows(store, t.findings) if row["label"] == "threat.violence")
    decide(store, threat, "王", Verdict.DISMISS, reason="玩笑")  # type: ignore[arg-type]
    correct_and_audit(store, 1, auditor, "王", role(0, "debtor"))
    _in_the_past(store)
    later = replace(first, audit=OTHER_RULES)
    assert became(take_in(store, tmp_path / "later", later, hour=13)) == {"audited_again": 1}
    assert turns(store)[0] == ("agent", "您好")
    with store.reading() as connection:
        assert waits_for_audit(connection, 1)
    change = reaudit(store, 1, auditor, "王")
    assert not change.same_rules
    assert turns(store)[0] == ("debtor", "您好")
    with store.reading() as connection:
        assert not waits_for_audit(connection, 1)
    assert [row["state"] for row in rows(store, t.findings) if row["id"] == threat] == ["dismissed"]
    # Nothing new to say: no further audit.
    audits = len(rows(store, t.audits))
    assert reaudit(store, 1, auditor, "王") == Change((), (), (), change.verdicts[1:] * 2, change.scores[1:] * 2, True)
    assert len(rows(store, t.audits)) == audits
    assert sound(store)


def test_the_same_run_again_says_nothing_new_of_a_corrected_call(
    store: Store, tmp_path: Path, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    first = taken(("agent", "您好"), ("agent", THREAT), more=[across()])
    for proposed in (role(0, "debtor"), text(0, "喂")):
        correct_and_audit(store, 1, auditor, "王", proposed)
    _in_the_past(store)
    assert became(take_in(store, tmp_path / "again", first, hour=13)) == {"unchanged": 1}
    assert turns(store)[0] == ("debtor", "喂")
    without = replace(first, findings=first.findings[1:])  # what other calls brought is another now
    assert became(take_in(store, tmp_path / "other", without, hour=14)) == {"audited_again": 1}
    with store.reading() as connection:
        assert waiting_calls(connection) == [1]
    reaudit(store, 1, auditor, "王")
    assert turns(store)[0] == ("debtor", "喂")
    assert ACROSS not in {row["rule"] for row in rows(store, t.findings) if row["superseded_by"] is None}
    with store.reading() as connection:
        assert waiting_calls(connection) == []
    assert sound(store)


def _in_the_past(store: Store) -> None:
    """Let the runs of re-audits have been made when the first run ended, so that another run can be later."""
    moment = rows(store, t.runs)[0]["finished_at"]
    with store.engine.connect().execution_options(callaudit_writes=True) as connection, connection.begin():
        guard = "ALTER TABLE runs ENABLE TRIGGER guard_runs_fixed"
        if store.is_sqlite:
            made = "SELECT sql FROM sqlite_master WHERE name = 'guard_runs_fixed'"
            guard = connection.exec_driver_sql(made).scalar_one()
        connection.exec_driver_sql(
            "DROP TRIGGER guard_runs_fixed" if store.is_sqlite else guard.replace("ENABLE", "DISABLE")
        )
        connection.execute(t.runs.update().values(started_at=moment))
        connection.exec_driver_sql(guard)


def test_words_recognised_anew_are_not_corrected_by_what_was_said_of_others(
    store: Store, tmp_path: Path, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    taken(("agent", "您好"), ("agent", THREAT))
    correct_and_audit(store, 1, auditor, "王", SWAP)
    _in_the_past(store)
    taken(("agent", "你好"), ("agent", THREAT), hour=13)
    with store.reading() as connection:
        assert corrections_of(connection, 1) == [] and not waits_for_audit(connection, 1)
    with pytest.raises(InputError, match="CA613"):
        correct_and_audit(store, 1, auditor, "王", UNDO)
    correct_and_audit(store, 1, auditor, "王", role(0, "debtor"))
    assert turns(store) == [("debtor", "你好"), ("agent", THREAT)]


@pytest.mark.parametrize(
    ("proposed", "code"),
    [
        (text(9, "x"), "CA615"),
        (text(-1, "x"), "CA615"),
        (Proposal(Correction.TEXT, None, "x"), "CA615"),
        (Proposal(Correction.SWAP_ROLES, 1), "CA615"),
        (role(0, "boss"), "CA615"),
        (role(0, "agent"), "CA845"),
        (text(0, "x" * (MOST_CHARACTERS + 1)), "CA843"),
        (UNDO, "CA613"),
    ],
)
def test_what_cannot_be_corrected_changes_nothing(
    store: Store, taken: Callable[..., CallReport], auditor: Auditor, proposed: Proposal, code: str
) -> None:
    taken(("agent", "您好"), ("agent", THREAT))
    before = {table.name: rows(store, table) for table in t.metadata.sorted_tables}
    with pytest.raises(InputError) as refused:
        correct_and_audit(store, 1, auditor, "王", proposed)
    assert refused.value.problem.code == code
    assert {table.name: rows(store, table) for table in t.metadata.sorted_tables} == before


def test_only_the_last_correction_is_taken_back_and_only_the_one_that_was_meant(
    store: Store, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    taken(("agent", "您好"), ("agent", THREAT))
    correct_and_audit(store, 1, auditor, "王", role(0, "debtor"))
    correct_and_audit(store, 1, auditor, "李", role(1, "third_party"))
    with pytest.raises(InputError, match="CA840"):
        correct_and_audit(store, 1, auditor, "王", replace(UNDO, undoes=1))
    correct_and_audit(store, 1, auditor, "王", replace(UNDO, undoes=2))
    assert turns(store) == [("debtor", "您好"), ("agent", THREAT)]


def test_only_who_may_review_corrects(store: Store, taken: Callable[..., CallReport], auditor: Auditor) -> None:
    taken(("agent", "您好"), ("agent", THREAT))
    for name in (UserRole.TRAINER, UserRole.VIEWER):
        add_user(store, name.value, name, "test")
        with pytest.raises(InputError, match="CA612"):
            correct_and_audit(store, 1, auditor, name.value, SWAP)
    with pytest.raises(InputError, match="CA611"):
        correct_and_audit(store, 99, auditor, "王", SWAP)


def test_a_correction_made_before_the_desk_is_part_of_the_next_audit(
    store: Store, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    taken(("agent", "您好"), ("agent", THREAT))
    correct(store, 1, "王", Correction.ROLE, turn=0, value="debtor")
    correct_and_audit(store, 1, auditor, "李", text(0, "喂"))
    assert turns(store)[0] == ("debtor", "喂")


def test_where_the_recording_is_and_whether_it_matches_is_not_touched(
    store: Store, taken: Callable[..., CallReport], auditor: Auditor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    taken(("agent", "您好"), ("agent", THREAT), source=Source("c1.wav", "0" * 64, "recording"))
    with store.writing() as connection:
        connection.execute(t.calls.update().values(audio_state="matches"))
    before = rows(store, t.calls)[0]
    monkeypatch.chdir(tmp_path)
    correct_and_audit(store, 1, auditor, "王", SWAP)
    changed = {name for name, value in rows(store, t.calls)[0].items() if value != before[name]}
    assert changed <= {"verdict", "score", "suspected"}


def test_the_log_tells_of_correction_and_audit_without_words_and_a_purge_empties_both(
    store: Store, taken: Callable[..., CallReport], auditor: Auditor
) -> None:
    taken(("agent", "您好"), ("agent", THREAT))
    correct_and_audit(store, 1, auditor, "王", text(1, "秘密的话"))
    lines = [row for row in rows(store, t.log) if row["action"] in ("correct", "reaudit")]
    assert [(row["actor"], row["action"], row["subject"]) for row in lines] == [
        ("王", "correct", "call:1"),
        ("王", "reaudit", "call:1"),
    ]
    assert "秘密" not in str(lines) and "秘密" not in str(rows(store, t.runs))
    purge(store, date(2027, 1, 1), "test")
    assert not any("秘密" in str(rows(store, table)) for table in t.metadata.sorted_tables)
    with pytest.raises(InputError, match="CA611"):
        correct_and_audit(store, 1, auditor, "王", UNDO)
    assert sound(store)
