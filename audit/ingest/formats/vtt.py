"""WebVTT (https://www.w3.org/TR/webvtt1/): cues with `<v Speaker>` voice spans."""

import html
import re

from audit.ingest.formats.document import Document
from audit.ingest.formats.pieces import Piece, clock, merged, span, turns_of
from audit.ingest.formats.srt import cues, unwrapped
from audit.ingest.roles import split_speaker
from audit.model.call import Turn

_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,80})?[ \t]+([^<>]{1,80})>")
_TAG = re.compile(r"</?[a-z0-9:.][^<>]{0,200}>|</?>", re.IGNORECASE)
_BLOCK = re.compile(r"(?:^|\n)[ \t]*\n(?:NOTE|STYLE|REGION)(?=[ \t\n])[^\n]*(?:\n(?!\s*\n)[^\n]*)*")


def recognises(document: Document) -> bool:
    """Whether the first line says WEBVTT."""
    return re.match(r"\ufeff?WEBVTT(?:[ \t\r\n]|$)", document.text) is not None


def turns(document: Document) -> tuple[Turn, ...]:
    """Turns by speaker where one is written, else a turn a cue. A cue with two voices is two turns of the same time."""
    text = _BLOCK.sub("\n", "\n".join(document.text.splitlines()))
    return turns_of(merged(piece for start, end, lines in cues(text) for piece in _pieces(start, end, lines)))


def _pieces(start: str, end: str, lines: list[str]) -> list[Piece]:
    time = span(clock(start), clock(end))
    before, *voices = _VOICE.split(unwrapped(lines))
    named = list(zip(voices[::2], voices[1::2], strict=True))
    pieces = [Piece(text=_plain(text), time=time, speaker=speaker.strip() or None) for speaker, text in named]
    speaker, text = split_speaker(_plain(before))
    return [Piece(text=text, time=time, speaker=speaker), *pieces]


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", text)).strip()
