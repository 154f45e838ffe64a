"""A file that a parser could not read is shown at the place that it stopped at."""

import json

from audit.errors import Problem
from audit.lint.finding import LintedFile, LintRun
from audit.lint.output import emit

BROKEN = LintRun(
    (
        LintedFile("话术/a,b.json", problem=Problem("CA517", "话术/a,b.json:3:7", {"reason": "x"})),
        LintedFile("b.txt", problem=Problem("CA109", "b.txt")),
    ),
    "0.1.0",
    "0" * 64,
    "default",
)


def test_github_annotates_the_line() -> None:
    first, second = emit("github", BROKEN, "zh").splitlines()
    assert first.startswith("::error file=话术/a%2Cb.json,line=3,col=7,title=callaudit CA517::")
    assert second.startswith("::error file=b.txt,title=callaudit CA109::")


def test_gitlab_and_sarif_name_the_line() -> None:
    entries = json.loads(emit("gitlab", BROKEN, "zh"))
    assert [entry["location"]["lines"]["begin"] for entry in entries] == [3, 1]
    (run,) = json.loads(emit("sarif", BROKEN, "zh"))["runs"]
    places = [
        one["locations"][0]["physicalLocation"].get("region")
        for one in run["invocations"][0]["toolExecutionNotifications"]
    ]
    assert places == [{"startLine": 3, "startColumn": 7}, None]


def test_markdown_links_the_line_and_counts_only_what_was_read() -> None:
    text = emit("markdown", BROKEN, "zh")
    assert "b.json#L3)" in text and "(b.txt)" in text
    assert "共检查 0 个文件，未能检查 2" in text
