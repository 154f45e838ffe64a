"""What was looked for in a call: of a label that no rule looked for, a report must not say that nothing was found."""

from collections.abc import Iterable
from datetime import UTC, datetime

from audit.rules.contact import CHECKS, across
from audit.rules.pack import Rule
from audit.rules.policy import Policy

# Kinds of rules that need neither words nor a limit.
_WORDLESS = frozenset({"recording"})


def judged_labels(rules: Iterable[Rule], policy: Policy, *, words: bool) -> tuple[str, ...]:
    """The labels that stable rules of `rules` look for, in order: limits only under a policy that sets them, most others only in
    calls with `words`."""
    return tuple(sorted({rule.label for rule in rules if rule.status == "stable" and _looks(rule, policy, words)}))


def _looks(rule: Rule, policy: Policy, words: bool) -> bool:
    if rule.kind == "off_hours":
        return policy.quiet_hours is not None
    if rule.kind == "contact_log":
        any_day = datetime.min.replace(tzinfo=UTC)
        return any(CHECKS[name].make(policy, any_day) for name in across(rule.parameters))
    return rule.kind in _WORDLESS or words
