"""Rules that count over calls. They find nothing in one call; `audit.rules.contact.frequency_findings` judges them after all."""

from collections.abc import Iterator, Sequence

from audit.model.call import Direction
from audit.rules.analysed import AnalysedCall
from audit.rules.match import Match
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy

_NEEDS = {"conversations": "debtor_id", "attempts": "callee_number"}


class FrequencyFinder:
    """Says what a call lacks for being counted."""

    def __init__(self, rules: Sequence[Rule], pack: RulePack, policy: Policy) -> None:
        self._rules = rules

    def find(self, call: AnalysedCall) -> Iterator[Match]:
        """Nothing: one call alone exceeds no daily cap."""
        return iter(())

    def skipped(self, call: AnalysedCall) -> Iterator[str]:
        """Counting needs the start, the direction, and whom the call was for."""
        metadata = call.call.metadata
        if metadata.direction is Direction.INBOUND:
            return
        for rule in self._rules:
            for name in ("started_at", "direction", _NEEDS[str(rule.parameters["counts"])]):
                if getattr(metadata, name) is None:
                    yield f"{rule.id}: {name}"
