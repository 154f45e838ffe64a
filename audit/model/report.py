"""What comes out for one call."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from audit.model.call import Call
from audit.model.finding import Finding, Severity

SCHEMA_VERSION = "2"


class Verdict(StrEnum):
    """The verdict on a call: `violation` (a finding above info that stands by itself), `review` (a person must listen), `clean`."""

    VIOLATION = "violation"
    REVIEW = "review"
    CLEAN = "clean"


@dataclass(frozen=True, slots=True)
class AuditInfo:
    """What made the report: version of callaudit, of the rule pack (hash), of the policy.

    `skipped` are notes on rules that could not be judged (`rule: field`), `judged` the labels that some rule looked for: of any
    other label the report says nothing.
    """

    callaudit_version: str
    rules_sha256: str
    policy: str
    skipped: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DialogueState:
    """Who hears the agent from turn `turn` on, until the next state.

    `listener` as in `audit.rules.dialogue.Listener`; `identified`: they have said who they are.
    """

    turn: int
    listener: str
    identified: bool


@dataclass(frozen=True, slots=True)
class CallReport:
    """A call, its findings (sorted by turn, then place), what made them, and the states of its dialogue in order (where there is
    any finding)."""

    call: Call
    findings: tuple[Finding, ...]
    audit: AuditInfo
    dialogue: tuple[DialogueState, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The verdict on the call."""
        return verdict(self.findings)

    @property
    def score(self) -> int:
        """Risk from 0 (clean) to 100, for ranking; see `risk_score`."""
        return risk_score(self.findings)


def verdict(findings: Sequence[Finding]) -> Verdict:
    """The verdict that `findings` give: signals and `info` alone leave a call clean."""
    above_info = [f for f in findings if not f.is_signal and f.severity is not Severity.INFO]
    if any(not f.why.review for f in above_info):
        return Verdict.VIOLATION
    if above_info or any(f.severity is Severity.CRITICAL for f in findings):
        return Verdict.REVIEW
    return Verdict.CLEAN


_WEIGHT = {Severity.CRITICAL: 60.0, Severity.MAJOR: 30.0, Severity.MINOR: 10.0, Severity.INFO: 0.0}


def risk_score(findings: Sequence[Finding]) -> int:
    """Risk from 0 to 100: one minus the product of what each finding leaves, so that more and graver findings never lower it.

    A finding that waits for a listener weighs half. Self-harm signals weigh as critical.
    """
    left = 1.0
    for finding in findings:
        weight = _WEIGHT[finding.severity] * finding.confidence * (0.5 if finding.why.review else 1.0)
        left *= 1 - weight / 100
    return round(100 * (1 - left))
