"""Resident identity numbers: 18 characters, region, date of birth, serial, check character (GB 11643-1999)."""

import re
from collections.abc import Iterator

from audit.pii.digits import DigitRun, digit_runs, words_before
from audit.pii.identifier import Identifier
from audit.text.normalise import Normalised

_SHAPE = re.compile(r"[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dx]")
_OLD_SHAPE = re.compile(r"[1-8]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}")
_NAMED = re.compile(r"身[份分]证|证件号|身份号")
# Recognisers lose or double a digit in long numbers; where the words say what it is, such a number still counts.
_NEARLY = range(16, 21)


def recognise(normalised: Normalised) -> Iterator[Identifier]:
    """Full identity numbers; the last four characters alone are none."""
    for run in digit_runs(normalised):
        confidence = _confidence(run, bool(_NAMED.search(words_before(normalised.text, run.span.start))))
        if confidence:
            yield Identifier("id_number", run.span, confidence, run.spoken, run.all_but_last(4))


def _confidence(run: DigitRun, named: bool) -> float | None:
    if _SHAPE.fullmatch(run.digits):
        return 0.98 if named or _checks(run.digits) else 0.9
    if named and (_OLD_SHAPE.fullmatch(run.digits) or len(run.digits) in _NEARLY):
        return 0.85
    return None


def _checks(digits: str) -> bool:
    from stdnum.cn import ric

    return bool(ric.is_valid(digits.upper()))
