"""Rules that search the log of calls alone. They find nothing in one call; `audit.rules.contact.findings_across` judges them after all."""

from collections.abc import Iterator, Sequence

from audit.model.call import Direction
from audit.rules.analysed import AnalysedCall
from audit.rules.contact import CHECKS, across
from audit.rules.match import Match
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy


class ContactLogFinder:
    """Says what a call lacks for being judged with others."""

    def __init__(self, rules: Sequence[Rule], pack: RulePack, policy: Policy) -> None:
        kinds = [(rule, CHECKS[name]) for rule in rules for name in across(rule.parameters)]
        self._needs = [(rule, kind.needs) for rule, kind in kinds if kind.make(policy, None)]

    def find(self, call: AnalysedCall) -> Iterator[Match]:
        """Nothing: one call alone is no log."""
        return iter(())

    def skipped(self, call: AnalysedCall) -> Iterator[str]:
        """The log needs the start, the direction, and whom the call was for; of a call heard, it need not say that it was connected."""
        metadata = call.call.metadata
        if metadata.direction is Direction.INBOUND:
            return
        for rule, needs in self._needs:
            for name in ("started_at", "direction", *needs):
                if getattr(metadata, name) is None and not (name == "connected" and call.turns):
                    yield f"{rule.id}: {name}"
