"""SARIF 2.1.0: for GitHub code scanning, editors and everything else that reads results of static analysis.

Source: the OASIS standard, and GitHub's "SARIF support for code scanning" for what GitHub makes of it: it refuses a run of
more than 25,000 results, so of more the worst are kept and a notification says how many were left out.
Messages are plain text; a `[text](target)` in them would be a link and `{0}` a placeholder, so quoted words cannot make either.
"""

import re
from collections import Counter
from pathlib import PurePath
from typing import Any

from audit.i18n import Lang
from audit.lint.finding import LintFinding, LintRun, Suppressed
from audit.lint.output.shared import (
    STALE_RULE,
    cited,
    counting,
    cut,
    dumps,
    in_lang,
    percent,
    said,
    stale_words,
    suggested,
    worst_first,
)
from audit.model.finding import Severity
from audit.model.script import Place

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
INFORMATION = "https://pypi.org/project/callaudit/"
LEVELS = {Severity.CRITICAL: "error", Severity.MAJOR: "error", Severity.MINOR: "warning", Severity.INFO: "note"}
# GitHub ranks by this number of a rule: above 9 critical, from 7 high, from 4 medium, below low.
SECURITY = {Severity.CRITICAL: "9.5", Severity.MAJOR: "8.0", Severity.MINOR: "5.0", Severity.INFO: "2.0"}
MOST_RESULTS = 25_000
# GitHub's limit for descriptions of rules; it gives none for messages.
_LONGEST = 1024
_LONGEST_NAME = 255
# In these, lines are rows and paragraphs: GitHub's upload action cannot hash the line of such a file to know it again.
_OFFICE = {".docx", ".xlsx", ".xlsm", ".xls"}


def emit(run: LintRun, lang: Lang) -> str:
    """One run with all findings; suppressed and known ones carry `suppressions`."""
    findings = _kept(run)
    rules = sorted({finding.rule for finding in findings})
    by_rule: dict[str, list[LintFinding]] = {rule: [] for rule in rules}
    for finding in findings:
        by_rule[finding.rule].append(finding)
    files = {path: index for index, path in enumerate(dict.fromkeys(file.path for file in run.files))}
    seen: Counter[tuple[str, str]] = Counter()
    indexes = {rule: index for index, rule in enumerate(rules)}
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver(run, by_rule, lang)},
                "language": in_lang("zh-CN", "en", lang),
                "columnKind": "unicodeCodePoints",
                "originalUriBaseIds": {"SRCROOT": {"description": {"text": _root(lang)}}},
                "invocations": [_invocation(run, files, len(run.findings) - len(findings), lang)],
                "artifacts": [{"location": _artifact(path), "roles": ["analysisTarget"]} for path in files],
                "results": [_result(finding, indexes[finding.rule], files, seen, lang) for finding in findings],
                "properties": {"policy": run.policy, "rulePackSha256": run.pack_sha256},
            }
        ],
    }
    return dumps(log, indent=2) + "\n"


def _kept(run: LintRun) -> list[LintFinding]:
    """All findings, or where there are more than GitHub takes the worst that count; in the order of files and places."""
    if len(run.findings) <= MOST_RESULTS:
        return list(run.findings)
    suppressed = [finding for finding in run.findings if not finding.counts]
    worst = [*worst_first(counting(run)), *suppressed][:MOST_RESULTS]
    kept = {id(finding) for finding in worst}
    return [finding for finding in run.findings if id(finding) in kept]


def _driver(run: LintRun, by_rule: dict[str, list[LintFinding]], lang: Lang) -> dict[str, Any]:
    return {
        "name": "callaudit",
        "version": run.version,
        "informationUri": INFORMATION,
        "language": in_lang("zh-CN", "en", lang),
        "rules": [_rule(rule, findings, lang) for rule, findings in by_rule.items()],
    }


def _rule(rule: str, findings: list[LintFinding], lang: Lang) -> dict[str, Any]:
    """The rule as its findings describe it. A message that differs between findings describes none."""
    first = findings[0]
    name = said(first.name, lang) or rule
    messages = {said(finding.message, lang) for finding in findings}
    description = messages.pop() if len(messages) == 1 else name
    worst = max((finding.severity for finding in findings), key=lambda severity: severity.rank)
    clauses = [cited(clause, lang) for clause in first.clauses]
    text = [description, *clauses, *suggested(first, lang)]
    markdown = [_escaped(description), *(f"- {_escaped(clause)}" for clause in clauses)]
    markdown += [_escaped(line) for line in suggested(first, lang)]
    return {
        "id": rule,
        "name": cut(name, _LONGEST_NAME),
        "shortDescription": {"text": cut(name, _LONGEST)},
        "fullDescription": {"text": cut(description or name, _LONGEST)},
        "help": {"text": "\n".join(text), "markdown": "\n\n".join(markdown)},
        "defaultConfiguration": {"level": LEVELS[worst]},
        "properties": {
            "tags": list(dict.fromkeys(["security", "compliance", first.label.partition(".")[0], first.label])),
            "security-severity": SECURITY[worst],
        },
    }


