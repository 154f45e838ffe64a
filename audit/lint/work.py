"""One script file from its bytes to its findings: what a worker process does."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

from audit.errors import InputError
from audit.ingest.scripts.assemble import assemble
from audit.ingest.scripts.piece import Parsed
from audit.ingest.scripts.read import check_size, format_of, parse
from audit.ingest.scripts.words import Words, with_own, words
from audit.ingest.text import decode
from audit.lint import suppressions
from audit.lint.check import Checker
from audit.lint.config import Config
from audit.lint.finding import LintedFile, LintFinding
from audit.lint.job import Job, Rules
from audit.lint.suppressions import last_line
from audit.rules.loader import check_policy, load_pack, load_policy

_BREAK = re.compile(r"\r\n|\r|\n")
# Characters; nobody reads longer lines, and a file may be one line.
_LONGEST = 4000


def lint(job: Job) -> LintedFile:
    """What there is to say of one file; baseline and `--diff` aside.

    Raises ConfigError when the rules or the policy cannot be loaded.
    """
    config, rules = job.config, Rules.of(job.config)
    try:
        check_size(job.data, job.path, config.max_file_kb)
        parsed = parse(job.data, job.path)
    except InputError as error:
        return LintedFile(job.path, problem=error.problem)
    script = assemble(parsed, job.path, format_of(job.path).name, named(rules), config.audience_for(job.path))
    judge = checker(rules)
    found = [
        shown
        for finding in judge.check(script, config.is_opening(job.path))
        if (shown := _wanted(finding, config, job.path))
    ]
    active = [rule for rule in judge.rules if config.judges(job.path, rule)]
    marked = suppressions.apply(found, script, judge.known, active)
    source = _source(job, parsed)
    cells: dict[str | None, int] = {}
    for piece in parsed.pieces:
        cells.setdefault(piece.words.cell, len(cells))
    return LintedFile(
        job.path,
        tuple(
            replace(shown, source=source(shown))
            for finding in sorted(marked, key=lambda one: cells.get(one.cell, 0))  # sheet by sheet, cell by cell
            if (shown := _wanted(finding, config, job.path) if finding.rule in suppressions.OWN_RULES else finding)
        ),
    )


def _source(job: Job, parsed: Parsed) -> Callable[[LintFinding], str]:
    """What shows the lines of a finding: the file's own, or what its cell or paragraph says."""
    if not format_of(job.path).binary:
        lines = _BREAK.split(decode(job.data, job.path)) if job.data.strip() else []
        return lambda finding: _short("\n".join(lines[finding.start.line - 1 : last_line(finding)]))
    written: dict[tuple[str | None, int], str] = {}
    parts = [piece.words for piece in parsed.pieces] + [directive.words for directive in parsed.directives]
    for part in sorted(parts, key=lambda part: part.place(0)):
        place, cell = part.place(0), part.cell
        before = written.get((cell, place.line), "")
        # A cell's lines and a paragraph's parts come as pieces; what stands between them is space, list numbers, breaks.
        written[cell, place.line] = before.ljust(place.column - 1) + part.text
    return lambda finding: _short(written.get((finding.cell, finding.start.line), finding.sentence))


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else ""


def _wanted(finding: LintFinding, config: Config, path: str) -> LintFinding | None:
    """The finding with the severity that the configuration gives it, None when it is not wanted."""
    if config.ignores(path, finding.rule):
        return None
    severity = config.severity_of(finding.rule, finding.severity)
    return replace(finding, severity=severity) if severity else None


@cache
def checker(rules: Rules) -> Checker:
    """The checker for these rules, made once a process. Raises ConfigError when the rules or the policy are wrong."""
    pack, policy = load_pack(rules.folders), load_policy(rules.policy)
    check_policy(policy, pack)
    return Checker(pack, policy, named(rules))


@cache
def named(rules: Rules) -> Words:
    """What names in scripts mean, an institution's own among them."""
    return with_own(words(), dict(rules.voices), dict(rules.placeholders))
