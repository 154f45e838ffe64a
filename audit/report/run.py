"""A run as a whole: one pass over the reports, then the files of `RUN_EMITTERS`, with bounded memory."""

import pickle
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from audit.errors import Problem
from audit.i18n import tr
from audit.ingest.items import Failure
from audit.model.finding import Finding
from audit.model.report import CallReport
from audit.report.record import canonical
from audit.report.redaction import Redactor, shortened
from audit.report.registry import RUN_EMITTERS, run_emitter
from audit.report.summary import CallSummary, RunInfo, RunTotals, summarise


@dataclass(frozen=True, slots=True)
class FoundInCall:
    """A finding with the call it was found in; the texts are masked, `reason` and `advice` in the language in force."""

    finding: Finding
    call: CallSummary
    quote: str
    reason: str
    advice: str


class Run:
    """A run to emit: its totals, and its calls and findings in any order wanted.

    Calls and findings lie in a temporary database that the system removes with the process: sorting a year of calls
    needs disk, not memory.
    """

    def __init__(self, failures: Sequence[Failure], warnings: Sequence[Problem], info: RunInfo) -> None:
        self.failures = sorted(failures, key=lambda failure: (failure.path, failure.line or 0, failure.call_id or ""))
        self.warnings = sorted(warnings, key=lambda problem: (problem.code, problem.where))
        self.info = info
        self.totals = RunTotals()
        self._database = sqlite3.connect("")
        # Nothing here outlives the process, so nothing needs to survive a crash.
        self._database.executescript(
            "pragma journal_mode = off; pragma synchronous = off;"
            "create table calls (score int, call_id blob, summary blob);"
            "create table findings (call_id blob, turn int, start int, rule blob, label text, found blob);"
        )

    def close(self) -> None:
        """Drop the temporary database."""
        self._database.close()

    def add(self, report: CallReport) -> None:
        """Take one call in."""
        report = canonical(report)
        call = summarise(report)
        self.totals.add(call)
        self.totals.add_audit(report.audit)
        self._database.execute(
            "insert into calls values (?, ?, ?)", (call.score, _key(call.call_id), pickle.dumps(call))
        )
        redactor = Redactor(report.call)
        self._database.executemany(
            "insert into findings values (?, ?, ?, ?, ?, ?)",
            (
                (
                    _key(finding.call_id),
                    finding.turn,
                    finding.span.start if finding.span else None,
                    _key(finding.rule),
                    finding.label.encode(errors="replace").decode(),
                    pickle.dumps(_found(finding, call, redactor)),
                )
                for finding in report.findings
            ),
        )

    def calls(self, limit: int = -1) -> Iterator[CallSummary]:
        """All calls, or the `limit` worst, worst first."""
        rows = self._database.execute("select summary from calls order by score desc, call_id limit ?", (limit,))
        return (cast(CallSummary, pickle.loads(row[0])) for row in rows)

    def findings(self) -> Iterator[FoundInCall]:
        """All findings by call id, turn (the whole call first), start and rule."""
        rows = self._database.execute("select found from findings order by call_id, turn, start, rule, rowid")
        return (cast(FoundInCall, pickle.loads(row[0])) for row in rows)

    def with_label(self, label: str, limit: int = -1) -> Iterator[FoundInCall]:
        """The findings of one label, or the first `limit` of them, by call id."""
        rows = self._database.execute(
            "select found from findings where label = ? order by call_id, turn, start, rowid limit ?", (label, limit)
        )
        return (cast(FoundInCall, pickle.loads(row[0])) for row in rows)


def write_run(
    out: Path,
    reports: Callable[[], Iterator[CallReport]],
    failures: Sequence[Failure],
    warnings: Sequence[Problem],
    info: RunInfo,
) -> RunTotals:
    """Write the run's files to `out` (see `RUN_EMITTERS`) and return the totals.

    `reports` is called once and gives the reports in any order; the files are sorted. `run.json` comes last, so that a
    run with it there is a run with all its files there. Raises CallauditError (CA400) when a file cannot be written.
    """
    with closing(Run(failures, warnings, info)) as run:
        for report in reports():
            run.add(report)
        for file in RUN_EMITTERS:
            run_emitter(file).write(run, out / file)
        return run.totals


def _found(finding: Finding, call: CallSummary, redactor: Redactor) -> FoundInCall:
    reason = redactor.text(tr(finding.why.reason["zh"], finding.why.reason["en"]))
    advice = redactor.text(tr(finding.why.advice.get("zh", ""), finding.why.advice.get("en", "")))
    return FoundInCall(finding, call, shortened(redactor.quote(finding)), reason, advice)


def _key(text: str) -> bytes:
    """Text in a form that sorts by code point and may hold lone surrogates."""
    return text.encode(errors="surrogatepass")
