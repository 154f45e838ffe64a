"""Text for terminals: the place, the rule and the reason, the line with carets under the words, clauses and advice."""

import unicodedata
from collections.abc import Callable, Iterator
from typing import NamedTuple

from audit.i18n import Lang
from audit.lint.finding import LintedFile, LintFinding, LintRun
from audit.lint.output.shared import (
    MOST_CLAUSES,
    advice,
    counting,
    in_lang,
    position,
    said,
    severity_name,
    stale_words,
    summary,
    visible,
    visible_at,
)
from audit.model.finding import Severity

WIDTH = 100
_TAB = 4
_MOST_LINES = 4
_COLOURS = {Severity.CRITICAL: "1;31", Severity.MAJOR: "31", Severity.MINOR: "33", Severity.INFO: "36"}
_BOLD, _FAINT = "1", "2"
_PICTURE_SELECTOR, _JOINER = "\ufe0f", "\u200d"
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_REGIONAL = range(0x1F1E6, 0x1F200)
# Vowels and finals of Hangul that are drawn into the syllable before them.
_HANGUL_PARTS = range(0x1160, 0x1200)

Paint = Callable[[str, str], str]


class Shown(NamedTuple):
    """A line of a script as shown: `lead` is how many columns stand before the carets, `carets` how many there are."""

    number: str
    text: str
    lead: int
    carets: int


def emit(run: LintRun, lang: Lang, *, color: bool = False, width: int = WIDTH) -> str:
    """Findings that count in the order of files and places, what failed or is stale, and a summary in the last line.

    `width` is that of the terminal in columns, for the lines of scripts. Nothing a script or a file name holds reaches the
    terminal as a control character.
    """
    paint = _painted if color else _plain
    blocks = [block for file in run.files for block in _file(file, lang, paint, width)]
    blocks += [f"{paint(visible(entry.path), _BOLD)}: {visible(stale_words(entry, lang))}\n" for entry in run.stale]
    return "".join(f"{block}\n" for block in blocks) + summary(run, lang) + "\n"


