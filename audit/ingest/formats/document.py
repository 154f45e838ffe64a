"""A transcript file as the formats see it."""

from dataclasses import dataclass
from typing import Protocol

from audit.errors import InputError
from audit.model.call import Turn


@dataclass(frozen=True, slots=True)
class Document:
    """`text` is the decoded file, `data` what it holds as JSON (None: no JSON). `where` names it in messages."""

    where: str
    text: str
    data: object = None


class Format(Protocol):
    """One transcript format: a module with these two functions and a line in `FORMATS`."""

    def recognises(self, document: Document, /) -> bool:
        """Whether the document is of this format, by its shape; broken values are found by `turns`."""

    def turns(self, document: Document, /) -> tuple[Turn, ...]:
        """The turns in order. Raises InputError naming the place and the field."""


def wrong(document: Document, place: str, field: str, expected: str) -> InputError:
    """The error for a field that does not hold what it should. The value may be what somebody said and stays out."""
    return InputError("CA115", f"{document.where}:{place}", field=field, expected=expected)
