"""What the whisper family shares: segments with start, end, text and words, in seconds.

Field names: openai-whisper `transcribe()` and its JSON writer, faster-whisper `Segment` and `Word`, whisperX `align()`
and `assign_word_speakers()`.
"""

import math
from collections.abc import Sequence

from audit.ingest.formats.document import Document, wrong
from audit.ingest.formats.pieces import Piece, align, merged, seconds, share, span, turns_of
from audit.ingest.text import clean
from audit.model.call import Turn
from audit.model.span import TimeSpan

# Whisper's own defaults: `no_speech_threshold`, `logprob_threshold`, `compression_ratio_threshold`.
NO_SPEECH = 0.6
LOGPROB = -1.0
COMPRESSION = 2.4


def turns_of_segments(document: Document, segments: Sequence[object]) -> tuple[Turn, ...]:
    """The turns in `segments`. Raises InputError when a segment has no text."""
    return turns_of(merged(_piece(document, index, segment) for index, segment in enumerate(segments)))


def first_dict(value: object) -> dict[str, object]:
    """The first object of a list, {} when there is none."""
    return next((item for item in value if isinstance(item, dict)), {}) if isinstance(value, list) else {}


def _piece(document: Document, index: int, segment: object) -> Piece:
    place = f"segments[{index}]"
    if not isinstance(segment, dict):
        raise wrong(document, place, "segment", "object")
    written = segment.get("text")
    if not isinstance(written, str):
        raise wrong(document, place, "text", "text")
    text = clean(written).strip()
    speaker, channel = segment.get("speaker"), segment.get("channel")
    words = _words(segment.get("words"))
    return Piece(
        text=text,
        time=span(segment.get("start"), segment.get("end")),
        speaker=clean(speaker) if isinstance(speaker, str) and speaker else None,
        words=align(text, words),
        confidence=_confidence(segment, [sure for _, _, sure in words if sure is not None]),
        channel=channel if isinstance(channel, int) and not isinstance(channel, bool) and channel >= 0 else None,
        doubts=_doubts(segment),
    )


def _words(words: object) -> list[tuple[str, TimeSpan | None, float | None]]:
    if not isinstance(words, list):
        return []
    return [
        (
            str(word.get("word", word.get("text", ""))),
            span(word.get("start"), word.get("end")),
            share(word.get("probability", word.get("score"))),
        )
        for word in words
        if isinstance(word, dict)
    ]


def _confidence(segment: dict[str, object], of_words: list[float]) -> float | None:
    logprob = seconds(segment.get("avg_logprob"))
    if logprob is not None:
        return round(math.exp(min(logprob, 0.0)), 4)
    return round(sum(of_words) / len(of_words), 4) if of_words else None


def _doubts(segment: dict[str, object]) -> tuple[str, ...]:
    silence, logprob = seconds(segment.get("no_speech_prob")), seconds(segment.get("avg_logprob"))
    repetition = seconds(segment.get("compression_ratio"))
    doubts = []
    if silence is not None and logprob is not None and silence > NO_SPEECH and logprob < LOGPROB:
        doubts.append("no_speech")
    if repetition is not None and repetition > COMPRESSION:
        doubts.append("loop")
    return tuple(doubts)
