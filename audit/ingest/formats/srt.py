"""SubRip subtitles. A speaker in front of the text (`坐席: …`, `[SPEAKER_00]: …`) is read as such."""

import re
from collections.abc import Iterator

from audit.ingest.formats.document import Document
from audit.ingest.formats.pieces import Piece, clock, merged, span, turns_of
from audit.ingest.roles import split_speaker
from audit.ingest.text import clean, join
from audit.model.call import Turn

_CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{2}[,.]\d{1,3}"
TIMING = re.compile(rf"[ \t]*({_CLOCK})[ \t]*-->[ \t]*({_CLOCK})(?:[ \t].*)?")
_TAG = re.compile(r"</?[bius]>|</?font[^<>]{0,200}>|\{\\[^{}]{0,200}\}", re.IGNORECASE)


def recognises(document: Document) -> bool:
    """Whether it has a line with the times of a cue."""
    return any(TIMING.fullmatch(line) for line in document.text.splitlines())


def turns(document: Document) -> tuple[Turn, ...]:
    """Turns by speaker where one is written, else a turn a cue."""
    return turns_of(merged(_piece(start, end, lines) for start, end, lines in cues(document.text)))


def cues(text: str) -> Iterator[tuple[str, str, list[str]]]:
    """Start, end and lines of each cue; a cue ends at an empty line or before the next cue's number and times."""
    start, end = "", ""
    lines: list[str] = []
    open_cue = False
    for line in text.splitlines():
        timing = TIMING.fullmatch(line)
        if timing:
            # A number right above the times belongs to the next cue even when the empty line before it is missing.
            if open_cue and lines:
                yield start, end, lines[:-1] if lines[-1].strip().isdecimal() else lines
            start, end = timing.groups()
            lines, open_cue = [], True
        elif open_cue and line.strip():
            lines.append(line)
        elif open_cue and lines:
            yield start, end, lines
            lines, open_cue = [], False
    if open_cue and lines:
        yield start, end, lines


def unwrapped(lines: list[str]) -> str:
    """The lines of a cue as one utterance: they are broken for the screen, not by the speaker."""
    text = ""
    for line in lines:
        text = join(text, clean(line).strip())
    return text


def _piece(start: str, end: str, lines: list[str]) -> Piece:
    speaker, text = split_speaker(_TAG.sub("", unwrapped(lines)))
    return Piece(text=text.strip(), time=span(clock(start), clock(end)), speaker=speaker)
