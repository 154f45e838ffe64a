"""What a run comes to: a compact summary of each call, and the totals over all of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from audit.model.call import CallMetadata
from audit.model.finding import Finding, Severity
from audit.model.report import AuditInfo, CallReport, Verdict
from audit.report.names import file_stem
from audit.report.redaction import Redactor, masked_id, shortened
from audit.report.urgent import SELF_HARM


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What made a run. Names are free (`callaudit`, `rules`, `model` ...); nothing tells one machine from another."""

    started_at: datetime
    finished_at: datetime
    versions: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopFinding:
    """The gravest finding of a call: its words masked, `waits` when a person must listen first."""

    label: str
    severity: Severity
    quote: str
    waits: bool


@dataclass(frozen=True, slots=True)
class LabelCount:
    """How often a label was found in a call: by itself, and waiting for a listener."""

    label: str
    standing: int
    waiting: int


@dataclass(frozen=True, slots=True)
class CallSummary:
    """One call in a few hundred bytes. `shown_id` is its id with numbers masked, `page` relative to the run's folder,
    `by_severity` counts what stands."""

    call_id: str
    shown_id: str
    path: str
    page: str
    verdict: Verdict
    score: int
    agent_id: str | None
    team: str | None
    debtor_id: str | None
    local_start: datetime | None
    length_s: float | None
    by_severity: tuple[tuple[Severity, int], ...]
    labels: tuple[LabelCount, ...]
    top: TopFinding | None

    def severity(self, severity: Severity) -> int:
        """How many findings of this severity stand by themselves."""
        return dict(self.by_severity).get(severity, 0)

    @property
    def urgent(self) -> bool:
        """Whether somebody spoke of suicide."""
        return any(count.label == SELF_HARM for count in self.labels)

    @property
    def standing(self) -> int:
        """How many findings stand by themselves, signals left out."""
        return sum(count for _, count in self.by_severity)

    @property
    def waiting(self) -> int:
        """How many findings wait for a listener, signals left out."""
        return sum(count.waiting for count in self.labels if not _is_signal(count.label))

    @property
    def signals(self) -> int:
        """How many signals the other side gave."""
        return sum(count.standing + count.waiting for count in self.labels if _is_signal(count.label))


def summarise(report: CallReport) -> CallSummary:
    """The summary of one call."""
    call, breaches = report.call, [finding for finding in report.findings if not finding.is_signal]
    redactor = Redactor(call)
    standing = Counter(finding.severity for finding in breaches if not finding.why.review)
    labels = Counter((finding.label, bool(finding.why.review)) for finding in report.findings)
    return CallSummary(
        call_id=call.call_id,
        shown_id=masked_id(call.call_id),
        path=redactor.text(call.source.path),
        page=f"calls/{file_stem(call.call_id)}.html",
        verdict=report.verdict,
        score=report.score,
        agent_id=call.metadata.agent_id,
        team=call.metadata.team,
        debtor_id=call.metadata.debtor_id,
        local_start=local_start(call.metadata),
        length_s=call.recording_s if call.recording_s is not None else call.metadata.duration_s,
        by_severity=tuple((severity, standing[severity]) for severity in Severity if standing[severity]),
        labels=tuple(
            LabelCount(label, labels[label, False], labels[label, True])
            for label in sorted({label for label, _ in labels})
        ),
        top=_top(breaches, redactor),
    )


def _top(breaches: list[Finding], redactor: Redactor) -> TopFinding | None:
    if not breaches:
        return None
    top = max(breaches, key=lambda finding: (not finding.why.review, finding.severity.rank, finding.confidence))
    return TopFinding(top.label, top.severity, shortened(redactor.quote(top)), bool(top.why.review))


def local_start(metadata: CallMetadata) -> datetime | None:
    """When the call started by the clock at the debtor's place, as far as the call's record tells."""
    if metadata.started_at is None or metadata.callee_timezone is None:
        return metadata.started_at
    try:
        return metadata.started_at.astimezone(ZoneInfo(metadata.callee_timezone))
    except (LookupError, ValueError, OSError):  # no such zone; the record's own offset is what is left
        return metadata.started_at


