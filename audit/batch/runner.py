"""A run: every call audited once, findings across calls added, the run's reports written.

Killed at any moment, it is finished by running it again: what the ledger has is not done again, and what is done twice
(a call in hand, a page half through being given its findings from other calls) gives the same bytes.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from audit.batch.executors import executor
from audit.batch.ledger import Audited, Crossing, Ledger
from audit.batch.output import call_files, sweep
from audit.batch.progress import Tally
from audit.batch.work import Audit, worst
from audit.errors import CallauditError, ConfigError, Problem
from audit.ingest.items import Attempt, CallInput, Failure
from audit.model.report import CallReport
from audit.report.call_json import load_report
from audit.report.registry import write_call
from audit.report.run import write_run
from audit.report.summary import RunInfo, RunTotals
from audit.rules.engine import place

Item = CallInput | Attempt | Failure | Problem


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `worst` is the rank of its gravest finding that counts, -1 for none."""

    totals: RunTotals
    failures: list[Failure]
    warnings: list[Problem]
    worst: int


def run(
    items: Iterable[Item],
    audit: Audit,
    out: Path,
    info: Callable[[], RunInfo],
    *,
    jobs: int = 1,
    executor_name: str = "process",
    again: bool = False,
    tally: Tally | None = None,
) -> Outcome:
    """Audit `items` into `out` (claimed before), `jobs` at a time, and write the reports of the calls and of the run.

    `info` is asked when all calls are audited. With `again`, calls that are done are audited again. `tally` is kept up
    to date.

    Raises ConfigError CA431 and CA432 about the ledger, CA435 when there is nothing to audit, and CallauditError when a
    worker cannot begin or nothing can be written.
    """
    tally = tally or Tally()
    try:
        with Ledger(out) as ledger:
            sweep(out)
            try:
                _Run(audit, out, ledger, tally, again).audit_all(items, jobs, executor_name)
                if not tally.found and not ledger.has_calls():
                    raise ConfigError("CA435", hint=" ".join(problem.text() for problem in ledger.warnings()))
                tally.writing = True
                _add_findings_across(audit, out, ledger)
                return _written(out, ledger, info)
            finally:
                sweep(out)
    except sqlite3.OperationalError as error:  # the disk is full, or gone
        raise CallauditError("CA400", str(out), reason=str(error)) from error


@dataclass(frozen=True, slots=True)
class _Run:
    """The first part of a run: each call by itself."""

    audit: Audit
    out: Path
    ledger: Ledger
    tally: Tally
    again: bool

    def audit_all(self, items: Iterable[Item], jobs: int, executor_name: str) -> None:
        pending = self.pending(items)
        first = list(islice(pending, jobs))
        if not first:
            return
        jobs = len(first)  # fewer calls than jobs: the workers there are get more threads each
        setup = self.audit.setup(jobs, self.out)
        with closing(executor(executor_name)(setup, chain(first, pending), jobs)) as outcomes:
            for item, result in outcomes:
                self.settle(item, result)

    def pending(self, items: Iterable[Item]) -> Iterator[CallInput]:
        """The calls that must be audited; everything else is written down on the way."""
        for item in items:
            match item:
                case Failure():
                    self.tally.found += 1
                    self.fail(item)
                case Problem():
                    self.ledger.warn(item)
                case Attempt():
                    self.ledger.attempt(item, self.audit.key, shown=bool(self.audit.attempt(item).findings))
                case CallInput():
                    self.tally.found += 1
                    if self.is_done(item):
                        self.ledger.keep(item)
                        self.tally.kept += 1
                    else:
                        self.ledger.begin(item.call_id)
                        yield item
        self.tally.complete = True

    def is_done(self, item: CallInput) -> bool:
        if self.again or not self.ledger.is_done(item, self.audit.key):
            return False
        return all(path.exists() for path in call_files(self.out, item.call_id))

    def settle(self, item: CallInput, result: Audited | Problem) -> None:
        if isinstance(result, Problem):
            self.fail(Failure(item.path, result, item.line, item.call_id))
            return
        self.ledger.record(item, self.audit.key, result)
        self.tally.audited += 1
        self.tally.seconds += result.seconds

    def fail(self, failure: Failure) -> None:
        self.ledger.fail(failure)
        self.tally.failed += 1
        # A report of what the file held before would pass for a report of what it holds now.
        if failure.call_id and self.ledger.forget(failure.call_id):
            _remove(self.out, failure.call_id)


def _add_findings_across(audit: Audit, out: Path, ledger: Ledger) -> None:
    """Write anew the files of calls whose findings from other calls, place or language are not those of this run."""
    with closing(ledger.crossings(audit.findings_across(ledger))) as crossings:
        for crossing in crossings:
            if crossing.files is None:
                _remove(out, crossing.call_id)
                ledger.crossed(crossing, -1)
            else:
                report = _crossed(audit, out, crossing)
                write_call(report, out)
                ledger.crossed(crossing, worst(report.findings))


def _crossed(audit: Audit, out: Path, crossing: Crossing) -> CallReport:
    """The report of a call with its own findings and those from other calls, however often it was given any before."""
    if crossing.attempt is not None:
        report = audit.attempt(crossing.attempt)
    else:
        report = load_report(_json_file(out, crossing.call_id))
    source = replace(report.call.source, path=crossing.path, line=crossing.line)
    # A rule may search single calls as well; what it finds there is in a turn.
    own = [finding for finding in report.findings if finding.rule not in audit.across or finding.turn is not None]
    call = replace(report.call, source=source)
    return replace(report, call=call, findings=tuple(sorted([*own, *crossing.findings], key=place)))


def _written(out: Path, ledger: Ledger, info: Callable[[], RunInfo]) -> Outcome:
    def reports() -> Iterator[CallReport]:
        with closing(ledger.reported()) as call_ids:
            for call_id in call_ids:
                yield load_report(_json_file(out, call_id))

    failures, warnings = ledger.failures(), ledger.warnings()
    totals = write_run(out, reports, failures, warnings, info())
    return Outcome(totals, failures, warnings, ledger.worst())


def _json_file(out: Path, call_id: str) -> Path:
    return next(path for path in call_files(out, call_id) if path.suffix == ".json")


def _remove(out: Path, call_id: str) -> None:
    for path in call_files(out, call_id):
        path.unlink(missing_ok=True)