def statistics(run: LintRun, lang: Lang, *, color: bool = False) -> str:
    """A table of the findings that count by rule, worst and most frequent first: severity, rule, findings, files."""
    paint = _painted if color else _plain
    groups: dict[tuple[Severity, str], list[LintFinding]] = {}
    for finding in counting(run):
        groups.setdefault((finding.severity, finding.rule), []).append(finding)
    ordered = sorted(groups.items(), key=lambda group: (-group[0][0].rank, -len(group[1]), group[0][1]))
    rows = [in_lang("严重程度,发现,文件,规则", "Severity,Findings,Files,Rule", lang).split(",")]
    for (severity, rule), findings in ordered:
        files = str(len({finding.path for finding in findings}))
        words = visible(f"{rule} {said(findings[0].name, lang)}".strip())
        rows.append([severity_name(severity, lang), str(len(findings)), files, words])
    widths = [max(columns(row[column]) for row in rows) for column in range(3)]
    colours = [_BOLD, *(_COLOURS[severity] for (severity, _), _ in ordered)]
    lines = []
    for row, colour in zip(rows, colours, strict=True):
        first = paint(row[0], colour) + " " * (widths[0] - columns(row[0]))
        numbers = [" " * (width - columns(cell)) + cell for cell, width in zip(row[1:3], widths[1:], strict=True)]
        lines.append("  ".join([first, *numbers, row[3]]) + "\n")
    return "".join(lines)


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: Han characters two, what joins or combines none.

    >>> columns("还款a"), columns("e\\u0301"), columns("👨\\u200d👩\\u200d👧")
    (5, 1, 2)
    """
    return sum(_column(text, at) for at in range(len(text)))


def _column(text: str, at: int) -> int:
    char = text[at]
    if char.isascii():
        return 1
    before = text[at - 1] if at else ""
    point = ord(char)
    if char == _PICTURE_SELECTOR:
        # A symbol that is narrow as text (⚠) is wide as a picture.
        return int(bool(before) and unicodedata.category(before) == "So" and _column(text, at - 1) == 1)
    if (before == _JOINER and visible_at(text, at - 1) == _JOINER) or (
        before and point in _SKIN_TONES and unicodedata.category(before) == "So"
    ):
        return 0
    if char == _JOINER or point in _HANGUL_PARTS or unicodedata.category(char) in {"Mn", "Me"}:
        return 0
    return 2 if point not in _REGIONAL and unicodedata.east_asian_width(char) in "WF" else 1


def _plain(text: str, colour: str) -> str:
    return text


def _painted(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m"


def _file(file: LintedFile, lang: Lang, paint: Paint, width: int) -> Iterator[str]:
    for finding in file.findings:
        if finding.counts:
            yield _finding(finding, lang, paint, width)
    if file.problem:
        place = paint(visible(file.problem.where or file.path), _BOLD)
        error = paint(in_lang("错误", "error", lang), _COLOURS[Severity.CRITICAL])
        words = visible(f"{file.problem.text(lang)} {file.problem.remedy(lang)}")
        yield f"{place}: {error} [{file.problem.code}] {words}\n"


def _finding(finding: LintFinding, lang: Lang, paint: Paint, width: int) -> str:
    colour = _COLOURS[finding.severity]
    name = visible(said(finding.name, lang))
    name = in_lang(f"（{name}）", f" ({name})", lang) if name else ""
    severity = paint(severity_name(finding.severity, lang), colour)
    place = paint(visible(position(finding)), _BOLD)
    head = f"{place}: {severity} {visible(finding.label)}{name} {visible(said(finding.message, lang))}"
    shown = _excerpt(finding, width)
    margin = max((len(line.number) for line in shown), default=0) + 1
    bar = paint("|", _FAINT)
    lines = [head.rstrip()]
    for line in shown:
        lines.append(f"{line.number:>{margin}} {bar} {line.text}")
        if line.carets:
            lines.append(f"{'':>{margin}} {bar} {' ' * line.lead}{paint('^' * line.carets, colour)}")
    equals = paint("=", _FAINT)
    left = len(finding.clauses) - MOST_CLAUSES
    more = in_lang(f"另有 {left} 条依据：", f"{left} more: ", lang) if left > 0 else in_lang("详见：", "See: ", lang)
    last = f"{more}callaudit explain {finding.rule}"
    lines += [f"{'':>{margin}} {equals} {visible(words)}" for words in (*advice(finding, lang, MOST_CLAUSES), last)]
    return "".join(f"{line}\n" for line in lines)


def _excerpt(finding: LintFinding, width: int) -> list[Shown]:
    """The lines that the quote is on, the first and the last of many. A cell and a paragraph are one line each."""
    start, end = finding.start, finding.end
    rows = finding.source.split("\n") if end.line > start.line and finding.cell is None else [finding.source]
    rows = rows[: end.line - start.line + 1]
    shown = []
    for row, text in enumerate(rows):
        # What a line begins with is its indentation, not the quote that goes on.
        first = start.column - 1 if row == 0 else len(text) - len(text.lstrip())
        last = end.column - 1 if start.line + row == end.line else len(text)
        if text:
            number = finding.cell.rpartition("!")[2] if finding.cell is not None else str(start.line + row)
            shown.append(_window(visible(number), text, first, max(first, last), width))
    if len(shown) > _MOST_LINES:
        shown = [*shown[: _MOST_LINES - 1], Shown("", "…", 0, 0), shown[-1]]
    return shown


def _window(number: str, text: str, start: int, end: int, width: int) -> Shown:
    """The part of a line around the characters from `start` to `end` that fits into `width` columns."""
    start, end = min(start, len(text)), min(end, len(text))
    # No character that is shown takes less than nothing: what is further off than the width is not looked at.
    low, high = max(0, start - width), min(len(text), start + width)
    cells = _cells(text, low, high)
    widths = [taken for _, taken in cells]
    first, last = start - low, start - low
    room, used = width, 0
    if low > 0 or high < len(text) or sum(widths) > width:
        room -= 2  # one … on each side
        quoted = sum(widths[first : end - low])
        lead = max((room - quoted) // 2, room // 8)
        while first > 0 and used + widths[first - 1] <= lead:
            first -= 1
            used += widths[first]
    while last < len(cells) and used + widths[last] <= room:
        used += widths[last]
        last += 1
    while first > 0 and used + widths[first - 1] <= room:
        first -= 1
        used += widths[first]
    before = "…" if low + first > 0 else ""
    after = "…" if low + last < len(text) else ""
    stop = min(end - low, last)
    lead = len(before) + sum(widths[first : start - low])
    carets = sum(widths[start - low : stop])
    return Shown(number, before + "".join(cell for cell, _ in cells[first:last]) + after, lead, max(carets, 1))


def _cells(text: str, low: int, high: int) -> list[tuple[str, int]]:
    """What is shown for each character from `low` to `high`, and the columns it takes: tabs as spaces, unseen ones named."""
    cells: list[tuple[str, int]] = []
    column = 0
    for at in range(low, high):
        char = text[at]
        if char == "\t":
            shown = " " * (_TAB - column % _TAB)
        elif char == "\n":
            shown = "↵"
        else:
            shown = visible_at(text, at)
        taken = _column(text, at) if shown == char else len(shown)
        cells.append((shown, taken))
        column += taken
    return cells
