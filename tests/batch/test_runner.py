import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.batch.ledger import NAME, Ledger
from audit.batch.progress import Tally
from audit.batch.runner import Item, run
from audit.errors import CallauditError, ConfigError, Problem
from audit.i18n import set_language
from audit.ingest.items import CallInput, Failure
from audit.model.finding import Severity
from audit.model.report import Verdict
from tests.batch.audits import BAD, ToyAudit, attempt, audit_all, audits, call, contents, info

FAILED = Failure("gone.wav", Problem("CA440", "gone.wav"))


def labels(out: Path, call_id: str) -> list[str]:
    record = json.loads((out / "calls" / f"{call_id}.json").read_bytes())
    return [finding["label"] for finding in record["findings"]]


def found(out: Path) -> list[tuple[str, str]]:
    lines = (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()
    return [(record["call_id"], record["label"]) for record in map(json.loads, lines)]


def failed(out: Path) -> list[tuple[str, str]]:
    lines = (out / "failures.jsonl").read_text(encoding="utf-8").splitlines()
    return [(record["path"], record["code"]) for record in map(json.loads, lines)]


def listed(out: Path) -> int:
    count: int = json.loads((out / "run.json").read_bytes())["counts"]["calls"]
    return count


def test_a_run_writes_every_call_and_the_run(tmp_path: Path) -> None:
    outcome = audit_all([call("a", BAD), call("b"), FAILED], tmp_path / "out")
    assert {path for path in contents(tmp_path / "out") if path.startswith("calls/")} == {
        "calls/a.json",
        "calls/a.html",
        "calls/b.json",
        "calls/b.html",
    }
    assert found(tmp_path / "out") == [("a", "threat.violence")]
    assert failed(tmp_path / "out") == [("gone.wav", "CA440")]
    assert outcome.totals.verdicts[Verdict.VIOLATION] == 1
    assert outcome.worst == Severity.CRITICAL.rank
    assert outcome.failures == [FAILED]


def test_the_same_run_again_audits_nothing_and_changes_no_byte(tmp_path: Path) -> None:
    items: list[Item] = [call("a", BAD), call("b"), call("c"), FAILED, attempt("t")]
    audit_all(items, tmp_path / "out")
    before = contents(tmp_path / "out")
    tally = Tally()
    run(items, ToyAudit(), tmp_path / "out", info, executor_name="serial", tally=tally)
    assert contents(tmp_path / "out") == before
    assert (tally.kept, tally.audited, tally.failed) == (3, 0, 1)
    assert audits(tmp_path / "out") == {"a": 1, "b": 1, "c": 1, "t": 0}


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(call("a", "您好吗"), id="content"),
        pytest.param(call("a", hour=10), id="call record"),
    ],
)
def test_a_changed_call_is_audited_again_and_no_other(tmp_path: Path, changed: CallInput) -> None:
    audit_all([call("a"), call("b")], tmp_path / "out")
    audit_all([changed, call("b")], tmp_path / "out")
    assert audits(tmp_path / "out") == {"a": 2, "b": 1}


def test_a_call_that_lies_elsewhere_now_is_shown_there_without_auditing_it_again(tmp_path: Path) -> None:
    audit_all([call("a", BAD), call("b"), call("c")], tmp_path / "out")
    moved = [call("a", BAD, path="moved/calls.jsonl"), call("b"), call("c", path="moved/calls.jsonl")]
    audit_all(moved, tmp_path / "out")
    audit_all(moved, tmp_path / "fresh")
    assert contents(tmp_path / "out") == contents(tmp_path / "fresh")
    assert audits(tmp_path / "out") == {"a": 1, "b": 1, "c": 1}


def test_other_rules_audit_everything_again(tmp_path: Path) -> None:
    audit_all([call("a"), call("b")], tmp_path / "out")
    audit_all([call("a"), call("b")], tmp_path / "out", ToyAudit(key="other"))
    assert audits(tmp_path / "out") == {"a": 2, "b": 2}


def test_force_audits_everything_again(tmp_path: Path) -> None:
    audit_all([call("a")], tmp_path / "out")
    audit_all([call("a")], tmp_path / "out", again=True)
    assert audits(tmp_path / "out") == {"a": 2}


@pytest.mark.parametrize("ending", ["json", "html"])
def test_a_call_whose_files_are_gone_is_audited_again(tmp_path: Path, ending: str) -> None:
    audit_all([call("a"), call("b")], tmp_path / "out")
    before = contents(tmp_path / "out")
    (tmp_path / "out" / "calls" / f"a.{ending}").unlink()
    audit_all([call("a"), call("b")], tmp_path / "out")
    assert contents(tmp_path / "out") == before
    assert audits(tmp_path / "out") == {"a": 2, "b": 1}


