"""What of a call a page may show: identifiers masked by position, the debtor's name but for its first character."""

import re

from audit.model.call import Call
from audit.model.finding import Finding
from audit.model.span import CharSpan
from audit.pii import identifiers
from audit.pii.redact import MASK, mask, mask_spans_across
from audit.text.normalise import normalise

_LONG = 200
_DIGITS = re.compile(r"\+?[0-9]{7,}[Xx]?")
_PERSONAL = ("mobile", "landline", "id_number")


class Redactor:
    """Masks the texts of one call. Masks keep the length, so that positions in a turn stay true."""

    def __init__(self, call: Call) -> None:
        name = call.metadata.debtor_name or ""
        # A single character is a surname at most and would mask half the dialogue; a name with stars is masked already.
        self._name = re.compile(re.escape(name)) if len(name) > 1 and not {"*", MASK} & set(name) else None
        self._original = {turn.index: turn.text for turn in call.turns}
        self._masked: dict[int, str] = {}
        turns = list(call.turns)
        across = mask_spans_across([turn.role for turn in turns], [turn.text for turn in turns])
        self._across = {turns[place].index: spans for place, spans in across.items()}

    def text(self, text: str) -> str:
        """`text` with its identifiers and the debtor's name masked, as long as before."""
        return mask(text, self._debtor(text))

    def words(self, words: str) -> str:
        """Spoken words that stand in no turn, masked by themselves."""
        return self.text(words)

    def turn(self, index: int) -> str:
        """The masked text of the turn with this index, also where its digits are part of a number that other turns complete."""
        if index not in self._masked:
            text = self._original[index]
            self._masked[index] = mask(text, (*self._debtor(text), *self._across.get(index, ())))
        return self._masked[index]

    def _debtor(self, text: str) -> list[CharSpan]:
        """The debtor's name, all but its first character."""
        return [CharSpan(found.start() + 1, found.end()) for found in self._name.finditer(text)] if self._name else []

    def quote(self, finding: Finding) -> str:
        """The words of a finding, masked by what its whole turn shows to be an identifier."""
        if finding.turn in self._original and finding.span:
            return finding.span.of(self.turn(finding.turn))
        return self.words(finding.quote)

    def fragment(self, finding: Finding, words: str) -> str:
        """Some words of a finding's turn, masked like the turn; words not in it are masked by themselves."""
        if finding.turn in self._original:
            start = self._original[finding.turn].find(words, finding.span.start if finding.span else 0)
            if start >= 0:
                return self.turn(finding.turn)[start : start + len(words)]
        return self.words(words)


def shortened(words: str) -> str:
    """Words for a card or a cell; the dialogue has all of them."""
    return words if len(words) <= _LONG else words[:_LONG] + "…"


def masked_id(call_id: str) -> str:
    """A call's id with telephone and identity numbers in it masked. Other numbers stay: serials are how officers know their calls.

    >>> masked_id("20260302_13800138000"), masked_id("20260302101500001")
    ('20260302_＊＊＊＊＊＊＊8000', '20260302101500001')
    """
    return _DIGITS.sub(lambda run: _masked_run(run[0]), call_id)


def _masked_run(digits: str) -> str:
    shown = list(digits)
    for identifier in identifiers(normalise(digits)):
        if identifier.kind in _PERSONAL:
            for span in identifier.hidden:
                shown[span.start : span.end] = MASK * (span.end - span.start)
    return "".join(shown)


def masked_name(name: str) -> str:
    """A person's name with all but its first character masked.

    >>> masked_name("欧阳小明")
    '欧＊＊＊'
    """
    return name[:1] + MASK * (len(name) - 1)


def masked_number(number: str) -> str:
    """A telephone number with its first three and last four digits; one that carries stars already stays as it is.

    >>> masked_number("138 0013 8000"), masked_number("138****0001"), masked_number("95588")
    ('138 ＊＊＊＊ 8000', '138****0001', '＊＊＊88')
    """
    if "*" in number or MASK in number:
        return number
    digits = [i for i, character in enumerate(number) if character.isdigit()]
    hidden = set(digits[3:-4] if len(digits) >= 10 else digits[:-2])
    return "".join(MASK if i in hidden else character for i, character in enumerate(number))
