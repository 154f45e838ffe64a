"""Toneless pinyin, one private character a syllable, so that positions stay those of the text.

Recognisers write 煞笔 for 傻逼 and 报通讯录 for 爆通讯录: 53 to 64 per cent of their substitutions keep the toneless
syllable (SPEECH.md). A per-character table costs a dictionary look-up, not a library call a turn.
"""

from functools import cache
from pathlib import Path

from audit.kept import installed, key_of, remembered
from audit.text import table
from audit.text.table import CharTable

_PRIVATE_USE = 0xE000
_HAN = (0x4E00, 0xA000)


@cache
def table_key() -> str:
    """What the private characters hang on: those of one table mean nothing in another."""
    return key_of(Path(__file__).read_bytes(), Path(table.__file__).read_bytes(), installed("pypinyin"))


@cache
def _table() -> CharTable:
    return remembered("pinyin", table_key(), _made_table)


def _made_table() -> CharTable:
    from pypinyin.constants import PINYIN_DICT, Style
    from pypinyin.style import convert

    codes: dict[str, str] = {}
    characters: dict[int, str] = {}
    for code in range(*_HAN):
        readings = PINYIN_DICT.get(code)
        if readings:
            syllable = convert(readings.partition(",")[0], Style.NORMAL, strict=False)
            characters[code] = codes.setdefault(syllable, chr(_PRIVATE_USE + len(codes)))
    return CharTable(characters)


def syllables(text: str) -> str:
    """The text with every Han character replaced by its syllable's private character; other characters stay.

    >>> syllables("煞笔") == syllables("傻逼")
    True
    >>> len(syllables("爆通讯录x")) == 5
    True
    """
    return _table().apply(text)
