"""Plain text scripts: a piece a line, titles told from what is said by their numbering and by what follows them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from audit.ingest.scripts.directives import Style, find
from audit.ingest.scripts.piece import Kind, Parsed, Piece
from audit.ingest.scripts.sections import Sections
from audit.ingest.scripts.source import HIDDEN, Source
from audit.model.script import Passage

_HAN_NUMBER = "[一二三四五六七八九十百]{1,4}"
_TITLE_LENGTH = 30
_COLON_TITLE_LENGTH = 20
_DIRECTIVES = frozenset(Style)


class _Lead(Enum):
    """What a line begins with; the value ranks it: smaller numbers stand above larger ones, None is known from the order only."""

    CHAPTER = 1
    STEP = 2
    HAN = 3
    HAN_IN_PARENTHESES = 4
    NUMBER = 5
    DECIMAL = 6
    NUMBER_IN_PARENTHESES = 7
    PLAIN = 98
    COLON = 99
    HASH = "#"
    RULED = "=="
    BRACKETS = "【】"
    LETTER = "A."
    BLOCK = "■"
    BULLET = "-"


# Always a title, whatever follows.
_EXPLICIT = frozenset({_Lead.HASH, _Lead.RULED, _Lead.BRACKETS})
_LEADS = tuple(
    (lead, re.compile(rf"\s*{pattern}", re.IGNORECASE))
    for lead, pattern in (
        (_Lead.HASH, r"#{1,6}\s+"),
        (_Lead.CHAPTER, rf"(?=第\s{{0,3}}(?:{_HAN_NUMBER}|\d{{1,3}})\s{{0,3}}(?:章|篇|部分))"),
        (_Lead.STEP, rf"(?=第\s{{0,3}}(?:{_HAN_NUMBER}|\d{{1,3}})\s{{0,3}}(?:节|步|阶段|环节|场景|幕|轮|类|种|条))"),
        (
            _Lead.STEP,
            rf"(?=(?:步骤|场景|情景|情形|阶段|环节|模块|step|scene|part)\s{{0,3}}(?:{_HAN_NUMBER}|\d{{1,3}})(?!\d))",
        ),
        (_Lead.HAN, rf"{_HAN_NUMBER}[、.．]\s*"),
        (_Lead.HAN_IN_PARENTHESES, rf"[（(]{_HAN_NUMBER}[）)][、.．]?\s*"),
        (_Lead.DECIMAL, r"\d{1,3}(?:[.．]\d{1,3}){1,4}(?:[.．、]\s*|\s+)"),
        (_Lead.NUMBER, r"\d{1,3}(?:[、．]|\.(?!\d))\s*"),
        (_Lead.NUMBER_IN_PARENTHESES, r"[（(]?\d{1,3}[）)][、.．]?\s*"),
        (_Lead.NUMBER_IN_PARENTHESES, r"[①-⓿❶-➓⑴-⒛]\s*"),
        (_Lead.LETTER, r"[A-Z](?:[、．)）]|\.(?![A-Z0-9]))\s*"),
        (_Lead.BLOCK, r"[■□◆◇●○▲△▶►★☆※]\s*"),
        (_Lead.BULLET, r"(?:[-*+–—]\s+|[·•▪◦▸]\s*)"),
    )
)
_BARE_NUMBER = re.compile(r"\s*(?P<number>\d{1,3})\s+(?=[^\s\d])")
_RULED = re.compile(
    r"\s*(?:={2,}|-{2,}|\*{2,}|~{2,}|—{2,}|#{2,})\s*(?P<words>[^\s=*~—#-].*?)\s*(?:={2,}|-{2,}|\*{2,}|~{2,}|—{2,}|#{2,})\s*"
)
_BRACKETS = re.compile(r"\s*(?:【(?P<words>[^【】]+)】|《(?P<book>[^《》]+)》)\s*[：:]?\s*")
# The colon behind the number of a step belongs to the number, one with words behind it is that of a speaker or a field.
_STEP_COLON = re.compile(r"[^：:]{1,8}[：:]\s*")
_INNER_COLON = re.compile(r"[：:]\s*\S")
_SAID = re.compile(r"[。！？!?；;，,、…~]$|[。！？!?]|您|^[你我]|[{}<>＜＞“”\"「」]")
_PLAIN_TITLE = re.compile(r"[^\W\d_][\w（）()/·-]{1,11}")
_PRONOUN = re.compile("[您你我他她咱]|(?:吗|呢|吧|了|啊)$")
_COMMA = re.compile("[，,；;]")
_WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class _Row:
    """A line (from 1) with words in it: what it begins with, and whether its words could be a title."""

    line: int
    words: Passage
    lead: _Lead | None
    like_title: bool


def parse(text: str, where: str) -> Parsed:
    """The pieces of a plain text: the number or bullet before a line is none of its words."""
    directives, rest = find(text, _DIRECTIVES, HIDDEN)
    rows = list(_rows(Source(rest)))
    titling = _titling(rows)
    sections: Sections[_Lead] = Sections()
    pieces = []
    for index, row in enumerate(rows):
        before = rows[index - 1] if index else None
        after = rows[index + 1] if index + 1 < len(rows) else None
        if lead := _title(row, before, after, titling):
            pieces.append(Piece(Kind.HEADING, row.words, sections.begin(lead, _depth(lead, sections.keys))))
        elif before is None and after and _is_first_title(row):
            pieces.append(Piece(Kind.HEADING, row.words, ()))
        else:
            pieces.append(Piece(Kind.TEXT, row.words, sections.path))
    return Parsed(tuple(pieces), directives)


def _rows(source: Source) -> Iterator[_Row]:
    counted = 0
    for line, text in enumerate(source.lines, start=1):
        if not _WORD.search(text):
            continue
        short = len(text) <= 2 * _TITLE_LENGTH
        if short and (ruled := _RULED.fullmatch(text)):
            yield _Row(line, source.words(line, *ruled.span("words")), _Lead.RULED, like_title=True)
        elif short and (found := _BRACKETS.fullmatch(text)):
            group = "words" if found["words"] else "book"
            yield _Row(line, source.words(line, *found.span(group)), _Lead.BRACKETS, like_title=True)
        elif (bare := _BARE_NUMBER.match(text)) and int(bare["number"]) == counted + 1:
            counted += 1
            yield _row(source, line, bare.end(), _Lead.NUMBER)
        else:
            start, lead = _lead(text)
            yield _row(source, line, start, lead)


def _lead(text: str) -> tuple[int, _Lead | None]:
    """Where the words of a line begin, and what stands before them."""
    for lead, pattern in _LEADS:
        if (found := pattern.match(text)) and _WORD.search(text, found.end()):
            return found.end(), lead
    return 0, None


def _row(source: Source, line: int, start: int, lead: _Lead | None) -> _Row:
    words = source.words(line, start)
    return _Row(line, words, lead, _like_title(words.text, lead))


def _like_title(words: str, lead: _Lead | None) -> bool:
    if len(words) > _TITLE_LENGTH:
        return False
    if lead in (_Lead.CHAPTER, _Lead.STEP) and (step := _STEP_COLON.match(words)):
        words = words[step.end() :]
    return not _SAID.search(words) and not _INNER_COLON.search(words)


def _titling(rows: list[_Row]) -> frozenset[_Lead]:
    """The numberings that number titles here: most of their lines read like one and are followed by something else."""
    seen: Counter[_Lead] = Counter()
    titles: Counter[_Lead] = Counter()
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        if row.lead and row.lead is not _Lead.BULLET:
            seen[row.lead] += 1
            titles[row.lead] += _has_lines(row, after)
    return frozenset(lead for lead, count in titles.items() if 2 * count >= seen[lead]) - {None}


def _has_lines(row: _Row, after: _Row | None) -> bool:
    return row.like_title and after is not None and after.lead is not row.lead


def _title(row: _Row, before: _Row | None, after: _Row | None, titling: frozenset[_Lead]) -> _Lead | None:
    """What makes this line a title, or None."""
    if row.lead in _EXPLICIT:
        return row.lead
    if row.lead in titling and _has_lines(row, after):
        return row.lead
    if row.lead or after is None:
        return None
    words = row.words.text
    if words.endswith(("：", ":")):
        short = len(words) <= _COLON_TITLE_LENGTH and row.like_title and not _COMMA.search(words)
        return _Lead.COLON if short else None
    # Without any sign a title stands alone above its lines, which read like speech.
    apart = before is not None and before.line < row.line - 1 and after.line == row.line + 1
    plain = _PLAIN_TITLE.fullmatch(words) and not _PRONOUN.search(words)
    return _Lead.PLAIN if apart and plain and row.like_title and not after.like_title else None


def _is_first_title(row: _Row) -> bool:
    return row.lead is None and row.like_title and not row.words.text.endswith(("：", ":"))


def _depth(lead: _Lead, open_leads: list[_Lead]) -> int:
    """How many of the open sections stand above one that begins so."""
    for depth, other in enumerate(open_leads):
        if other is lead or _above(lead, other):
            return depth
    return len(open_leads)


def _above(lead: _Lead, other: _Lead) -> bool:
    if not isinstance(other.value, int):
        return False
    if isinstance(lead.value, int):
        return lead.value < other.value
    return other in (_Lead.PLAIN, _Lead.COLON)
