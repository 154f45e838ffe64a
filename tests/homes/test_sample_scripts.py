"""The sample scripts are what their page and key say, and show each thing a first-time user should see."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from audit.ingest.scripts.read import ENDINGS
from tests.cli.command import ROOT, callaudit

SAMPLES = ROOT / "sample_scripts"
CLEAN = {"opening.md", "hardship.yaml", "relatives.txt", "channels.csv"}
BREACHING = {"overdue.md", "contacts.yaml", "messages.csv", "answers.xlsx"}

Key = tuple[str, int, str, bool]


def key() -> set[Key]:
    lines = (SAMPLES / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    return {(e["file"], e["line"], e["label"], e.get("suppressed", False)) for e in map(json.loads, lines)}


@pytest.fixture(scope="module")
def findings(cache: str) -> list[dict[str, Any]]:
    done = callaudit("lint", SAMPLES, "--format", "json", CALLAUDIT_CACHE=cache)
    assert done.returncode == 1, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_findings_above_info_are_those_of_the_key(findings: list[dict[str, Any]]) -> None:
    found = {
        (Path(f["path"]).name, f["line"], f["label"], "suppressed" in f) for f in findings if f["severity"] != "info"
    }
    assert found == key()


def test_half_of_the_scripts_are_clean(findings: list[dict[str, Any]]) -> None:
    scripts = {path.name for path in SAMPLES.iterdir() if path.suffix in ENDINGS} - {"README.md", "expected.jsonl"}
    assert scripts == CLEAN | BREACHING
    assert {Path(f["path"]).name for f in findings} == BREACHING


def test_suppressed_breaches_tell_their_reasons(findings: list[dict[str, Any]]) -> None:
    reasons = {f["suppressed"]["reason"] for f in findings if "suppressed" in f}
    assert len(reasons) == 2 and all(reasons)


def test_page_explains_every_breach() -> None:
    page = (SAMPLES / "README.md").read_text(encoding="utf-8")
    told: set[tuple[str, int, str]] = set()
    place = ("", 0)
    for first, labels in re.findall(r"^\| (.*?) ?\| (`[a-z_.`, ]+`) \|", page, re.MULTILINE):
        if named := re.fullmatch(r"`([\w.]+)` C?(\d+)", first):
            place = (named[1], int(named[2]))
        told |= {(*place, label) for label in re.findall(r"`(\w+\.\w+)`", labels)}
    assert told - {("overdue.md", 7, "process.no_recording_notice")} == {entry[:3] for entry in key()}


def test_customers_and_forbidden_wording_would_be_findings_if_the_collector_said_them(
    tmp_path: Path, cache: str
) -> None:
    """That the clean samples are clean is no blindness."""
    text = (SAMPLES / "opening.md").read_text(encoding="utf-8")
    listed = text.partition("## 禁用语")[2].partition("\n\n")[2]
    (tmp_path / "a.md").write_text("# 话术\n\n" + listed.replace("- ", "坐席："), encoding="utf-8")
    done = callaudit("lint", tmp_path / "a.md", "--format", "jsonl", "--isolated", CALLAUDIT_CACHE=cache)
    assert done.returncode == 1, done.stderr
    assert {json.loads(line)["line"] for line in done.stdout.splitlines()} == {3, 4, 5}


def test_samples_are_found_alike_wherever_they_lie(tmp_path: Path, cache: str, findings: list[dict[str, Any]]) -> None:
    shutil.copytree(SAMPLES, tmp_path / "scripts")
    done = callaudit("lint", tmp_path, "--format", "json", CALLAUDIT_CACHE=cache)
    assert [f["fingerprint"] for f in json.loads(done.stdout)] == [f["fingerprint"] for f in findings]
