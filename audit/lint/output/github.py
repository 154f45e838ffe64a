"""GitHub annotations: commands that the Actions runner reads from a step's output.

Source: the runner's ActionCommand (escaping) and GitHub's limits. Of each kind ten are shown a step, so the worst come first.
"""

from audit.errors import Problem
from audit.i18n import Lang
from audit.lint.finding import LintedFile, LintFinding, LintRun
from audit.lint.output.shared import (
    MOST_CLAUSES,
    advice,
    counting,
    cut,
    position,
    posix,
    said,
    severity_name,
    stale_words,
    visible,
    worst_first,
)
from audit.model.finding import Severity

KINDS = {Severity.CRITICAL: "error", Severity.MAJOR: "error", Severity.MINOR: "warning", Severity.INFO: "notice"}
# GitHub cuts annotations at 64 kB; the words of a rule stay far below, a hostile quote need not.
_LONGEST = 4000


def emit(run: LintRun, lang: Lang) -> str:
    """Files that could not be read, then findings by severity, then stale baseline entries."""
    lines = [_problem(file, file.problem, lang) for file in run.files if file.problem]
    lines += [_finding(finding, lang) for finding in worst_first(counting(run))]
    lines += [
        command("warning", {"file": posix(e.path), "title": "callaudit"}, stale_words(e, lang)) for e in run.stale
    ]
    return "".join(line + "\n" for line in lines)


def command(kind: str, properties: dict[str, str | int], message: str) -> str:
    """One command. The runner decodes `%` and line ends everywhere, `:` and `,` in properties too.

    >>> command("error", {"file": "a,b.md"}, "100%\\nsure")
    '::error file=a%2Cb.md::100%25%0Asure'
    """
    pairs = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{kind} {pairs}::{_data(cut(message, _LONGEST))}"


def _finding(finding: LintFinding, lang: Lang) -> str:
    properties: dict[str, str | int] = {"file": posix(finding.path)}
    properties |= {"line": finding.start.line, "endLine": max(finding.start.line, finding.end.line)}
    # The runner refuses columns of findings that span lines; in a cell they are no columns of a file.
    if finding.start.line == finding.end.line and finding.cell is None:
        properties |= {"col": finding.start.column, "endColumn": max(finding.start.column, finding.end.column)}
    name = said(finding.name, lang)
    properties["title"] = f"{severity_name(finding.severity, lang)} {finding.rule}{f' {name}' if name else ''}"
    place = "" if finding.cell is None else f"{position(finding)}: "
    first = f"{place}{said(finding.message, lang)}"
    return command(KINDS[finding.severity], properties, "\n".join([first, *advice(finding, lang, MOST_CLAUSES)]))


def _problem(file: LintedFile, problem: Problem, lang: Lang) -> str:
    properties: dict[str, str | int] = {"file": posix(file.path)}
    if place := file.broken_at:
        properties |= {"line": place.line, "col": place.column}
    properties["title"] = f"callaudit {problem.code}"
    return command("error", properties, f"{problem.text(lang)} {problem.remedy(lang)}")


def _data(text: str) -> str:
    lines = "\n".join(visible(line) for line in text.split("\n"))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return visible(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
