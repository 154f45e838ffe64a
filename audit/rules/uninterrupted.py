"""Uninterrupted speech: turns of one speaker that follow each other are heard as one.

Recognisers and exports cut a turn wherever the speaker took breath. What is a threat in one turn (再不还钱，我就去你家) is none in
either half, so rules look at the whole; findings are about the turns as they were given.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from audit.model.call import Call, Role, Turn
from audit.model.span import CharSpan, TimeSpan
from audit.rules.match import Match

# Longer silences part speech as an answer does.
_SILENCE_S = 3.0
# Characters. In one-sided transcripts the answers are missing, and the agent seems never to be interrupted.
_LONGEST = 200
_JOINT = " "


@dataclass(frozen=True, slots=True)
class Uninterrupted:
    """`call` with speech in one piece. `pieces[i]` are the given turns that its turn i is made of, in order; `firsts[i]` is the
    number of the first of them."""

    call: Call
    pieces: tuple[tuple[Turn, ...], ...]
    firsts: tuple[int, ...]

    def first(self, turn: int) -> int:
        """The given turn in which a turn of `call` begins."""
        return self.firsts[turn]

    def last(self, turn: int) -> int:
        """The given turn in which a turn of `call` ends."""
        return self.firsts[turn] + len(self.pieces[turn]) - 1

    def parts(self, turn: int, span: CharSpan) -> list[tuple[int, CharSpan]]:
        """The given turns that a span of a turn of `call` touches, each with its part of the span (counted as the span is)."""
        parts = []
        for number, (start, piece) in enumerate(
            zip(self._starts(turn), self.pieces[turn], strict=True), self.firsts[turn]
        ):
            inside = _inside(span, start, piece)
            if inside.start < inside.end:
                parts.append((number, CharSpan(inside.start + start, inside.end + start)))
        return parts

    def _starts(self, turn: int) -> list[int]:
        """Where the pieces of a turn of `call` begin in its text."""
        return list(accumulate((len(piece.text) + len(_JOINT) for piece in self.pieces[turn][:-1]), initial=0))

    def placed(self, match: Match) -> Match:
        """A match in `call`, in the given turn that holds most of its words."""
        if match.turn is None:
            return match
        pieces, first = self.pieces[match.turn], self.firsts[match.turn]
        if match.span is None or len(pieces) == 1:
            return match if match.turn == first else replace(match, turn=first)
        starts = self._starts(match.turn)
        held = max(range(len(pieces)), key=lambda i: _shared(match.span, starts[i], pieces[i]))
        return replace(match, turn=first + held, span=_inside(match.span, starts[held], pieces[held]))


def _inside(span: CharSpan, start: int, piece: Turn) -> CharSpan:
    """The part of a span that lies in the piece which starts at `start`, counted from there."""
    length = len(piece.text)
    begin = min(max(span.start - start, 0), length)
    return CharSpan(begin, max(begin, min(span.end - start, length)))


def _shared(span: CharSpan | None, start: int, piece: Turn) -> int:
    part = _inside(span, start, piece) if span else CharSpan(0, 0)
    return part.end - part.start


def uninterrupted(call: Call) -> Uninterrupted:
    """The call with the pieces of each speaker's speech joined. Speakers whose role is unknown may be several."""
    speeches = tuple(_speeches(call.turns))
    firsts = tuple(accumulate(map(len, speeches[:-1]), initial=0))
    if len(speeches) == len(call.turns):
        return Uninterrupted(call, speeches, firsts)
    joined = tuple(_joined(index, pieces) for index, pieces in enumerate(speeches))
    return Uninterrupted(replace(call, turns=joined), speeches, firsts)


def _speeches(turns: Iterable[Turn]) -> Iterator[tuple[Turn, ...]]:
    pieces: list[Turn] = []
    for turn in turns:
        if pieces and not _goes_on(pieces, turn):
            yield tuple(pieces)
            pieces = []
        pieces.append(turn)
    if pieces:
        yield tuple(pieces)


def _goes_on(pieces: list[Turn], turn: Turn) -> bool:
    last = pieces[-1]
    if turn.role is not last.role or turn.role is Role.UNKNOWN or turn.channel != last.channel:
        return False
    if turn.doubts or last.doubts:
        return False  # what may never have been said completes nothing
    if turn.time and last.time and turn.time.start_s - last.time.end_s > _SILENCE_S:
        return False
    return sum(len(piece.text) for piece in pieces) + len(turn.text) <= _LONGEST


def _joined(index: int, pieces: tuple[Turn, ...]) -> Turn:
    times = [piece.time for piece in pieces if piece.time]
    heard = [piece.confidence for piece in pieces if piece.confidence is not None]
    return replace(
        pieces[0],
        index=index,
        text=_JOINT.join(piece.text for piece in pieces),
        time=TimeSpan(times[0].start_s, max(time.end_s for time in times)) if times else None,
        words=tuple(word for piece in pieces for word in piece.words),
        confidence=min(heard, default=None),
        role_confidence=min(piece.role_confidence for piece in pieces),
    )
