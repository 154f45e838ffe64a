"""A policy: the limits an institution is audited against, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from audit.model.finding import Severity
from audit.rules.schema import DAYS, HoursSpec, InformationalSpec, PolicySpec, UnreachableSpec


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


def policy_from(spec: PolicySpec, policy_id: str, sha256: str, places: Mapping[str, str]) -> Policy:
    """A policy from its checked file, with what it extends put in."""
    return Policy(
        id=policy_id,
        name=spec.name.model_dump(),
        sha256=sha256,
        jurisdiction=spec.jurisdiction,
        country=spec.country,
        timezone=spec.timezone,
        quiet_hours=_quiet_hours(spec.quiet_hours) if spec.quiet_hours else None,
        running_past_window=spec.running_past_window,
        conversations_per_debtor_per_day=spec.conversations_per_debtor_per_day,
        sum_lender_and_agencies=spec.sum_lender_and_agencies,
        conversation_min_talk_s=spec.conversation_min_talk_s,
        informational=_informational(spec.informational_calls_per_debtor_per_day),
        attempts_per_number_per_day=spec.attempts_per_number_per_day,
        attempts_count=spec.attempts_count,
        attempts_per_debt_in_7_days=spec.attempts_per_debt_in_7_days,
        days_after_conversation=spec.days_after_conversation,
        conversations_per_debtor_per_week=spec.conversations_per_debtor_per_week,
        conversations_per_debtor_per_month=spec.conversations_per_debtor_per_month,
        burst=Burst(spec.burst.attempts, spec.burst.minutes) if spec.burst else None,
        third_party_precondition=_unreachable(spec.third_party_precondition),
        listen_below=spec.listen_below,
        learned=spec.learned,
        learned_models=tuple(spec.learned_models),
        learned_listen_at=spec.learned_listen_at,
        learned_accuse_at=spec.learned_accuse_at,
        role_check_below=spec.role_check_below,
        severities={_rule_or_label(name): severity for name, severity in spec.severities.items()},
        disabled=frozenset(map(_rule_or_label, spec.disabled)),
        lender_kind=spec.lender_kind,
        lender_kinds={
            name: LenderKind(tuple(kind.names), frozenset(kind.applies_to))
            for name, kind in (spec.lender_kinds or {}).items()
        },
        clauses={key: frozenset(map(_rule_or_label, names)) for key, names in (spec.clauses or {}).items()},
        places=places,
    )


def _quiet_hours(spec: HoursSpec) -> QuietHours:
    begins, ends = time.fromisoformat(spec.from_), time.fromisoformat(spec.to)
    return QuietHours(begins, ends, frozenset(DAYS.index(day) for day in spec.days))


def _informational(spec: InformationalSpec | None) -> Informational | None:
    return Informational(spec.limit, spec.from_, spec.until) if spec else None


def _unreachable(spec: UnreachableSpec | None) -> Unreachable | None:
    return Unreachable(spec.failures, spec.days) if spec else None


def _rule_or_label(name: str) -> str:
    """`label/*` is the label."""
    return name.removesuffix("/*")
