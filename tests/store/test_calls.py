import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from audit.errors import InputError
from audit.model.call import Source
from audit.model.finding import Severity
from audit.model.report import CallReport
from audit.model.review import Verdict
from audit.report.record import canonical
from audit.store import chain
from audit.store import tables as t
from audit.store.calls import import_run, stored_report
from audit.store.database import Store
from audit.store.recordings import AudioState, check_audio
from audit.store.review import decide
from tests.report import calls
from tests.store.runs import BAD, OTHER_RULES, became, finding, report, reviewers, rows, take_in, write


@pytest.mark.parametrize(
    "make", [calls.threat_call, calls.clean_call, calls.off_hours_call, calls.review_call, calls.hostile_call]
)
def test_a_report_comes_back_as_it_was_written(store: Store, tmp_path: Path, make: Callable[[], CallReport]) -> None:
    made = make()
    assert became(take_in(store, tmp_path, made)) == {"new": 1}
    with store.reading() as connection:
        assert stored_report(connection, 1) == canonical(made)


def test_words_that_no_database_holds_are_kept_and_ids_stay_apart(store: Store, tmp_path: Path) -> None:
    odd = [report("c\ud800", ["还\x00钱" + BAD]), report("c\ufffd", ["还钱"])]
    assert became(take_in(store, tmp_path, *odd)) == {"new": 2}
    with store.reading() as connection:
        assert stored_report(connection, 1) == canonical(odd[0])
    assert rows(store, t.turns)[0]["text"] == "还\ufffd钱" + BAD


def test_the_same_run_twice_changes_nothing(store: Store, tmp_path: Path) -> None:
    made = [report("c1"), report("c2", ["您好"])]
    take_in(store, tmp_path, *made)
    before = {table.name: rows(store, table) for table in t.metadata.sorted_tables}
    assert became(take_in(store, tmp_path, *made)) == {"unchanged": 2}
    assert {table.name: rows(store, table) for table in t.metadata.sorted_tables} == before


def test_a_decision_survives_an_audit_under_other_rules(store: Store, tmp_path: Path) -> None:
    first = report("c1", ["您好", BAD, BAD])
    take_in(store, tmp_path / "1", first)
    reviewers(store, "王")
    decide(store, 1, "王", Verdict.DISMISS, reason="复述他人的话")
    # The new rules find the second one no longer, the first one as less grave, and a new one.
    milder = finding("c1", 1, 0, Severity.MAJOR)
    new = replace(finding("c1", 0, 0), fingerprint="new")
    second = replace(first, findings=(new, milder), audit=OTHER_RULES)
    assert became(take_in(store, tmp_path / "2", second, hour=13)) == {"audited_again": 1}
    found = {row["id"]: row for row in rows(store, t.findings)}
    assert [found[n]["state"] for n in (1, 2, 3)] == ["dismissed", "open", "open"]
    assert [found[n]["superseded_by"] for n in (1, 2, 3)] == [None, 2, None]
    assert [found[n]["severity"] for n in (1, 2, 3)] == ["major", "critical", "critical"]
    # What each audit said stays as it was said.
    assert [(row["finding"], row["audit"], row["severity"]) for row in rows(store, t.sightings)] == [
        (1, 1, "critical"), (2, 1, "critical"), (3, 2, "critical"), (1, 2, "major"),
    ]  # fmt: skip
    assert [(row["rules_sha256"], row["current"]) for row in rows(store, t.audits)] == [
        (first.audit.rules_sha256, False),
        (OTHER_RULES.rules_sha256, True),
    ]
    assert len(rows(store, t.transcripts)) == 1


def test_a_finding_that_is_gone_and_comes_back_is_the_same_one(store: Store, tmp_path: Path) -> None:
    first = report("c1")
    take_in(store, tmp_path / "1", first)
    reviewers(store, "王")
    decide(store, 1, "王", Verdict.CONFIRM)
    take_in(store, tmp_path / "2", replace(first, findings=(), audit=OTHER_RULES), hour=13)
    assert [(row["state"], row["superseded_by"]) for row in rows(store, t.findings)] == [("confirmed", 2)]
    # The same bytes as the first audit, of a later run: the rules were taken back.
    assert became(take_in(store, tmp_path / "3", first, hour=14)) == {"audited_again": 1}
    assert [(row["state"], row["superseded_by"]) for row in rows(store, t.findings)] == [("confirmed", None)]


