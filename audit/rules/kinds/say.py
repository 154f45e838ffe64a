"""Rules about what is said: patterns of concepts, weighed by their context."""

from collections.abc import Iterator, Sequence

from audit.model.call import Role
from audit.model.span import CharSpan
from audit.rules.analysed import AnalysedCall
from audit.rules.duty import with_duty
from audit.rules.lexicon import Hit
from audit.rules.match import Match
from audit.rules.pack import Nearby, Rule, RulePack, Variant
from audit.rules.pattern import Pattern
from audit.rules.policy import Policy
from audit.text.context import PREDICATES, Utterance

# A word known only by its sound is less sure than one that was written so.
_SOUNDED = 0.85
# How far a quotation reaches beyond the matched words, in characters, to the clause's ends.
_QUOTE_REACH = 14


_Entry = tuple[Rule, Variant, Pattern]


class SayFinder:
    """All rules of kind `say`, for each role by the concepts of the pattern's rarest element."""

    def __init__(self, rules: Sequence[Rule], pack: RulePack, policy: Policy) -> None:
        self._entries: list[_Entry] = [
            (rule, variant, pattern) for rule in rules for variant in rule.variants for pattern in variant.patterns
        ]
        self._anchored: dict[Role, dict[str, list[int]]] = {}

    def _of(self, role: Role) -> dict[str, list[int]]:
        """By concept the numbers of the patterns that it anchors, of rules for the role; made for roles that speak."""
        if role not in self._anchored:
            anchored: dict[str, list[int]] = {}
            for number, (rule, _, pattern) in enumerate(self._entries):
                if not rule.roles or role in rule.roles or role is Role.UNKNOWN:
                    for concept in pattern.anchor:
                        anchored.setdefault(concept, []).append(number)
            self._anchored[role] = anchored
        return self._anchored[role]

    def find(self, call: AnalysedCall) -> Iterator[Match]:
        """A match for each place where a pattern holds and no context lifts it.

        What depends on the dialogue comes after what does not, because it may ask what was heard before.
        """
        later: list[tuple[int, list[_Entry]]] = []
        for index in range(len(call.turns)):
            waiting: list[_Entry] = []
            for entry in self._candidates(call, index):
                if entry[1].when:
                    waiting.append(entry)
                    continue
                yield from self._noted(call, index, entry)
            if waiting and call.turns[index].role is not Role.UNKNOWN:
                later.append((index, waiting))
        for index, waiting in later:
            for entry in waiting:
                yield from self._noted(call, index, entry)

    def _candidates(self, call: AnalysedCall, index: int) -> list[_Entry]:
        """The patterns that may match in a turn: words for all their elements are there."""
        concepts, anchored = call.concepts[index], self._of(call.turns[index].role)
        numbers = {number for concept in concepts & anchored.keys() for number in anchored[concept]}
        entries = [self._entries[number] for number in sorted(numbers)]
        return [entry for entry in entries if entry[2].may_match(concepts)]

    @staticmethod
    def _noted(call: AnalysedCall, index: int, entry: "_Entry") -> Iterator[Match]:
        rule, variant, pattern = entry
        for match in _matches(call, index, rule, variant, pattern):
            call.dialogue.note(index, rule.label)
            yield with_duty(match, call)

    def skipped(self, call: AnalysedCall) -> Iterator[str]:
        """Words need nothing but turns."""
        return iter(())


def _matches(call: AnalysedCall, index: int, rule: Rule, variant: Variant, pattern: Pattern) -> Iterator[Match]:
    found = call.found(index)
    for hits in found.matches(pattern):
        if not _holds(call, index, variant):
            return
        utterance = call.utterance(index)
        if _lifted(utterance, hits, variant.unless):
            continue
        yield _match(utterance, index, rule, variant, hits)


def _holds(call: AnalysedCall, index: int, variant: Variant) -> bool:
    """Whether the variant's conditions beside the pattern itself are met."""
    if not all(_recorded(call, name, wanted) for name, wanted in variant.metadata):
        return False
    if variant.when and not call.dialogue.holds(variant.when, index):
        return False
    found = call.found(index)
    for patterns in variant.also:
        if not any(True for pattern in patterns for _ in found.matches(pattern)):
            return False
    if any(True for pattern in variant.without for _ in found.matches(pattern)):
        return False
    return _near(call, index, variant.before, -1) and _near(call, index, variant.after, 1)


def _recorded(call: AnalysedCall, name: str, wanted: str) -> bool:
    """Whether the call record has the field (`present`), lacks it (`absent`), or holds the value; columns nobody here knows count as well."""
    metadata = call.call.metadata
    value = getattr(metadata, name, None)
    value = metadata.extra.get(name) or None if value is None else value
    if wanted in ("present", "absent"):
        return (value is not None) == (wanted == "present")
    return str(value) == wanted


def _near(call: AnalysedCall, index: int, nearby: Nearby | None, direction: int) -> bool:
    if nearby is None:
        return True
    offsets = range(direction, direction * (nearby.within + 1), direction)
    return call.said_near(index, nearby.roles, offsets, nearby.patterns)


def _lifted(utterance: Utterance, hits: Sequence[Hit], unless: Sequence[str]) -> bool:
    starts, ends = [hit.start for hit in hits], [hit.end for hit in hits]
    return any(PREDICATES[name](utterance, starts, ends) for name in unless)


def _match(utterance: Utterance, index: int, rule: Rule, variant: Variant, hits: Sequence[Hit]) -> Match:
    original = utterance.normalised.original
    spans = [utterance.normalised.to_original(CharSpan(hit.start, hit.end)) for hit in hits]
    sounded = [hit for hit in hits if hit.sounded]
    return Match(
        rule=rule,
        turn=index,
        span=utterance.normalised.to_original(quotation(utterance, hits[0].start, hits[-1].end)),
        confidence=variant.confidence * (_SOUNDED if sounded else 1.0),
        variant="homophone" if sounded else "pattern" if len(hits) > 1 else "exact",
        matched=tuple(span.of(original) for span in spans),
        meant=tuple(hit.word for hit in sounded),
        lowered=("homophone",) if sounded else (),
    )


def quotation(utterance: Utterance, start: int, end: int) -> CharSpan:
    """The words to quote: the clauses around the match, cut where they run long."""
    first, last = utterance.clause_of(start).start, utterance.clause_of(max(start, end - 1)).end
    begin, stop = max(first, start - _QUOTE_REACH), min(last, end + _QUOTE_REACH)
    text = utterance.text
    while stop > end and text[stop - 1] in ",，。.!?;:、！？；：… ":
        stop -= 1
    while begin < start and text[begin] in ",，。.!?;:、！？；：… ":
        begin += 1
    return CharSpan(begin, stop)
