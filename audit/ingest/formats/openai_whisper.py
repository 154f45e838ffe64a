"""JSON of the `whisper` command: `text`, `segments` with tokens, log-probabilities and perhaps words, `language`."""

from audit.ingest.formats.document import Document
from audit.ingest.formats.segments import turns_of_segments
from audit.model.call import Turn


def recognises(document: Document) -> bool:
    """Whether it is an object with the whole text beside the segments."""
    data = document.data
    return isinstance(data, dict) and isinstance(data.get("text"), str) and isinstance(data.get("segments"), list)


def turns(document: Document) -> tuple[Turn, ...]:
    """One turn a segment; whisper does not tell speakers apart, so every role is unknown."""
    assert isinstance(document.data, dict)
    return turns_of_segments(document, document.data["segments"])
