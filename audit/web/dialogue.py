"""A call's dialogue as the desk shows it: cut where a word, a masked identifier, or something added by hand begins and ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from audit.model.call import Turn
from audit.model.report import CallReport
from audit.model.span import CharSpan, TimeSpan
from audit.report.call_html import Line, Piece, call_lines
from audit.report.card import Card
from audit.report.redaction import Redactor
from audit.store.dossier import Added


@dataclass(frozen=True, slots=True)
class Bit:
    """Characters of a turn with nothing to tell them apart. `time`: when they were spoken, where known; `hidden`: the mask that they belong to;
    `added`: the violations added by hand that they belong to."""

    span: CharSpan
    text: str
    time: TimeSpan | None
    hidden: CharSpan | None
    added: tuple[Added, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """One turn: the line as in a report, the bits of each of its pieces, and what was added to the turn."""

    line: Line
    bits: tuple[tuple[Piece, tuple[Bit, ...]], ...]
    added: tuple[Added, ...]


def spoken(report: CallReport, cards: Sequence[Card], added: Sequence[Added], redactor: Redactor) -> list[Spoken]:
    """The dialogue, turn by turn."""
    return [
        _spoken(line, [one for one in added if one.turn == line.turn.index], redactor)
        for line in call_lines(report, cards, redactor)
    ]


def hidden_spans(turn: Turn, redactor: Redactor) -> list[CharSpan]:
    """Where identifiers of a turn are masked; characters that somebody wrote so are no mask."""
    pairs = zip(turn.text, redactor.turn(turn.index), strict=True)
    covered = groupby(enumerate(pairs), key=lambda place: place[1][0] != place[1][1])
    places = ([place for place, _ in run] for differs, run in covered if differs)
    return [CharSpan(run[0], run[-1] + 1) for run in places]


def _spoken(line: Line, added: list[Added], redactor: Redactor) -> Spoken:
    hidden, words = hidden_spans(line.turn, redactor), _words(line.turn)
    return Spoken(
        line,
        tuple((piece, tuple(_bits(piece, hidden, words, added))) for piece in line.pieces),
        tuple(added),
    )


def _words(turn: Turn) -> list[tuple[CharSpan, TimeSpan]]:
    """Where in the text each recognised word is; none where the text is not the words that were recognised."""
    found, at = [], 0
    for word in turn.words:
        text = word.text.strip()
        at = turn.text.find(text, at)
        if at < 0:
            return []
        if text:
            found.append((CharSpan(at, at + len(text)), word.time))
        at += len(text)
    return found


def _bits(
    piece: Piece, hidden: Sequence[CharSpan], words: Sequence[tuple[CharSpan, TimeSpan]], added: Sequence[Added]
) -> Iterator[Bit]:
    whole = CharSpan(piece.start, piece.start + len(piece.text))
    # A masked number is one thing to reveal, however many words it was recognised as.
    inside_hidden = {edge for span in hidden for edge in range(span.start + 1, span.end)}
    spans = [*hidden, *(span for span, _ in words), *(one.span for one in added if one.span)]
    inner = {edge for span in spans for edge in (span.start, span.end) if whole.start < edge < whole.end}
    for start, end in pairwise(sorted({whole.start, whole.end} | inner - inside_hidden)):
        span = CharSpan(start, end)
        times = [time for word, time in words if word.overlaps(span)]
        yield Bit(
            span=span,
            text=piece.text[start - piece.start : end - piece.start],
            time=TimeSpan(times[0].start_s, max(time.end_s for time in times)) if times else None,
            hidden=next((run for run in hidden if run.overlaps(span)), None),
            added=tuple(one for one in added if one.span and one.span.overlaps(span)),
        )
