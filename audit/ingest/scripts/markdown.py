"""Markdown scripts, line by line: headings, lists, tables, quotes, code and front matter, as far as they say what is spoken."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from audit.ingest.scripts.directives import Style, find
from audit.ingest.scripts.inline import plain
from audit.ingest.scripts.piece import Kind, Parsed, Piece
from audit.ingest.scripts.sections import Sections
from audit.ingest.scripts.source import HIDDEN, Source, joined
from audit.ingest.text import separator
from audit.model.script import Passage

# Levels of sections: headings 1 to 6, then bold lines, then list items that list items are under.
_BOLD_LEVEL = 50
_LIST_LEVEL = 100
_CODE_INDENT = 4
_TAB = 4
_COLONS = ("：", ":")
_BOLD_TITLE_LENGTH = 40
_DIRECTIVES = frozenset({Style.HTML, Style.HASH})
_NOT_BREAK = re.compile(r"[^\r\n]")
_QUOTE = re.compile(r"\s*>[>\s]*")
_ALERT = re.compile(r"\[!\w+\]")
_HEADING = re.compile(r"\s{0,3}(?P<marks>#{2,6}(?=[^#\s\w]|[^\x00-\x7f])|#{1,6}(?=\s|$))\s*")
_CLOSING_MARKS = re.compile(r"\s#+\s*$")
_FENCE = re.compile(r"\s*(?P<marks>`{3,}|~{3,})\s*(?P<info>(?:[^`\s][^`]*)?)")
_ITEM = re.compile(
    r"\s*(?:(?:[-*+]|\d{1,9}[.)])\s+|(?:\d{1,3}[、．）)]|\d{1,3}\.(?=[^\d\s])|[（(]\d{1,3}[）)]|[一二三四五六七八九十]{1,3}、|[①-⓿❶-➓⑴-⒛]|[·•●○▪■◆])\s*)"
    r"(?=\S)"
)
_BOX = re.compile(r"\[[ xX]\]\s+")
_NESTED_MARKERS = 3
_BOLD = re.compile(r"(?P<marks>\*\*|__)(?P<words>(?:(?!(?P=marks)).)+)(?P=marks)(?P<colon>\s*[：:])?")
# A bold title that words follow on the same line: `**说没钱** 那您……`, `**会坐牢吗？** 不会`.
_RUN_IN = re.compile(
    r"(?P<marks>\*\*|__)(?P<words>(?:(?!(?P=marks))[^：:]){1,40})(?P=marks)(?:\s+|(?=[“「『\"]))(?=\S)"
)
_PRONOUN = re.compile("[您你我]")
_SAID = re.compile(r"[。！!；;…，,]$|您.*[？?]$")
_SETEXT = re.compile(r"\s{0,3}(?:(?P<first>=+)|-{2,})\s*")
_DELIMITER = re.compile(r"\s*:?-+:?\s*")
_UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")
_FIELD = re.compile(r"\s*(?:-\s+)?(?P<name>[^\s:：#\-\"'{\[][^:：]{0,60}?)\s*(?::(?=\s|$)|：)\s*")
_REFERENCE = re.compile(r"\s{0,3}\[[^\]]{1,200}\]:\s*<?(?:https?:|mailto:|www\.|[./#])")
_SENTENCE_END = re.compile(r"[。！？!?；;…][”’」』）)\"'*_`~]*$|(?:\S {2,}|\\)$")
# A first line so short that nothing had to be broken, and that reads like a title: `客户说没钱`.
_SHORT = 20
_NO_TITLE = re.compile(r"[，,。！!？?；;您你我]|[、：:（(“「『\"][*_]{0,2}$")
_SPEAKER = re.compile(r"[*_]{0,2}[^\s：:，。？！,?!；;*_]{1,12}[*_]{0,2}[：:]|【[^】]{1,8}】\s*[*_]{0,2}[^\s]")


@dataclass(frozen=True, slots=True)
class _Row:
    """A line (from 1) without quote marks and list markers: its words begin at offset `start`, `indent` columns into the line.

    `item` says that a list marker stands before them, `quoted` that a `>` does.
    """

    line: int
    text: str
    start: int
    indent: int
    item: bool
    quoted: bool

    @property
    def words(self) -> str:
        return self.text[self.start :].strip()


def parse(text: str, where: str) -> Parsed:
    """The pieces of a Markdown file. Markup and HTML comments are none of the words."""
    directives, rest = find(text, _DIRECTIVES, HIDDEN)
    return Parsed(tuple(_Reader(Source(_without_comments(rest))).pieces()), directives)


def _without_comments(text: str) -> str:
    """`text` with its HTML comments hidden; one that is never closed is read as words."""
    parts = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (close := text.find("-->", start + len("<!--"))) >= 0:
        end = close + len("-->")
        parts += [text[at:start], _NOT_BREAK.sub(HIDDEN, text[start:end])]
        at = end
    return "".join([*parts, text[at:]])


def _row(line: int, text: str) -> _Row:
    start = found.end() if (found := _QUOTE.match(text)) else 0
    outer = start
    bare = text[start:]
    indent = len(bare) - len(bare.lstrip())
    columns = len(bare[:indent].expandtabs(_TAB))
    start += indent
    for _ in range(_NESTED_MARKERS):
        if not (found := _ITEM.match(text, start)) or _is_rule(text[start:]):
            break
        start = found.end()
    item = start > outer + indent
    if item and (found := _BOX.match(text, start)):
        start = found.end()
    return _Row(line, text, start, columns, item, outer > 0)


def _is_rule(text: str) -> bool:
    """Whether a line only parts what is above and below it: `---`, `* * *`."""
    signs = "".join(text.split())
    return len(signs) >= 3 and signs[0] in "-*_" and signs == signs[0] * len(signs)


def _is_blank(text: str) -> bool:
    return not text.strip()


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._rows = [_row(line, text) for line, text in enumerate(source.lines, start=1)]
        self._sections: Sections[int] = Sections()
        self._pieces: list[Piece] = []
        self._paragraph: list[_Row] = []
        self._in_list = False
        self._at = 0

    def pieces(self) -> list[Piece]:
        self._front_matter()
        blocks: tuple[Callable[[_Row], bool], ...] = (
            self._blank,
            self._fence,
            self._underline,
            self._heading,
            self._table,
            self._bold_line,
            self._item,
            self._indented_code,
        )
        while self._at < len(self._rows):
            row = self._rows[self._at]
            if not any(block(row) for block in blocks):
                self._continue_paragraph(row)
            self._at += 1
        self._end_paragraph()
        return self._pieces

    def _front_matter(self) -> None:
        lines = self._source.lines
        if lines[0].rstrip() != "---":
            return
        inner = list(takewhile(lambda line: line.rstrip() not in ("---", "..."), lines[1:]))
        if len(inner) + 1 == len(lines):
            return
        name = ""
        for number, text in enumerate(inner, start=2):
            if text.lstrip().startswith("#"):
                continue
            start = 0
            if found := _FIELD.match(text):
                name, start = found["name"], found.end()
            elif found := _ITEM.match(text):
                start = found.end()
            words = _unquoted(self._source.words(number, start))
            if words.text:
                self._pieces.append(Piece(Kind.TEXT, words, (), name))
        self._at = len(inner) + 2

    def _blank(self, row: _Row) -> bool:
        if not _is_blank(row.words) and not _ALERT.fullmatch(row.words) and not _REFERENCE.match(row.text):
            return False
        self._end_paragraph()
        return True

    def _fence(self, row: _Row) -> bool:
        opened = _FENCE.fullmatch(row.text, row.start)
        if not opened:
            return False
        self._end_paragraph()
        closed = re.compile(rf"{re.escape(opened['marks'][0])}{{{len(opened['marks'])},}}")
        name = f"code:{opened['info'].strip()}"
        while self._at + 1 < len(self._rows):
            self._at += 1
            inner = self._rows[self._at]
            start = found.end() if row.quoted and (found := _QUOTE.match(inner.text)) else 0
            if closed.fullmatch(inner.text[start:].strip()):
                break
            words = self._source.words(inner.line, start)
            if words.text:
                self._pieces.append(Piece(Kind.TEXT, words, self._sections.path, name))
        return True

    def _underline(self, row: _Row) -> bool:
        """A setext heading's underline, or a rule."""
        found = _SETEXT.fullmatch(row.words)
        above = self._paragraph[-1] if self._paragraph else None
        if found and above and not above.item and not _SENTENCE_END.search(above.words):
            lines, self._paragraph = self._paragraph, []
            self._title(self._words(lines), 1 if found["first"] else 2)
            return True
        if not _is_rule(row.words):
            return False
        self._end_paragraph()
        return True

    def _heading(self, row: _Row) -> bool:
        found = _HEADING.match(row.text, row.start) if not row.item else None
        if not found:
            return False
        self._end_paragraph()
        end = closing.start() if (closing := _CLOSING_MARKS.search(row.text, found.end())) else None
        self._title(self._source.words(row.line, found.end(), end), len(found["marks"]))
        return True

    def _bold_line(self, row: _Row) -> bool:
        if row.item or not _is_bold_title(row.words):
            return False
        self._end_paragraph()
        self._title(self._source.words(row.line, row.start), _BOLD_LEVEL)
        return True

    def _title(self, words: Passage, level: int) -> None:
        self._in_list = self._in_list and level >= _LIST_LEVEL
        parts = plain(words)
        path = self._sections.begin(level, self._depth(level))
        if parts:
            self._pieces.append(Piece(Kind.HEADING, joined(parts), path))

    def _depth(self, level: int) -> int:
        return next(
            (depth for depth, other in enumerate(self._sections.keys) if other >= level), len(self._sections.keys)
        )

    def _table(self, row: _Row) -> bool:
        after = self._rows[self._at + 1] if self._at + 1 < len(self._rows) else None
        if after is None or "|" not in row.text or not _is_delimiter(after):
            return False
        self._end_paragraph()
        self._leave_list(row)
        names = [" ".join(part.text for part in plain(cell)) for cell in self._cells(row)]
        path = self._sections.table()
        self._at += 1
        number = 0
        while self._at + 1 < len(self._rows) and "|" in self._rows[self._at + 1].words:
            self._at += 1
            number += 1
            for index, cell in enumerate(self._cells(self._rows[self._at])):
                name = names[index] if index < len(names) else ""
                self._pieces += [Piece(Kind.TEXT, part, (*path, f"r{number}"), name) for part in plain(cell)]
        return True

    def _cells(self, row: _Row) -> list[Passage]:
        return [self._source.words(row.line, start, end) for start, end in _cells(row)]

    def _item(self, row: _Row) -> bool:
        if not row.item:
            return False
        self._end_paragraph()
        self._in_list = True
        level = _LIST_LEVEL + row.indent
        self._sections.close(self._depth(level))
        if self._has_items(row):
            self._title(self._source.words(row.line, row.start), level)
            self._in_list = True
        else:
            self._paragraph = [self._behind_title(row, level)]
        return True

    def _behind_title(self, row: _Row, level: int) -> _Row:
        """The row without a title that words follow in it."""
        found = _RUN_IN.match(row.text, row.start)
        if not found or not _runs_in(found["words"]):
            return row
        in_list = self._in_list
        self._title(self._source.words(row.line, *found.span("words")), level)
        self._in_list = in_list
        return replace(row, start=found.end())

    def _has_items(self, row: _Row) -> bool:
        """Whether deeper list items come next which a title or an open colon leads to."""
        words = row.words.rstrip("*_ ")
        if not words.endswith(_COLONS) and not _is_bold_title(row.words):
            return False
        for at in range(self._at + 1, min(self._at + 3, len(self._rows))):
            after = self._rows[at]
            if not _is_blank(after.text):
                return (after.item or not words.endswith(_COLONS)) and after.indent > row.indent
        return False

    def _indented_code(self, row: _Row) -> bool:
        if self._in_list or self._paragraph or row.indent < _CODE_INDENT:
            return False
        self._pieces.append(Piece(Kind.TEXT, self._source.words(row.line, row.start), self._sections.path))
        return True

    def _continue_paragraph(self, row: _Row) -> None:
        if not self._paragraph:
            self._leave_list(row)
        if self._paragraph and (
            _is_apart(self._paragraph[-1], row) or (len(self._paragraph) == 1 and _is_lone_title(self._paragraph[0]))
        ):
            self._end_paragraph()
        self._paragraph.append(row if self._paragraph else self._behind_title(row, _BOLD_LEVEL))

    def _leave_list(self, row: _Row) -> None:
        if row.indent == 0:
            self._in_list = False
            self._sections.close(self._depth(_LIST_LEVEL))

    def _end_paragraph(self) -> None:
        if self._paragraph:
            path = self._sections.path
            self._pieces += [Piece(Kind.TEXT, part, path) for part in plain(self._words(self._paragraph))]
            self._paragraph = []

    def _words(self, rows: list[_Row]) -> Passage:
        """Lines that were broken for the eye as one passage."""
        parts: list[Passage] = []
        for row in rows:
            words = self._source.words(row.line, row.start)
            if not words.text:
                continue
            if parts and separator(parts[-1].text, words.text):
                parts.append(Passage.at(" ", row.line - 1, len(self._source.lines[row.line - 2]) + 1))
            parts.append(words)
        return joined(parts or [Passage.at("", rows[0].line, 1)])


