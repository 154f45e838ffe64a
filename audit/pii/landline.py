"""Fixed-line numbers: area code (010, 02x, 0xxx) and seven or eight digits. Service numbers (400…, 95…) are public and no identifiers."""

import re
from collections.abc import Iterator

from audit.pii.digits import digit_runs
from audit.pii.identifier import Identifier
from audit.text.normalise import Normalised

_SHAPE = re.compile(r"0(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7}")


def recognise(normalised: Normalised) -> Iterator[Identifier]:
    """Full fixed-line numbers with their area code."""
    for run in digit_runs(normalised):
        if _SHAPE.fullmatch(run.digits):
            yield Identifier("landline", run.span, 0.85, run.spoken, run.all_but_last(4))
