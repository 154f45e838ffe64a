import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given

from audit.lint.finding import LintRun
from audit.lint.output import emit
from audit.lint.output.shared import posix, visible
from audit.model.script import Place
from tests.lint.output.runs import CLEAN, HOSTILE, RUN, THREAT, run_of, runs


def decoded(line: str) -> tuple[str, dict[str, str], str]:
    """Kind, properties and message of a command, read as the runner's ActionCommand reads it."""
    match = re.fullmatch(r"::(\w+)(?: (.*?))?::(.*)", line)
    assert match, line
    kind, pairs, message = match.groups()
    properties = dict(pair.split("=", 1) for pair in pairs.split(",") if pair)
    undo = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]
    for code, char in undo:
        properties = {key: value.replace(code, char) for key, value in properties.items()}
    for code, char in undo[:2] + undo[4:]:
        message = message.replace(code, char)
    return kind, properties, message


def commands(run: LintRun) -> list[tuple[str, dict[str, str], str]]:
    return [decoded(line) for line in emit("github", run, "zh").splitlines()]


def test_files_that_failed_and_the_worst_findings_come_first() -> None:
    assert [(kind, properties["title"].split()[0]) for kind, properties, _ in commands(RUN)] == [
        ("error", "callaudit"),
        ("error", "严重"),
        ("error", "重大"),
        ("warning", "一般"),
        ("notice", "提示"),
        ("warning", "callaudit"),
    ]
    assert emit("github", CLEAN) == ""


def test_an_annotation_says_where_what_and_what_instead() -> None:
    _, properties, message = commands(RUN)[1]
    assert properties == {
        "file": "话术/M3 开场.md",
        "line": "12",
        "endLine": "12",
        "col": "19",
        "endColumn": "28",
        "title": "严重 threat.exposure/tell-people 暗示告诉身边人",
    }
    assert message.startswith("坐席以联系家人、单位、熟人或公开场合相要挟。\n依据：")
    assert message.endswith("建议：不要以联系他人作为催收手段。可以说“这件事我们只和您本人沟通”。")


def test_columns_are_left_out_where_they_mean_nothing() -> None:
    assert "col" not in commands(run_of(replace(THREAT, end=Place(13, 2))))[0][1]
    sheet = commands(run_of(replace(THREAT, cell="话术!B3")))[0]
    assert "col" not in sheet[1]
    assert sheet[2].startswith("话术/M3 开场.md!话术!B3: ")


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_make_no_command_and_arrive_as_they_are(words: str) -> None:
    found = replace(THREAT, path=f"a{words}b.md", message={"zh": f"x{words}"}, name={"zh": words})
    [(kind, properties, message)] = commands(run_of(found))
    assert kind == "error"
    assert set(properties) == {"file", "line", "endLine", "col", "endColumn", "title"}
    assert properties["file"] == visible(posix(f"a{words}b.md"))
    assert message.startswith(visible(" ".join(f"x{words}".split()))[:3000])


@given(runs)
def test_any_run_gives_a_line_an_annotation_and_nothing_unseen(run: LintRun) -> None:
    text = emit("github", run, "zh")
    found = sum(finding.counts for finding in run.findings)
    assert len(text.split("\n")) - 1 == found + len(run.problems) + len(run.stale)
    assert not {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} - {
        "\n",
        "\u200d",
    }
    for line in text.splitlines():
        decoded(line)
