"""Passport numbers: letters and digits, nine together (E12345678, EA1234567); nothing but the word says what they are."""

import re
from collections.abc import Iterator

from audit.model.span import CharSpan
from audit.pii.digits import DIGIT
from audit.pii.identifier import Identifier
from audit.text.normalise import Normalised

_SHAPE = re.compile(rf"护照[^0-9,，。]{{0,6}}?(?P<number>(?:[a-z]{DIGIT}|[a-z]{{2}}){DIGIT}{{7}})(?!{DIGIT})")
_TAIL = 4


def recognise(normalised: Normalised) -> Iterator[Identifier]:
    """Full passport numbers that are called so."""
    for match in _SHAPE.finditer(normalised.text):
        number = CharSpan(*match.span("number"))
        spoken = not match["number"].isascii()
        yield Identifier("passport", number, 0.9, spoken, (CharSpan(number.start, number.end - _TAIL),))