def _is_apart(above: _Row, row: _Row) -> bool:
    """Whether a line begins words of its own, though no blank line stands before it."""
    if row.quoted and not above.quoted:
        return True
    return bool(_SENTENCE_END.search(above.text) or _SPEAKER.match(row.words) or _SPEAKER.match(above.words))


def _is_lone_title(row: _Row) -> bool:
    return len(row.words) < _SHORT and not _NO_TITLE.search(row.words)


def _is_bold_title(words: str) -> bool:
    found = _BOLD.fullmatch(words) if len(words) <= _BOLD_TITLE_LENGTH else None
    return found is not None and not _SAID.search(found["words"])


def _runs_in(words: str) -> bool:
    """Whether bold words are a title, and not stressed in what is said."""
    return words.endswith(("？", "?")) or not (_SAID.search(words) or _PRONOUN.search(words))


def _is_delimiter(row: _Row) -> bool:
    return "|" in row.text and all(_DELIMITER.fullmatch(row.text, *span) for span in _cells(row))


def _cells(row: _Row) -> list[tuple[int, int]]:
    """Where the cells of a table's row lie."""
    end = len(row.text.rstrip())
    pipes = [found.start() for found in _UNESCAPED_PIPE.finditer(row.text, row.start, end)]
    edges = [row.start - 1, *pipes, end]
    cells = [(left + 1, right) for left, right in pairwise(edges)]
    if pipes and pipes[0] == row.start:
        cells = cells[1:]
    if pipes and pipes[-1] == end - 1:
        cells = cells[:-1]
    return cells


def _unquoted(words: Passage) -> Passage:
    text = words.text
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return words.part(1, len(text) - 1)
    return words
