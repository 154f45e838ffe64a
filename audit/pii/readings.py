"""Identifiers read out over several turns of one speaker, with nothing between but 嗯, 对 and the like."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from audit.model.span import CharSpan
from audit.pii import identifiers
from audit.pii.digits import DIGIT
from audit.pii.identifier import Identifier
from audit.text.normalise import Normalised
from audit.text.regex import lazily

_LEAST = 3
_WENT_ON = lazily(rf"(?:然后|接着|后面|再|就)?是?[,，。、]?(?={DIGIT}{{{_LEAST}}})")
# A turn that ends in digits; of texts that are parted by line breaks, one that does.
BREAKS_OFF = lazily(rf"(?m){DIGIT}{{{_LEAST}}}(?P<rest>[啊哈哦是,，。.、?？…—-]*)$")
_MET_WITH = lazily(
    r"(?:对|好|是|哦|噢|喔|行|啊|哎|恩|然后(?:呢)?|接着|继续|没错|你说|您说|说|记着(?:呢)?|在记|[,，。.!！?？、])*"
)
# No number is read out in more pieces.
_PIECES = 6


@dataclass(frozen=True, slots=True)
class Reading:
    """An identifier whose digits stand in several turns: in each of `pieces`, the turn and where (normalised characters), in order.
    `hidden` are the parts of them that redaction covers."""

    identifier: Identifier
    pieces: tuple[tuple[int, CharSpan], ...]
    hidden: tuple[tuple[int, CharSpan], ...]


def readings(speakers: Sequence[str], texts: Sequence[Normalised]) -> Iterator[Reading]:
    """The identifiers that more than one turn holds. `speakers[i]` says whose turn i is."""
    last = -1
    for first in range(len(texts)):
        if first <= last or not BREAKS_OFF.search(texts[first].text):
            continue
        turns = _chain(speakers, texts, first)
        if len(turns) > 1:
            yield from _read(texts, turns)
            last = turns[-1] - 1  # the last piece may be the first of the next number


def _chain(speakers: Sequence[str], texts: Sequence[Normalised], first: int) -> list[int]:
    """The turns in which one speaker reads on."""
    turns = [first]
    while len(turns) < _PIECES and BREAKS_OFF.search(texts[turns[-1]].text):
        following = _next_of(speakers, texts, turns[-1])
        if following is None or not _WENT_ON.match(texts[following].text):
            break
        turns.append(following)
    return turns


def _next_of(speakers: Sequence[str], texts: Sequence[Normalised], turn: int) -> int | None:
    """The speaker's next turn, if the others only listen until then."""
    for other in range(turn + 1, len(texts)):
        if speakers[other] == speakers[turn]:
            return other
        if not _MET_WITH.fullmatch(texts[other].text):
            return None
    return None


def _read(texts: Sequence[Normalised], turns: Sequence[int]) -> Iterator[Reading]:
    begins = [0, *(_begin(texts[turn].text) for turn in turns[1:])]
    ends = [*(_end(texts[turn].text) for turn in turns[:-1]), len(texts[turns[-1]].text)]
    parts = [texts[turn].text[begin:end] for turn, begin, end in zip(turns, begins, ends, strict=True)]
    starts = list(accumulate(map(len, parts), initial=0))
    whole = Normalised("".join(parts), "".join(parts), pauses=frozenset(starts[1:-1]))

    def pieces(span: CharSpan) -> tuple[tuple[int, CharSpan], ...]:
        found = []
        for turn, begin, (start, stop) in zip(turns, begins, pairwise(starts), strict=True):
            inside = CharSpan(max(span.start, start), max(span.start, start, min(span.end, stop)))
            if inside.start < inside.end:
                found.append((turn, CharSpan(inside.start - start + begin, inside.end - start + begin)))
        return tuple(found)

    for identifier in identifiers(whole):
        held = pieces(identifier.span)
        if len(held) > 1:
            yield Reading(identifier, held, tuple(piece for span in identifier.hidden for piece in pieces(span)))


def _begin(text: str) -> int:
    match = _WENT_ON.match(text)
    return match.end() if match else 0


def _end(text: str) -> int:
    match = BREAKS_OFF.search(text)
    return match.start("rest") if match else len(text)
