"""Plain text scripts: a piece a line, titles told from what is said by their numbering and by what follows them."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from audit.ingest.scripts.directives import Style, find
from audit.ingest.scripts.piece import Kind, Parsed, Piece
from audit.ingest.scripts.sections import Path, Sections
from audit.ingest.scripts.source import HIDDEN, Source, stripped
from audit.model.script import Passage

_HAN_NUMBER = "[一二三四五六七八九十百]{1,4}"
_TITLE_LENGTH = 30
_COLON_TITLE_LENGTH = 20
_DIRECTIVES = frozenset(Style)


class Lead(Enum):
    """What a line begins with. Of two numbers the smaller stands above; the others nest in the order in which they come."""

    DOCUMENT = 0
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
    LABEL = "[1]"
    BLOCK = "■"
    BULLET = "-"


# Always a title, whatever follows.
_EXPLICIT = frozenset({Lead.HASH, Lead.RULED, Lead.BRACKETS})
_LEADS = tuple(
    (lead, re.compile(rf"\s*{pattern}", re.IGNORECASE))
    for lead, pattern in (
        (Lead.HASH, r"#{1,6}\s+"),
        (Lead.CHAPTER, rf"(?=第\s{{0,3}}(?:{_HAN_NUMBER}|\d{{1,3}})\s{{0,3}}(?:章|篇|部分))"),
        (Lead.STEP, rf"(?=第\s{{0,3}}(?:{_HAN_NUMBER}|\d{{1,3}})\s{{0,3}}(?:节|步|阶段|环节|场景|幕|轮|类|种|条))"),
        (
            Lead.STEP,
            rf"(?=(?:步骤|场景|情景|情形|阶段|环节|模块|step|scene|part)\s{{0,3}}(?:{_HAN_NUMBER}|\d{{1,3}})(?!\d))",
        ),
        (Lead.HAN, rf"{_HAN_NUMBER}[、.．]\s*"),
        (Lead.HAN_IN_PARENTHESES, rf"[（(〔［\[]{_HAN_NUMBER}[）)〕］\]][、.．]?\s*"),
        (
            Lead.LABEL,
            rf"[〔［\[](?:第?(?:{_HAN_NUMBER}|\d{{1,3}})[步条节段轮]?|[卡场景环节步骤类]{{1,2}}[A-Z\d一二三四五六七八九]{{1,2}})(?:\s[^〔〕［］\[\]]{{1,8}})?[〕］\]]\s*",
        ),
        (Lead.DECIMAL, r"\d{1,3}(?:[.．]\d{1,3}){1,4}(?:[.．、]\s*|\s+)"),
        (Lead.NUMBER, r"\d{1,3}(?:[、．]|\.(?!\d))\s*"),
        (Lead.NUMBER_IN_PARENTHESES, r"[（(]?\d{1,3}[）)][、.．]?\s*"),
        (Lead.NUMBER_IN_PARENTHESES, r"[①-⓿❶-➓⑴-⒛]\s*"),
        (Lead.LETTER, r"[A-Z](?:[、．)）]|\.(?![A-Z0-9]))\s*"),
        (Lead.BLOCK, r"[■□◆◇●○▲△▶►★☆※▍▌▎▏▐█▉▊▋▣◈◉◎❖✦✧✪❀➤➢➣♦☎\U0001f300-\U0001faff]\ufe0f?\s*"),
        (Lead.BULLET, r"(?:[-*+–—]\s+|[·•▪◦▸]\s*)"),
    )
)
_BARE_NUMBER = re.compile(r"\s*(?P<number>\d{1,3})\s+(?=[^\s\d])")
_RULED = re.compile(
    r"\s*(?:={2,}|-{2,}|\*{2,}|~{2,}|—{2,}|#{2,})\s*(?P<words>[^\s=*~—#-].*?)\s*(?:={2,}|-{2,}|\*{2,}|~{2,}|—{2,}|#{2,})\s*"
)
_BRACKETS = re.compile(r"\s*[【《](?P<words>[^【】《》]*[^\s【】《》][^【】《》]*)[】》]\s*[：:]?\s*")
# The colon behind the number of a step belongs to the number, one with words behind it is that of a speaker or a field.
_STEP_COLON = re.compile(r"[^：:]{1,8}[：:]\s*")
_INNER_COLON = re.compile(r"[：:]\s*\S")
_SAID = re.compile(r"[。！？!?；;，,、…~]$|[。！？!?]|您|^[你我请]|[{}<>＜＞“”\"「」]")
_PLAIN_TITLE = re.compile(r"[^\W\d_][\w（）()/·-]{1,11}")
_PRONOUN = re.compile("[您你我他她咱]|(?:吗|呢|吧|了|啊)$")
_COMMA = re.compile("[，,；;]")
_WORD = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class Row:
    """A line with words in it: what it begins with, its words behind that, and whether they could be a title."""

    words: Passage
    lead: Lead | None
    like_title: bool

    @property
    def line(self) -> int:
        """The line, from 1."""
        return self.words.place(0).line


def parse(text: str, where: str) -> Parsed:
    """The pieces of a plain text: the number or bullet before a line is none of its words."""
    directives, rest = find(text, _DIRECTIVES, HIDDEN)
    source = Source(rest)
    rows = read(source.words(line) for line in range(1, len(source.lines) + 1))
    sections: Sections[Lead] = Sections()
    pieces = []
    for row, lead in zip(rows, titles(rows), strict=True):
        if lead:
            pieces.append(Piece(Kind.HEADING, row.words, begin(lead, sections)))
        else:
            pieces.append(Piece(Kind.TEXT, row.words, sections.path))
    return Parsed(tuple(pieces), directives)


def read(lines: Iterable[Passage]) -> list[Row]:
    """The lines with letters or digits in them, without their numbers and bullets."""
    rows = []
    counted = 0
    for line in lines:
        if not _WORD.search(line.text):
            continue
        bare = _BARE_NUMBER.match(line.text)
        if bare and int(bare["number"]) == counted + 1:
            counted += 1
            rows.append(_row(line, bare.end(), Lead.NUMBER))
        else:
            rows.append(_framed(line) or _row(line, *_lead(line.text)))
    return rows


def titles(rows: list[Row]) -> list[Lead | None]:
    """For each row what makes it a title, or None where it is something to say."""
    if not rows:
        return []
    titling = _titling(rows)
    found = [
        _title(row, before, after, titling)
        for before, row, after in zip([None, *rows[:-1]], rows, [*rows[1:], None], strict=True)
    ]
    if len(rows) > 1 and found[0] is None and _is_first_title(rows[0]):
        found[0] = Lead.DOCUMENT
    return found


def begin(lead: Lead, sections: Sections[Lead]) -> Path:
    """The path of what a title names, which begins here. The title of the document names everything."""
    return () if lead is Lead.DOCUMENT else sections.begin(lead, _depth(lead, sections.keys))


def _framed(line: Passage) -> Row | None:
    """A line that is a title by what it stands in: `== 开场 ==`, `【开场】`."""
    if len(line.text) > 2 * _TITLE_LENGTH:
        return None
    for lead, pattern in ((Lead.RULED, _RULED), (Lead.BRACKETS, _BRACKETS)):
        if found := pattern.fullmatch(line.text):
            return Row(stripped(line.part(*found.span("words"))), lead, like_title=True)
    return None


def _lead(text: str) -> tuple[int, Lead | None]:
    """Where the words of a line begin, and what stands before them."""
    for lead, pattern in _LEADS:
        if (found := pattern.match(text)) and _WORD.search(text, found.end()):
            return found.end(), lead
    return 0, None


def _row(line: Passage, start: int, lead: Lead | None) -> Row:
    words = stripped(line.part(start, len(line.text)))
    return Row(words, lead, _like_title(words.text, lead))


def _like_title(words: str, lead: Lead | None) -> bool:
    if len(words) > _TITLE_LENGTH:
        return False
    if lead in (Lead.CHAPTER, Lead.STEP) and (step := _STEP_COLON.match(words)):
        words = words[step.end() :]
    return not _SAID.search(words) and not _INNER_COLON.search(words)


def _titling(rows: list[Row]) -> frozenset[Lead]:
    """The numberings that number titles here: most of their lines read like one and are followed by something else."""
    seen: Counter[Lead] = Counter()
    titles: Counter[Lead] = Counter()
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        if row.lead and row.lead is not Lead.BULLET:
            seen[row.lead] += 1
            titles[row.lead] += _has_lines(row, after)
    return frozenset(lead for lead, count in titles.items() if 2 * count >= seen[lead]) - {None}


def _has_lines(row: Row, after: Row | None) -> bool:
    return row.like_title and after is not None and after.lead is not row.lead


def _title(row: Row, before: Row | None, after: Row | None, titling: frozenset[Lead]) -> Lead | None:
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
        return Lead.COLON if short else None
    # Without any sign a title stands alone above its lines, which read like speech.
    apart = before is not None and before.line < row.line - 1 and after.line == row.line + 1
    plain = _PLAIN_TITLE.fullmatch(words) and not _PRONOUN.search(words)
    return Lead.PLAIN if apart and plain and row.like_title and not after.like_title else None


def _is_first_title(row: Row) -> bool:
    return row.lead is None and row.like_title and not row.words.text.endswith(("：", ":"))


def _depth(lead: Lead, open_leads: list[Lead]) -> int:
    """How many of the open sections stand above one that begins so."""
    for depth, other in enumerate(open_leads):
        if other is lead or _above(lead, other):
            return depth
    return len(open_leads)


def _above(lead: Lead, other: Lead) -> bool:
    if not isinstance(other.value, int):
        return False
    if isinstance(lead.value, int):
        return lead.value < other.value
    return other in (Lead.PLAIN, Lead.COLON)
