"""Mobile numbers of mainland China: 11 digits, 13 to 19 first; +86 before them or not."""

import re
from collections.abc import Iterator

from audit.pii.digits import DigitRun, digit_runs
from audit.pii.identifier import Identifier
from audit.text.normalise import Normalised

_SHAPE = re.compile(r"(?:86|0086)?(1[3-9]\d{9})")


def recognise(normalised: Normalised) -> Iterator[Identifier]:
    """Full mobile numbers. Masked ones (138****0001) are none."""
    for run in digit_runs(normalised):
        if match := _SHAPE.fullmatch(run.digits):
            number = DigitRun(match[1], run.places[match.start(1) :], run.spoken)
            yield Identifier("mobile", number.span, 0.93, run.spoken, number.all_but_last(4))
