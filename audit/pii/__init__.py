"""Chinese identifiers, written and spoken: one recogniser a file, one line each below."""

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module

from audit.pii.identifier import Identifier
from audit.text.normalise import Normalised

Recogniser = Callable[[Normalised], Iterator[Identifier]]

RECOGNISERS = {
    "id_number": "audit.pii.id_number:recognise",
    "bank_card": "audit.pii.bank_card:recognise",
    "mobile": "audit.pii.mobile:recognise",
    "landline": "audit.pii.landline:recognise",
    "plate": "audit.pii.plate:recognise",
    "passport": "audit.pii.passport:recognise",
    "address": "audit.pii.address:recognise",
}


@cache
def load_recogniser(kind: str) -> Recogniser:
    """The recogniser of a kind. Raises KeyError for a kind that is not registered."""
    module, _, attribute = RECOGNISERS[kind].partition(":")
    recogniser: Recogniser = getattr(import_module(module), attribute)
    return recogniser


def identifiers(normalised: Normalised) -> list[Identifier]:
    """All identifiers in a turn, in order; where two claim the same digits the one registered first keeps them."""
    found: list[Identifier] = []
    for kind in RECOGNISERS:
        for identifier in load_recogniser(kind)(normalised):
            if not any(identifier.span.overlaps(other.span) for other in found):
                found.append(identifier)
    return sorted(found, key=lambda identifier: identifier.span)
