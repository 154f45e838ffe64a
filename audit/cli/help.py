"""Help pages in the language in force, wrapped by what a terminal shows: a Han character is two cells wide.

click speaks English only and counts characters; its headings and fixed sentences are translated here, in one place.
"""

import re
import unicodedata
from collections.abc import Iterable

import click

from audit.i18n import language

_CLICK_ZH = (
    ("Show this message and exit.", "显示本帮助并退出。"),
    ("[default: ", "[默认 "),
    ("[env var: ", "[环境变量 "),
    ("[required]", "[必填]"),
    ("; required]", "; 必填]"),
    ("env var: ", "环境变量 "),
    ("default: ", "默认 "),
)
_HEADING_ZH = {"Usage": "用法", "Options": "选项", "Commands": "命令"}
_CLOSING = "，。、；：？！）》」』"
_PIECE = re.compile(r"\s+|[!-~]+|.")
_WIDE = ("W", "F")


def cells(text: str) -> int:
    """Width of `text` on a terminal, in cells.

    >>> cells("审核 call")
    9
    """
    return sum(2 if unicodedata.east_asian_width(char) in _WIDE else 1 for char in text)


def wrap_cells(text: str, width: int) -> list[str]:
    """The lines of `text` (one paragraph) in at most `width` cells, broken at blanks or between Han characters.

    Closing punctuation may hang over the end, so that no line begins with it. A word longer than `width` stays whole.

    >>> wrap_cells("审核录音，写报告", 8)
    ['审核录音，', '写报告']
    """
    lines: list[str] = [""]
    for piece in _PIECE.findall(text):
        if piece.isspace():
            lines[-1] += " "
        elif cells(lines[-1] + piece) <= width or (piece in _CLOSING and not lines[-1].endswith(" ")):
            lines[-1] += piece
        else:
            lines.append(piece)
    return [line.strip() for line in lines if line.strip()]


class Formatter(click.HelpFormatter):
    """click's formatter with translated headings and wrapping by cells."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write `Usage: prog args`."""
        super().write_usage(prog, args, prefix or f"{_heading('Usage')}: ")

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        super().write_heading(_heading(heading))

    def write_text(self, text: str) -> None:
        """Write paragraphs (parted by blank lines), each wrapped."""
        indent = " " * self.current_indent
        paragraphs = ["".join(_lines_joined(paragraph)) for paragraph in re.split(r"\n\s*\n", text.strip())]
        blocks = ["\n".join(indent + line for line in wrap_cells(p, self.width - len(indent))) for p in paragraphs]
        self.write("\n\n".join(blocks) + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write terms and what they mean in two columns."""
        rows = list(rows)
        indent = " " * self.current_indent
        first = min(max((cells(term) for term, _ in rows), default=0), col_max) + col_spacing
        for term, meaning in rows:
            lines = wrap_cells(_translated(meaning), max(self.width - first - len(indent), 20)) or [""]
            if cells(term) > first - col_spacing:
                self.write(f"{indent}{term}\n")
            else:
                self.write(f"{indent}{term}{' ' * (first - cells(term))}{lines.pop(0)}".rstrip() + "\n")
            for line in lines:
                self.write(f"{indent}{' ' * first}{line}\n")


class Context(click.Context):
    """click's context with this module's formatter."""

    formatter_class = Formatter


def speak(command: click.Command) -> click.Command:
    """Make `command` and the commands inside it show their help through `Formatter`."""
    command.context_class = Context
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            speak(inner)
    return command


def _heading(heading: str) -> str:
    return heading if language() == "en" else _HEADING_ZH.get(heading, heading)


def _translated(text: str) -> str:
    if language() == "en":
        return text
    for english, chinese in _CLICK_ZH:
        text = text.replace(english, chinese)
    return text


def _lines_joined(paragraph: str) -> Iterable[str]:
    """The lines of a paragraph, joined by a blank unless Han characters meet."""
    before = ""
    for line in (line.strip() for line in paragraph.splitlines()):
        meet = before and line and cells(before[-1]) == 2 and cells(line[0]) == 2
        yield line if not before or meet else f" {line}"
        before = line
