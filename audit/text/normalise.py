"""Normalised text for matching, with a way back to the original characters.

Quotes in reports are always the original words, so every normalised character knows where it came from.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from audit.model.span import CharSpan

# A run of asterisks stands for characters: a masked word (他***) or number (138****0001). It stays.
_MASK = re.compile(r"[*＊]{2,}")
# Pauses a recogniser writes, and letters that are put between others to get past filters. They are taken out, so that
# 傻 嗯 逼 is one word, but where they stood is remembered: a pause may be the only clause boundary there is.
_REMOVED = re.compile(r"[\s嗯呃\u00ad\u200b-\u200f\u2060\ufeff·_~‧•*]+")
_HAN_BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00))


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` for matching. `starts[i]` is the original index of normalised character i (None: they are the same);
    `pauses` are the normalised positions before which something was taken out; `original` is what was given."""

    original: str
    text: str
    starts: tuple[int, ...] | None = None
    pauses: frozenset[int] = frozenset()

    def to_original(self, span: CharSpan) -> CharSpan:
        """The original characters of a normalised span.

        >>> n = normalise("傻 嗯 逼")
        >>> n.text, n.to_original(CharSpan(0, 2)).of(n.original)
        ('傻逼', '傻 嗯 逼')
        """
        if self.starts is None:
            return span
        if span.start == span.end:
            at = self.starts[span.start] if span.start < len(self.starts) else len(self.original)
            return CharSpan(at, at)
        return CharSpan(self.starts[span.start], self.starts[span.end - 1] + 1)


@cache
def _table() -> dict[int, str]:
    """Character → its normal form: compatibility forms (NFKC), traditional → simplified, lower case.

    OpenCC is asked once for all Han characters, one at a time, where t2s keeps the length.
    """
    from opencc import OpenCC

    simplify = OpenCC("t2s").convert
    table: dict[int, str] = {}
    han = [chr(code) for low, high in _HAN_BLOCKS for code in range(low, high)]
    folded = [unicodedata.normalize("NFKC", char) for char in han]
    for char, simple in zip(han, simplify("\n".join(folded)).split("\n"), strict=True):
        if simple != char and len(simple) == 1:
            table[ord(char)] = simple
    others = (*range(0x41, 0x5B), *range(0xA0, 0x3400), *range(0xFE30, 0xFE50), *range(0xFF00, 0xFFF0))
    for code in others:
        simple = unicodedata.normalize("NFKC", chr(code)).lower()
        if simple != chr(code):
            table[code] = simple
    return table


def normalise(text: str) -> Normalised:
    """Fold width, case and traditional characters; take out pauses and padding.

    >>> normalise("你這個ＳＢ").text
    '你这个sb'
    """
    table = _table()
    folded = text.translate(table)
    if len(folded) == len(text) and not _REMOVED.search(folded):
        return Normalised(text, folded)
    chars: list[str] = []
    starts: list[int] = []
    pauses: set[int] = set()
    masked = {index for mask in _MASK.finditer(text) for index in range(*mask.span())}
    for index, char in enumerate(text):
        simple = table.get(ord(char), char)
        if index not in masked and _REMOVED.fullmatch(simple):
            pauses.add(len(chars))
            continue
        chars.extend(simple)
        starts.extend([index] * len(simple))
    return Normalised(text, "".join(chars), tuple(starts), frozenset(pauses))
