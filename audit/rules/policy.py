"""A policy: the limits an institution is audited against, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from audit.model.finding import Severity


@dataclass(frozen=True, slots=True)
class LenderKind:
    """Words by which a kind of lender is known, and what binds it."""

    names: tuple[str, ...]
    applies_to: frozenset[str]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Quiet hours begin at `begins` and end at `ends`, on the next day if that is earlier. `days` are judged, 0 is Monday."""

    begins: time
    ends: time
    days: frozenset[int]


@dataclass(frozen=True, slots=True)
class Burst:
    """`attempts` dials of one number within `minutes` are a burst."""

    attempts: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Informational:
    """A cap on connected calls a day, whoever spoke, in force from `begins` to `ends`, both included."""

    limit: int
    begins: date
    ends: date


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A debtor is lost after `failures` failed dials in a row, from the next day on, or after failures on `days` days running."""

    failures: int
    days: int


@dataclass(frozen=True, slots=True)
class Policy:
    """The parameters of RULES.md section 2.2; a limit that is None is off, and so is its rule.

    `id` is the file's name without its ending, `sha256` of its bytes and of those it extends. `places` says where the names of
    rules, labels and clauses in it are written.
    """

    id: str
    name: Mapping[str, str]
    sha256: str
    jurisdiction: str
    country: str
    timezone: str
    quiet_hours: QuietHours | None
    running_past_window: str
    conversations_per_debtor_per_day: int | None
    sum_lender_and_agencies: bool
    conversation_min_talk_s: float
    informational: Informational | None
    attempts_per_number_per_day: int | None
    attempts_count: str
    attempts_per_debt_in_7_days: int | None
    days_after_conversation: int | None
    conversations_per_debtor_per_week: int | None
    conversations_per_debtor_per_month: int | None
    burst: Burst | None
    third_party_precondition: Unreachable | None
    listen_below: float
    learned: str
    learned_models: tuple[str, ...]
    learned_listen_at: float
    learned_accuse_at: float
    role_check_below: float
    severities: Mapping[str, Severity]
    disabled: frozenset[str]
    lender_kind: str | None
    lender_kinds: Mapping[str, LenderKind]
    clauses: Mapping[str, frozenset[str]]
    places: Mapping[str, str]

    def binds(self, lender: str | None) -> frozenset[str] | None:
        """The `applies_to` values that bind a lender of this name; None when the kind cannot be told."""
        for kind in self.lender_kinds.values():
            if lender and any(name in lender for name in kind.names):
                return kind.applies_to
        return self.lender_kinds[self.lender_kind].applies_to if self.lender_kind else None

    def clauses_for(self, rule_id: str) -> tuple[str, ...]:
        """Keys of the clauses that this policy adds to those of the rule."""
        names = {rule_id, rule_id.partition("/")[0]}
        return tuple(key for key, rules in self.clauses.items() if rules & names)

    def severity(self, rule_id: str, severity: Severity) -> Severity:
        """The severity under this policy: by rule, else by label, else the rule's own."""
        return self.severities.get(rule_id) or self.severities.get(rule_id.partition("/")[0]) or severity

    def is_disabled(self, rule_id: str) -> bool:
        """Whether the rule or its label is switched off."""
        return rule_id in self.disabled or rule_id.partition("/")[0] in self.disabled