def _result(
    finding: LintFinding, index: int, files: dict[str, int], seen: Counter[tuple[str, str]], lang: Lang
) -> dict[str, Any]:
    words = "\n".join([said(finding.message, lang) or finding.rule, *suggested(finding, lang)])
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": _message(words)},
        "locations": [_location(finding, files)],
        "partialFingerprints": {"callaudit/v1": finding.fingerprint},
        "rank": round(finding.severity.rank * 25 + finding.confidence * 25, 1),
        "properties": {
            "label": finding.label,
            "severity": finding.severity.value,
            "confidence": round(finding.confidence, 2),
            "clauses": [clause.key for clause in finding.clauses],
        },
    }
    if PurePath(finding.path).suffix.lower() in _OFFICE:
        seen[finding.path, finding.fingerprint] += 1
        occurrence = seen[finding.path, finding.fingerprint]
        result["partialFingerprints"]["primaryLocationLineHash"] = f"{finding.fingerprint}:{occurrence}"
    if finding.suppressed:
        result["suppressions"] = [_suppression(finding.suppressed, lang)]
    return result


def _location(finding: LintFinding, files: dict[str, int]) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": finding.start.line, "startColumn": finding.start.column}
    region |= {"endLine": finding.end.line, "endColumn": finding.end.column}
    if finding.quote and len(finding.quote) <= _LONGEST:
        region["snippet"] = {"text": finding.quote}
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": _artifact(finding.path, files), "region": region},
    }
    if finding.cell is not None:
        name = finding.cell.rpartition("!")[2]
        location["logicalLocations"] = [{"name": name, "fullyQualifiedName": finding.cell, "kind": "cell"}]
    return location


def _artifact(path: str, files: dict[str, int] | None = None) -> dict[str, Any]:
    """Where a file is: relative to the folder where the linter ran, unless its path is absolute."""
    if PurePath(path).is_absolute():
        location: dict[str, Any] = {"uri": "file://" + percent(path)}
    else:
        location = {"uri": percent(path), "uriBaseId": "SRCROOT"}
    return location | ({"index": files[path]} if files and path in files else {})


def _invocation(run: LintRun, files: dict[str, int], left_out: int, lang: Lang) -> dict[str, Any]:
    notifications = []
    for file in run.files:
        if file.problem:
            text = f"{file.problem.text(lang)} {file.problem.remedy(lang)}"
            notifications.append(_notification(file.problem.code, "error", text, file.path, files, file.broken_at))
    notifications += [
        _notification(STALE_RULE, "warning", stale_words(entry, lang), entry.path, files) for entry in run.stale
    ]
    if left_out:
        words = in_lang(
            f"另有 {left_out} 处较轻或已抑制的发现未写入：GitHub 每次最多接收 {MOST_RESULTS} 条。",
            f"{left_out} lesser or suppressed findings were left out: GitHub takes no more than {MOST_RESULTS} a run.",
            lang,
        )
        notifications.append(_notification("lint.output/left-out", "warning", words, None, files))
    return {"executionSuccessful": not run.problems, "toolExecutionNotifications": notifications}


def _notification(
    code: str, level: str, text: str, path: str | None, files: dict[str, int], place: Place | None = None
) -> dict[str, Any]:
    notification: dict[str, Any] = {"descriptor": {"id": code}, "level": level, "message": {"text": _message(text)}}
    if path is not None:
        region = {"region": {"startLine": place.line, "startColumn": place.column}} if place else {}
        notification["locations"] = [{"physicalLocation": {"artifactLocation": _artifact(path, files), **region}}]
    return notification


def _suppression(suppressed: Suppressed, lang: Lang) -> dict[str, str]:
    if suppressed.kind == "comment":
        return {"kind": "inSource"} | ({"justification": suppressed.reason} if suppressed.reason else {})
    words = suppressed.reason or in_lang("在基线中", "in the baseline", lang)
    return {"kind": "external", "justification": words}


def _root(lang: Lang) -> str:
    return in_lang("运行 callaudit lint 的目录", "the folder where callaudit lint ran", lang)


def _message(text: str) -> str:
    return re.sub(r"\{(?=\d+\})", "{{", re.sub(r"\[(?=[^\]]*\]\()", r"\\[", text)).strip()


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>|~#])", r"\\\1", text)
