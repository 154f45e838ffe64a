"""Normalised text for matching, with a way back to the original characters.

Quotes in reports are always the original words, so every normalised character knows where it came from.
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

from audit.kept import installed, key_of, remembered
from audit.model.span import CharSpan
from audit.text import table
from audit.text.table import CharTable

# Pauses a recogniser writes, hesitations, and signs that are put between letters to get past filters. They are taken out, so
# that 傻 嗯 逼 is one word, but where they stood is remembered: a pause may be the only clause boundary there is. A hesitation
# is none (您的嗯欠款), and the comma after it is its own. A run of asterisks stays: it stands for characters, in a masked word
# (他***) or number (138****0001).
_PAUSE = r"[^\S\n]|[嗯呃\u00ad\u200b-\u200f\u2060\ufeff·_~‧•]|(?<!\*)\*(?!\*)"
_REMOVED = re.compile(rf"(?:\n|{_PAUSE}|(?<=[嗯呃]),)+")
_REMOVED_INSIDE = re.compile(_PAUSE)
_BREATH = re.compile(r"[\s~]")
_HESITATION = re.compile(r"[嗯呃]")
# Nobody ends a clause on these: who hesitates after one goes on with it (不 呃 会).
_UNFINISHED = frozenset("不没别未的地得把被给跟和与在从向让叫这那")
# 那个 and 这个 that mean nothing: alone before a comma, or before whom the clause is about (那个你什么时候还).
_EMPTY_WORDS = ("那个", "这个")
_EMPTY = re.compile(r"(?:^|(?<=[,，。!?;、\n]))(?:[那这]个)+(?:,|(?=[你您我咱]))")
_SPELLED_OUT = 3
_PLANE_END = 0x10000
_HAN_BLOCKS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00))


@dataclass(frozen=True, slots=True)
class Normalised:
    """`text` for matching. `starts[i]` is the original index of normalised character i (None: they are the same);
    `pauses` are the normalised positions before which something was taken out, `spaces` those where there was a space or a
    line's end among it; `original` is what was given."""

    original: str
    text: str
    starts: tuple[int, ...] | None = None
    pauses: frozenset[int] = frozenset()
    spaces: frozenset[int] = frozenset()

    @property
    def breaths(self) -> frozenset[int]:
        """The pauses that part clauses. Where a text is spelled out, or parted at every word, pauses say nothing about clauses."""
        return frozenset() if len(self.pauses) * _SPELLED_OUT > len(self.text) else self.spaces

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


@dataclass(frozen=True, slots=True)
class _Folding:
    """Character → its normal form: compatibility forms (NFKC), traditional → simplified, lower case.

    `one` has the forms of one character, `longer` the others, such as those of ㎏ and ….
    """

    one: CharTable
    longer: dict[int, str]


@cache
def table_key() -> str:
    """What normal forms hang on."""
    return key_of(Path(__file__).read_bytes(), Path(table.__file__).read_bytes(), installed("opencc"))


@cache
def _folding() -> _Folding:
    return remembered("folding", table_key(), _made_folding)


def _made_folding() -> _Folding:
    """OpenCC is asked once for all Han characters, one at a time, where t2s keeps the length."""
    from opencc import OpenCC

    forms: dict[int, str] = {}
    han = [chr(code) for low, high in _HAN_BLOCKS for code in range(low, high)]
    folded = [unicodedata.normalize("NFKC", char) for char in han]
    for char, simple in zip(han, OpenCC("t2s").convert("\n".join(folded)).split("\n"), strict=True):
        if simple != char and len(simple) == 1 and ord(simple) < _PLANE_END:  # rare characters keep their form
            forms[ord(char)] = simple
    for code in (*range(0x41, 0x5B), *range(0xA0, 0x3400), *range(0xFE30, 0xFE50), *range(0xFF00, 0xFFF0)):
        simple = unicodedata.normalize("NFKC", chr(code)).lower()
        if simple != chr(code):
            forms[code] = simple
    longer = {code: form for code, form in forms.items() if len(form) != 1}
    return _Folding(CharTable({code: form for code, form in forms.items() if code not in longer}), longer)


def fold(text: str) -> str:
    """`text` with width, case and traditional characters folded, as long as before: what has a longer normal form stays.

    >>> fold("你這個ＳＢ")
    '你这个sb'
    """
    return _folding().one.apply(text)


