"""What a script parser gives: pieces of text in the file's order, each with its place and where it stands in the structure.

A parser knows nothing of who speaks; `assemble` finds that out from names, headings and prefixes, the same for all formats.
"""

from dataclasses import dataclass
from enum import StrEnum

from audit.model.script import Directive, Passage


class Kind(StrEnum):
    """A `heading` names everything under its path; a `text` may be spoken."""

    HEADING = "heading"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Piece:
    """One heading, paragraph line, list item, table cell or scalar.

    `path` is where it stands: for prose the numbers of its sections (`("s1", "s2")`), further for tables the number of the table and
    the row (`("s1", "t1", "r2")`), for YAML and JSON the keys and indexes that lead to the mapping or list which holds it
    (`("replies", "0")`), for sheets sheet and row. A heading's path is that of what it names. Everything whose path begins with it
    is under it. `name` is what the text is called: the key, the column's header, or nothing in prose.
    `names` are the names above it, outermost first (keys of the mappings it is in; empty for prose).
    """

    kind: Kind
    words: Passage
    path: tuple[str, ...]
    name: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed file: its pieces, the linter's directives in its comments (columns of that name are pieces), and the lines of its blocks."""

    pieces: tuple[Piece, ...]
    directives: tuple[Directive, ...] = ()
    blocks: tuple[tuple[int, int], ...] = ()
