"""Pieces of speech as recognisers and subtitles cut them, put together to turns."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from audit.ingest.roles import role_of
from audit.ingest.text import clean, join, separator
from audit.model.call import Role, Turn
from audit.model.span import TimeSpan
from audit.model.transcript import Word

# A speaker who pauses longer has finished a turn.
PAUSE_S = 1.0
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,6})(?:[.,](\d{1,9}))?")


@dataclass(frozen=True, slots=True)
class Piece:
    """One segment, cue or line. `speaker` is the label as written. Words joined equal `text`, or there are none."""

    text: str
    time: TimeSpan | None = None
    speaker: str | None = None
    words: tuple[Word, ...] = ()
    confidence: float | None = None
    channel: int | None = None
    doubts: tuple[str, ...] = ()


def span(start: object, end: object, unit: float = 1.0) -> TimeSpan | None:
    """The stretch from `start` to `end`, both in `unit` seconds; None when they make no stretch of time."""
    begin, stop = seconds(start, unit), seconds(end, unit)
    if begin is None or stop is None or not 0 <= begin <= stop:
        return None
    return TimeSpan(begin, stop)


def seconds(value: object, unit: float = 1.0) -> float | None:
    """A number (or a text that is one) in seconds, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value) * unit
    except (ValueError, OverflowError):
        return None
    return round(number, 3) if math.isfinite(number) else None


def clock(text: str) -> float | None:
    """Seconds from `12.5`, `01:02`, `1:02:03,500`; None for anything else.

    >>> clock("00:01:02,500"), clock("12.5"), clock("noon")
    (62.5, 12.5, None)
    """
    written = _CLOCK.fullmatch(text.strip())
    if written is None:
        return None
    hours, minutes, whole, fraction = written.groups()
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(f"{whole}.{fraction or 0}")


def share(value: object) -> float | None:
    """A probability, None when it is none."""
    number = seconds(value)
    return number if number is not None and 0 <= number <= 1 else None


def align(text: str, words: Iterable[tuple[str, TimeSpan | None, float | None]]) -> tuple[Word, ...]:
    """`words` laid over `text`: each carries the spaces and punctuation after it, so that joined they equal `text`.

    A word without a time is carried by its neighbour. Returns () when the words do not make up the text.
    """
    starts: list[tuple[int, TimeSpan, float | None]] = []
    cursor = 0
    for spoken, time, confidence in words:
        word = clean(spoken).strip()
        if not word:
            continue
        at = text.find(word, cursor)
        if at < 0 or any(char.isalnum() for char in text[cursor:at]):
            return ()
        cursor = at + len(word)
        if time is not None:
            starts.append((at, time, confidence))
    if any(char.isalnum() for char in text[cursor:]):
        return ()
    cuts = [0, *(at for at, _, _ in starts[1:]), len(text)]
    return tuple(Word(text[cuts[i] : cuts[i + 1]], time, confidence) for i, (_, time, confidence) in enumerate(starts))


def turns_of(pieces: Iterable[Piece]) -> tuple[Turn, ...]:
    """One turn for each piece that says something, in order."""
    spoken = [piece for piece in pieces if piece.text.strip()]
    return tuple(
        Turn(
            index=index,
            role=_role(piece.speaker),
            text=piece.text,
            time=piece.time,
            words=piece.words,
            channel=piece.channel,
            confidence=piece.confidence,
            doubts=piece.doubts,
        )
        for index, piece in enumerate(spoken)
    )


def merged(pieces: Iterable[Piece]) -> list[Piece]:
    """Pieces in the order of time, with those that one speaker says without a pause put together.

    Recognisers cut at breaths and commas, so that a threat and its condition come as two pieces. Pieces whose
    speaker is not known stay as they are: nobody can say that one person spoke them.
    """
    ordered = [piece for piece in pieces if piece.text.strip()]
    if all(piece.time for piece in ordered):
        ordered.sort(key=_start)
    runs: list[list[Piece]] = []
    for piece in ordered:
        if runs and _goes_on(runs[-1][-1], piece):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return [_as_one(run) for run in runs]


def _start(piece: Piece) -> float:
    return piece.time.start_s if piece.time else 0.0


def _goes_on(last: Piece, piece: Piece) -> bool:
    same = last.speaker is not None and (last.speaker, last.channel, last.doubts) == (
        piece.speaker,
        piece.channel,
        piece.doubts,
    )
    return same and last.time is not None and piece.time is not None and piece.time.start_s - last.time.end_s <= PAUSE_S


def _as_one(run: Sequence[Piece]) -> Piece:
    if len(run) == 1:
        return run[0]
    text = ""
    words: list[Word] = []
    for piece in run:
        if words:
            words[-1] = replace(words[-1], text=words[-1].text + separator(text, piece.text))
        text = join(text, piece.text)
        words += piece.words or _as_words(piece)
    times = [piece.time for piece in run if piece.time]
    sure = [piece.confidence for piece in run if piece.confidence is not None]
    return replace(
        run[0],
        text=text,
        time=TimeSpan(times[0].start_s, max(time.end_s for time in times)),
        words=tuple(words),
        confidence=round(sum(sure) / len(sure), 4) if sure else None,
    )


def _as_words(piece: Piece) -> list[Word]:
    """A piece without word times counts as one long word, so that the merged turn keeps the times it was given."""
    return [Word(piece.text, piece.time, piece.confidence)] if piece.time else []


def _role(speaker: str | None) -> Role:
    return (role_of(speaker) if speaker else None) or Role.UNKNOWN
