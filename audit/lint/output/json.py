"""JSON: an array of findings, one object each, suppressed ones too."""

from typing import Any

from audit.i18n import Lang
from audit.lint.finding import LintFinding, LintRun
from audit.lint.output.shared import cited, dumps, said


def emit(run: LintRun, lang: Lang) -> str:
    """All findings in the order of files and places. Problems are no findings: they are not here."""
    return dumps([record(finding, lang) for finding in run.findings], indent=2) + "\n"


def record(finding: LintFinding, lang: Lang) -> dict[str, Any]:
    """One finding. Lines and columns count from 1 in characters; the end is the place behind the last.

    `cell` is there in sheets only, `suppressed` for findings that do not count.
    """
    value: dict[str, Any] = {
        "path": finding.path,
        "line": finding.start.line,
        "column": finding.start.column,
        "end_line": finding.end.line,
        "end_column": finding.end.column,
    }
    if finding.cell is not None:
        value["cell"] = finding.cell
    value |= {
        "label": finding.label,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "quote": finding.quote,
        "message": said(finding.message, lang),
        "suggestion": said(finding.suggestion, lang),
        "clauses": [{"key": c.key, "text": cited(c, lang), "state": c.state} for c in finding.clauses],
        "fingerprint": finding.fingerprint,
        "confidence": round(finding.confidence, 2),
    }
    if finding.suppressed:
        value["suppressed"] = {"kind": finding.suppressed.kind, "reason": finding.suppressed.reason}
    return value
