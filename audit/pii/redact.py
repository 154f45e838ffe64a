"""Redaction of text: which characters of a turn must not be shown."""

from audit.model.span import CharSpan
from audit.pii import identifiers
from audit.text.normalise import normalise

MASK = "＊"


def mask_spans(text: str) -> tuple[CharSpan, ...]:
    """The original characters to cover: of numbers all but the last four digits, of addresses everything.

    >>> [span.of("打一三八零零零零幺二三四") for span in mask_spans("打一三八零零零零幺二三四")]
    ['一三八零零零零']
    """
    normalised = normalise(text)
    return tuple(normalised.to_original(span) for identifier in identifiers(normalised) for span in identifier.hidden)


def mask(text: str) -> str:
    """The text with every covered character replaced, its length kept.

    >>> mask("卡号6222 0802 0001 2345")
    '卡号＊＊＊＊＊＊＊＊＊＊＊＊＊＊ 2345'
    """
    chars = list(text)
    for span in mask_spans(text):
        chars[span.start : span.end] = MASK * (span.end - span.start)
    return "".join(chars)
