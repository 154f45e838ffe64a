"""JSON of whisperX: segments with `speaker`, words with `score`, `word_segments`."""

from audit.ingest.formats.document import Document
from audit.ingest.formats.segments import first_dict, turns_of_segments
from audit.model.call import Turn


def recognises(document: Document) -> bool:
    """Whether it has word segments, speakers or word scores, which only whisperX writes."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("segments"), list):
        return False
    segments = [segment for segment in data["segments"] if isinstance(segment, dict)]
    return "word_segments" in data or any("speaker" in s or "score" in first_dict(s.get("words")) for s in segments)


def turns(document: Document) -> tuple[Turn, ...]:
    """Turns by speaker. Segments of one speaker without a pause between them are one turn."""
    assert isinstance(document.data, dict)
    return turns_of_segments(document, document.data["segments"])
