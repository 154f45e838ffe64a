"""Number plates of cars: province, letter, five characters, six for new-energy cars (GA 36-2018); written or read out."""

import re
from collections.abc import Iterator

from audit.model.span import CharSpan
from audit.pii.digits import DIGIT, words_before
from audit.pii.identifier import Identifier
from audit.text.normalise import Normalised

_SIGN = rf"(?:{DIGIT}|[a-hj-np-z])"
_SHAPE = re.compile(
    rf"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤川青藏琼宁][a-hj-z][-的,，]?(?P<number>{_SIGN}{{5,6}}|{_SIGN}{{4}}[挂学警港澳])(?!{_SIGN})"
)
_NAMED = re.compile(r"车牌|牌照|牌号|[那这]辆|的车|开的?是|你车|您车")
_LEAST_DIGITS = 3


def recognise(normalised: Normalised) -> Iterator[Identifier]:
    """Full plates; the last characters alone are none."""
    for match in _SHAPE.finditer(normalised.text):
        digits = len(re.findall(DIGIT, match["number"]))
        if digits < _LEAST_DIGITS:
            continue
        named = _NAMED.search(words_before(normalised.text, match.start()))
        hidden = CharSpan(match.start("number"), match.end())
        spoken = len(re.findall("[0-9]", match["number"])) * 2 < digits
        yield Identifier("plate", CharSpan(*match.span()), 0.95 if named else 0.85, spoken, (hidden,))
