"""The pack as it lies on the disk, made by the command."""

import csv
import hashlib
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.cli.main import main
from audit.clips.mask import number_spans
from audit.i18n import set_language
from audit.model.finding import Severity
from audit.model.report import CallReport
from audit.pii import names
from audit.pii.sounding import sounding_like
from audit.report import call_json
from audit.speech.decode import decode
from tests.clips.calls import SAMPLES, A, D, call, turn
from tests.report.calls import AUDIT, finding
from tests.report.pages import digest, policy, read_page


def debtors() -> dict[str, str]:
    with (SAMPLES / "manifest.csv").open(encoding="utf-8-sig") as file:
        return {row["call_id"]: row["debtor_name"] for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def pack(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("pack") / "pack"
    set_language("zh")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(names, "installed", lambda: False)
        assert main(["examples", str(run_folder), "--limit", "20", "-o", str(out)]) == 0
    return out


def answers(pack: Path) -> list[dict[str, Any]]:
    examples: list[dict[str, Any]] = json.loads((pack / "answers.json").read_text("utf-8"))["examples"]
    return examples


def everything_in(pack: Path) -> dict[str, bytes]:
    return {str(path.relative_to(pack)): path.read_bytes() for path in sorted(pack.rglob("*")) if path.is_file()}


def test_a_pack_holds_twenty_examples_and_half_as_many_look_alikes_with_sound_and_text(pack: Path) -> None:
    examples = answers(pack)
    assert [example["number"] for example in examples] == list(range(1, 31))
    assert sorted(example["verdict"] for example in examples) == ["none"] * 10 + ["violation"] * 20
    files = everything_in(pack)
    for example in examples:
        assert hashlib.sha256(files[example["clip"]["file"]]).hexdigest() == example["clip"]["sha256"]
        assert "▶ " in files[example["transcript"]].decode()
        assert example["words"] in files[example["transcript"]].decode()
    assert len(files) == 30 + 30 + 3


def test_a_clip_is_the_words_and_five_seconds_on_either_side(pack: Path) -> None:
    for example in answers(pack):
        wanted = example["end_s"] - example["start_s"]
        assert example["clip"]["duration_s"] == pytest.approx(wanted, abs=0.02)
        assert decode(pack / example["clip"]["file"]).duration_s == pytest.approx(wanted, abs=0.15)
    spoken = {example["words"]: example for example in answers(pack)}
    (threat,) = [example for words, example in spoken.items() if "打断你的两条腿" in words]
    report = json.loads((SAMPLES / "transcripts" / "sample-05.jsonl").read_text("utf-8"))
    said = report["turns"][threat["turn"]]
    assert threat["start_s"] == pytest.approx(said["start_s"] - 5, abs=0.1)
    assert threat["end_s"] == pytest.approx(said["end_s"] + 5, abs=0.1)


def test_no_file_of_the_pack_holds_a_number_or_the_name_of_a_debtor(pack: Path) -> None:
    names_of = debtors()
    for file, data in everything_in(pack).items():
        if not file.startswith("clips/"):
            assert [name for name in names_of.values() if name in data.decode()] == [], file
    for example in answers(pack):
        shown = (pack / example["transcript"]).read_text("utf-8")
        # The clock of each line is no number of anybody's, and what stands for a name is none.
        words = "".join(line.partition("] ")[2] for line in shown.splitlines()).replace(names.NAME_MASK, " ")
        assert number_spans(words) == []
        assert list(sounding_like(names_of[example["call"]], words)) == []
    assert sum(example["clip"]["beeps"] for example in answers(pack)) >= 10


def test_the_page_allows_only_its_own_script_and_hides_nothing_from_those_without_one(pack: Path) -> None:
    page = read_page(pack / "index.html")
    for tag in ("style", "script"):
        (element,) = page.all(tag)
        assert digest(element.text()) in policy(page)
    assert policy(page).startswith("default-src 'none';")
    sources = [audio.attributes["src"] for audio in page.all("audio")]
    assert sources == [example["clip"]["file"] for example in answers(pack)]
    (body,) = page.all("body")
    assert "quiz" not in body.attributes.get("class", "")
    links = [element.attributes["href"] for element in page.all("a")]
    assert links and all(link.startswith("#ex-") for link in links)


def test_the_same_wish_gives_the_same_bytes_and_leaves_the_recordings_alone(
    pack: Path, run_folder: Path, tmp_path: Path
) -> None:
    before = {path: path.read_bytes() for path in (SAMPLES / "recordings").rglob("*.*")}
    assert main(["examples", str(run_folder), "--limit", "20", "-o", str(tmp_path / "again")]) == 0
    assert everything_in(tmp_path / "again") == everything_in(pack)
    assert {path: path.read_bytes() for path in (SAMPLES / "recordings").rglob("*.*")} == before


def test_the_table_of_answers_opens_in_a_spreadsheet_in_the_language_asked_for(
    run_folder: Path, tmp_path: Path
) -> None:
    assert (
        main(["examples", str(run_folder), "--lang", "en", "--limit", "2", "--disguise", "-o", str(tmp_path / "p")])
        == 0
    )
    with (tmp_path / "p" / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["verdict"] for row in rows if row["labels"]] == ["Violation"] * 2
    assert "May the highlighted words be said?" in (tmp_path / "p" / "index.html").read_text("utf-8")


def test_only_debtors_names_are_covered_where_no_others_are_known_and_that_is_told(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["examples", str(run_folder), "--limit", "1", "-o", str(tmp_path / "p")]) == 0
    assert "[CA705]" in capsys.readouterr().err


def test_names_of_others_are_covered_where_the_recogniser_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(names, "installed", lambda: True)
    run = hand_made_run(tmp_path, "我们会打给你同事何文静，让所有人都知道你欠钱")
    assert main(["examples", str(run), "-o", str(tmp_path / "p")]) == 3
    assert "何某某" in (tmp_path / "p" / "transcripts" / "01.txt").read_text("utf-8")


def hand_made_run(folder: Path, words: str, *, timed: bool = True, kind: str = "recording") -> Path:
    turns = (
        turn(0, D, "我手机13800001234", 0.0 if timed else None),
        turn(1, A, words, 4.0 if timed else None),
    )
    spoken = call(*turns, path="gone/13800138000.wav")
    spoken = replace(spoken, source=replace(spoken.source, kind=kind))
    found = finding(
        "call-1",
        turns[1],
        words,
        "threat.exposure",
        Severity.CRITICAL,
        ("曝光", "Exposure"),
        ("公开欠款。", "Exposes."),
    )
    call_json.write(CallReport(spoken, (found,), AUDIT), folder / "run" / "calls" / "call-1.json")
    return folder / "run"


def test_calls_that_came_as_transcripts_give_text_and_need_no_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.clips.find_spec", lambda name: None)
    run = hand_made_run(tmp_path, "我会让所有人都知道你欠钱", timed=False, kind="txt")
    assert main(["examples", str(run), "-o", str(tmp_path / "p")]) == 0
    (example,) = answers(tmp_path / "p")
    assert example["clip"] is None and example["start_s"] is None
    assert (tmp_path / "p" / "transcripts" / "01.txt").read_text("utf-8") == (
        "  债务人：我手机＊＊＊＊＊＊＊＊＊＊＊\n▶ 坐席：我会让所有人都知道你欠钱\n"
    )
    assert "只有转写文本" in (tmp_path / "p" / "index.html").read_text("utf-8")


def test_recordings_without_what_reads_them_are_an_error_with_its_remedy(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("audit.clips.find_spec", lambda name: None)
    assert main(["examples", str(run_folder), "-o", str(tmp_path / "p")]) == 2
    assert "callaudit[speech]" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_two_runs_with_a_call_of_the_same_name_keep_their_words_apart(tmp_path: Path) -> None:
    runs = [
        hand_made_run(tmp_path / folder, words, timed=False, kind="txt")
        for folder, words in (("a", "我会让所有人都知道你欠钱"), ("b", "我把你的照片贴到你们村口去"))
    ]
    assert main(["examples", *map(str, runs), "-o", str(tmp_path / "p")]) == 0
    made = answers(tmp_path / "p")
    assert [example["number"] for example in made] == [1, 2]
    assert {example["words"] for example in made} == {"我会让所有人都知道你欠钱", "我把你的照片贴到你们村口去"}


def test_a_recording_that_is_gone_gives_text_and_a_message_without_its_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = hand_made_run(tmp_path, "我会让所有人都知道你欠钱")
    assert main(["examples", str(run), "-o", str(tmp_path / "p")]) == 3
    said = capsys.readouterr().err
    assert "[CA301]" in said and "13800138000" not in said
    (example,) = answers(tmp_path / "p")
    assert example["clip"] is None
    assert "没有这个录音文件" in (tmp_path / "p" / "index.html").read_text("utf-8")


def test_a_number_without_a_time_means_no_sound_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = SAMPLES / "recordings" / "2026-03-03" / "line1001_0001.wav"
    digest_of = hashlib.sha256(recording.read_bytes()).hexdigest()
    turns = (turn(0, D, "我手机13800001234", None), turn(1, A, "我会让所有人都知道你欠钱", 4.0))
    found = finding(
        "call-1", turns[1], turns[1].text, "threat.exposure", Severity.CRITICAL, ("曝光", "E"), ("公开。", "E.")
    )
    report = CallReport(call(*turns, path=str(recording), sha256=digest_of), (found,), AUDIT)
    call_json.write(report, tmp_path / "run" / "calls" / "call-1.json")
    assert main(["examples", str(tmp_path / "run"), "-o", str(tmp_path / "p")]) == 3
    assert "[CA706]" in capsys.readouterr().err
    assert not (tmp_path / "p" / "clips").exists()


def test_words_that_attack_the_page_or_the_spreadsheet_are_only_words(tmp_path: Path) -> None:
    run = hand_made_run(tmp_path, "=HYPERLINK(1)<script>alert(1)</script>\u202e")
    assert main(["examples", str(run), "-o", str(tmp_path / "p")]) == 3
    page = read_page(tmp_path / "p" / "index.html")
    (asked,) = page.all("li", "asked")
    assert "<script>alert(1)</script>" in asked.text()
    assert len(list(page.all("script"))) == 1
    with (tmp_path / "p" / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        (_, row) = csv.reader(file)
    assert not any(cell.startswith("=") for cell in row)


def test_a_folder_that_is_not_empty_is_left_as_it_is(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert main(["examples", str(run_folder), "-o", str(tmp_path)]) == 2
    assert "[CA702]" in capsys.readouterr().err
    assert everything_in(tmp_path) == {"mine.txt": b"mine"}


def test_an_empty_folder_is_taken(run_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    assert (
        main(["examples", str(run_folder), "--limit", "1", "--counter-examples", "0", "-o", str(tmp_path / "p")]) == 0
    )
    assert [example["number"] for example in answers(tmp_path / "p")] == [1]


def test_nothing_is_left_behind_when_the_pack_cannot_be_made(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "run"
    shutil.copytree(run_folder, copy)

    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("audit.clips.sound.write_mp3", full)
    assert main(["examples", str(copy), "--limit", "1", "-o", str(tmp_path / "out" / "p")]) == 2
    assert list((tmp_path / "out").iterdir()) == []


def test_a_label_that_nothing_has_is_answered_with_those_there_are(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["examples", str(run_folder), "--label", "threat.exposed", "-o", str(tmp_path / "p")]) == 2
    said = capsys.readouterr().err
    assert "[CA703]" in said and "threat.exposure (" in said
    assert not (tmp_path / "p").exists()
