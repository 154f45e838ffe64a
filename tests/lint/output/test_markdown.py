from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from audit.errors import Problem
from audit.lint.finding import LintedFile, LintRun
from audit.lint.output import emit
from audit.lint.output.markdown import LIMIT
from audit.lint.output.shared import visible
from tests.lint.output.runs import CLEAN, HOSTILE, RUN, THREAT, run_of, runs


def cells(text: str) -> list[list[Any]]:
    """The rows of the table without its head, each cell as its inline token."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    rows: list[list[Any]] = []
    for before, token in pairwise(tokens):
        if before.type == "tr_open":
            rows.append([])
        if before.type in {"td_open", "th_open"}:
            rows[-1].append(token)
    return rows[1:]


def words(cell: Any) -> str:
    return "".join(token.content for token in cell.children).replace("\u200b", "")


def test_the_worst_come_first_and_lead_to_their_lines() -> None:
    rows = cells(emit("markdown", RUN, "zh"))
    assert [words(row[0]) for row in rows] == ["严重", "重大", "一般", "提示"]
    assert words(rows[0][1]) == "话术/M3 开场.md:12:19"
    assert rows[0][1].children[0].attrs["href"] == "%E8%AF%9D%E6%9C%AF/M3%20%E5%BC%80%E5%9C%BA.md#L12"
    assert words(rows[0][3]) == "通知你的家人和单位"
    assert rows[3][1].children[0].attrs["href"].endswith(".xlsx")


def test_on_a_build_server_links_lead_to_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "a/b")
    monkeypatch.setenv("GITHUB_SHA", "c0ffee")
    assert "](https://github.example/a/b/blob/c0ffee/%E8%AF%9D" in emit("markdown", RUN)


def test_failed_files_stale_entries_and_advice_are_there() -> None:
    text = emit("markdown", RUN, "en")
    assert "`CA109` The encoding is neither" in text
    assert "stale baseline entry" in text
    assert text.count("<details>") == text.count("</details>") == 1
    assert text.count("Say that the matter is discussed") == 1, "advice once a rule, not once a finding"
    assert "培训反例" not in text


def test_a_clean_run_is_a_line() -> None:
    assert emit("markdown", CLEAN, "zh") == "### callaudit lint\n\n没有发现，共检查 1 个文件。\n"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_stay_words(hostile: str) -> None:
    said = " ".join(hostile.split())[:200]
    [row] = cells(emit("markdown", run_of(replace(THREAT, quote=said, message={"zh": said}))))
    assert len(row) == 5
    for cell in (row[3], row[4]):
        assert {token.type for token in cell.children} <= {"text", "text_special"}
        assert words(cell) == visible(said)


def test_nobody_is_mentioned_and_no_address_becomes_a_link() -> None:
    text = emit("markdown", run_of(replace(THREAT, quote="@octocat a@b.cn #12 a/b#3 www.x.cn https://x.cn")))
    for live in ("@octocat", "@b.cn", "#12", "#3", "www.x", "https://"):
        assert live not in text


@given(runs)
def test_any_run_is_a_table_of_its_findings_within_the_limit(run: LintRun) -> None:
    text = emit("markdown", run, "zh")
    text.encode()
    rows = cells(text)
    assert len(text) <= LIMIT
    assert len(rows) == sum(finding.counts for finding in run.findings)
    assert {len(row) for row in rows} <= {5}
    assert text.count("<details>") <= 1


def test_more_than_a_comment_holds_is_cut_and_counted() -> None:
    many = [replace(THREAT, rule=f"threat.exposure/r{n}", suggestion={"zh": f"建议{n}" * 50}) for n in range(2000)]
    files = tuple(LintedFile(f"{n}.txt", problem=Problem("CA109", f"{n}.txt")) for n in range(2000))
    text = emit("markdown", LintRun((LintedFile("a.md", tuple(many)), *files), "0.1.0", "", "default"), "zh")
    assert LIMIT * 0.9 < len(text) <= LIMIT
    rows = len([row for row in cells(text) if len(row) == 5])
    assert f"……另有 {2000 - rows} 条未列出。" in text
    assert text.count("条未列出") == 3
    assert text.endswith("</details>\n")
