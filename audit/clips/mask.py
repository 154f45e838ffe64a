"""What must not leave the desk: the characters of a call to cover, and the moments of its recording to silence.

Stricter than the pages for officers: numbers are covered whole, whatever they are, and the debtor's name also
where the recogniser wrote other characters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from audit.model.call import Call, Turn
from audit.model.span import CharSpan, TimeSpan
from audit.pii import identifiers
from audit.pii.digits import DIGIT, digit_runs
from audit.pii.names import NAME_MASK, name_spans
from audit.pii.readings import readings
from audit.pii.redact import MASK, mask_spans
from audit.pii.sounding import sounding_like
from audit.report.redaction import Redactor, masked_id
from audit.text.normalise import normalise
from audit.text.regex import lazily

# Recognisers place words to within a fifth of a second.
MARGIN_S = 0.2
_STARS = frozenset("*" + MASK)
# The last digits of a card, the number of a collector; amounts and years have something behind them.
_ROW = lazily(rf"(?<!{DIGIT})(?<![0-9][,.]){DIGIT}{{4,}}(?!{DIGIT}|[元块圆年月万千百十亿角分%]|[,.][0-9])")
# A collector's number has as many digits as the agency likes; recognisers write 公号.
_STAFF = lazily(rf"[工公]号(?:是|为)?({DIGIT}{{2,}})")


@dataclass(frozen=True, slots=True)
class Silence:
    """A stretch of the recording to cover. `whole_turn`: the words have no times of their own, so all of the turn goes."""

    turn: int
    time: TimeSpan
    whole_turn: bool


class Private(Redactor):
    """Masks texts and finds the moments to silence of one call. `names` are names to cover besides the debtor's."""

    def __init__(self, call: Call, names: Sequence[str] = ()) -> None:
        super().__init__(call)
        self.call = call
        known = (call.metadata.debtor_name or "", *names)
        # A name with stars in it is masked already.
        self._names = tuple(name for name in known if len(name) > 1 and not _STARS & set(name))
        self._pieces = _readings(call.turns)

    def text(self, text: str) -> str:
        """Words nobody spoke (a rule's, a field of the call record): identifiers and names are covered, dates and serials stay."""
        return _covered(text, mask_spans(text), self._name_spans(text))

    def words(self, words: str) -> str:
        """Spoken words, with every number and name covered."""
        return _covered(words, number_spans(words), self._name_spans(words))

    def turn(self, index: int) -> str:
        """The masked text of the turn with this index, also where its digits are part of a number that other turns complete."""
        if index not in self._masked:
            text = self._original[index]
            numbers = (*number_spans(text), *self._pieces.get(index, ()))
            self._masked[index] = _covered(text, numbers, self._name_spans(text))
        return self._masked[index]

    def identifier(self, text: str) -> str:
        """A call's id or a file's path: its serial numbers stay, telephone and identity numbers and names are covered."""
        return _covered(masked_id(text), (), self._name_spans(text))

    def spans(self, index: int) -> list[CharSpan]:
        """The covered characters of a turn, in order."""
        text = self._original[index]
        return sorted((*number_spans(text), *self._pieces.get(index, ()), *self._name_spans(text)))

    def silences(self) -> Iterator[Silence]:
        """The moments of the recording to cover. A turn without any time cannot be found in it: see `unplaced`."""
        for turn in self.call.turns:
            spans = self.spans(turn.index)
            if spans and turn.time:
                yield from _silences(turn, turn.time, spans)

    def unplaced(self) -> list[int]:
        """The turns that hold something private and have no time."""
        return [turn.index for turn in self.call.turns if not turn.time and self.spans(turn.index)]

    def _name_spans(self, text: str) -> list[CharSpan]:
        """Names, all but the first character of each."""
        known = [CharSpan(span.start + 1, span.end) for name in self._names for span in sounding_like(name, text)]
        return [*known, *name_spans(text)]


def silences_of(versions: Sequence[Private]) -> list[Silence]:
    """The moments to cover in the recording of a call that is known in one or more versions, in order."""
    moments = {silence for private in versions for silence in private.silences()}
    return sorted(moments, key=lambda silence: (silence.time.start_s, silence.time.end_s, silence.turn))


def unplaced_in(versions: Sequence[Private]) -> list[int]:
    """The turns that hold something private and have no time, in any version."""
    return sorted({turn for private in versions for turn in private.unplaced()})


def number_spans(text: str) -> list[CharSpan]:
    """The characters of `text` that are identifiers, whole, a collector's number, or any number of four digits and more that is no
    amount or year.

    >>> text = "卡号6222 0802 0001 2345，尾号2345，欠4620元"
    >>> [span.of(text) for span in number_spans(text)]
    ['6222 0802 0001 2345', '2345']
    """
    normalised = normalise(text)
    found = [identifier.span for identifier in identifiers(normalised)] + [run.span for run in digit_runs(normalised)]
    found += [CharSpan(*match.span()) for match in _ROW.finditer(normalised.text)]
    found += [CharSpan(*match.span(1)) for match in _STAFF.finditer(normalised.text)]
    spans = {*map(normalised.to_original, found), *mask_spans(text)}
    return [span for span in sorted(spans) if not any(_within(span, other) for other in spans)]


def _within(span: CharSpan, other: CharSpan) -> bool:
    return span != other and other.start <= span.start and span.end <= other.end


def _covered(text: str, numbers: Sequence[CharSpan], names: Sequence[CharSpan]) -> str:
    shown = list(text)
    for spans, sign in ((names, NAME_MASK), (numbers, MASK)):
        for span in spans:
            shown[span.start : span.end] = sign * (span.end - span.start)
    return "".join(shown)


def _readings(turns: Sequence[Turn]) -> dict[int, list[CharSpan]]:
    """The parts of numbers that are read out over several turns, by turn."""
    normalised = [normalise(turn.text) for turn in turns]
    pieces: dict[int, list[CharSpan]] = {}
    for reading in readings([turn.role for turn in turns], normalised):
        for place, span in reading.pieces:
            pieces.setdefault(turns[place].index, []).append(normalised[place].to_original(span))
    return pieces


def _silences(turn: Turn, time: TimeSpan, spans: Sequence[CharSpan]) -> Iterator[Silence]:
    """The times of the words that hold the spans; all of the turn where its words are not those of its text."""
    if "".join(word.text for word in turn.words) != turn.text:
        yield Silence(turn.index, time, True)
        return
    edges = pairwise(accumulate((len(word.text) for word in turn.words), initial=0))
    places = [(CharSpan(start, end), word.time) for (start, end), word in zip(edges, turn.words, strict=True)]
    for span in spans:
        times = [when for place, when in places if place.overlaps(span)]
        if times:
            start, end = min(when.start_s for when in times), max(when.end_s for when in times)
            yield Silence(turn.index, TimeSpan(max(0.0, start - MARGIN_S), end + MARGIN_S), False)
