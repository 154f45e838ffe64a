"""`callaudit redact` on reports, transcripts and recordings."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from audit.cli.main import main
from audit.report.call_json import load_report
from audit.speech.decode import decode
from audit.speech.sound import SAMPLE_RATE
from tests.clips.calls import SAMPLES
from tests.speech.sounds import tone, write_wav

# What sample-09 reads out; invented, with wrong check digits.
ID, CARD, NAME = "三三零九九九", "六二九九", "马国栋"
TRANSCRIPT = SAMPLES / "transcripts" / "sample-09.jsonl"


def report_of(run_folder: Path) -> Path:
    return run_folder / "calls" / "sample-09.json"


def test_a_report_stays_a_report_without_numbers_and_names(run_folder: Path, tmp_path: Path) -> None:
    before = report_of(run_folder).read_bytes()
    assert ID in before.decode() and NAME in before.decode()
    assert main(["redact", str(report_of(run_folder)), "-o", str(tmp_path)]) == 0
    text = (tmp_path / "sample-09.json").read_text("utf-8")
    assert not any(secret in text for secret in (ID, CARD, NAME))
    redacted, original = load_report(tmp_path / "sample-09.json"), load_report(report_of(run_folder))
    assert [f.span for f in redacted.findings] == [f.span for f in original.findings]
    for finding in redacted.findings:
        if finding.turn is not None and finding.span:
            assert finding.quote == finding.span.of(redacted.call.turns[finding.turn].text)
    assert redacted.verdict == original.verdict
    assert redacted.call.metadata.started_at == original.call.metadata.started_at
    assert report_of(run_folder).read_bytes() == before


def test_what_a_number_could_be_guessed_from_is_made_anew_and_other_fingerprints_stay(
    run_folder: Path, tmp_path: Path
) -> None:
    assert main(["redact", str(report_of(run_folder)), "-o", str(tmp_path)]) == 0
    pairs = zip(
        load_report(tmp_path / "sample-09.json").findings, load_report(report_of(run_folder)).findings, strict=True
    )
    for redacted, original in pairs:
        assert (redacted.fingerprint == original.fingerprint) == (redacted.why.matched == original.why.matched)
        if original.label == "privacy.pii_readout":
            assert redacted.fingerprint != original.fingerprint


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.srt", "1\n00:00:01,000 --> 00:00:04,000\n坐席：我手机13800001234\n"),
        ("a.vtt", "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\n坐席：我手机13800001234\n"),
        ("a.txt", "坐席：我手机13800001234\n债务人：好的\n"),
    ],
)
def test_a_transcript_keeps_its_format(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text, "utf-8")
    assert main(["redact", str(tmp_path / file), "-o", str(tmp_path / "out")]) == 0
    written = (tmp_path / "out" / file).read_text("utf-8")
    assert "我手机＊＊＊＊＊＊＊＊＊＊＊" in written
    assert ("-->" in text) == ("-->" in written)
    assert (tmp_path / file).read_text("utf-8") == text


def test_a_transcript_of_calls_keeps_its_calls_and_masks_their_records(tmp_path: Path) -> None:
    lines = [(SAMPLES / "transcripts" / f"sample-{number}.jsonl").read_text("utf-8") for number in ("01", "09")]
    (tmp_path / "two.jsonl").write_text("".join(lines), "utf-8")
    assert main(["redact", str(tmp_path / "two.jsonl"), "-o", str(tmp_path / "out")]) == 0
    written = (tmp_path / "out" / "two.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["call_id"] for line in written] == ["sample-01", "sample-09"]
    assert [json.loads(line)["metadata"]["debtor_name"] for line in written] == ["陈＊＊", "马＊＊"]
    assert not any(secret in line for line in written for secret in (ID, CARD, NAME, "陈立强", "三零一七"))


def test_a_further_name_can_be_given(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("坐席：请问是李建国吗\n债务人：我是\n", "utf-8")
    assert main(["redact", str(tmp_path / "a.txt"), "--name", "李建国", "-o", str(tmp_path / "out")]) == 0
    assert "李某某" in (tmp_path / "out" / "a.txt").read_text("utf-8")


def transcript_of(recording: Path) -> None:
    turns = [
        {"i": 0, "role": "agent", "text": "您好", "start_s": 0.0, "end_s": 1.0},
        {"i": 1, "role": "agent", "text": "我手机13800001234", "start_s": 2.0, "end_s": 4.0},
    ]
    record = {"call_id": recording.stem, "metadata": {}, "turns": turns}
    recording.with_suffix(".jsonl").write_text(json.dumps(record, ensure_ascii=False) + "\n", "utf-8")


def test_a_recording_is_beeped_on_all_channels_by_the_transcript_beside_it(tmp_path: Path) -> None:
    recording = write_wav(tmp_path / "a.wav", tone(6.0, 300.0), tone(6.0, 500.0))
    transcript_of(recording)
    before = recording.read_bytes()
    assert main(["redact", str(recording), "-o", str(tmp_path / "out")]) == 0
    channels = decode(tmp_path / "out" / "a.wav").channels
    originals = decode(recording).channels
    inside, outside = slice(2 * SAMPLE_RATE, 4 * SAMPLE_RATE), slice(0, 2 * SAMPLE_RATE)
    assert len(channels) == 2
    assert np.array_equal(channels[0][inside], channels[1][inside])
    for channel, original in zip(channels, originals, strict=True):
        assert np.allclose(channel[outside], original[outside], atol=1e-4)
    assert recording.read_bytes() == before


def test_a_report_of_another_recording_is_refused(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = write_wav(tmp_path / "a.wav", tone(6.0))
    given = ["redact", str(recording), "--transcript", str(report_of(run_folder)), "-o", str(tmp_path / "out")]
    assert main(given) == 3
    assert "[CA704]" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_recording_without_a_transcript_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["redact", str(write_wav(tmp_path / "a.wav", tone(1.0))), "-o", str(tmp_path / "out")]) == 3
    assert "[CA710]" in capsys.readouterr().err


def test_a_transcript_without_times_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = write_wav(tmp_path / "a.wav", tone(1.0))
    (tmp_path / "a.txt").write_text("坐席：我手机13800001234\n", "utf-8")
    assert main(["redact", str(recording), "-o", str(tmp_path / "out")]) == 3
    assert "[CA706]" in capsys.readouterr().err


def test_a_transcript_of_several_calls_must_name_the_recording(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = write_wav(tmp_path / "a.wav", tone(6.0))
    lines = [(SAMPLES / "transcripts" / f"sample-{number}.jsonl").read_text("utf-8") for number in ("01", "09")]
    (tmp_path / "a.jsonl").write_text("".join(lines), "utf-8")
    assert main(["redact", str(recording), "-o", str(tmp_path / "out")]) == 3
    assert "[CA711]" in capsys.readouterr().err


def test_one_transcript_does_not_serve_two_recordings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(write_wav(tmp_path / name, tone(1.0))) for name in ("a.wav", "b.wav")]
    assert main(["redact", *files, "--transcript", str(TRANSCRIPT), "-o", str(tmp_path / "out")]) == 2
    assert "[CA712]" in capsys.readouterr().err


def test_a_file_that_is_none_of_these_is_refused_and_the_others_are_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    assert main(["redact", str(tmp_path / "a.pdf"), str(TRANSCRIPT), "-o", str(tmp_path / "out")]) == 3
    assert "a.pdf" in capsys.readouterr().err
    assert (tmp_path / "out" / "sample-09.jsonl").exists()


def test_a_file_that_is_there_is_replaced_only_when_told_and_the_original_never(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(TRANSCRIPT, tmp_path / "a.jsonl")
    before = (tmp_path / "a.jsonl").read_bytes()
    assert main(["redact", str(tmp_path / "a.jsonl"), "--force", "-o", str(tmp_path)]) == 3
    assert "[CA714]" in capsys.readouterr().err
    assert (tmp_path / "a.jsonl").read_bytes() == before
    given = ["redact", str(tmp_path / "a.jsonl"), "-o", str(tmp_path / "out")]
    assert [main(given), main(given), main([*given, "--force"])] == [0, 3, 0]
    assert "[CA441]" in capsys.readouterr().err
