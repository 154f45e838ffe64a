"""`run.json`: what was run, with what, and what came out, as in docs/schema/run.schema.json."""

from pathlib import Path
from typing import Any

from audit.model.finding import Severity
from audit.model.report import SCHEMA_VERSION, Verdict
from audit.report.atomic import write_atomic
from audit.report.record import to_json
from audit.report.run import Run


def write(run: Run, path: Path) -> None:
    """Write the record of `run`; raises CallauditError (CA400) when it cannot be written."""
    write_atomic(path, to_json(run_record(run)) + "\n")


def run_record(run: Run) -> dict[str, Any]:
    """A run as a record; equal runs differ in `started_at` and `finished_at` only."""
    totals, info = run.totals, run.info
    return {
        "schema_version": SCHEMA_VERSION,
        "started_at": info.started_at.isoformat(),
        "finished_at": info.finished_at.isoformat(),
        "versions": dict(sorted(info.versions.items())),
        "options": dict(sorted(info.options.items())),
        "hashes": dict(sorted(info.hashes.items())),
        "counts": {
            "calls": totals.calls,
            **{verdict.value: totals.verdicts[verdict] for verdict in Verdict},
            "findings": totals.findings,
            "to_review": totals.to_review,
            "signals": totals.signals,
            "failures": len(run.failures),
            "warnings": len(run.warnings),
            "recorded_s": round(totals.recorded_s, 2),
            "by_severity": {severity.value: totals.severities[severity] for severity in Severity},
            "by_label": {label: totals.standing[label] + totals.waiting[label] for label in sorted(totals.calls_with)},
        },
        "judged": {label: totals.judged[label] for label in sorted(totals.judged)},
        "skipped": {note: totals.skipped[note] for note in sorted(totals.skipped)},
        "warnings": [
            {"code": p.code, "where": p.where, "message": p.text(), "remedy": p.remedy()} for p in run.warnings
        ],
    }
