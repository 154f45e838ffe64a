"""Transcript formats: one file each, one line in `FORMATS`."""

from audit.errors import InputError
from audit.ingest.formats import (
    callaudit_jsonl,
    faster_whisper,
    funasr,
    openai_whisper,
    srt,
    table,
    txt,
    vtt,
    whisperx,
)
from audit.ingest.formats.document import Document, Format
from audit.ingest.text import decode, parse_json

# In the order in which they are tried; the narrower shape first.
FORMATS: dict[str, Format] = {
    "callaudit-jsonl": callaudit_jsonl,
    "funasr": funasr,
    "whisperx": whisperx,
    "openai-whisper": openai_whisper,
    "faster-whisper": faster_whisper,
    "vtt": vtt,
    "srt": srt,
    "csv": table,
    "txt": txt,
}


def open_document(data: bytes, where: str, must_be_json: bool) -> Document:
    """The document in a transcript file's bytes.

    Raises InputError when they are no text, or no JSON where the file's ending says so.
    """
    text = decode(data, where)
    value: object = None
    if must_be_json or text.lstrip().startswith(("{", "[")):
        try:
            value = parse_json(text.lstrip("\ufeff"), where)
        except InputError:
            # A text that begins with [00:12] is no broken JSON.
            if must_be_json:
                raise
    return Document(where, text, value)


def format_of(document: Document) -> str | None:
    """The name of the format that recognises the document, None when no format does."""
    return next((name for name, one in FORMATS.items() if one.recognises(document)), None)
