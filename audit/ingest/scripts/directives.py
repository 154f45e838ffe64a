"""What comments tell the linter: `<!-- callaudit: allow threat.exposure 培训反例 -->`, `# callaudit: …`, `// callaudit: …`.

Found by lines, whatever the format; to the format's parser such a comment is white space.
"""

import re
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import NamedTuple

from audit.ingest.scripts.source import Source
from audit.model.script import Directive


class Style(StrEnum):
    """How a format writes its comments."""

    HTML = "<!--"
    HASH = "#"
    SLASH = "//"


_SPACE = r"[^\S\r\n]*"
_NAME = rf"callaudit{_SPACE}[:：]"
# A `#` or `//` within a word or an address begins no comment.
_BEGINNING = {
    Style.HTML: rf"(?P<html><!--+\s*{_NAME})",
    Style.HASH: rf"(?<!\S)#+{_SPACE}{_NAME}",
    Style.SLASH: rf"(?<!\S)//+{_SPACE}{_NAME}",
}
_CLOSE = "-->"
_LINE_END = re.compile(r"[\r\n]|\Z")
_NOT_BREAK = re.compile(r"[^\r\n]")


class _Comment(NamedTuple):
    """Offsets into the text: the comment from `start` to `end`, its words from `words` to `close`."""

    start: int
    words: int
    close: int
    end: int


def find(text: str, styles: Collection[Style], fill: str = " ") -> tuple[tuple[Directive, ...], str]:
    """The directives in `text`, and `text` with `fill` for each character of their comments (line breaks stay).

    An HTML comment may run over several lines; one that is never closed ends with its line.

    >>> found, rest = find("您好 # callaudit: allow threat.exposure 培训反例", {Style.HASH})
    >>> found[0].words.text, found[0].words.place(0), found[0].alone, rest.rstrip()
    ('allow threat.exposure 培训反例', Place(line=1, column=17), False, '您好')
    """
    comments = list(_comments(text, styles))
    if not comments:
        return (), text
    rest = _blanked(text, comments, fill)
    source, left = Source(text), Source(rest).lines
    directives = []
    for comment in comments:
        first, last = source.place(comment.start).line, source.place(comment.end - 1).line
        alone = not any(line.strip() for line in left[first - 1 : last])
        directives.append(Directive(source.passage(comment.words, comment.close), alone))
    return tuple(directives), rest


def _comments(text: str, styles: Collection[Style]) -> Iterator[_Comment]:
    if "callaudit" not in text.lower():
        return
    beginning = re.compile("|".join(_BEGINNING[style] for style in styles), re.IGNORECASE)
    at, last_close = 0, text.rfind(_CLOSE)
    while found := beginning.search(text, at):
        line_end = _LINE_END.search(text, found.end())
        close = end = line_end.start() if line_end else len(text)
        if found.lastgroup and last_close >= found.end():
            close = text.find(_CLOSE, found.end())
            end = close + len(_CLOSE)
        yield _Comment(found.start(), found.end(), close, end)
        at = end


def _blanked(text: str, comments: list[_Comment], fill: str) -> str:
    parts = []
    at = 0
    for comment in comments:
        parts += [text[at : comment.start], _NOT_BREAK.sub(fill, text[comment.start : comment.end])]
        at = comment.end
    return "".join([*parts, text[at:]])
