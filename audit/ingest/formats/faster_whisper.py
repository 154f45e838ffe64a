"""faster-whisper's segments as people save them: a list of objects, `{"segments": [...], "info": {...}}`, or, from the
versions whose `Segment` was a named tuple, lists of values."""

from audit.ingest.formats.document import Document
from audit.ingest.formats.pieces import seconds
from audit.ingest.formats.segments import first_dict, turns_of_segments
from audit.model.call import Turn

_TUPLE = ("id", "seek", "start", "end", "text")
_WORD = ("start", "end", "word", "probability")


def recognises(document: Document) -> bool:
    """Whether it is a list of segments, or an object with one."""
    segments = _segments(document)
    if segments is None:
        return False
    if isinstance(document.data, dict) and not segments:
        return True
    first = first_dict(segments[:1]) or _from_tuple(segments[0] if segments else None)
    return {"start", "end", "text"} <= first.keys()


def turns(document: Document) -> tuple[Turn, ...]:
    """One turn a segment, roles unknown unless a segment names its speaker."""
    segments = _segments(document) or []
    return turns_of_segments(document, [_from_tuple(s) if isinstance(s, list) else s for s in segments])


def _segments(document: Document) -> list[object] | None:
    data = document.data
    found = data.get("segments") if isinstance(data, dict) else data
    return found if isinstance(found, list) else None


def _from_tuple(segment: object) -> dict[str, object]:
    """A segment whose named tuple became a list. The first five places never changed; words show by their shape."""
    if not isinstance(segment, list) or len(segment) < len(_TUPLE):
        return {}
    named: dict[str, object] = dict(zip(_TUPLE, segment, strict=False))
    if not isinstance(named["text"], str) or seconds(named["start"]) is None:
        return {}
    words = next((value for value in segment[len(_TUPLE) :] if _is_words(value)), None)
    if words is not None:
        named["words"] = [dict(zip(_WORD, word, strict=False)) for word in words]
    return named


def _is_words(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(word, list) and len(word) == len(_WORD) and isinstance(word[2], str) for word in value)
    )
