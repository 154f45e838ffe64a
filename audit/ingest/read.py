"""One transcript, read."""

from audit.errors import InputError
from audit.ingest.formats import FORMATS, open_document
from audit.ingest.formats.document import Document
from audit.ingest.items import RECORDING, CallInput
from audit.ingest.text import parse_json, read_bytes, sha256
from audit.model.call import Call, Source


def read_call(item: CallInput) -> Call:
    """The call in a transcript; `item.metadata` is its call record.

    Raises InputError when the transcript cannot be read, ValueError for a recording (the speech engine reads those).
    """
    if item.kind == RECORDING:
        raise ValueError(f"a recording is no transcript: {item.call_id}")
    document, digest = _document(item)
    turns = FORMATS[item.kind].turns(document)
    return Call(item.call_id, item.metadata, turns, Source(item.path, digest, item.kind, item.line))


def _document(item: CallInput) -> tuple[Document, str]:
    """The transcript and the hash of its bytes, as anybody can check it."""
    if item.payload is not None:
        where = f"{item.path}:{item.line}"
        return Document(where, item.payload, parse_json(item.payload, where)), sha256(
            item.payload.encode("utf-8")
        ).hexdigest()
    data = read_bytes(item.path)
    document = open_document(data, item.path, must_be_json=item.path.lower().endswith(".json"))
    if not FORMATS[item.kind].recognises(document):
        raise InputError("CA112", item.path)
    return document, sha256(data).hexdigest()