@dataclass(slots=True)
class Tally:
    """Counts over some calls. Rates are per 100 calls."""

    calls: int = 0
    violations: int = 0
    reviews: int = 0
    findings: int = 0
    critical: int = 0

    def add(self, call: CallSummary) -> None:
        """Count one call."""
        self.calls += 1
        self.violations += call.verdict is Verdict.VIOLATION
        self.reviews += call.verdict is Verdict.REVIEW
        self.findings += call.standing
        self.critical += call.severity(Severity.CRITICAL)

    @property
    def violation_rate(self) -> float:
        """Calls with a violation per 100 calls."""
        return 100 * self.violations / self.calls

    @property
    def finding_rate(self) -> float:
        """Standing findings per 100 calls."""
        return 100 * self.findings / self.calls


class RunTotals:
    """Totals over the calls added so far. Memory grows with agents, teams and labels, not with calls."""

    def __init__(self) -> None:
        self.verdicts: Counter[Verdict] = Counter()
        self.severities: Counter[Severity] = Counter()
        self.standing: Counter[str] = Counter()
        self.waiting: Counter[str] = Counter()
        self.calls_with: Counter[str] = Counter()
        self.agents: dict[str, Tally] = {}
        self.teams: dict[str, Tally] = {}
        self.hours: dict[int, Tally] = {}
        self.judged: Counter[str] = Counter()
        self.skipped: Counter[str] = Counter()
        self.recorded_s = 0.0
        self.first_day: date | None = None
        self.last_day: date | None = None

    def add(self, call: CallSummary) -> None:
        """Count one call; one without agent, team or start is left out of that grouping."""
        self.verdicts[call.verdict] += 1
        self.severities.update(dict(call.by_severity))
        for count in call.labels:
            self.standing[count.label] += count.standing
            self.waiting[count.label] += count.waiting
            self.calls_with[count.label] += 1
        self.recorded_s += call.length_s or 0.0
        if call.agent_id:
            self.agents.setdefault(call.agent_id, Tally()).add(call)
        if call.team:
            self.teams.setdefault(call.team, Tally()).add(call)
        if call.local_start:
            self.hours.setdefault(call.local_start.hour, Tally()).add(call)
            day = call.local_start.date()
            self.first_day = min(self.first_day or day, day)
            self.last_day = max(self.last_day or day, day)

    def add_audit(self, audit: AuditInfo) -> None:
        """Count what was looked for in one call: labels, and notes on rules that could not be judged."""
        self.judged.update(audit.judged)
        self.skipped.update(audit.skipped)

    @property
    def judges_signals(self) -> bool:
        """Whether signals were looked for in any call."""
        return any(map(_is_signal, self.judged))

    @property
    def calls(self) -> int:
        """How many calls were added."""
        return self.verdicts.total()

    @property
    def findings(self) -> int:
        """All findings but signals."""
        return sum(self.standing[label] + self.waiting[label] for label in self.labels() if not _is_signal(label))

    @property
    def to_review(self) -> int:
        """Findings that wait for a listener, signals left out."""
        return sum(count for label, count in self.waiting.items() if not _is_signal(label))

    @property
    def signals(self) -> int:
        """All signals."""
        return sum(self.standing[label] + self.waiting[label] for label in self.labels() if _is_signal(label))

    def labels(self) -> list[str]:
        """Labels found, most frequent first."""
        return sorted(self.calls_with, key=lambda label: (-self.standing[label] - self.waiting[label], label))

    def breach_labels(self) -> list[str]:
        """Labels of breaches found, most frequent first."""
        return [label for label in self.labels() if not _is_signal(label)]

    def signal_labels(self) -> list[str]:
        """Labels of signals given, most frequent first."""
        return [label for label in self.labels() if _is_signal(label)]


def _is_signal(label: str) -> bool:
    return label.partition(".")[0] == "signal"
