"""A known person's name in what a recogniser wrote: 陈立强 comes back as 臣力强, 陈立乔 or 马国动 for 马国栋."""

import re
from collections.abc import Iterator
from functools import lru_cache

from audit.model.span import CharSpan

_WHOLE, _HALF = 1.0, 0.5
# What recognisers and many speakers do not tell apart: zh/z, ch/c, sh/s at the front, n/ng at the end.
_FRONTS = {"zh": "z", "ch": "c", "sh": "s"}
# Where a name is due, one that is badly misheard is covered too.
_BEFORE = re.compile(r"[是找叫喂给让嘿]$")
_BEHIND = re.compile(
    r"^(?:先生|女士|小姐|本人|[吗嘛吧马么]|的(?:妈|爸|父|母|哥|姐|弟|妹|老婆|老公|妻|丈夫|儿子|女儿|家|亲|朋友|同事))"
)
_HAN = re.compile(r"[\u4e00-\u9fff]+")


def sounding_like(name: str, text: str) -> Iterator[CharSpan]:
    """Where `text` holds `name` or, for a name of Han characters, characters that sound like it; whole names, in order.

    A syllable is off by half where its front or its end is another. Names of three syllables and more may be off by
    a half, all by a half more where a name is due (是 before it or 先生 behind it); where it is due on both sides one syllable is enough.
    A name of one character is a surname at most and is not looked for.

    >>> [span.of("为臣力强势吧") for span in sounding_like("陈立强", "为臣力强势吧")]
    ['臣力强']
    """
    if len(name) < 2:
        return
    if not _HAN.fullmatch(name):
        yield from (CharSpan(found.start(), found.end()) for found in re.finditer(re.escape(name), text))
        return
    wanted, length, behind = _syllables(name), len(name), 0
    for start in range(len(text) - length + 1):
        end = start + length
        if start >= behind and _HAN.fullmatch(text, start, end):
            heard = _likeness(wanted, _syllables(text[start:end]))
            due = bool(_BEFORE.search(text[:start])) + bool(_BEHIND.search(text[end:]))
            if text[start:end] == name or heard >= _needed(length, due):
                yield CharSpan(start, end)
                behind = end


def _needed(length: int, due: int) -> float:
    """The likeness from which characters count as the name, by on how many sides the words say that a name is due."""
    if due == 2:
        return 1.0
    return length - 0.5 * (due + (length > 2))


def _likeness(wanted: tuple[tuple[str, str], ...], heard: tuple[tuple[str, str], ...]) -> float:
    return sum(map(_alike, wanted, heard))


def _alike(one: tuple[str, str], other: tuple[str, str]) -> float:
    same = (one[0] == other[0]) + (one[1] == other[1])
    return _WHOLE if same == 2 else _HALF if same else 0.0


@lru_cache(maxsize=100_000)
def _syllables(text: str) -> tuple[tuple[str, str], ...]:
    """Front and end of each syllable, as coarse as recognisers hear them."""
    return tuple(map(_syllable, text))


@lru_cache(maxsize=20_000)
def _syllable(character: str) -> tuple[str, str]:
    from pypinyin import Style, lazy_pinyin

    front = lazy_pinyin(character, style=Style.INITIALS, strict=False)[0]
    end = lazy_pinyin(character, style=Style.FINALS, strict=False)[0]
    return _FRONTS.get(front, front), end.removesuffix("g") if end.endswith("ng") else end
