import re
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.lint.finding import LintFinding
from audit.lint.output.text import columns, emit, statistics
from audit.model.finding import Severity
from audit.model.script import Place
from tests.lint.output.runs import CLEAN, HOSTILE, RUN, THREAT, finding, run_of


def shown(found: LintFinding, width: int = 100) -> list[tuple[str, str]]:
    """The lines of the script as shown, each with the words above its carets."""
    lines = emit(run_of(found), "zh", width=width).splitlines()
    bars = [line.partition(" | ")[2] for line in lines if re.match(r" *\w* \| ", line)]
    pairs = []
    for text, below in zip(bars, [*bars[1:], ""], strict=True):
        if text.strip(" ^") and below.strip(" ") and not below.strip(" ^"):
            pairs.append((text, over(text, below)))
    return pairs


def over(text: str, carets: str) -> str:
    """The characters of `text` that stand above carets, in a terminal with Han characters of two columns."""
    start, end = carets.index("^"), len(carets)
    marked, column = "", 0
    for at, char in enumerate(text):
        column = columns(text[: at + 1])
        if start < column <= end:
            marked += char
    return marked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", 3),
        ("还款", 4),
        ("，。！“”", 8),  # ambiguous quotation marks take one, as in terminals that are not set to East Asian widths
        ("ﾊﾝ", 2),
        ("e\u0301", 1),
        ("한", 2),
        ("\u1112\u1161\u11ab", 2),
        ("👍", 2),
        ("👍🏽", 2),
        ("👨\u200d👩\u200d👧", 2),
        ("⚠", 1),
        ("⚠\ufe0f", 2),
        ("🇨🇳", 2),
        ("①…—", 3),
        ("\u3000", 2),
        ("", 0),
    ],
)
def test_columns_of_a_terminal(text: str, expected: int) -> None:
    assert columns(text) == expected


@pytest.mark.parametrize(
    ("source", "quote"),
    [
        ("坐席：{{客户姓名}}，通知你的家人。", "通知你的家人"),
        ("ABC 通知", "ABC"),
        ("\t\t坐席：\t通知你的家人", "通知你的家人"),
        ("a\t坐席\tb：通知", "通知"),
        ("ﾊﾝ｜全角ＡＢ：通知", "通知"),
        ("e\u0301e\u0301：通知", "通知"),
        ("👨\u200d👩\u200d👧：⚠\ufe0f 通知", "通知"),
        ("通知", "通知"),
    ],
)
def test_carets_stand_under_the_quoted_words(source: str, quote: str) -> None:
    [(_, marked)] = shown(finding(source, quote))
    assert marked == quote


def test_tabs_reach_to_the_next_stop() -> None:
    [(text, _)] = shown(finding("\ta\t坐席\tb：通知", "通知"))
    assert text == "    a   坐席    b：通知"


def test_unseen_characters_are_named_and_underlined() -> None:
    [(text, marked)] = shown(finding("坐席\u200b：通知\u202e你的\x1b[31m家人。", "通知\u202e你的\x1b[31m家人"))
    assert text == "坐席<U+200B>：通知<U+202E>你的<U+001B>[31m家人。"
    assert marked == "通知<U+202E>你的<U+001B>[31m家人"


@pytest.mark.parametrize("before", [0, 3, 40, 5000])
@pytest.mark.parametrize("after", [0, 3, 40, 5000])
@pytest.mark.parametrize("width", [40, 80])
def test_a_long_line_is_shown_around_the_quote(before: int, after: int, width: int) -> None:
    [(text, marked)] = shown(finding("前" * before + "告诉你父母" + "后" * after, "告诉你父母"), width)
    assert marked == "告诉你父母"
    assert columns(text) <= width
    if 2 * (before + 5 + after) > width:
        assert columns(text) >= width - 3, "the room is used"
        assert text.startswith("…") == (before > text.count("前"))
        assert text.endswith("…") == (after > text.count("后"))
    else:
        assert text == "前" * before + "告诉你父母" + "后" * after


