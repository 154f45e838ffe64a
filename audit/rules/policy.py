"""A policy: the limits an institution is audited against, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from audit.model.finding import Severity
from audit.rules.schema import PolicySpec


@dataclass(frozen=True, slots=True)
class LenderKind:
    """Words by which a kind of lender is known, and what binds it."""

    names: tuple[str, ...]
    applies_to: frozenset[str]


@dataclass(frozen=True, slots=True)
class Policy:
    """The parameters of RULES.md section 2.2; `id` is the file's name without its ending, `sha256` of its bytes."""

    id: str
    name: Mapping[str, str]
    sha256: str
    jurisdiction: str
    timezone: str
    quiet_from: time
    quiet_to: time
    running_past_window: str
    conversations_per_debtor_per_day: int
    attempts_per_number_per_day: int
    attempts_count: str
    listen_below: float
    role_check_below: float
    severities: Mapping[str, Severity]
    disabled: frozenset[str]
    lender_kinds: Mapping[str, LenderKind]

    def binds(self, lender: str | None) -> frozenset[str] | None:
        """The `applies_to` values that bind a lender of this name; None when the kind cannot be told."""
        for kind in self.lender_kinds.values():
            if lender and any(name in lender for name in kind.names):
                return kind.applies_to
        return None

    def severity(self, rule_id: str, severity: Severity) -> Severity:
        """The severity under this policy: by rule, else by label, else the rule's own."""
        return self.severities.get(rule_id) or self.severities.get(rule_id.partition("/")[0]) or severity

    def is_disabled(self, rule_id: str) -> bool:
        """Whether the rule or its label is switched off."""
        return rule_id in self.disabled or rule_id.partition("/")[0] in self.disabled


def policy_from(spec: PolicySpec, policy_id: str, sha256: str) -> Policy:
    """A policy from its checked file."""
    return Policy(
        id=policy_id,
        name=spec.name.model_dump(),
        sha256=sha256,
        jurisdiction=spec.jurisdiction,
        timezone=spec.timezone,
        quiet_from=time.fromisoformat(spec.quiet_hours.from_),
        quiet_to=time.fromisoformat(spec.quiet_hours.to),
        running_past_window=spec.running_past_window,
        conversations_per_debtor_per_day=spec.conversations_per_debtor_per_day,
        attempts_per_number_per_day=spec.attempts_per_number_per_day,
        attempts_count=spec.attempts_count,
        listen_below=spec.listen_below,
        role_check_below=spec.role_check_below,
        severities=spec.severities,
        disabled=frozenset(spec.disabled),
        lender_kinds={
            name: LenderKind(tuple(kind.names), frozenset(kind.applies_to)) for name, kind in spec.lender_kinds.items()
        },
    )
