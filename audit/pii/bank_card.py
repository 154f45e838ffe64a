"""Bank card numbers: 16 to 19 digits, most in China begin with 62; Luhn check digit (ISO/IEC 7812)."""

import re
from collections.abc import Iterator

from audit.pii.digits import DigitRun, digit_runs, words_before
from audit.pii.identifier import Identifier
from audit.text.normalise import Normalised

_NAMED = re.compile(r"卡号|银行卡|储蓄卡|信用卡|借记卡|绑定的?卡|账号|帐号|卡是|的卡")
_LENGTHS = range(15, 21)


def recognise(normalised: Normalised) -> Iterator[Identifier]:
    """Full card numbers; the last four digits alone are none."""
    for run in digit_runs(normalised):
        confidence = _confidence(run, bool(_NAMED.search(words_before(normalised.text, run.span.start))))
        if confidence:
            yield Identifier("bank_card", run.span, confidence, run.spoken, run.all_but_last(4))


def _confidence(run: DigitRun, named: bool) -> float | None:
    if "x" in run.digits or len(run.digits) not in _LENGTHS:
        return None
    if named:
        return 0.97 if _checks(run.digits) else 0.9
    if run.digits.startswith("62") and len(run.digits) in (16, 17, 18, 19):
        return 0.9
    return 0.8 if len(run.digits) in (16, 19) and _checks(run.digits) else None


def _checks(digits: str) -> bool:
    from stdnum import luhn

    return bool(luhn.is_valid(digits))
