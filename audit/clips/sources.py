"""Where audited calls come from: the folders that `callaudit run` wrote, or the store, which knows what people said of findings."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from audit.errors import ConfigError, InputError, Problem
from audit.ingest.items import RECORDING
from audit.model.call import Call
from audit.model.finding import Finding
from audit.model.report import CallReport
from audit.model.review import ReviewState
from audit.report.call_json import EXTENSION, load_report

CALLS = "calls"
# Among so many calls look-alikes are looked for: in a thousand there are enough, and they are read in seconds.
POOL = 1000

# In place of the rule, of what a person added.
ADDED = "reviewer"

# What the audit itself says of a finding; in a store, what people dismissed is none of them.
MACHINE_STATES: dict[str, Callable[[Finding], bool]] = {
    "standing": lambda finding: not finding.why.review,
    "review": lambda finding: bool(finding.why.review),
    "any": lambda finding: True,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding that is asked for. `call` is where its source finds the call again; `turn` is None when it is about a whole call."""

    call: str
    call_id: str
    turn: int | None
    quote: str
    label: str
    rank: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Said:
    """What people said of a finding, and why those who dismissed it did."""

    state: ReviewState = ReviewState.OPEN
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Audited:
    """A call from a source. `said` is of its findings, in their order; `accused` are turns in which a person sees a violation that the
    audit does not; `added` are violations that people added by hand, as findings, and what is said of each; `recording` is where its sound lies, None for a call that came as a transcript; `others` are the call in
    other words that it was given: who corrected a number away, or heard it no more, did not take it out of the sound."""

    key: str
    report: CallReport
    said: tuple[Said, ...]
    accused: frozenset[int] = field(default=frozenset())
    recording: Path | None = None
    others: tuple[Call, ...] = ()
    added: tuple[tuple[Finding, Said], ...] = ()

    @property
    def judged(self) -> list[tuple[Finding, Said]]:
        """All findings, those of people after those of the program, with what is said of each."""
        return [*zip(self.report.findings, self.said, strict=True), *self.added]

    @property
    def versions(self) -> tuple[Call, ...]:
        """The call in all words that its recording has to be covered by."""
        return (self.report.call, *self.others)


class Source(Protocol):
    """Audited calls to choose examples from."""

    def seen(self) -> dict[str, int]:
        """How many findings there are of each label."""

    def found(self, labels: Sequence[str], state: str, problems: list[Problem]) -> Iterator[Candidate]:
        """The findings of `labels` (see `wanted`) in a state; calls that cannot be read go to `problems`."""

    def cleared(self, labels: Sequence[str]) -> Iterator[Candidate]:
        """The findings of `labels` in turns that people cleared of all that was found in them."""

    def pool(self) -> Iterator[Audited]:
        """At most `POOL` calls to look for look-alikes in."""

    def call(self, key: str) -> Audited:
        """A call again."""


def wanted(label: str, labels: Sequence[str]) -> bool:
    """Whether `label` is asked for: by its name or its family's; every breach where no label is named. Signals never are: they are
    what the other side says, and no example of what must not be said.

    >>> wanted("threat.family", ["threat"]), wanted("signal.paid", ["signal.paid"])
    (True, False)
    """
    family = label.partition(".")[0]
    return family != "signal" and (not labels or label in labels or family in labels)


class Runs:
    """The folders of one or more runs. A call is found again by the path of its report; nobody has said anything of its findings.

    Raises InputError (CA701) for a folder without call reports.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._paths: list[Path] = []
        for folder in folders:
            paths = sorted((folder / CALLS).glob(f"[!.]*{EXTENSION}"))
            if not paths:
                raise InputError("CA701", str(folder))
            self._paths += paths
        self._seen: dict[str, int] = {}

    def seen(self) -> dict[str, int]:
        """Counted by `found`, which reads every report."""
        return self._seen

    def found(self, labels: Sequence[str], state: str, problems: list[Problem]) -> Iterator[Candidate]:
        """Raises ConfigError (CA716) for a state that only reviewers give."""
        if state not in MACHINE_STATES:
            raise ConfigError("CA716", state=state)
        self._seen.clear()
        for path in self._paths:
            try:
                report = load_report(path)
            except InputError as error:
                problems.append(error.problem)
                continue
            for finding in report.findings:
                self._seen[finding.label] = self._seen.get(finding.label, 0) + 1
                if wanted(finding.label, labels) and MACHINE_STATES[state](finding):
                    yield _candidate(path, report, finding)

    def cleared(self, labels: Sequence[str]) -> Iterator[Candidate]:
        """None: a run knows no reviewers."""
        return iter(())

    def pool(self) -> Iterator[Audited]:
        """Evenly from all of the runs; what cannot be read was told by `found`."""
        for path in self._paths[:: -(-len(self._paths) // POOL)]:
            try:
                yield self.call(str(path))
            except InputError:
                continue

    def call(self, key: str) -> Audited:
        """Raises InputError when the report cannot be read (any more)."""
        path = Path(key)
        report = load_report(path)
        return Audited(key, report, (Said(),) * len(report.findings), recording=_recording(path, report))


def _candidate(path: Path, report: CallReport, finding: Finding) -> Candidate:
    return Candidate(
        str(path),
        report.call.call_id,
        finding.turn,
        finding.quote,
        finding.label,
        finding.severity.rank,
        finding.confidence,
    )


def _recording(path: Path, report: CallReport) -> Path | None:
    """Paths are as the user gave them to `callaudit run`, most often started where its output folder lies."""
    if report.call.source.kind != RECORDING:
        return None
    given = Path(report.call.source.path)
    return given if given.exists() else path.parents[2] / given
