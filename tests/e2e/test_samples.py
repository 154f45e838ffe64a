"""The sample calls from sound to report: real audio through the real model, as the README's first command does it."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from audit.clips.mask import number_spans
from audit.pii.digits import digit_runs
from audit.pii.names import NAME_MASK
from audit.pii.sounding import sounding_like
from audit.speech.recognise import Recogniser
from audit.text.normalise import normalise
from tests.e2e.browser import launched, profile, until

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


@pytest.fixture(scope="module")
def pack(out: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training pack of 20 examples, with half as many look-alikes, from that run."""
    folder = tmp_path_factory.mktemp("pack") / "pack"
    command = [sys.executable, "-m", "audit", "examples", str(out), "--limit", "20", "-o", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def examples(pack: Path) -> list[Record]:
    key: list[Record] = json.loads((pack / "answers.json").read_text(encoding="utf-8"))["examples"]
    return key


def test_a_pack_of_twenty_holds_no_number_and_no_debtors_name_in_its_texts(pack: Path) -> None:
    with (SAMPLES / "manifest.csv").open(encoding="utf-8-sig") as file:
        names = {row["call_id"]: row["debtor_name"] for row in csv.DictReader(file)}
    made = examples(pack)
    assert sum(example["verdict"] == "violation" for example in made) == 20
    assert sum(example["verdict"] == "none" for example in made) == 10
    assert all(example["clip"] for example in made)
    for path in (path for path in pack.rglob("*") if path.is_file() and path.suffix != ".mp3"):
        assert [name for name in names.values() if name in path.read_text(encoding="utf-8")] == []
    for example in made:
        lines = (pack / example["transcript"]).read_text(encoding="utf-8").splitlines()
        words = "".join(line.partition("] ")[2] for line in lines).replace(NAME_MASK, " ")
        assert number_spans(words) == []
        assert list(sounding_like(names[example["call"]], words)) == []


def test_a_number_read_out_is_gone_when_the_clip_is_transcribed_again(out: Path, pack: Path) -> None:
    (example,) = [e for e in examples(pack) if any(f["label"] == "privacy.pii_readout" for f in e["findings"])]
    report = json.loads((out / "calls" / f"{example['call']}.json").read_text(encoding="utf-8"))
    said = report["call"]["turns"][example["turn"]]["text"]
    assert any(len(run.digits) >= 15 for run in digit_runs(normalise(said))), "the number was heard in the recording"
    (heard,) = Recogniser("faster-whisper", threads=2).transcribe(pack / example["clip"]["file"]).channels
    words = "".join(segment.text for segment in heard)
    assert list(digit_runs(normalise(words))) == []
    assert "信用卡" in words and "能处理吗" in words, "what is said around the number is still there"


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def quiz(pack: Path, started: Browser) -> Iterator[Page]:
    """The pack's page, opened from the disk without a network; nothing may go wrong on it."""
    wrong: list[str] = []
    with profile(started) as context:
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda request: None if request.url.startswith("file:") else wrong.append(request.url))
        page.goto((pack / "index.html").as_uri())
        yield page
        assert wrong == []


def test_the_page_plays_every_clip_offline(quiz: Page, pack: Path) -> None:
    clips = quiz.locator("audio")
    for clip, example in zip(clips.all(), examples(pack), strict=True):
        until(quiz, partial(clip.evaluate, "audio => audio.readyState > 0 && audio.error === null"))
        length = clip.evaluate("audio => audio.duration")
        assert length == pytest.approx(example["clip"]["duration_s"], abs=0.2)
    quiz.keyboard.press("Space")
    until(quiz, lambda: clips.first.evaluate("audio => audio.currentTime > 0.3 && !audio.paused"))
    expect(quiz.locator(".example").first.locator(".turn.now")).not_to_have_count(0)
    quiz.locator(".example").nth(1).locator(".play").last.click()
    until(quiz, lambda: clips.nth(1).evaluate("audio => audio.currentTime > 5 && !audio.paused"))
    assert clips.first.evaluate("audio => audio.paused"), "two clips at once"


def test_the_quiz_hides_the_verdict_until_it_is_asked_for(quiz: Page, pack: Path) -> None:
    answers = quiz.locator(".answer")
    count = len(examples(pack))
    for index in range(count):
        expect(answers.nth(index)).to_be_hidden()
    right = ["1" if example["verdict"] == "violation" else "2" for example in examples(pack)]
    quiz.keyboard.press(right[0])
    expect(answers.first).to_be_visible()
    expect(quiz.locator(".well").first).to_be_visible()
    expect(answers.nth(1)).to_be_hidden()
    quiz.keyboard.press("j")
    quiz.keyboard.press("1" if right[1] == "2" else "2")
    expect(quiz.locator(".wrong").nth(1)).to_be_visible()
    expect(quiz.locator("#answered")).to_have_text("2")
    expect(quiz.locator("#right")).to_have_text("1")
    quiz.locator(".example").nth(2).get_by_text("看答案").click()
    expect(answers.nth(2)).to_be_visible()
    expect(quiz.locator("#answered")).to_have_text("2")
    quiz.get_by_role("button", name="显示全部答案").click()
    for index in range(count):
        expect(answers.nth(index)).to_be_visible()
    quiz.keyboard.press("q")
    expect(answers.first).to_be_hidden()
    expect(quiz.locator("#answered")).to_have_text("0")