def test_a_quote_longer_than_the_terminal_is_shown_from_its_beginning() -> None:
    [(text, marked)] = shown(finding("前文" * 30 + "告诉你父母" * 30 + "后文", "告诉你父母" * 30), 60)
    assert marked.startswith("告诉你父母告诉")
    assert columns(text) <= 60
    assert text.startswith("…") and text.endswith("…")


def test_a_quote_over_lines_is_underlined_on_each() -> None:
    found = finding("坐席：把你的情况\n    告诉你们村里\n    的人。", "把你的情况\n    告诉你们村里\n    的人")
    found = replace(found, end=Place(14, 7))
    assert shown(found) == [
        ("坐席：把你的情况", "把你的情况"),
        ("    告诉你们村里", "告诉你们村里"),
        ("    的人。", "的人"),
    ]


def test_of_many_lines_the_first_and_the_last_are_shown() -> None:
    source = "\n".join(f"第{number}行" for number in range(1, 10))
    found = replace(finding(source, source), start=Place(1, 1), end=Place(9, 4))
    assert [text for text, _ in shown(found)] == ["第1行", "第2行", "第3行", "第9行"]
    assert "\n   | …\n" in emit(run_of(found), "zh")


def test_a_sheet_is_named_by_its_cell_and_shown_as_one_line() -> None:
    text = emit(run_of(finding("第一行\n告诉你父母", "告诉你父母", path="a.xlsx", cell="话术!B3")), "en")
    assert text.startswith("a.xlsx!话术!B3: Critical threat.exposure (Hint at telling others) The agent hints")
    assert " B3 | 第一行↵告诉你父母\n    |        ^^^^^^^^^^\n" in text


def test_a_finding_without_words_has_one_caret() -> None:
    found = replace(THREAT, quote="", end=THREAT.start)
    assert re.search(r"\| +\^\n", emit(run_of(found), "zh"))


def test_colours_come_only_when_asked_for() -> None:
    plain, painted = emit(RUN, "zh"), emit(RUN, "zh", color=True)
    assert "\x1b" not in plain
    assert "\x1b[1;31m严重\x1b[0m" in painted
    assert re.sub(r"\x1b\[[\d;]*m", "", painted) == plain


def test_suppressed_findings_are_only_counted() -> None:
    text = emit(RUN, "zh")
    assert "培训反例" not in text
    assert ":40:" not in text and ":41:" not in text
    assert text.splitlines()[-1].endswith("已抑制 1，基线内 1，基线过期 1，未能检查 1。")


def test_a_clean_run_says_so() -> None:
    assert emit(CLEAN, "zh") == "没有发现，共检查 1 个文件。\n"
    assert emit(CLEAN, "en") == "No findings; 1 file checked.\n"


def test_statistics_count_findings_and_files_by_rule() -> None:
    rows = statistics(run_of(THREAT, THREAT, replace(THREAT, severity=Severity.MINOR)), "en").splitlines()
    assert [row.split()[:4] for row in rows[1:]] == [
        ["Critical", "2", "1", "threat.exposure/tell-people"],
        ["Minor", "1", "1", "threat.exposure/tell-people"],
    ]


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_hostile_reaches_the_terminal(words: str) -> None:
    found = replace(finding(f"前{words}后", f"{words}后", path=f"a{words}.md"), label=words, message={"zh": words})
    text = emit(run_of(found), "zh")
    bad = {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} - {"\n", "\u200d"}
    assert not bad
    assert text.count("\n") < 12


@given(st.text(max_size=80), st.integers(0, 80), st.integers(0, 80), st.integers(10, 60))
def test_no_line_of_a_script_is_wider_than_the_terminal(source: str, start: int, length: int, width: int) -> None:
    found = replace(THREAT, source=source, start=Place(1, start + 1), end=Place(1, start + length + 1))
    for line in emit(run_of(found), "zh", width=width).splitlines():
        if line.startswith(" 1 | ") or line.startswith("   | "):
            # Five columns of gutter, and a caret behind the line's end where the quote is empty.
            assert columns(line) <= 5 + width + 1
