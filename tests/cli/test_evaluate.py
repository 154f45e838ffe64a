"""`callaudit evaluate` on small labelled files."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.cli.main import main
from audit.i18n import set_language


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    yield
    set_language("zh")


def labelled(path: Path, call_id: str, *turns: tuple[str, str, str | None]) -> str:
    call: dict[str, Any] = {"call_id": call_id, "metadata": {}, "call_labels": []}
    call["turns"] = [
        {"i": i, "role": role, "text": text, "labels": [{"label": label, "quote": text}] if label else []}
        for i, (role, text, label) in enumerate(turns)
    ]
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(call, ensure_ascii=False) + "\n")
    return str(path)


def test_several_files_are_measured_together_and_a_page_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # The same call id in two files is two calls.
    one = labelled(
        tmp_path / "一.jsonl", "c1", ("agent", "再不还钱我弄死你", "threat.violence"), ("debtor", "啊", None)
    )
    two = labelled(tmp_path / "二.jsonl", "c1", ("agent", "祝您生活愉快", "insult.curse"))
    code = main(["evaluate", one, two, "--json", "--html", str(tmp_path / "e.html")])
    record = json.loads(capsys.readouterr().out)
    assert (code, record["calls"], record["turns"]) == (0, 2, 3)
    labels = {row["name"]: (row["agreed"], row["missed"], row["extra"]) for row in record["labels"]}
    assert labels["threat.violence"] == (1, 0, 0)
    assert labels["insult.curse"] == (0, 1, 0)
    assert [(one["call"], one["label"]) for one in record["missed"]] == [("二:c1", "insult.curse")]
    assert (tmp_path / "e.html").read_text("utf-8").startswith("<!doctype html>")


def test_the_tables_show_a_dash_where_nothing_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = labelled(tmp_path / "a.jsonl", "c1", ("agent", "祝您生活愉快", "insult.curse"))
    assert main(["evaluate", path, "--by", "label", "--misses", "1"]) == 0
    shown = capsys.readouterr().out
    (row,) = [line.split() for line in shown.splitlines() if line.startswith("insult.curse")]
    assert row[1:4] == ["1", "0", "–"]
    assert "漏报  c1  0  insult.curse  祝您生活愉快" in shown


def test_a_file_without_labelled_calls_is_an_error_that_says_what_to_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    assert main(["evaluate", str(tmp_path / "empty.jsonl")]) == 2
    assert "CA436" in capsys.readouterr().err


def test_a_line_that_is_no_labelled_call_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.jsonl").write_text('{"call_id": 1}\n', encoding="utf-8")
    assert main(["evaluate", str(tmp_path / "bad.jsonl")]) != 0
    assert "bad.jsonl:1" in capsys.readouterr().err