def test_failures_are_tried_again(tmp_path: Path) -> None:
    assert audit_all([call("a", "broken"), call("b")], tmp_path / "out").failures[0].call_id == "a"
    assert failed(tmp_path / "out") == [("calls.jsonl", "CA440")]
    assert audit_all([call("a"), call("b")], tmp_path / "out").failures == []
    assert failed(tmp_path / "out") == []
    assert audits(tmp_path / "out") == {"a": 1, "b": 1}


def test_a_report_does_not_outlive_the_file_it_was_made_from(tmp_path: Path) -> None:
    audit_all([call("a"), call("b")], tmp_path / "out")
    audit_all([call("a", "broken"), call("b")], tmp_path / "out")
    assert {path for path in contents(tmp_path / "out") if path.startswith("calls/")} == {
        "calls/b.json",
        "calls/b.html",
    }
    assert listed(tmp_path / "out") == 1


def test_the_run_covers_its_own_inputs_only(tmp_path: Path) -> None:
    audit_all([call("a", BAD), call("b", BAD)], tmp_path / "out")
    outcome = audit_all([call("b", BAD)], tmp_path / "out")
    assert found(tmp_path / "out") == [("b", "threat.violence")]
    assert outcome.totals.calls == listed(tmp_path / "out") == 1


def test_findings_across_calls_are_added_to_the_calls_in_order_of_their_start(tmp_path: Path) -> None:
    items = [call("last", hour=12), call("first", BAD, hour=8), call("second", hour=9), call("other", debtor="D2")]
    outcome = audit_all(items, tmp_path / "out")
    assert labels(tmp_path / "out", "last") == ["contact.frequency"]
    assert labels(tmp_path / "out", "first") == ["threat.violence"]
    assert labels(tmp_path / "out", "second") == labels(tmp_path / "out", "other") == []
    assert found(tmp_path / "out") == [("first", "threat.violence"), ("last", "contact.frequency")]
    assert outcome.totals.verdicts[Verdict.VIOLATION] == 2


def test_findings_across_calls_join_a_calls_own_and_come_first(tmp_path: Path) -> None:
    audit_all([call("a"), call("b"), call("c", BAD)], tmp_path / "out")
    assert labels(tmp_path / "out", "c") == ["contact.frequency", "threat.violence"]


def test_findings_across_calls_go_when_their_reason_goes(tmp_path: Path) -> None:
    three = [call("a"), call("b"), call("c", BAD)]
    audit_all(three[1:], tmp_path / "two")
    audit_all(three, tmp_path / "out")
    outcome = audit_all(three[1:], tmp_path / "out")
    for name in ("c.json", "c.html"):
        assert (tmp_path / "out/calls" / name).read_bytes() == (tmp_path / "two/calls" / name).read_bytes()
    assert outcome.worst == Severity.CRITICAL.rank
    assert audits(tmp_path / "out") == {"a": 1, "b": 1, "c": 1}


def test_findings_across_calls_count_for_the_worst(tmp_path: Path) -> None:
    three = [call("a"), call("b"), call("c")]
    assert audit_all(three, tmp_path / "out").worst == Severity.MAJOR.rank
    assert audit_all(three[1:], tmp_path / "out").worst == -1


def test_an_attempt_has_a_report_only_while_there_is_a_finding(tmp_path: Path) -> None:
    items: list[Item] = [call("a", hour=8), call("b", hour=9), attempt("t", hour=10)]
    audit_all(items, tmp_path / "out")
    assert labels(tmp_path / "out", "t") == ["contact.frequency"]
    assert listed(tmp_path / "out") == 3
    audit_all(items[1:], tmp_path / "out")
    assert not [path for path in contents(tmp_path / "out") if path.startswith("calls/t")]
    assert listed(tmp_path / "out") == 1


def test_another_language_rewrites_the_pages_without_auditing(tmp_path: Path) -> None:
    items = [call("a", BAD), call("b"), call("c")]
    audit_all(items, tmp_path / "out")
    before = contents(tmp_path / "out")
    set_language("en")
    try:
        audit_all(items, tmp_path / "english")
        audit_all(items, tmp_path / "out")
    finally:
        set_language("zh")
    assert contents(tmp_path / "out") == contents(tmp_path / "english") != before
    assert set(audits(tmp_path / "out").values()) == {1}


