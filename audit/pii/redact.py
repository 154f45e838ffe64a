"""Redaction of text: which characters of a turn must not be shown."""

from audit.model.span import CharSpan
from audit.pii import identifiers
from audit.pii.digits import digit_runs
from audit.text.normalise import normalise

MASK = "＊"
_LONG = 11


def mask_spans(text: str) -> tuple[CharSpan, ...]:
    """The original characters to cover: of numbers all but the last four digits, of addresses everything.

    >>> [span.of("打一三八零零零零幺二三四") for span in mask_spans("打一三八零零零零幺二三四")]
    ['一三八零零零零']
    """
    normalised = normalise(text)
    known = identifiers(normalised)
    hidden = [span for identifier in known for span in identifier.hidden]
    # A long number that is no identifier we know may still be one: a recogniser drops and doubles digits.
    for run in digit_runs(normalised):
        if len(run.digits) >= _LONG and not any(
            run.span.overlaps(other) for other in (*hidden, *(i.span for i in known))
        ):
            hidden.extend(run.all_but_last(4))
    return tuple(normalised.to_original(span) for span in sorted(hidden))


def mask(text: str) -> str:
    """The text with every covered character replaced, its length kept.

    >>> mask("卡号6222 0802 0001 2345")
    '卡号＊＊＊＊＊＊＊＊＊＊＊＊＊＊ 2345'
    """
    chars = list(text)
    for span in mask_spans(text):
        chars[span.start : span.end] = MASK * (span.end - span.start)
    return "".join(chars)
