"""Turns as numbers: hashed character n-grams of many turns at once. Training and inference share this one way.

Punctuation is left out, since recognisers set it as they please, and digits are one another's equals. An n-gram is its bucket,
one of 2**22; those of the turn before have buckets of their own.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.kept import key_of, remembered

BUCKETS = 1 << 22
ORDERS = 3
# The turn before is the same n-grams in other buckets.
PREVIOUS = 0x2A51B3

_PLANE = 1 << 16
_BREAK = 10
_DROPPED = 0
_MULTIPLY = np.uint32(0x01000193)
_MIX_ONE, _MIX_TWO = np.uint32(0x2C1B3C6D), np.uint32(0x297A2D39)

Numbers = NDArray[np.uint32]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Grams:
    """All n-grams of a text, shortest first: the bucket of each, its turn (line), and where in the text it starts and ends."""

    buckets: Numbers
    turns: Places
    starts: Places
    ends: Places


@cache
def _classes() -> Numbers:
    """Character → what stands for it: digits are one class, punctuation is nothing."""
    return np.frombuffer(remembered("classes", key_of(Path(__file__).read_bytes()), _made_classes), np.uint32)


def _made_classes() -> bytes:
    table = np.arange(_PLANE, dtype=np.uint32)
    for code in range(_PLANE):
        category = unicodedata.category(chr(code))
        if category[0] in "PSZ":
            table[code] = _DROPPED
        elif category == "Nd":
            table[code] = ord("0")
    table[_BREAK] = _BREAK
    return table.tobytes()


def grams(text: str) -> Grams:
    """The n-grams of one to three characters of normalised turns parted by line breaks. None reaches over a line break.

    >>> grams("还钱\\n还").buckets.size, grams("还钱\\n还").turns.tolist()
    (4, [0, 0, 1, 0])
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    chars = _classes()[np.minimum(codes, _PLANE - 1)]
    places = np.flatnonzero(chars)
    chars = chars[places]
    breaks = chars == _BREAK
    turns = np.cumsum(breaks)
    parts: list[tuple[Any, Any, Any, Any]] = []
    value = np.zeros(len(chars), np.uint32)
    broken = np.zeros(len(chars), bool)
    for order in range(1, ORDERS + 1):
        count = max(0, len(chars) - order + 1)
        value = value[:count] * _MULTIPLY + chars[order - 1 :]
        broken = broken[:count] | breaks[order - 1 :]
        kept = np.flatnonzero(~broken)
        parts.append((_bucket(value[kept], order), turns[kept], places[kept], places[kept + order - 1] + 1))
    buckets, owners, starts, ends = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Grams(buckets, owners, starts, ends)


@dataclass(frozen=True, slots=True)
class Rows:
    """Which buckets each turn has, each once, in the order of turns: its own, and those of the turn before it."""

    count: int
    own_turns: Places
    own: Numbers
    previous_turns: Places
    previous: Numbers


def rows(text: str, previous: Sequence[int]) -> Rows:
    """The rows of normalised turns parted by line breaks. `previous` gives for each turn the turn before it, or -1."""
    found = grams(text)
    once = np.unique((found.turns << 22) | found.buckets)
    turns, buckets = once >> 22, (once & (BUCKETS - 1)).astype(np.uint32)
    count = len(previous)
    starts = np.searchsorted(turns, np.arange(count + 1))
    before = np.array(previous, np.int64)
    after = np.flatnonzero(before >= 0)
    before = before[after]
    lengths = starts[before + 1] - starts[before]
    ends = np.cumsum(lengths)
    gather = np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts[before] - ends + lengths, lengths)
    return Rows(count, turns, buckets, np.repeat(after, lengths), buckets[gather] ^ np.uint32(PREVIOUS))


def _bucket(values: Numbers, order: int) -> Numbers:
    mixed = (values ^ (values >> np.uint32(15))) * _MIX_ONE
    mixed = (mixed ^ (mixed >> np.uint32(13))) * _MIX_TWO + np.uint32(order * 977)
    return mixed >> np.uint32(10)
