"""Turns that resemble labelled examples of a label, where no rule says so: suspicions of the learned tier."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from audit.model.span import CharSpan
from audit.rules.analysed import AnalysedCall
from audit.rules.dialogue import Heard, Listener, When
from audit.rules.match import Match
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy
from audit.text.context import PREDICATES, Utterance

if TYPE_CHECKING:
    from audit.learned.ngrams import Reason

# Shorter turns say too little to resemble anything.
_LEAST = 8
# So many n-grams are named.
_NAMED = 4
# The clauses that are quoted have at least this part of the weight of the weightiest.
_QUOTED = 0.6
# What lifts a suspicion, where it lifts so much of the weight of the words that are named.
_LIFTED = 0.7
_UNLESS = ("negated", "quoted", "asked", "apologised", "rule_read_aloud", "credit_asked", "pretenders")


class LearnedFinder:
    """One rule a label. A match asks for a listener, unless the policy lets the models accuse. `parameters.at_least` is a rule's own
    least probability where that of the policy is lower; `listeners` and `heard` (cues said before by the other side) are where the
    label can occur at all."""

    def __init__(self, rules: Sequence[Rule], pack: RulePack, policy: Policy) -> None:
        self._rules = [
            (rule, max(policy.learned_listen_at, float(str(rule.parameters.get("at_least", 0)))), _when(rule))
            for rule in rules
            if policy.learned != "off"
        ]
        self._policy = policy

    def find(self, call: AnalysedCall) -> Iterator[Match]:
        """A match for each label that is probable enough, in turns of which no other rule told anything."""
        if not call.opinions:  # no model is asked, and what models need is not even imported
            return
        from audit.learned.ngrams import judged_as, judged_by

        for index, opinion in call.opinions.items():
            if (
                index in call.told
                or len(call.texts.text(index)) < _LEAST
                or max(opinion.labels.values(), default=0.0) < self._policy.learned_listen_at
            ):
                continue
            units = judged_as(call.turns[index].role)
            for rule, least, when in self._rules:
                likely = opinion.labels.get(rule.label, 0.0)
                if likely >= least and judged_by(rule.label) in units and call.dialogue.holds(when, index):
                    yield from self._matches(call, index, rule, likely)

    def skipped(self, call: AnalysedCall) -> Iterator[str]:
        """Words need nothing but turns."""
        return iter(())

    def _matches(self, call: AnalysedCall, index: int, rule: Rule, likely: float) -> Iterator[Match]:
        """One match, or none where the context lifts it: n-grams know no negation and no quotation."""
        from audit.learned.ngrams import shipped

        utterance = call.utterance(index)
        reasons = shipped().reasons(utterance.text, rule.label)
        named = strongest(reasons)
        if sum(r.weight for r in named if _lifted(utterance, r.span)) > _LIFTED * sum(r.weight for r in named):
            return
        normalised = utterance.normalised
        words = tuple(normalised.to_original(r.span).of(normalised.original) for r in named)
        accuses = self._policy.learned == "accuse" and likely >= self._policy.learned_accuse_at
        yield Match(
            rule=rule,
            turn=index,
            span=normalised.to_original(weightiest(utterance, reasons)),
            confidence=likely,
            variant="learned",
            matched=words,
            facts={"probability": f"{likely:.2f}", "because_of": " ".join(words)},
            review=() if accuses else ("needs_listener",),
        )


def _when(rule: Rule) -> When:
    listeners, cues = (rule.parameters.get(name, []) for name in ("listeners", "heard"))
    assert isinstance(listeners, list) and isinstance(cues, list)
    return When(frozenset(map(Listener, listeners)), heard=Heard(tuple(cues)) if cues else None)


def _lifted(utterance: Utterance, span: CharSpan) -> bool:
    return any(PREDICATES[name](utterance, [span.start], [span.end]) for name in _UNLESS)


def strongest(reasons: Sequence["Reason"]) -> list["Reason"]:
    """The n-grams that speak most for the label, in the order of the turn, none inside another."""
    chosen: list[Reason] = []
    for reason in sorted(reasons, key=lambda r: (-r.weight, r.span.start)):
        if reason.weight <= 0 or len(chosen) == _NAMED:
            break
        if not any(reason.span.overlaps(other.span) for other in chosen):
            chosen.append(reason)
    return sorted(chosen, key=lambda reason: reason.span.start)


def weightiest(utterance: Utterance, reasons: Sequence["Reason"]) -> CharSpan:
    """The clauses to quote: from the first to the last of those that weigh nearly as much as the weightiest."""
    weights: dict[CharSpan, float] = {}
    for reason in reasons:
        clause = utterance.clause_of(reason.span.start)
        weights[clause] = weights.get(clause, 0.0) + reason.weight
    if max(weights.values(), default=0.0) <= 0:  # what was said before, or the listener, decided
        return CharSpan(0, len(utterance.text))
    least = _QUOTED * max(weights.values())
    clauses = [clause for clause, weight in weights.items() if weight >= least]
    return CharSpan(min(clause.start for clause in clauses), max(clause.end for clause in clauses))