def test_a_finding_follows_its_words_when_turns_shift_in_a_new_transcript(store: Store, tmp_path: Path) -> None:
    take_in(store, tmp_path / "1", report("c1", ["您好", BAD]))
    reviewers(store, "王")
    decide(store, 1, "王", Verdict.CONFIRM)
    take_in(store, tmp_path / "2", report("c1", ["您好", "喂？", BAD]), hour=13)
    assert [(row["turn"], row["state"]) for row in rows(store, t.findings)] == [(2, "confirmed")]


def test_in_the_same_transcript_no_decision_moves_to_another_turn(store: Store, tmp_path: Path) -> None:
    both = report("c1", [BAD, BAD])
    take_in(store, tmp_path / "1", replace(both, findings=both.findings[:1]))
    reviewers(store, "王")
    decide(store, 1, "王", Verdict.DISMISS, reason="复述")
    take_in(store, tmp_path / "2", replace(both, findings=both.findings[1:], audit=OTHER_RULES), hour=13)
    states = [(row["turn"], row["state"], row["superseded_by"]) for row in rows(store, t.findings)]
    assert states == [(0, "dismissed", 2), (1, "open", None)]


def test_the_same_words_twice_in_a_turn_are_two_findings(store: Store, tmp_path: Path) -> None:
    twice = report("c1", [f"{BAD}，{BAD}"])
    take_in(store, tmp_path / "1", twice)
    reviewers(store, "王")
    decide(store, 2, "王", Verdict.CONFIRM)
    take_in(store, tmp_path / "2", replace(twice, findings=twice.findings[1:], audit=OTHER_RULES), hour=13)
    states = [(row["start_char"], row["state"], row["superseded_by"]) for row in rows(store, t.findings)]
    assert states == [(0, "open", 2), (6, "confirmed", None)]


def test_an_older_run_that_comes_late_does_not_replace_a_newer_one(store: Store, tmp_path: Path) -> None:
    new = report("c1", rules=OTHER_RULES)
    take_in(store, tmp_path / "new", new, hour=13)
    assert became(take_in(store, tmp_path / "old", report("c1"), hour=12)) == {"older": 1}
    with store.reading() as connection:
        assert stored_report(connection, 1) == canonical(new)


def test_a_damaged_report_is_named_and_the_others_are_taken_in(store: Store, tmp_path: Path) -> None:
    paths = write(tmp_path, [report("c1"), report("c2"), report("c3")])
    paths[1].write_text('{"schema_version": "2"', "utf-8")
    imported = import_run(store, tmp_path, paths, "test")
    assert became(imported) == {"new": 2}
    assert [(problem.code, problem.where) for problem in imported.failures] == [("CA401", str(paths[1]))]


@pytest.mark.parametrize("content", [None, "{", "[]", '{"started_at": "x"}'])
def test_a_folder_without_a_finished_run_is_refused(store: Store, tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content, "utf-8")
    with pytest.raises(InputError) as refused:
        import_run(store, tmp_path, [], "test")
    assert refused.value.problem.code == "CA610"
    assert rows(store, t.calls) == []


def test_the_day_is_that_of_the_call_where_it_was_made_else_of_the_audit(store: Store, tmp_path: Path) -> None:
    late = report("c1")
    started = datetime.fromisoformat("2026-03-02T00:30:00+08:00")
    early_in_utc = replace(late.call.metadata, started_at=started)
    unknown = replace(late.call.metadata, started_at=None)
    made = [
        replace(late, call=replace(late.call, call_id=f"c{n}", metadata=m))
        for n, m in enumerate((early_in_utc, unknown))
    ]
    take_in(store, tmp_path, *made)
    assert [row["day"] for row in rows(store, t.calls)] == [date(2026, 3, 2), date(2026, 3, 20)]


def test_a_recording_that_was_changed_or_is_gone_is_told(store: Store, tmp_path: Path) -> None:
    audio = tmp_path / "c1.wav"
    audio.write_bytes(b"sound")
    sha256 = hashlib.sha256(b"sound").hexdigest()
    heard = report("c1")
    heard = replace(heard, call=replace(heard.call, source=Source(str(audio), sha256, "recording")))
    take_in(store, tmp_path / "out", heard, report("c2"))
    assert check_audio(store, 1, "test") is AudioState.MATCHES
    audio.write_bytes(b"noise")
    assert check_audio(store, 1, "test") is AudioState.CHANGED
    audio.unlink()
    assert check_audio(store, 1, "test") is AudioState.MISSING
    assert check_audio(store, 2, "test") is AudioState.NONE
    assert rows(store, t.calls)[0]["audio_state"] == "missing"
    with store.reading() as connection:
        assert list(chain.breaks(connection)) == []
    assert [row["facts"] for row in rows(store, t.log) if row["action"] == "check_audio"] == [
        f'{{"state":"{state}"}}' for state in ("matches", "changed", "missing")
    ]