def test_a_stopped_run_is_finished_by_the_same_run(tmp_path: Path) -> None:
    items = [call(f"c{number}") for number in range(6)]
    with pytest.raises(KeyboardInterrupt):
        audit_all([*items[:3], call("c3", "stop"), *items[4:]], tmp_path / "out")
    assert not (tmp_path / "out" / "run.json").exists()
    audit_all(items, tmp_path / "out")
    audit_all(items, tmp_path / "whole")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert set(audits(tmp_path / "out").values()) == {1}


def test_a_run_killed_while_it_added_findings_across_calls_adds_them_once(tmp_path: Path) -> None:
    items = [call(f"c{number}", hour=number) for number in range(6)]
    audit_all(items, tmp_path / "whole")
    audit_all(items, tmp_path / "out")
    database = sqlite3.connect(tmp_path / "out" / NAME)
    with database:
        database.execute("UPDATE calls SET files = '?' WHERE call_id IN ('c3', 'c4')")
    database.close()
    audit_all(items, tmp_path / "out")
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert set(audits(tmp_path / "out").values()) == {1}


def test_what_a_killed_run_left_half_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / "out" / "calls").mkdir(parents=True)
    for folder in ("", "calls"):
        (tmp_path / "out" / folder / ".0123456789abcdef.part").write_text("half")
    audit_all([call("a")], tmp_path / "out")
    assert not [path for path in contents(tmp_path / "out") if path.endswith(".part")]


def test_a_dead_worker_fails_its_call_and_the_run_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    items = [call("a"), call("b", "fatal"), call("c")]
    outcome = run(items, ToyAudit(), out, info, jobs=2, executor_name="process")
    assert [(failure.call_id, failure.problem.code) for failure in outcome.failures] == [("b", "CA420")]
    assert listed(out) == 2


def test_order_of_inputs_and_number_of_jobs_change_no_byte(tmp_path: Path) -> None:
    items = [call(f"c{number}", BAD if number % 3 else "您好", hour=number % 9) for number in range(12)]
    audit_all(items, tmp_path / "one")
    (tmp_path / "two").mkdir()
    run(reversed(items), ToyAudit(), tmp_path / "two", info, jobs=2, executor_name="process")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_inputs_are_taken_one_at_a_time(tmp_path: Path) -> None:
    out = tmp_path / "out"
    ahead: list[int] = []

    def items() -> Iterator[CallInput]:
        for number in range(30):
            ahead.append(number - len(list((out / "calls").glob("*.json"))))
            yield call(f"c{number}")

    audit_all(items(), out)
    assert max(ahead) <= 1


def test_nothing_to_audit_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        audit_all([], tmp_path / "out")
    assert caught.value.problem.code == "CA435"


def test_failures_alone_are_a_run(tmp_path: Path) -> None:
    assert len(audit_all([FAILED], tmp_path / "out").failures) == 1
    assert failed(tmp_path / "out") == [("gone.wav", "CA440")]


def test_two_runs_cannot_write_into_one_folder(tmp_path: Path) -> None:
    with Ledger(tmp_path), pytest.raises(ConfigError) as caught:
        audit_all([call("a")], tmp_path)
    assert caught.value.problem.code == "CA431"
    assert not (tmp_path / "calls").exists()


@pytest.mark.parametrize("version", [None, 99])
def test_a_ledger_that_is_none_of_ours_is_refused_and_left_alone(tmp_path: Path, version: int | None) -> None:
    if version is None:
        (tmp_path / NAME).write_bytes(b"no database at all" * 100)
    else:
        database = sqlite3.connect(tmp_path / NAME)
        database.execute(f"PRAGMA user_version = {version}")
        database.close()
    with pytest.raises(ConfigError) as caught:
        audit_all([call("a")], tmp_path)
    assert caught.value.problem.code == "CA432"
    assert not (tmp_path / "calls").exists()


def test_a_damaged_report_says_what_to_do_and_the_next_run_mends_it(tmp_path: Path) -> None:
    audit_all([call("a"), call("b")], tmp_path / "out")
    before = contents(tmp_path / "out")
    damaged = tmp_path / "out" / "calls" / "a.json"
    damaged.write_text('{"schema_version"')
    with pytest.raises(CallauditError) as caught:
        audit_all([call("a"), call("b")], tmp_path / "out")
    assert caught.value.problem.code == "CA401"
    assert "a.json" in caught.value.problem.where
    damaged.unlink()
    audit_all([call("a"), call("b")], tmp_path / "out")
    assert contents(tmp_path / "out") == before
