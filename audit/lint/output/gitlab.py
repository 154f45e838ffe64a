"""GitLab's code quality report: an array of what it shows beside the lines of a merge request.

Source: GitLab's documentation of the Code Quality report format.
"""

from collections import Counter
from hashlib import sha256
from typing import Any

from audit.i18n import Lang
from audit.lint.finding import LintRun
from audit.lint.output.shared import (
    MOST_CLAUSES,
    STALE_RULE,
    advice,
    counting,
    dumps,
    position,
    posix,
    said,
    stale_words,
)


def emit(run: LintRun, lang: Lang) -> str:
    """Findings that count, files that could not be read and stale baseline entries."""
    seen: Counter[tuple[str, str]] = Counter()
    entries = []
    for finding in counting(run):
        place = "" if finding.cell is None else f"{position(finding)}: "
        words = " ".join([f"{place}{said(finding.message, lang)}", *advice(finding, lang, MOST_CLAUSES)])
        severity = finding.severity.value
        entries.append(
            _entry(seen, finding.path, finding.start.line, finding.rule, severity, words, finding.fingerprint)
        )
    for file in run.files:
        if file.problem:
            words = f"{file.problem.text(lang)} {file.problem.remedy(lang)}"
            line = file.broken_at.line if file.broken_at else 1
            entries.append(_entry(seen, file.path, line, file.problem.code, "blocker", words, file.problem.code))
    entries += [
        _entry(seen, stale.path, 1, STALE_RULE, "info", stale_words(stale, lang), f"stale {stale.rule}")
        for stale in run.stale
    ]
    return dumps(entries, indent=2) + "\n"


def _entry(
    seen: Counter[tuple[str, str]], path: str, line: int, rule: str, severity: str, words: str, fingerprint: str
) -> dict[str, Any]:
    # GitLab keeps one entry a fingerprint: the same words in another file, or again in this one, need one of their own.
    key = (posix(path), fingerprint)
    seen[key] += 1
    unique = "\0".join([*key, str(seen[key])]).encode("utf-8", "surrogatepass")
    return {
        "description": words,
        "check_name": rule,
        "fingerprint": sha256(unique).hexdigest(),
        "severity": severity,
        "location": {"path": posix(path), "lines": {"begin": line}},
    }
