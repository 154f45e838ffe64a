"""The sample calls from sound to report: real audio through the real model, as the README's first command does it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_calls"
# What the rules of this version judge; the samples are labelled with more.
JUDGED = ("threat.", "insult.", "privacy.pii_readout", "contact.off_hours", "contact.frequency")

Record = dict[str, Any]


def labelled() -> dict[str, Record]:
    """The reference transcripts with their labels, by call."""
    paths = sorted((SAMPLES / "transcripts").glob("*.jsonl"))
    return {call["call_id"]: call for call in (json.loads(path.read_text(encoding="utf-8")) for path in paths)}


def judged(label: str) -> bool:
    return label.startswith(JUDGED)


CALLS = labelled()
WORDS = [
    (call_id, turn["i"], entry)
    for call_id, call in CALLS.items()
    for turn in call["turns"]
    for entry in turn["labels"]
    if judged(entry["label"])
]
CLEAN = [
    call_id
    for call_id, call in CALLS.items()
    if not call["call_labels"]
    and not any(not e["label"].startswith("signal.") for turn in call["turns"] for e in turn["labels"])
]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of one run over the folder."""
    folder = tmp_path_factory.mktemp("samples") / "reports"
    command = [sys.executable, "-m", "audit", "run", str(SAMPLES), "-o", str(folder), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    return folder


@pytest.fixture(scope="module")
def findings(out: Path) -> list[Record]:
    return [json.loads(line) for line in (out / "findings.jsonl").read_text(encoding="utf-8").splitlines()]


def test_samples_hold_clean_and_breaching_calls() -> None:
    assert len(CALLS) >= 12 and len(CLEAN) >= 4 and len(WORDS) >= 20


def test_every_call_is_reported_from_its_recording(out: Path) -> None:
    for call_id in CALLS:
        report = json.loads((out / "calls" / f"{call_id}.json").read_text(encoding="utf-8"))
        assert report["call"]["source"]["kind"] == "recording"
        assert (out / "calls" / f"{call_id}.html").stat().st_size > 0
    assert (out / "failures.jsonl").read_text(encoding="utf-8") == ""


@pytest.mark.parametrize(
    ("call_id", "turn", "entry"), WORDS, ids=[f"{call}-{turn}-{entry['label']}" for call, turn, entry in WORDS]
)
def test_breaching_words_are_found_in_the_sound_with_speaker_and_moment(
    findings: list[Record], call_id: str, turn: int, entry: Record
) -> None:
    near = [
        finding
        for finding in findings
        if finding["call_id"] == call_id
        and finding["label"].partition(".")[0] == entry["label"].partition(".")[0]
        and finding["role"] == "agent"
        and finding["start_s"] is not None
        and entry["start_s"] - 1 <= finding["start_s"] <= entry["end_s"] + 1
    ]
    assert near


@pytest.mark.parametrize("call_id", CLEAN)
def test_clean_call_has_nothing_above_info(findings: list[Record], call_id: str) -> None:
    above = [
        (finding["label"], finding["severity"])
        for finding in findings
        if finding["call_id"] == call_id
        and not finding["label"].startswith("signal.")
        and finding["severity"] != "info"
    ]
    assert above == []


def test_hours_and_frequency_are_found_where_they_are_labelled_and_nowhere_else(findings: list[Record]) -> None:
    names = ("contact.off_hours", "contact.frequency")
    found = {(f["call_id"], f["label"]) for f in findings if f["label"] in names}
    assert found == {
        (call_id, label) for call_id, call in CALLS.items() for label in call["call_labels"] if label in names
    }


def test_no_finding_is_about_what_the_other_side_said(findings: list[Record]) -> None:
    assert {f["role"] for f in findings if not f["label"].startswith("signal.")} <= {"agent", None}
