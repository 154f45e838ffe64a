"""callaudit's own transcripts: a call a line (or one call a .json file), with metadata. Labels are not read here."""

from audit.ingest.formats.document import Document, wrong
from audit.ingest.formats.pieces import seconds, share, span
from audit.ingest.roles import role_of
from audit.ingest.text import clean
from audit.model.call import Role, Turn


def recognises(document: Document) -> bool:
    """Whether it is an object with `turns`."""
    return isinstance(document.data, dict) and isinstance(document.data.get("turns"), list)


def turns(document: Document) -> tuple[Turn, ...]:
    """The turns of one call, texts exactly as they stand.

    Raises InputError when a turn has no text or its number `i` is not its place: findings point to turns by number.
    """
    assert isinstance(document.data, dict)
    return tuple(_turn(document, index, turn) for index, turn in enumerate(document.data["turns"]))


def _turn(document: Document, index: int, turn: object) -> Turn:
    place = f"turns[{index}]"
    if not isinstance(turn, dict):
        raise wrong(document, place, "turn", "object")
    if turn.get("i", index) != index:
        raise wrong(document, place, "i", str(index))
    text, role = turn.get("text"), turn.get("role", "unknown")
    if not isinstance(text, str):
        raise wrong(document, place, "text", "text")
    if not isinstance(role, str):
        raise wrong(document, place, "role", "text")
    start, end = turn.get("start_s"), turn.get("end_s")
    time = span(start, end)
    if time is None and (seconds(start), seconds(end)) != (None, None):
        raise wrong(document, place, "start_s", "0 <= start_s <= end_s")
    return Turn(
        index=index,
        role=role_of(role) or Role.UNKNOWN,
        text=clean(text),
        time=time,
        confidence=share(turn.get("confidence")),
        role_confidence=1.0 if (sure := share(turn.get("role_confidence"))) is None else sure,
        doubts=_doubts(turn.get("doubts")),
    )


def _doubts(value: object) -> tuple[str, ...]:
    """What `callaudit transcribe` doubted, so that words that may not have been spoken accuse nobody later either."""
    return tuple(doubt for doubt in value if isinstance(doubt, str)) if isinstance(value, list) else ()
