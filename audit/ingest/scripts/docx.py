"""Word scripts: the paragraphs that a reader of the printed page sees, those of tables in place.

Read from the XML itself, since python-docx's own texts leave out insertions and text boxes and show hidden text.
Element names are those of ECMA-376 part 1, section 17.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from audit.errors import InputError
from audit.i18n import tr
from audit.ingest.scripts.archive import BROKEN, broken, guard
from audit.ingest.scripts.directives import Style, find
from audit.ingest.scripts.piece import Kind, Parsed, Piece
from audit.ingest.scripts.sections import Path, Sections
from audit.ingest.scripts.source import HIDDEN, SHOWN, Source, kept, stripped
from audit.ingest.scripts.text import Lead, Row, begin, read, titles
from audit.ingest.text import clean
from audit.model.script import Directive, Passage

if TYPE_CHECKING:
    from docx.oxml.xmlchemy import BaseOxmlElement as Element

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MARKUP = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# What wraps paragraphs, tables or runs without being one.
_WRAPPERS = frozenset(
    {
        *(
            _WORD + tag
            for tag in (
                "sdt",
                "sdtContent",
                "customXml",
                "smartTag",
                "ins",
                "moveTo",
                "hyperlink",
                "fldSimple",
                "dir",
                "bdo",
            )
        ),
        *(_WORD + tag for tag in ("ruby", "rubyBase", "r")),
    }
)
_CHARACTERS = {_WORD + "tab": "\t", _WORD + "br": "\n", _WORD + "cr": "\n", _WORD + "noBreakHyphen": "-"}
_OFF = frozenset({"0", "false", "off", "none"})
_HEADING = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)
_DOCUMENT_TITLE = re.compile(r"title|标题", re.IGNORECASE)
_BODY_OUTLINE = 9
_SAID = re.compile(r"[。！？!?；;]|您")
_TABLE_TITLE_LENGTH = 20
_LINE = re.compile(r"[^\n]+")
_NUMBER = re.compile(r"[0-9]{1,4}")
_DIRECTIVES = frozenset(Style)


@dataclass(frozen=True, slots=True)
class _Style:
    """What matters of a style: the level of the headings set in it (0 for the document's title), and whether it hides its text."""

    level: int | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """The words of a paragraph with its number from 1, and the level it has as a heading."""

    words: Passage
    level: int | None


@dataclass(frozen=True, slots=True)
class _Table:
    """A table's rows: for each cell the column of the grid where it begins (from 0), and what is in it."""

    rows: list[list[tuple[int, list[_Block]]]]


_Block = _Paragraph | _Table


def parse(data: bytes, where: str) -> Parsed:
    """The pieces of a Word document: `line` is the number of the paragraph, `column` the character in it as it is read.

    Deleted, struck, hidden text and comments are not spoken; inserted text and text boxes are. What `# callaudit:` tells the linter
    is written in a paragraph, as in plain text.

    Raises InputError when `data` is no such document or a broken one, or python-docx is not installed: the other files go on.
    """
    guard(data, where)
    body, styles = _opened(data, where)
    reader = _Reader(styles)
    blocks = reader.blocks(body)
    return Parsed(tuple(_Writer(blocks).pieces()), tuple(reader.directives))


def _opened(data: bytes, where: str) -> tuple[Element, dict[str, _Style]]:
    try:
        import docx
        from docx.opc.exceptions import OpcError
    except ImportError as error:
        raise InputError("CA502", where, suffix=".docx", package="python-docx") from error
    try:
        document = docx.Document(BytesIO(data))
        body = document.element.body
        styles = _styles(document.styles.element)
    except SyntaxError as error:  # What lxml calls broken XML.
        raise InputError("CA504", where, reason=error.msg) from error
    except BROKEN as error:
        raise broken(where) from error
    except (OpcError, LookupError, ValueError, AttributeError, TypeError, AssertionError) as error:
        raise InputError("CA500", where, reason=tr("里面没有 Word 正文", "it holds no Word text")) from error
    if body is None:
        raise InputError("CA500", where, reason=tr("里面没有 Word 正文", "it holds no Word text"))
    return body, styles


def _styles(element: Element) -> dict[str, _Style]:
    """The styles by their id, with what they take over from those they are based on."""
    own: dict[str, tuple[_Style, str | None]] = {}
    for style in element.iterchildren(_WORD + "style"):
        name = _value(style, "name") or ""
        level = int(found[1]) if (found := _HEADING.fullmatch(name)) else _outline(style)
        level = 0 if _DOCUMENT_TITLE.fullmatch(name) else level
        hidden = _is_on(style.find(f"{_WORD}rPr/{_WORD}vanish"))
        own[style.get(_WORD + "styleId", "")] = _Style(level, hidden), _value(style, "basedOn")
    styles: dict[str, _Style] = {}
    for key in own:
        chain: list[str] = []
        base: str | None = key
        while base in own and base not in styles and base not in chain:
            chain.append(base)
            base = own[base][1]
        above = styles.get(base or "", _Style())
        for link in reversed(chain):
            level, hidden = own[link][0].level, own[link][0].hidden
            above = _Style(above.level if level is None else level, hidden or above.hidden)
            styles[link] = above
    return styles


def _value(element: Element | None, path: str) -> str | None:
    """The `w:val` of an element below, by its path of tags."""
    found = None if element is None else element.find("/".join(_WORD + tag for tag in path.split("/")))
    return None if found is None else found.get(_WORD + "val")


def _outline(element: Element) -> int | None:
    """The level that a paragraph's or style's outline gives, from 1."""
    value = _count(element, "pPr/outlineLvl", _BODY_OUTLINE)
    return value + 1 if value < _BODY_OUTLINE else None


def _count(element: Element, path: str, otherwise: int) -> int:
    """A small number below, or `otherwise` where there is none."""
    value = _value(element, path) or ""
    return int(value) if _NUMBER.fullmatch(value) else otherwise


def _is_on(element: Element | None) -> bool:
    return element is not None and element.get(_WORD + "val", "true") not in _OFF


class _Reader:
    """Numbers the paragraphs of a document in its order and reads their words."""

    def __init__(self, styles: dict[str, _Style]) -> None:
        self._styles = styles
        self._number = 0
        self.directives: list[Directive] = []

    def blocks(self, container: Element) -> list[_Block]:
        """The paragraphs and tables within an element; the paragraphs of a text box come after the one it hangs on."""
        blocks: list[_Block] = []
        for child in _unwrapped(container):
            if child.tag == _WORD + "p":
                self._number += 1
                blocks.append(self._paragraph(child))
                for box in _boxes(child):
                    blocks += self.blocks(box)
            elif child.tag == _WORD + "tbl":
                blocks.append(self._table(child))
        return blocks

    def _paragraph(self, element: Element) -> _Paragraph:
        style = self._styles.get(_value(element, "pPr/pStyle") or "", _Style())
        outline = _outline(element)
        text = "" if style.hidden else clean("".join(self._characters(element)))
        return _Paragraph(self._words(text), style.level if outline is None else outline)

    def _words(self, text: str) -> Passage:
        """What a paragraph says beside what it tells the linter."""
        found, rest = find(text, _DIRECTIVES, HIDDEN)
        words = Passage.at(rest, self._number, 1)
        if not found:
            return words
        words = kept(words, (shown.span() for shown in SHOWN.finditer(rest)))
        starts = Source(text).starts
        for directive in found:
            line, column = directive.words.place(0)
            place = Passage.at(directive.words.text, self._number, starts[line - 1] + column)
            self.directives.append(Directive(place, alone=not words.text.strip()))
        return words

    def _characters(self, paragraph: Element) -> Iterator[str]:
        for element in _unwrapped(paragraph, self._is_unspoken):
            if element.tag == _WORD + "t":
                yield element.text or ""
            elif element.tag in _CHARACTERS:
                yield _CHARACTERS[element.tag]

    def _is_unspoken(self, element: Element) -> bool:
        """Whether an element is a run that is hidden or struck out."""
        properties = element.find(_WORD + "rPr") if element.tag == _WORD + "r" else None
        if properties is None:
            return False
        style = self._styles.get(_value(properties, "rStyle") or "", _Style())
        vanish = properties.find(_WORD + "vanish")
        hidden = style.hidden if vanish is None else _is_on(vanish)
        return hidden or any(_is_on(properties.find(_WORD + tag)) for tag in ("strike", "dstrike"))

    def _table(self, element: Element) -> _Table:
        rows = []
        for row in _unwrapped(element):
            if row.tag != _WORD + "tr" or row.find(f"{_WORD}trPr/{_WORD}del") is not None:
                continue
            cells = []
            column = _count(row, "trPr/gridBefore", 0)
            for cell in _unwrapped(row):
                if cell.tag != _WORD + "tc":
                    continue
                if not _goes_on(cell):
                    cells.append((column, self.blocks(cell)))
                column += _count(cell, "tcPr/gridSpan", 1)
            rows.append(cells)
        return _Table(rows)


def _unwrapped(container: Element, left_out: Callable[[Element], bool] = lambda element: False) -> Iterator[Element]:
    """The elements within one, in their order, those inside of wrappers in their place."""
    waiting = [iter(container)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag == _MARKUP + "AlternateContent":
            waiting.append(iter(_chosen(element)))
        elif element.tag in _WRAPPERS:
            if not left_out(element):
                waiting.append(iter(element))
        else:
            yield element


def _boxes(paragraph: Element) -> Iterator[Element]:
    """The text boxes in a paragraph; those in a box are found with the paragraphs of that box."""
    waiting = [iter(paragraph)]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
        elif element.tag == _WORD + "txbxContent":
            yield element
        elif element.tag == _MARKUP + "AlternateContent":
            waiting.append(iter(_chosen(element)))
        elif element.tag not in (_WORD + "del", _WORD + "moveFrom"):
            waiting.append(iter(element))


def _chosen(alternatives: Element) -> Iterable[Element]:
    """Of several ways to write the same thing the first, which is for readers of today."""
    return next(alternatives.iterchildren(_MARKUP + "Choice", _MARKUP + "Fallback"), ())


def _goes_on(cell: Element) -> bool:
    """Whether a cell only continues one above or to the left of it."""
    merged = (cell.find(f"{_WORD}tcPr/{_WORD}{tag}") for tag in ("vMerge", "hMerge"))
    return any(merge is not None and merge.get(_WORD + "val", "continue") == "continue" for merge in merged)


def _lines(words: Passage) -> list[Passage]:
    """The lines of a paragraph or cell, where line breaks were typed."""
    lines = (stripped(kept(words, [found.span()])) for found in _LINE.finditer(words.text))
    return [line for line in lines if line.text]


class _Writer:
    """Makes pieces of blocks. Titles are the paragraphs styled as such; where none is, they are told as in plain text."""

    def __init__(self, blocks: list[_Block]) -> None:
        self._blocks = blocks
        self._is_styled = any(isinstance(block, _Paragraph) and block.level for block in blocks)
        self._styled: Sections[int] = Sections()
        self._numbered: Sections[Lead] = Sections()
        self._pieces: list[Piece] = []

    @property
    def _sections(self) -> Sections[int] | Sections[Lead]:
        return self._styled if self._is_styled else self._numbered

    def pieces(self) -> list[Piece]:
        rows, others = self._rows()
        leads = [None] * len(rows) if self._is_styled else titles(rows)
        for index, (row, lead) in enumerate(zip(rows, leads, strict=True)):
            other = others.get(index)
            if isinstance(other, _Table):
                self._table(other)
            elif other is not None:
                self._heading(other)
            elif lead:
                self._pieces.append(Piece(Kind.HEADING, row.words, begin(lead, self._numbered)))
            else:
                self._pieces.append(Piece(Kind.TEXT, row.words, self._sections.path))
        return self._pieces

    def _rows(self) -> tuple[list[Row], dict[int, _Block]]:
        """The lines of all blocks; for a table or styled title an empty one, which holds its place, and by its index the block."""
        rows: list[Row] = []
        others: dict[int, _Block] = {}
        waiting: list[Passage] = []
        for block in self._blocks:
            if isinstance(block, _Paragraph) and block.level is None:
                waiting += _lines(block.words)
                continue
            rows += read(waiting)
            waiting = []
            others[len(rows)] = block
            rows.append(Row(Passage.at("", 1, 1), lead=None, like_title=False))
        return rows + read(waiting), others

    def _heading(self, paragraph: _Paragraph) -> None:
        lines = _lines(paragraph.words)
        if not lines:
            return
        level = paragraph.level or 0
        keys = self._styled.keys
        depth = next((depth for depth, other in enumerate(keys) if other >= level), len(keys))
        path = self._styled.begin(level, depth) if level else ()
        self._pieces += [Piece(Kind.HEADING, line, path) for line in lines]

    def _table(self, table: _Table) -> None:
        path = self._sections.table()
        rows = table.rows
        names: dict[int, str] = {}
        if len(rows) > 1 and all(_is_name(cell) for _, cell in rows[0]):
            names = {column: _text(cell) for column, cell in rows[0]}
            rows = rows[1:]
        for number, row in enumerate(rows, start=1):
            for column, cell in row:
                self._cell(cell, (*path, f"r{number}"), names.get(column, ""))

    def _cell(self, cell: list[_Block], path: Path, name: str) -> None:
        for block in cell:
            if isinstance(block, _Table):
                self._table(block)
            else:
                self._pieces += [Piece(Kind.TEXT, line, path, name) for line in _lines(block.words)]


def _text(cell: list[_Block]) -> str:
    return "".join(block.words.text for block in cell if isinstance(block, _Paragraph)).strip()


def _is_name(cell: list[_Block]) -> bool:
    """Whether a cell reads like the name of a column, not like words to say."""
    text = _text(cell)
    whole = all(isinstance(block, _Paragraph) for block in cell)
    return whole and len(text) <= _TABLE_TITLE_LENGTH and not _SAID.search(text)
