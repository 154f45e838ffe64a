import json
from dataclasses import replace

from hypothesis import given

from audit.lint.finding import LintedFile, LintRun
from audit.lint.output import emit
from tests.lint.output.runs import CLEAN, RUN, THREAT, run_of, runs


def test_what_gitlab_reads_of_a_finding() -> None:
    entries = json.loads(emit("gitlab", RUN, "zh"))
    assert [(entry["check_name"], entry["severity"]) for entry in entries] == [
        ("identity.refused/name-or-staff-number", "minor"),
        ("threat.exposure/tell-people", "critical"),
        ("threat.exposure/tell-people", "major"),
        ("privacy.illegal_source/claimed-tracking", "info"),
        ("CA109", "blocker"),
        ("lint.baseline/stale", "info"),
    ]
    assert entries[1]["location"] == {"path": "话术/M3 开场.md", "lines": {"begin": 12}}
    assert entries[1]["description"].startswith("坐席以联系家人")
    assert entries[3]["description"].startswith("话术/外呼.xlsx!联系人话术!B3: ")
    assert json.loads(emit("gitlab", CLEAN)) == []


def test_paths_are_as_git_writes_them() -> None:
    [entry] = json.loads(emit("gitlab", run_of(replace(THREAT, path="./a//b.md"))))
    assert entry["location"]["path"] == "a/b.md"


@given(runs)
def test_fingerprints_are_unique_in_any_report(run: LintRun) -> None:
    entries = json.loads(emit("gitlab", run).encode())
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)
    assert len(entries) == sum(f.counts for f in run.findings) + len(run.problems) + len(run.stale)
    assert {entry["severity"] for entry in entries} <= {"info", "minor", "major", "critical", "blocker"}


def test_a_moved_line_keeps_its_fingerprint() -> None:
    moved = replace(THREAT, start=THREAT.start._replace(line=99), end=THREAT.end._replace(line=99))
    before, after = (json.loads(emit("gitlab", run_of(found)))[0] for found in (THREAT, moved))
    assert before["fingerprint"] == after["fingerprint"]
    assert before["location"] != after["location"]


def test_the_same_words_in_another_file_have_another_fingerprint() -> None:
    other = replace(THREAT, path="b.md")
    run = replace(CLEAN, files=(LintedFile(THREAT.path, (THREAT,)), LintedFile("b.md", (other,))))
    first, second = json.loads(emit("gitlab", run))
    assert first["fingerprint"] != second["fingerprint"]
