"""Runs of digits, written or read out one by one, grouped or not.

Amounts (三千二百) are no such runs: 十, 百, 千 and 万 end one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from audit.model.span import CharSpan
from audit.text.normalise import Normalised
from audit.text.regex import lazily

# 幺, 洞, 拐, 两 as telephone operators read them; 腰 and 妖 are how recognisers write 幺.
_VALUES = {
    **{str(n): str(n) for n in range(10)},
    **dict(zip("零〇一二三四五六七八九", "00123456789", strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖", "123456789", strict=True)),
    **dict(zip("幺腰妖洞拐两", "111072", strict=True)),
    "x": "x",
    "叉": "x",  # the check character, read out
}
_DIGIT = "0-9零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖幺腰妖洞拐两"
_WORDS = _DIGIT.removeprefix("0-9")
DIGIT = f"[{_DIGIT}]"
# Between groups: a hyphen, what people say while they read on, and the punctuation a recogniser puts there; a comma between
# written digits is a thousands separator and ends the run, unless the groups are too long for one.
# A single 百 among read-out digits is a misheard 八 or 幺, no amount: 八二一六四 comes back as 八百二一六四.
_READING_ON = "然后是?|接着是?|后面是?|再是?|[啊哦哎欸诶呀哈]"
_REPAIR = "(?:[哎欸诶啊哦,，]*(?:不对不对|不是不是|不对|错了|说错了|念错了|报错了|不好意思|哦不|是)[,，]?(?:应该)?是?)"
_BETWEEN = (
    f"(?:[-—]|杠|[,，]?(?:{_READING_ON})[,，]?|(?<=[{_WORDS}])[,，、.。]|[,，、.。](?=[{_WORDS}])|(?<=[0-9]{{4}})[,，、](?=[0-9]{{4}})"
    f"|(?<=[{_WORDS}]{{2}})[百千](?=[{_WORDS}]{{2}})|(?<=[{_DIGIT}]{{2}}){_REPAIR}(?=[{_DIGIT}]{{2}}))?"
)
_RUN = lazily(f"[{_DIGIT}](?:{_BETWEEN}[{_DIGIT}]){{5,}}[x叉]?")
_REPAIRED = lazily(_REPAIR)
_WRITTEN = frozenset("0123456789x")
_SHORTEST = 6
# More groups than any number is read in: a row of numbers is cut there.
_GROUPS = 24


@dataclass(frozen=True, slots=True)
class DigitRun:
    """`digits` as read; `places[i]` is the normalised character of digit i; `spoken` when most are words."""

    digits: str
    places: tuple[int, ...]
    spoken: bool

    @property
    def span(self) -> CharSpan:
        """From the first digit to the last."""
        return CharSpan(self.places[0], self.places[-1] + 1)

    def all_but_last(self, kept: int) -> tuple[CharSpan, ...]:
        """One span over everything but the last `kept` digits: what redaction covers."""
        if len(self.places) <= kept:
            return ()
        return (CharSpan(self.places[0], self.places[-kept - 1] + 1),)


def digit_runs(normalised: Normalised) -> Iterator[DigitRun]:
    """Runs of six digits and more, and their parts between breaths and commas, the longest first.

    A number may be read in groups, and two numbers may follow each other: what a group belongs to shows only in what the
    groups make together.

    >>> from audit.text.normalise import normalise
    >>> [run.digits for run in digit_runs(normalise("手机号一三八,零零零零 幺二三四"))]
    ['13800001234', '1380000', '00001234']
    """
    text = normalised.text
    for match in _RUN.finditer(text):
        places = tuple(at for at in range(match.start(), match.end()) if text[at] in _VALUES)
        cuts = [0, *_cuts(places, normalised.pauses), len(places)]
        cuts = sorted({*cuts[:_GROUPS], cuts[-1]})
        parts = [places[start:end] for start, end in combinations(cuts, 2)]
        meant = _meant(text, [places[start:end] for start, end in pairwise(cuts)])
        if meant != places:
            parts.append(meant)
        for part in sorted(dict.fromkeys(parts), key=len, reverse=True):
            if len(part) >= _SHORTEST:
                yield _run(text, part)


def _cuts(places: Sequence[int], pauses: frozenset[int]) -> Iterator[int]:
    """Where a new group begins: after a pause, or where something stands between two digits."""
    for index in range(1, len(places)):
        if places[index] != places[index - 1] + 1 or places[index] in pauses:
            yield index


def _meant(text: str, groups: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """The digits that count where some were taken back or said twice: 幺三八 哎不对 幺三九, 六二二二 六二二二.

    What is said after 不对 stands for as many digits before it; a group that begins the number anew stands for all of them.
    """
    kept: list[int] = []
    for index, group in enumerate(groups):
        before = groups[index - 1] if index else ()
        between = text[before[-1] + 1 : group[0]] if before else ""
        if _REPAIRED.search(between):
            anew = len(group) >= len(kept) or _digits(text, kept[:2]) == _digits(text, group[:2])
            kept = [] if anew else kept[: -len(group)]
        elif before and _digits(text, before) == _digits(text, group):
            continue
        kept.extend(group)
    return tuple(kept)


def _digits(text: str, places: Sequence[int]) -> str:
    return "".join(_VALUES[text[at]] for at in places)


def _run(text: str, places: tuple[int, ...]) -> DigitRun:
    spoken = sum(text[at] not in _WRITTEN for at in places) * 2 > len(places)
    return DigitRun(_digits(text, places), places, spoken)


def words_before(text: str, start: int, reach: int = 14) -> str:
    """The characters before a number, where what it is gets said."""
    return text[max(0, start - reach) : start]
