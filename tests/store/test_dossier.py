"""What the store tells of one call."""

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from audit.errors import InputError
from audit.model.review import Opinion, UserRole, Verdict
from audit.model.span import CharSpan
from audit.store import tables as t
from audit.store.appeals import file_appeal
from audit.store.database import Store
from audit.store.dossier import Added, Dossier, dossier, freshly_checked, made
from audit.store.recordings import AudioState
from audit.store.review import add_missed, decide, withdraw_missed
from audit.store.sampling import Draw, close_plan, create_plan, give_opinion
from audit.store.users import add_user
from tests.store.runs import BAD, OTHER_RULES, report, reviewers, rows, take_in

YES, NO, UNSURE, UNDO = Verdict.CONFIRM, Verdict.DISMISS, Verdict.UNSURE, Verdict.UNDO


def of(store: Store, user: int = 1, call: int = 1) -> Dossier:
    with store.reading() as connection:
        return dossier(connection, call, user)


def test_a_dossier_has_the_findings_in_force_with_all_that_was_said_of_them(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("c1", [BAD, "好的", BAD]))
    reviewers(store, "王", "李")
    decide(store, 2, "王", NO, reason="复述", comment="听过")
    decide(store, 2, "李", YES)
    decide(store, 2, "王", YES)
    known = of(store)
    assert [filed.number for filed in known.findings] == [1, 2]
    assert [filed.finding for filed in known.findings] == list(known.report.findings)
    said = known.findings[1].statements
    assert [(one.reviewer, one.verdict, one.reason, one.comment, one.holds) for one in said] == [
        ("王", NO, "复述", "听过", False), ("李", YES, "", "", True), ("王", YES, "", "", True),
    ]  # fmt: skip
    own = known.findings[1].own("王")
    assert own is not None and own.number == 3
    assert known.last_said == 3 and known.earlier == () and known.audits == 1


def test_a_finding_waits_for_who_has_not_spoken_until_it_is_settled(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report())
    reviewers(store, "王", "李")

    def waits() -> list[bool]:
        return [of(store).findings[0].waits_for(name) for name in ("王", "李")]

    assert waits() == [True, True]
    decide(store, 1, "王", UNSURE)
    assert waits() == [False, True]
    decide(store, 1, "王", UNDO)
    assert waits() == [True, True]
    decide(store, 1, "李", YES)
    assert waits() == [False, False]


def test_what_an_audit_no_longer_finds_is_told_as_earlier_with_its_decisions(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path / "one", report("c1", [BAD, BAD]), hour=10)
    reviewers(store, "王")
    decide(store, 1, "王", YES)
    fewer = report("c1", [BAD, BAD], rules=OTHER_RULES)
    take_in(store, tmp_path / "two", replace(fewer, findings=fewer.findings[1:]), hour=11)
    known = of(store)
    assert [filed.number for filed in known.findings] == [2] and known.findings[0].seen_by == 2
    (gone,) = known.earlier
    assert gone.number == 1 and gone.gone_since is not None and gone.own("王") is not None
    assert gone.finding.quote == BAD and known.audits == 2


def test_what_was_added_by_hand_stays_in_its_place_as_long_as_its_words_do(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path / "one", report("c1", ["你等着", "好的"]), hour=10)
    reviewers(store, "王")
    add_missed(store, 1, "王", "threat.vague", turn=0, span=CharSpan(0, 3), comment="语气")
    add_missed(store, 1, "王", "contact.frequency", turn=None, span=None)
    add_missed(store, 1, "王", "conduct.tone", turn=1, span=None)
    withdraw_missed(store, 3, "王")
    first, whole = of(store).added
    assert (first.label, first.turn, first.span, first.comment) == ("threat.vague", 0, CharSpan(0, 3), "语气")
    assert words_of(first) == "你等着"
    assert (whole.turn, whole.span, whole.words, whole.reviewer) == (None, None, None, "王")
    take_in(store, tmp_path / "two", report("c1", ["你等着啊", "好的"], rules=OTHER_RULES), hour=11)
    assert of(store).added[0].turn == 0, "the words are still there"
    take_in(store, tmp_path / "three", report("c1", ["喂", "你等着"]), hour=12)
    moved = of(store).added[0]
    assert (moved.turn, moved.span, words_of(moved)) == (None, None, "你等着")
    assert moved.words and [turn.text for turn in moved.words.said_in.turns] == ["你等着", "好的"]


def words_of(added: Added) -> str:
    """The characters that its place names."""
    assert added.words
    return next(added.words.span.of(turn.text) for turn in added.words.said_in.turns if turn.index == added.words.turn)


