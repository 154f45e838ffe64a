"""Packs from the store: what reviewers said is what a learner sees."""

import csv
import hashlib
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from audit.cli.main import main
from audit.clips import sources
from audit.clips.kept import Kept
from audit.clips.select import select
from audit.model.review import Verdict
from audit.model.span import CharSpan
from audit.pipeline import Auditor, Options
from audit.report.call_json import load_report
from audit.speech.decode import decode
from audit.speech.sound import SAMPLE_RATE
from audit.store import tables as t
from audit.store.calls import stored_report
from audit.store.database import Store
from audit.store.reaudit import correct_and_audit
from audit.store.retention import purge
from audit.store.review import Correction, Proposal, add_missed, decide, withdraw_missed
from tests.clips.calls import SAMPLES, sample_store
from tests.report.pages import read_page


@pytest.fixture(scope="module")
def fresh(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    return sample_store(Path(shutil.copytree(run_folder, folder / "run")), folder / "store.sqlite")


@pytest.fixture
def path(fresh: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(fresh, tmp_path / "store.sqlite"))


def numbers(path: Path, label: str) -> list[int]:
    """The findings of a label."""
    with Store(str(path)) as store, store.reading() as connection:
        query = sa.select(t.findings.c.id).where(t.findings.c.label == label).order_by(t.findings.c.id)
        return list(connection.execute(query).scalars())


def say(path: Path, finding: int, verdict: Verdict, reviewer: str = "officer", reason: str = "") -> None:
    with Store(str(path)) as store:
        decide(store, finding, reviewer, verdict, reason=reason)


def pack(path: Path, *more: str) -> tuple[int, Path]:
    out = path.parent / "pack"
    return main(["examples", "--store", str(path), "-o", str(out), *more]), out


def answers(out: Path) -> list[dict[str, Any]]:
    examples: list[dict[str, Any]] = json.loads((out / "answers.json").read_text("utf-8"))["examples"]
    return examples


def last_line(path: Path) -> Any:
    with Store(str(path)) as store, store.reading() as connection:
        return connection.execute(sa.select(t.log).order_by(t.log.c.id.desc()).limit(1)).one()


def test_only_what_was_confirmed_is_taken_unless_told(path: Path) -> None:
    first, *others = numbers(path, "threat.exposure")
    say(path, first, Verdict.CONFIRM)
    code, out = pack(path, "--label", "threat.exposure", "--limit", "20")
    assert code == 0 and others
    (example,) = [example for example in answers(out) if example["findings"]]
    assert (example["verdict"], example["review_state"]) == ("violation", "confirmed")
    assert example["clip"], "the recording is found where the store says it lies"
    assert "复核人已确认" in (out / "index.html").read_text("utf-8")


def test_what_reviewers_dismissed_comes_before_look_alikes_as_a_counter_example_with_the_reason_masked(
    path: Path,
) -> None:
    example, dismissed, *_ = numbers(path, "threat.exposure")
    for confirmed in (example, *numbers(path, "threat.violence")):
        say(path, confirmed, Verdict.CONFIRM)
    say(path, dismissed, Verdict.DISMISS, reason="客户13800138000自己说的")
    code, out = pack(path, "--counter-examples", "2")
    assert code == 0
    found = {made["review_state"]: made for made in answers(out) if not made["findings"]}
    assert set(found) == {"dismissed", "open"}
    (finding,) = found["dismissed"]["dismissed"]
    assert (found["dismissed"]["verdict"], found["dismissed"]["findings"]) == ("none", [])
    assert finding["label"] == "threat.exposure"
    assert found["dismissed"]["dismissed_because"] == ["客户＊＊＊＊＊＊＊＊＊＊＊自己说的"]
    (alike,) = [made for made in answers(out) if made["number"] == found["dismissed"]["resembles"]]
    assert alike["review_state"] == "confirmed"
    for file in ("index.html", "answers.csv", "answers.json"):
        assert "13800138000" not in (out / file).read_text("utf-8")
    page = read_page(out / "index.html")
    here = f"ex-{found['dismissed']['number']}"
    (shown,) = [article for article in page.all("article") if article.attributes["id"] == here]
    assert shown.attributes["data-answer"] == "fine"
    assert "复核人已排除" in shown.text() and "自己说的" in shown.text()
    with (out / "answers.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = {row["编号"]: row for row in csv.DictReader(table)}
    assert rows[str(found["dismissed"]["number"])]["排除理由"] == "客户＊＊＊＊＊＊＊＊＊＊＊自己说的"


def test_where_reviewers_disagree_the_pack_says_so(path: Path) -> None:
    number = numbers(path, "threat.violence")[0]
    say(path, number, Verdict.CONFIRM)
    say(path, number, Verdict.DISMISS, "lead", "没有威胁")
    code, out = pack(path, "--state", "disputed", "--counter-examples", "0")
    (example,) = answers(out)
    assert (code, example["verdict"], example["review_state"]) == (0, "review", "disputed")
    assert "复核人意见不一" in (out / "index.html").read_text("utf-8")


def test_a_pack_of_dismissals_has_no_counter_examples_and_accuses_nobody(path: Path) -> None:
    say(path, numbers(path, "threat.violence")[0], Verdict.DISMISS, reason="引用")
    code, out = pack(path, "--state", "dismissed")
    assert (code, [example["verdict"] for example in answers(out)]) == (0, ["none"])


def test_what_a_reviewer_added_by_hand_is_no_look_alike(path: Path) -> None:
    for number in numbers(path, "threat.violence"):
        say(path, number, Verdict.CONFIRM)
    with Store(str(path)) as store:
        before = select(Kept(store), ["threat"], "confirmed", 20, 3).counter_examples
        nearest = before[0]
        add_missed(store, int(nearest.call), "officer", "threat.family", turn=nearest.turn, span=CharSpan(0, 2))
        after = select(Kept(store), ["threat"], "confirmed", 20, 3).counter_examples
    assert (nearest.call, nearest.turn) not in {(choice.call, choice.turn) for choice in after}


def test_what_a_reviewer_added_by_hand_is_an_example_cut_and_covered_like_any_other(path: Path) -> None:
    with Store(str(path)) as store:
        with store.reading() as connection:
            number = connection.execute(sa.select(t.calls.c.id).where(t.calls.c.call_id == "sample-09")).scalar_one()
            turns = stored_report(connection, number).call.turns
        turn = next(turn for turn in turns if "六二九九" in turn.text)
        span = CharSpan(0, len(turn.text))
        # In the words of a card that is read out, by somebody who writes numbers into the comment.
        comment = "把13800138000也念了"
        added = add_missed(store, number, "officer", "insult.curse", turn=turn.index, span=span, comment=comment)
    code, out = pack(path, "--label", "insult.curse", "--counter-examples", "0")
    assert code == 0
    (example,) = answers(out)
    assert (example["verdict"], example["review_state"], example["turn"]) == ("violation", "confirmed", turn.index)
    added_here = [one for one in example["findings"] if one["label"] == "insult.curse"]
    assert [one["reason"] for one in added_here] == ["复核人补记。 把＊＊＊＊＊＊＊＊＊＊＊也念了"]
    assert "＊＊＊＊" in added_here[0]["quote"]
    assert example["clip"]["beeps"] > 0
    for file in ("index.html", "answers.csv", "answers.json", f"transcripts/{example['number']:02}.txt"):
        written = (out / file).read_text("utf-8")
        assert "13800138000" not in written and "六二九九" not in written
    assert "复核人已确认" in (out / "index.html").read_text("utf-8")
    with Store(str(path)) as store:
        assert select(Kept(store), ["insult.curse"], "confirmed", 20, 0).examples
        withdraw_missed(store, added, "officer")
        assert not select(Kept(store), ["insult.curse"], "confirmed", 20, 0).examples


def test_what_is_added_is_taken_once_and_within_the_limit_with_what_the_program_found(path: Path) -> None:
    first = numbers(path, "threat.exposure")[0]
    say(path, first, Verdict.CONFIRM)
    with Store(str(path)) as store:
        with store.reading() as connection:
            row = connection.execute(sa.select(t.findings).where(t.findings.c.id == first)).one()
            text = next(x for x in stored_report(connection, row.call).call.turns if x.index == row.turn).text
        add_missed(store, row.call, "lead", "threat.vague", turn=row.turn, span=CharSpan(0, len(text)))
        add_missed(store, row.call, "officer", "threat.exposure", turn=None, span=None)
        chosen = select(Kept(store), ["threat"], "confirmed", 20, 0)
        assert [(choice.call, choice.turn) for choice in chosen.examples] == [(str(row.call), row.turn)]
        assert chosen.without_words == 1
        made = Kept(store).call(str(row.call))
    in_turn = {finding.label: said.state for finding, said in made.judged if finding.turn == row.turn}
    assert in_turn["threat.exposure"] == in_turn["threat.vague"] == "confirmed"
    assert all(finding.rule != sources.ADDED for finding in made.report.findings), (
        "the report says what the audit found"
    )


def test_look_alikes_are_looked_for_in_a_bounded_number_of_calls(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.clips.kept.POOL", 2)
    with Store(str(path)) as store:
        assert len(list(Kept(store).pool())) == 2
    assert sources.POOL >= 1000


def test_a_pack_is_a_line_of_the_log_with_counts_and_the_beginning_of_its_hash(path: Path) -> None:
    say(path, numbers(path, "threat.violence")[0], Verdict.CONFIRM)
    _, out = pack(path, "--counter-examples", "1")
    line = last_line(path)
    digest = hashlib.sha256((out / "answers.json").read_bytes()).hexdigest()
    assert (line.action, line.subject) == ("make_pack", f"pack:{digest[:12]}")
    counts = json.loads(line.facts)
    assert (counts["examples"], counts["counter_examples"], counts["with_sound"]) == (1, 1, 2)


def test_the_same_store_gives_the_same_bytes(path: Path, tmp_path: Path) -> None:
    for number in numbers(path, "threat.violence"):
        say(path, number, Verdict.CONFIRM)
    _, out = pack(path, "--limit", "1")
    assert main(["examples", "--store", str(path), "--limit", "1", "-o", str(tmp_path / "again")]) == 0
    for file in sorted(out.rglob("*.*")):
        assert file.read_bytes() == (tmp_path / "again" / file.relative_to(out)).read_bytes()


def test_nothing_confirmed_is_told_with_what_there_is(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = pack(path, "--label", "threat.exposure")
    said = capsys.readouterr().err
    assert code == 2 and "[CA703]" in said and "threat.exposure (" in said
    assert not out.exists()


def test_purged_calls_give_nothing(path: Path) -> None:
    say(path, numbers(path, "threat.violence")[0], Verdict.CONFIRM)
    with Store(str(path)) as store:
        purge(store, date(2027, 1, 1), "test")
    assert pack(path)[0] == 2


@pytest.mark.parametrize("both", [True, False])
def test_folders_or_a_store_are_named_and_not_both(
    path: Path, run_folder: Path, both: bool, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    given = [str(run_folder), "--store", str(path)] if both else []
    assert main(["examples", *given, "-o", str(tmp_path / "p")]) == 2
    assert "[CA715]" in capsys.readouterr().err


def test_a_store_in_the_environment_is_used_when_no_folder_is_named(
    path: Path, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLAUDIT_STORE", str(path))
    say(path, numbers(path, "threat.violence")[0], Verdict.CONFIRM)
    for given, states in (([], {"confirmed"}), ([str(run_folder)], {"open"})):
        out = tmp_path / f"p{len(given)}"
        assert main(["examples", *given, "--limit", "1", "--counter-examples", "0", "-o", str(out)]) == 0
        assert {example["review_state"] for example in answers(out)} == states


def test_a_run_knows_no_reviewers(run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examples", str(run_folder), "--state", "confirmed", "-o", str(tmp_path / "p")]) == 2
    assert "[CA716]" in capsys.readouterr().err


def redact(path: Path, *more: str) -> tuple[int, Path]:
    out = path.parent / "out"
    return main(["redact", "--store", str(path), "-o", str(out), *more]), out


def test_a_call_of_the_store_is_given_out_redacted_with_its_sound_and_logged(path: Path) -> None:
    code, out = redact(path, "--call", "sample-09", "--name", "李建国")
    assert code == 0
    report = load_report(out / "sample-09.json")
    text = (out / "sample-09.json").read_text("utf-8")
    assert not any(secret in text for secret in ("三三零九九九", "六二九九", "马国栋"))
    recording = decode(SAMPLES / "recordings" / "2026-03-03" / "line1001_0001.wav")
    beeped = decode(out / "sample-09.wav")
    assert beeped.duration_s == pytest.approx(recording.duration_s, abs=0.01)
    assert len(beeped.channels) == len(recording.channels)
    number = next(turn for turn in report.call.turns if "＊＊＊＊＊＊" in turn.text)
    assert number.time is not None
    inside = slice(int(number.time.start_s * SAMPLE_RATE) + 1600, int(number.time.start_s * SAMPLE_RATE) + 9600)
    assert all(np.array_equal(channel[inside], beeped.channels[0][inside]) for channel in beeped.channels)
    assert not np.allclose(recording.channels[0][inside], beeped.channels[0][inside], atol=0.01)
    line = last_line(path)
    assert (line.action, json.loads(line.facts)) == ("redact_call", {"files": 2})


def test_a_number_that_a_person_corrected_away_is_still_taken_out_of_the_sound(path: Path) -> None:
    with Store(str(path)) as store:
        with store.reading() as connection:
            number = connection.execute(sa.select(t.calls.c.id).where(t.calls.c.call_id == "sample-09")).scalar_one()
            turns = stored_report(connection, number).call.turns
        turn = next(turn for turn in turns if "六二九九" in turn.text)
        proposed = Proposal(Correction.TEXT, turn.index, "您绑定的银行卡是这张吧")
        correct_and_audit(store, number, Auditor(Options(), proved=True), "officer", proposed)
        assert Kept(store).call(str(number)).report.call.turns[turn.index].text == proposed.value
    _, out = redact(path, "--call", "sample-09")
    assert turn.time is not None
    inside = slice(int(turn.time.start_s * SAMPLE_RATE) + 1600, int(turn.time.end_s * SAMPLE_RATE) - 1600)
    (sound, *_) = decode(out / "sample-09.wav").channels
    spectrum = np.abs(np.fft.rfft(sound[inside]))
    assert np.argmax(spectrum) * SAMPLE_RATE / len(sound[inside]) == pytest.approx(1000, abs=2), "the tone"


def test_a_call_that_is_not_there_is_told_and_the_others_are_done(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = redact(path, "--call", "nobody", "--call", "sample-01")
    assert code == 3 and "[CA611]" in capsys.readouterr().err
    assert sorted(file.name for file in out.iterdir()) == ["sample-01.json", "sample-01.wav"]


def test_nothing_is_given_out_of_a_call_whose_recording_was_exchanged(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.wav"
    other.write_bytes((SAMPLES / "recordings" / "2026-03-02" / "line1001_0001.wav").read_bytes())
    with Store(str(path)) as store, store.writing() as connection:
        connection.execute(t.calls.update().where(t.calls.c.call_id == "sample-09").values(audio_path=str(other)))
    code, out = redact(path, "--call", "sample-09")
    assert code == 3
    assert not out.exists() or list(out.iterdir()) == []


@pytest.mark.parametrize("given", [[], ["--call", "sample-01"]])
def test_what_to_redact_has_to_be_said(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CALLAUDIT_STORE", raising=False)
    assert main(["redact", *given, "-o", str(tmp_path)]) == 2
    assert "[CA720]" in capsys.readouterr().err
