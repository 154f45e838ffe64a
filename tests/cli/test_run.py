import json
from pathlib import Path

import pytest

from audit.batch.ledger import NAME, Ledger
from tests.cli.command import here
from tests.cli.transcripts import LINES, line, write_good

THREAT, POLITE = LINES[2], LINES[3]


def calls(path: Path, *said: str) -> Path:
    path.write_text("".join(line(f"c{number}", [text, "好"], number) for number, text in enumerate(said)), "utf-8")
    return path


def run(*arguments: str | Path) -> tuple[int, str, str]:
    done = here("run", *arguments, "--executor", "serial")
    return done.returncode, done.stdout, done.stderr


def test_the_reports_and_the_numbers_are_named_at_the_end(tmp_path: Path) -> None:
    code, said, _ = run(calls(tmp_path / "calls.jsonl", THREAT, POLITE), "-o", tmp_path / "报告")
    assert code == 1
    assert "共 2 通：违规 1，待人工复核 0，未见违规 1；无法审核 0" in said
    page = next(text for text in said.split() if text.startswith("汇总报告：")).removeprefix("汇总报告：")
    assert page == (tmp_path / "报告" / "summary.html").as_uri()
    assert (tmp_path / "报告" / "summary.html").is_file()


def test_english_all_the_way(tmp_path: Path) -> None:
    code, said, complained = run(calls(tmp_path / "calls.jsonl", THREAT), "-o", tmp_path / "out", "--lang", "en")
    assert code == 1
    assert "1 calls: 1 with violations" in said
    assert complained.startswith("1/1 inputs · 1 min of calls")


@pytest.mark.parametrize(
    ("said", "fail_on", "expected"),
    [
        (POLITE, "info", 0),
        (THREAT, "critical", 1),
        (THREAT, "minor", 1),
        (THREAT, "never", 0),
    ],
)
def test_exit_code_by_severity(tmp_path: Path, said: str, fail_on: str, expected: int) -> None:
    source = calls(tmp_path / "calls.jsonl", said)
    assert run(source, "-o", tmp_path / "out", "--fail-on", fail_on)[0] == expected


def test_failed_inputs_weigh_more_than_findings(tmp_path: Path) -> None:
    source = calls(tmp_path / "calls.jsonl", THREAT)
    (tmp_path / "empty.txt").touch()
    code, _, complained = run(source, tmp_path / "empty.txt", "-o", tmp_path / "out")
    assert code == 3
    assert "empty.txt" in complained
    assert (tmp_path / "out" / "calls" / "c0.json").is_file()


def test_many_failures_are_counted_and_not_all_printed(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"empty{number}.txt").touch()
    code, _, complained = run(tmp_path / "empty*.txt", "-o", tmp_path / "out", "--quiet")
    assert code == 3
    assert f"另有 4 条，见 {tmp_path / 'out' / 'failures.jsonl'}" in complained
    assert complained.count("\n") == 6


def test_the_run_says_what_made_it(tmp_path: Path) -> None:
    run(calls(tmp_path / "calls.jsonl", POLITE), "-o", tmp_path / "out")
    record = json.loads((tmp_path / "out" / "run.json").read_bytes())
    assert record["options"] == {"device": "cpu", "engine": "faster-whisper", "policy": "default"}
    assert set(record["versions"]) >= {"callaudit", "python"}
    assert all(len(value) == 64 for value in record["hashes"].values())
    assert str(tmp_path) not in json.dumps(record)


def test_rows_nobody_answered_count_for_how_often_a_number_was_dialled(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.csv"
    rows = [f"t{n},2026-03-02 1{n}:00:00,outbound,no,13800138000,D9" for n in range(8)]
    manifest.write_text("\n".join(["call_id,started_at,direction,connected,callee_number,debtor_id", *rows]), "utf-8")
    source = calls(tmp_path / "calls.jsonl", POLITE)
    code, _, complained = run(source, "-o", tmp_path / "out", "--manifest", manifest)
    assert code == 1, complained
    lines = (tmp_path / "out" / "findings.jsonl").read_text("utf-8").splitlines()
    found = [(record["call_id"], record["label"]) for record in map(json.loads, lines)]
    assert found == [("t6", "contact.frequency"), ("t7", "contact.frequency")]
    assert (tmp_path / "out" / "calls" / "t6.html").is_file()
    assert not (tmp_path / "out" / "calls" / "t5.html").exists()


def refused(out: Path, source: Path, code: str) -> str:
    before = sorted(path.name for path in out.rglob("*")) if out.is_dir() else []
    exit_code, said, complained = run(source, "-o", out)
    assert (exit_code, said) == (2, "")
    assert complained.splitlines()[-1].startswith(f"[{code}]")
    assert (sorted(path.name for path in out.rglob("*")) if out.is_dir() else []) == before
    return complained


def test_a_folder_with_somebody_elses_files_is_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.docx").write_text("mine")
    assert "thesis.docx" in refused(out, calls(tmp_path / "calls.jsonl", POLITE), "CA430")


def test_a_folder_that_a_run_writes_to_is_left_to_it(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with Ledger(out):
        refused(out, calls(tmp_path / "calls.jsonl", POLITE), "CA431")


def test_reports_do_not_go_among_the_inputs(tmp_path: Path) -> None:
    write_good(tmp_path / "in", 2, seed=1)
    refused(tmp_path / "in" / "out", tmp_path / "in", "CA433")
    refused(tmp_path / "in", tmp_path / "in", "CA433")


def test_an_output_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    refused(tmp_path / "out", calls(tmp_path / "calls.jsonl", POLITE), "CA400")


def test_nothing_to_audit_is_said(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    code, _, complained = run(tmp_path / "in", "-o", tmp_path / "out")
    assert code in (2, 3)
    assert "[CA" in complained


def test_a_policy_that_is_none_is_said_before_anything_is_written(tmp_path: Path) -> None:
    source = calls(tmp_path / "calls.jsonl", POLITE)
    code, _, complained = run(source, "-o", tmp_path / "out", "--policy", "lenient")
    assert code == 2
    assert "lenient" in complained
    assert not (tmp_path / "out").exists()


def test_a_misspelt_model_is_one_error_and_not_one_for_each_recording(tmp_path: Path) -> None:
    code, _, complained = run(calls(tmp_path / "calls.jsonl", POLITE), "-o", tmp_path / "out", "--model", "bse")
    assert code == 2
    assert complained.count("[CA") == 1
    assert not (tmp_path / "out").exists()


def test_a_second_run_says_what_was_done_before(tmp_path: Path) -> None:
    source = calls(tmp_path / "calls.jsonl", POLITE, POLITE)
    run(source, "-o", tmp_path / "out")
    assert "2/2 份 · 此前已完成 2" in run(source, "-o", tmp_path / "out")[2]
    assert "此前" not in run(source, "-o", tmp_path / "out", "--force")[2]


def test_file_names_that_are_no_utf_8_are_audited(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    name = bytes(tmp_path / "in") + b"/call-\xc4\xe3.txt"
    Path(name.decode("utf-8", "surrogateescape")).write_text("坐席：您好\n客户：你好\n", "utf-8")
    code, said, complained = run(tmp_path / "in", "-o", tmp_path / "out")
    assert code == 0, complained
    assert "共 1 通" in said
    assert (tmp_path / "out" / NAME).is_file()
