"""Kinds of rules, one file each. A new kind is a class with `find`, and one line here."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Protocol

from audit.rules.analysed import AnalysedCall
from audit.rules.match import Match
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy


class Finder(Protocol):
    """All rules of one kind, prepared once."""

    def find(self, call: AnalysedCall) -> Iterator[Match]:
        """Where the rules match in one call."""
        ...

    def skipped(self, call: AnalysedCall) -> Iterator[str]:
        """Ids of rules that could not be judged because the call lacks what they need, as `rule: field`."""
        ...


class FinderClass(Protocol):
    """How a finder is made."""

    def __call__(self, rules: Sequence[Rule], pack: RulePack, policy: Policy) -> Finder:
        """Prepare the rules of the kind, of a pack, under a policy."""
        ...


# In the order in which they are asked: the learned rules say nothing of turns of which others did.
KINDS = {
    "say": "audit.rules.kinds.say:SayFinder",
    "omission": "audit.rules.kinds.omission:OmissionFinder",
    "identifiers": "audit.rules.kinds.identifiers:IdentifierFinder",
    "off_hours": "audit.rules.kinds.off_hours:OffHoursFinder",
    "recording": "audit.rules.kinds.recording:RecordingFinder",
    "contact_log": "audit.rules.kinds.contact_log:ContactLogFinder",
    "learned": "audit.rules.kinds.learned:LearnedFinder",
}


def load_kind(name: str) -> FinderClass:
    """The finder of a kind. Raises KeyError for a kind that is not registered."""
    module, _, attribute = KINDS[name].partition(":")
    finder: FinderClass = getattr(import_module(module), attribute)
    return finder
