"""Resident identity numbers: 18 characters, region, date of birth, serial, check character (GB 11643-1999)."""

import re
from collections.abc import Iterator

from audit.model.span import CharSpan
from audit.pii.digits import DIGIT, DigitRun, digit_runs, words_before
from audit.pii.identifier import Identifier
from audit.text.normalise import Normalised

_SHAPE = re.compile(r"[1-8]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dx]")
_OLD_SHAPE = re.compile(r"[1-8]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}")
_NAMED = re.compile(r"身[份分]证|证件号|身份号")
# Recognisers lose or double a digit in long numbers; where the words say what it is, such a number still counts.
_NEARLY = range(16, 21)
# Read out in its parts, the birthday as a date: 五三二一二六、九九年四月二十五、八五二九; 先…再…再…, 开头…生日…尾巴….
_PART = rf"(?:(?!{DIGIT})[^。?!？！]){{0,6}}?"
_NUMERAL = rf"(?:十|{DIGIT}){{1,3}}"
_DATE = rf"(?:(?:{DIGIT}{{4}}|{DIGIT}{{2}}|两千)年的?(?:{DIGIT}{{4}}|{_NUMERAL}月{_NUMERAL}[日号]?)|(?:[1一幺][9九]|[2二两][0零〇洞]){DIGIT}{{2}}[01零〇洞一幺]{DIGIT}[0-3零〇洞一幺二两三]{DIGIT})"
_PARTS = re.compile(
    rf"(?<!{DIGIT})(?P<region>{DIGIT}{{6}}){_PART}(?P<birth>{_DATE}){_PART}{DIGIT}{{3}}(?:{DIGIT}|[x叉])(?!{DIGIT})"
)


def recognise(normalised: Normalised) -> Iterator[Identifier]:
    """Full identity numbers; the last four characters alone are none."""
    for run in digit_runs(normalised):
        confidence = _confidence(run, bool(_NAMED.search(words_before(normalised.text, run.span.start))))
        if confidence:
            yield Identifier("id_number", run.span, confidence, run.spoken, run.all_but_last(4))
    for parts in _PARTS.finditer(normalised.text):
        span, hidden = CharSpan(*parts.span()), CharSpan(parts.start(), parts.end("birth"))
        yield Identifier("id_number", span, 0.85, not parts["region"].isascii(), (hidden,))


def _confidence(run: DigitRun, named: bool) -> float | None:
    if _SHAPE.fullmatch(run.digits):
        return 0.98 if named or _checks(run.digits) else 0.9
    if named and (_OLD_SHAPE.fullmatch(run.digits) or len(run.digits) in _NEARLY):
        return 0.85
    return None


def _checks(digits: str) -> bool:
    from stdnum.cn import ric

    return bool(ric.is_valid(digits.upper()))
