"""What a worker does with a call, and what a run needs to know of how calls are audited."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from audit.batch.ledger import Audited
from audit.i18n import Lang, language, set_language
from audit.ingest.items import Attempt, CallInput
from audit.model.call import Call, Source
from audit.model.finding import Finding, Severity
from audit.model.report import CallReport
from audit.pipeline import Auditor, Options
from audit.report.registry import write_call
from audit.rules.contact import ContactLog, across_rules, findings_across, heard_in


class Audit(Protocol):
    """How the calls of a run are audited.

    `key` changes whenever the same call could get another report. `across` are the rules that look across calls, by id.
    """

    key: str
    across: frozenset[str]

    def setup(self, jobs: int, out: Path) -> Callable[[], Callable[[CallInput], Audited]]:
        """The setup of one of `jobs` workers: makes the function that audits a call and writes its files to `out`."""

    def attempt(self, attempt: Attempt) -> CallReport:
        """The report of a row of the manifest without a call to hear."""

    def findings_across(self, log: ContactLog) -> Iterator[Finding]:
        """The findings of the rules that look across calls; they speak of whole calls, not of turns."""


class PipelineAudit:
    """Audits as `audit.pipeline` does. Rules and policy are loaded at once: what is wrong with them shows first.

    Raises ConfigError when they cannot be loaded.
    """

    def __init__(self, options: Options) -> None:
        self._auditor = Auditor(options)
        self.key = self._auditor.key
        self.across = frozenset(rule.id for rule in across_rules(self._auditor.engine.pack))

    @property
    def options(self) -> dict[str, str]:
        """What was chosen and can change a report, by name."""
        options = asdict(self._auditor.options)
        chosen = {name: value for name, value in options.items() if name != "threads" and value}
        return {name: ", ".join(value) if isinstance(value, tuple) else str(value) for name, value in chosen.items()}

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of the rules and of the policy."""
        return {"rules": self._auditor.engine.pack.sha256, "policy": self._auditor.engine.policy.sha256}

    def setup(self, jobs: int, out: Path) -> Callable[[], Callable[[CallInput], Audited]]:
        """Workers share the cores for speech, unless a number of threads was asked for."""
        options = self._auditor.options
        threads = options.threads or max(1, cores() // jobs)
        return WorkerSetup(replace(options, threads=threads), out, language())

    def attempt(self, attempt: Attempt) -> CallReport:
        """A call without turns: only rules about when and how often somebody is called can find anything."""
        source = Source(attempt.path, "", attempt.kind, attempt.row)
        return self._auditor.report(Call(attempt.call_id, attempt.metadata, (), source))

    def findings_across(self, log: ContactLog) -> Iterator[Finding]:
        """Rules about the log, over the calls of the run."""
        return findings_across(log, self._auditor.engine.pack, self._auditor.engine.policy)


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """Makes the one Auditor of a worker process, which speaks the language of its parent."""

    options: Options
    out: Path
    lang: Lang

    def __call__(self) -> Callable[[CallInput], Audited]:
        """The function that audits a call and writes its files."""
        set_language(self.lang)
        auditor = Auditor(self.options, proved=True)

        def work(item: CallInput) -> Audited:
            report = auditor.audit(item)
            write_call(report, self.out)
            return audited(report)

        return work


def audited(report: CallReport) -> Audited:
    """What the ledger keeps of a report."""
    call = report.call
    length = call.recording_s if call.recording_s is not None else call.metadata.duration_s
    heard = heard_in(call, report.findings)
    return Audited(call.metadata, call.both_spoke, heard, length or 0.0, worst(report.findings))


def worst(findings: Iterable[Finding]) -> int:
    """The rank of the gravest finding that counts against a call, -1 for none.

    A finding that waits for a listener does not. What debtors say (signals) is no breach, but one that obliges to act at once (self-harm) counts, as in the verdict.
    """
    counting = (
        finding.severity
        for finding in findings
        if (not finding.is_signal or finding.severity is Severity.CRITICAL) and not finding.why.review
    )
    return max((severity.rank for severity in counting), default=-1)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
