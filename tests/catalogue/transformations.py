"""Ways of writing the same call down differently: no one of them changes what was said.

Each gives the transformed call and, for each of its turns, the turn of the original that it came from.
"""

import re
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache

from opencc import OpenCC

from audit.model.call import Call, Turn
from audit.rules.pack import RulePack
from audit.text.pinyin import syllables

Transformed = tuple[Call, Sequence[int]]
Transformation = Callable[[Call], Transformed]

# A stop or comma between digits is part of the number.
PUNCTUATION = re.compile(r"[，。！？、；：“”‘’「」…—]|(?<!\d)[,.!?;:]|[,.!?;:](?!\d)")
CLAUSE_END = re.compile(r"[，。！？；]+[”’」]?|(?<=[\u4e00-\u9fff])[ \u3000](?=[\u4e00-\u9fff])")
_FULL_WIDTH = {ord(digit): chr(ord(digit) + 0xFEE0) for digit in "0123456789"}
_FILLERS = ("嗯", "呃", "嗯，", " 呃 ")
_LEADS = ("那个", "那个，", "嗯那个", "呃，")
# One character in so many is followed by a filler, one clause in so many begins with one.
_FILLER_EVERY, _LEAD_EVERY = 12, 3
_COMMON = re.compile(r"[\u4e00-\u9fff]")


def chosen(*of: object) -> int:
    """A number that looks random and is the same in every run."""
    return zlib.crc32(repr(of).encode())


def by_turn(change: Callable[[str], str]) -> Transformation:
    """Change the text of every turn."""

    def transformed(call: Call) -> Transformed:
        turns = tuple(replace(turn, text=change(turn.text)) for turn in call.turns)
        return replace(call, turns=turns), range(len(turns))

    return transformed


def without_punctuation(text: str) -> str:
    """As a recogniser without punctuation writes it."""
    return PUNCTUATION.sub("", text)


def punctuation_as_spaces(text: str) -> str:
    """As a recogniser writes it that leaves a space where the speaker paused."""
    return re.sub(rf"(?:{PUNCTUATION.pattern})+", " ", text).strip()


def with_fillers(text: str) -> str:
    """嗯 and 呃 anywhere, also inside words; 那个 only where a clause begins, because inside one it means something."""
    begins = {0, *(match.end() for match in CLAUSE_END.finditer(text))}
    pieces: list[str] = []
    for at, char in enumerate(text):
        number = chosen(text, at)
        if at in begins and number % _LEAD_EVERY == 0:
            pieces.append(_LEADS[number // _LEAD_EVERY % len(_LEADS)])
        elif number % _FILLER_EVERY == 0:
            pieces.append(_FILLERS[number // _FILLER_EVERY % len(_FILLERS)])
        pieces.append(char)
    return "".join(pieces)


@cache
def _traditional() -> OpenCC:
    return OpenCC("s2t")


def in_traditional_characters(text: str) -> str:
    """As it is written in Hong Kong or Taiwan."""
    converted: str = _traditional().convert(text)
    return converted


def with_full_width_digits(text: str) -> str:
    """１２３ for 123."""
    return text.translate(_FULL_WIDTH)


def misheard(pack: RulePack, texts: Collection[str]) -> Callable[[str], str]:
    """Words that the lexicon lists under `homophones`, spelled otherwise with characters that occur in `texts`."""
    alike: dict[str, list[str]] = {}
    for char in sorted(set(_COMMON.findall("".join(texts)))):
        alike.setdefault(syllables(char), []).append(char)

    def otherwise(word: str) -> str:
        spelled = list(word)
        for at, char in enumerate(word):
            others = [other for other in alike.get(syllables(char), ()) if other != char]
            # Recognisers miss a character or two, not all of them.
            if others and (at + chosen(word)) % 2 == 0:
                spelled[at] = others[chosen(word, at) % len(others)]
        return "".join(spelled)

    words = sorted(pack.lexicon.homophones, key=len, reverse=True)
    marked = re.compile("|".join(map(re.escape, words)))
    return lambda text: marked.sub(lambda match: otherwise(match[0]), text)


def split_in_two(call: Call) -> Transformed:
    """Each turn of several clauses as two turns of the same speaker, parted where a clause ends."""
    turns: list[Turn] = []
    origins: list[int] = []
    for turn in call.turns:
        ends = [match.end() for match in CLAUSE_END.finditer(turn.text) if match.end() < len(turn.text)]
        cut = ends[chosen(turn.text) % len(ends)] if ends else 0
        for text in (turn.text[:cut], turn.text[cut:]):
            if text:
                turns.append(replace(turn, index=len(turns), text=text, words=()))
                origins.append(turn.index)
    return replace(call, turns=tuple(turns)), origins
