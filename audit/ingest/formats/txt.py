"""Plain text, `角色: 内容` a line, perhaps with times; or a heading `说话人1 00:03` and the words on the next lines."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from audit.ingest.formats.document import Document
from audit.ingest.formats.pieces import Piece, clock, span, turns_of
from audit.ingest.roles import SPEAKER_HEADING, SPEAKER_LINE, plain_label, role_of
from audit.ingest.text import clean, join
from audit.model.call import Turn
from audit.model.span import TimeSpan

_NAME = re.compile(r"[^\W\d_]{1,8}")


@dataclass(slots=True)
class _Line:
    """One speaker's line, gathered from one or more lines of the file."""

    speaker: str | None
    start: float | None
    end: float | None
    parts: list[str] = field(default_factory=list)


def recognises(document: Document) -> bool:
    """Whether somebody speaks: a line begins with a speaker label."""
    return any(_labelled(line, frozenset()) for line in document.text.splitlines())


def turns(document: Document) -> tuple[Turn, ...]:
    """One turn a line. One without a speaker goes on with the turn before it; `日期：…` above the first is none."""
    lines = list(_gather(document.text.splitlines()))
    starts = [line.start for line in lines[1:]]
    return turns_of(_piece(line, after) for line, after in zip(lines, [*starts, None], strict=False))


def _gather(lines: list[str]) -> Iterator[_Line]:
    names = _names(lines)
    current: _Line | None = None
    for line in lines:
        spoken = _labelled(line, names)
        if spoken:
            if current:
                yield current
            current = spoken
        elif current:
            current.parts.append(line)
        elif line.strip() and not SPEAKER_LINE.fullmatch(line):
            current = _Line(None, None, None, [line])
    if current:
        yield current


def _names(lines: list[str]) -> frozenset[str]:
    """Names that stand in front of a colon more than once: `王女士：` speaks, a single `时间：` does not."""
    found = Counter(plain_label(line["label"]) for text in lines if (line := SPEAKER_LINE.fullmatch(text)))
    return frozenset(name for name, count in found.items() if count > 1 and _NAME.fullmatch(name))


def _labelled(text: str, names: frozenset[str]) -> _Line | None:
    line = SPEAKER_LINE.fullmatch(text)
    if line and (role_of(line["label"]) is not None or plain_label(line["label"]) in names):
        start = clock(line["start"] or line["later"] or "")
        return _Line(plain_label(line["label"]), start, clock(line["end"] or ""), [line["text"]])
    heading = SPEAKER_HEADING.fullmatch(text)
    if heading and role_of(heading["label"]) is not None:
        return _Line(plain_label(heading["label"]), clock(heading["start"]), None)
    return None


def _piece(line: _Line, next_start: float | None) -> Piece:
    text = ""
    for part in line.parts:
        text = join(text, clean(part).strip())
    return Piece(text=text, time=_time(line, next_start), speaker=line.speaker)


def _time(line: _Line, next_start: float | None) -> TimeSpan | None:
    """Where no end is written the turn lasts until the next one, the last turn no time at all."""
    ends = (line.end, next_start, line.start)
    return span(line.start, next((end for end in ends if end is not None), None))
