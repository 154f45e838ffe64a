"""Redaction of text: which characters of a turn must not be shown."""

from collections.abc import Iterable, Sequence

from audit.model.span import CharSpan
from audit.pii import identifiers
from audit.pii.digits import digit_runs
from audit.pii.names import NAME_MASK, name_spans
from audit.pii.readings import readings
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


def mask(text: str, more: Iterable[CharSpan] = ()) -> str:
    """The text with identifiers and the spans in `more` covered, its length kept; names of persons too, where they can be found.

    >>> mask("卡号6222 0802 0001 2345")
    '卡号＊＊＊＊＊＊＊＊＊＊＊＊＊＊ 2345'
    """
    chars = list(text)
    for span in name_spans(text):
        chars[span.start : span.end] = NAME_MASK * (span.end - span.start)
    for span in (*mask_spans(text), *more):
        chars[span.start : span.end] = MASK * (span.end - span.start)
    return "".join(chars)


def mask_spans_across(speakers: Sequence[str], texts: Sequence[str]) -> dict[int, list[CharSpan]]:
    """The original characters to cover, by turn, of identifiers that are read out over several turns of one speaker."""
    normalised = [normalise(text) for text in texts]
    hidden: dict[int, list[CharSpan]] = {}
    for reading in readings(speakers, normalised):
        for turn, span in reading.hidden:
            hidden.setdefault(turn, []).append(normalised[turn].to_original(span))
    return hidden