@cache
def _longer() -> re.Pattern[str]:
    """Characters whose normal form is longer than one."""
    return re.compile("[" + "".join(re.escape(chr(code)) for code in _folding().longer) + "]")


def normalise(text: str) -> Normalised:
    """Fold width, case and traditional characters; take out pauses and padding.

    >>> normalise("你這個ＳＢ").text
    '你这个sb'
    """
    folded = _folding().one.apply(text)
    if _longer().search(folded):
        return _normalise_by_character(text)
    made = _without(Normalised(text, folded), _REMOVED) if _REMOVED.search(folded) else Normalised(text, folded)
    return _without(made, _EMPTY) if _has_empty_words(made.text) else made


def _has_empty_words(text: str) -> bool:
    return any(word in text for word in _EMPTY_WORDS) and _EMPTY.search(text) is not None


def _without(made: Normalised, taken: re.Pattern[str]) -> Normalised:
    """The same without what the pattern matches; where it stood is a pause, and so is what was one before."""
    text, places = made.text, range(len(made.text)) if made.starts is None else made.starts
    pieces: list[str] = []
    kept: list[int] = []
    pauses: set[int] = set()
    spaces: set[int] = set()
    at = 0
    for removed in taken.finditer(text):
        pieces.append(text[at : removed.start()])
        kept.extend(range(at, removed.start()))
        pauses.add(len(kept))
        goes_on = text[removed.start() - 1 : removed.start()] in _UNFINISHED and _HESITATION.search(removed[0])
        if _BREATH.search(removed[0]) and not goes_on:
            spaces.add(len(kept))
        at = removed.end()
    pieces.append(text[at:])
    kept.extend(range(at, len(text)))
    pauses.update(bisect_left(kept, pause) for pause in made.pauses)
    spaces.update(bisect_left(kept, space) for space in made.spaces)
    return Normalised(
        made.original, "".join(pieces), tuple(places[index] for index in kept), frozenset(pauses), frozenset(spaces)
    )


def _normalise_by_character(text: str) -> Normalised:
    """The same where a character's normal form is longer than the character."""
    longer = _folding().longer
    chars = "".join(
        longer.get(ord(char), folded) for char, folded in zip(text, _folding().one.apply(text), strict=True)
    )
    origins = [index for index, char in enumerate(text) for _ in longer.get(ord(char), char)]
    inner = normalise(chars) if not _longer().search(chars) else Normalised(chars, chars)
    places = range(len(chars)) if inner.starts is None else inner.starts
    return Normalised(text, inner.text, tuple(origins[place] for place in places), inner.pauses, inner.spaces)


def _is_irregular(folded: str) -> bool:
    """Whether a line differs from its normal form by more than characters in place of others."""
    return bool(_REMOVED_INSIDE.search(folded) or _longer().search(folded)) or _has_empty_words(folded)


class Turns:
    """The normalised texts of a call's turns, made in one go: they stand in `joined`, parted by line breaks.

    A call costs little more than one pass over its characters; what one turn needs beyond its text is made when asked for.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._originals = texts
        self._made: dict[int, Normalised] = {}
        lines = _folding().one.apply("\n".join(texts)).split("\n")
        if len(lines) != max(1, len(texts)):  # there is a line break inside a text
            lines = [""] * len(texts)
            self._made = dict(enumerate(map(normalise, texts)))
        else:
            self._made = {index: normalise(texts[index]) for index, line in enumerate(lines) if _is_irregular(line)}
        for index, made in self._made.items():
            lines[index] = made.text
        self.joined = "\n".join(lines)
        self._starts = [0, *accumulate(len(line) + 1 for line in lines)]

    def text(self, index: int) -> str:
        """The normalised text of a turn."""
        return self.part(self.joined, index)

    def part(self, whole: str, index: int) -> str:
        """The part of a turn in what was made of `joined` character by character."""
        return whole[self._starts[index] : self._starts[index + 1] - 1]

    def __getitem__(self, index: int) -> Normalised:
        if index not in self._made:
            self._made[index] = Normalised(self._originals[index], self.text(index))
        return self._made[index]

    def at(self, position: int) -> int:
        """The turn in which a character of `joined` stands."""
        return bisect_right(self._starts, position) - 1