def test_the_words_of_an_earlier_finding_are_told_with_the_turns_around_them(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path / "one", report("c1", ["喂", BAD]), hour=10)
    take_in(store, tmp_path / "two", report("c1", [BAD, "喂"], rules=OTHER_RULES), hour=11)
    take_in(store, tmp_path / "three", report("c1", ["你好"]), hour=12)
    known = of(store)
    (gone,) = known.earlier
    assert gone.finding.turn == 0 and [turn.text for turn in gone.said_in.turns] == [BAD, "喂"]


def test_who_owes_a_blind_opinion_is_told_only_what_they_said_themselves(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report())
    for name, role in (("甲", UserRole.OFFICER), ("乙", UserRole.OFFICER), ("丙", UserRole.LEAD)):
        add_user(store, name, role, "test")
    create_plan(store, "周检", Draw(findings=1.0), 2, True, "丙")
    decide(store, 1, "甲", YES)
    file_appeal(store, 1, "甲", "没有这么说")
    blind = of(store, user=2).findings[0]
    assert blind.hidden and blind.state == "open" and blind.statements == () and blind.appeals == ()
    with store.reading() as connection:
        reader = sa.select(t.users.c.id).where(t.users.c.name == "乙")
        assert connection.execute(reader).scalar_one() == 2
    decide(store, 1, "乙", NO, reason="复述")
    blind = of(store, user=2).findings[0]
    assert [said.reviewer for said in blind.statements] == ["乙"] and blind.state == "dismissed"


def test_who_judges_a_call_blind_is_told_only_what_they_added_themselves(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report("c1", ["您好"]))
    for name, role in (
        ("甲", UserRole.OFFICER),
        ("乙", UserRole.OFFICER),
        ("丙", UserRole.LEAD),
        ("看", UserRole.VIEWER),
    ):
        add_user(store, name, role, "test")
    create_plan(store, "周检", Draw(calls=1.0), 2, True, "丙")
    for name in ("甲", "乙"):
        add_missed(store, 1, name, "threat.violence", turn=0, span=CharSpan(0, 1))

    def told(user: int) -> tuple[bool, list[str]]:
        known = of(store, user)
        return known.blind, [one.reviewer for one in known.added]

    assert [told(user) for user in (1, 2, 3)] == [(True, ["甲"]), (True, ["乙"]), (True, [])]
    assert told(4) == (False, ["甲", "乙"]), "who reviews nothing owes nothing"
    give_opinion(store, 1, "乙", Opinion.MISSED)
    assert (told(2), told(1)) == ((False, ["甲", "乙"]), (True, ["甲"]))
    close_plan(store, 1, "丙")
    assert told(3) == (False, ["甲", "乙"])


def test_only_a_decision_of_ones_own_that_holds_can_be_told_as_just_made(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report())
    reviewers(store, "王", "李")
    decide(store, 1, "王", YES)

    def told(decision: int, user: int) -> str | None:
        with store.reading() as connection:
            found = made(connection, decision, user)
        return found.verdict.value if found else None

    assert (told(1, 1), told(1, 2), told(9, 1)) == ("confirm", None, None)
    decide(store, 1, "王", UNDO)
    assert (told(1, 1), told(2, 1)) == (None, None)


def test_a_recording_is_looked_at_again_when_it_was_touched_or_is_gone(store: Store, tmp_path: Path) -> None:
    sound = tmp_path / "a.wav"
    sound.write_bytes(b"RIFF")
    heard = report()
    digest = "f6ce2e2a6c3aa8a4fb7b5e8e0d4a6d6f"
    source = replace(heard.call.source, kind="recording", path=str(sound), sha256=digest)
    take_in(store, tmp_path / "run", replace(heard, call=replace(heard.call, source=source)))
    assert of(store).audio is AudioState.MATCHES and of(store).audio_checked_at is None, "not looked at yet"
    freshly_checked(store, 1, "test")
    assert of(store).audio is AudioState.CHANGED
    sound.unlink()
    freshly_checked(store, 1, "test")
    assert of(store).audio is AudioState.MISSING
    freshly_checked(store, 1, "test")
    assert [row["action"] for row in rows(store, t.log)].count("check_audio") == 2, "only changes are logged"


def test_without_a_recording_there_is_nothing_to_check(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path, report())
    freshly_checked(store, 1, "test")
    assert of(store).audio is AudioState.NONE
    for number in (0, 2):
        with pytest.raises(InputError, match="CA611"):
            freshly_checked(store, number, "test")
        with pytest.raises(InputError, match="CA611"):
            of(store, call=number)
