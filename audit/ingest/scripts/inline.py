"""Markdown within a line: markup goes, the words keep their places."""

import re
from bisect import bisect_right
from collections import defaultdict

from audit.ingest.scripts.source import kept, stripped
from audit.model.script import Passage

_SPECIAL = re.compile(r"[\\`*_~<\[]")
_TAGS = (
    "a|abbr|b|big|blockquote|body|center|cite|code|col|colgroup|dd|details|div|dl|dt|em|font|h[1-6]|hr|html|i|img|ins|kbd|li|mark|ol|p|pre|q"
    "|section|small|span|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul"
)
_TOKEN = re.compile(
    r"(?P<escape>\\(?=[!-/:-@\[-`{-~]|\Z))"
    r"|(?P<code>`+)"
    # What stands in braces is a placeholder, whatever characters its name has.
    r"|(?P<placeholder>\$?\{\{?[^{}\r\n]{1,60}\}\}?)"
    r"|(?P<br><br\s{0,3}/?>)"
    r"|<(?P<unstrike>/)?(?P<strike>s|del|strike)>"
    rf"|(?P<tag></?(?:{_TAGS})(?:\s[^<>]{{0,300}})?/?>)"
    r"|(?P<url>(?:https?://|www\.)[!-'+-;=?-Z^-~]+)"
    r"|(?P<image>!\[)|(?P<open>\[)"
    r"|(?P<link>\]\((?P<target>[^()\s]{0,2000})(?:\s+\"[^\"]{0,300}\")?\))"
    r"|(?P<run>\*+|_+|~~+)",
    re.IGNORECASE,
)
# `[姓名](先生/女士)` is no link: an address is in ASCII, or begins or ends like one.
_TARGET = re.compile(r"[!-~]*|(?:[a-z]{2,8}:|[./#])\S*|\S+\.[a-z]{2,5}(?:#\S*)?", re.IGNORECASE)
_OPENING = "“「『《【（({[<‘\"'*_~`$"
_PUNCTUATION = re.compile(r"[^\w\s]")
_LONGEST_RUN = 3
# Longer than any text of a link or picture.
_REACH = 1_000
# Fates of a character other than 0, to stay.
_DROPPED, _BROKEN = 1, 2
_SPAN = re.compile(rb"\x02|\x00+")


def plain(words: Passage) -> list[Passage]:
    """The words without emphasis, code marks, links, escapes and HTML tags; what is struck out is not spoken; `<br>` parts them.

    >>> [part.text for part in plain(Passage.at("**您好**，{{user_name}}<br>~~别~~请还 `500` 元<金额>", 1, 1))]
    ['您好，{{user_name}}', '请还 500 元<金额>']
    """
    if not _SPECIAL.search(words.text):
        return [words] if words.text else []
    marked = _Marked(words.text)
    marked.read()
    parts: list[list[tuple[int, int]]] = [[]]
    for found in _SPAN.finditer(marked.fate):
        if found[0] == bytes((_BROKEN,)):
            parts.append([])
        else:
            parts[-1].append(found.span())
    return [part for spans in parts if (part := stripped(kept(words, spans))).text]


class _Marked:
    """A text being read: `fate` says of each character whether it stays."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.fate = bytearray(len(text))
        self._runs: dict[str, int] = {}
        self._brackets: list[tuple[int, bool]] = []
        self._struck: int | None = None
        self._fences: dict[int, list[int]] = defaultdict(list)

    def read(self) -> None:
        for fence in re.finditer("`+", self.text):
            self._fences[len(fence[0])].append(fence.start())
        at = 0
        while found := _TOKEN.search(self.text, at):
            at = self._token(found)

    def _token(self, found: re.Match[str]) -> int:
        """Deal with one piece of markup and say where to go on."""
        kind = found.lastgroup
        start, end = found.span()
        if kind == "escape":
            self._drop(start, end)
            return end + 1
        if kind == "code":
            return self._code(start, end)
        if kind == "br":
            self._drop(start, end)
            self.fate[start] = _BROKEN
        elif kind == "strike":
            self._strike(start, end, closing=bool(found["unstrike"]))
        elif kind == "tag":
            self._drop(start, end)
        elif kind in ("image", "open"):
            self._brackets.append((start, kind == "image"))
        elif kind == "link":
            self._link(start, end, found["target"])
        elif kind == "run":
            self._run(start, end)
        return end

    def _drop(self, start: int, end: int) -> None:
        self.fate[start:end] = bytes((_DROPPED,)) * (end - start)

    def _code(self, start: int, end: int) -> int:
        fences = self._fences[end - start]
        after = bisect_right(fences, start)
        if after == len(fences):
            return end
        close = fences[after]
        self._drop(start, end)
        self._drop(close, close + end - start)
        return close + end - start

    def _strike(self, start: int, end: int, *, closing: bool) -> None:
        self._drop(start, end)
        if closing and self._struck is not None:
            self._drop(self._struck, end)
        self._struck = None if closing else start

    def _link(self, start: int, end: int, target: str) -> None:
        if not self._brackets or not _TARGET.fullmatch(target):
            return
        begun, picture = self._brackets.pop()
        if start - begun > _REACH:
            return
        if picture:
            self._drop(begun, end)
        else:
            self._drop(begun, begun + 1)
            self._drop(start, end)

    def _run(self, start: int, end: int) -> None:
        run = self.text[start:end]
        if end - start > _LONGEST_RUN or (run[0] == "~" and end - start != len("~~")):
            return
        begun = self._runs.get(run)
        if begun is not None and self._can_close(start, end):
            del self._runs[run]
            if run == "~~":
                self._drop(begun, end)
            else:
                self._drop(begun, begun + end - start)
                self._drop(start, end)
        elif self._can_open(start, end):
            self._runs[run] = start

    def _can_open(self, start: int, end: int) -> bool:
        before, after = self.text[start - 1 : start], self.text[end : end + 1]
        if not after.strip() or self._is_within_word(before, after, start, end):
            return False
        if self.text[start] == "_" and _is_word(before):
            return False
        # `张**，您好` is a masked name, `对他说**“您好”**` is not.
        return not _PUNCTUATION.match(after) or after in _OPENING or not _is_word(before)

    def _can_close(self, start: int, end: int) -> bool:
        before, after = self.text[start - 1 : start], self.text[end : end + 1]
        if not before.strip() or self._is_within_word(before, after, start, end):
            return False
        return not (self.text[start] == "_" and _is_word(after))

    def _is_within_word(self, before: str, after: str, start: int, end: int) -> bool:
        """`张*三` and `5*3`: a single sign between letters or digits is no markup."""
        return end - start == 1 and _is_word(before) and _is_word(after)


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"
