"""One script file through the rules: what a worker process does, and what the cache remembers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from audit.errors import InputError, Problem
from audit.ingest.scripts.assemble import assemble
from audit.ingest.scripts.read import format_of, parse
from audit.ingest.scripts.words import Words, with_own, words
from audit.lint.check import Checker
from audit.lint.finding import LintFinding
from audit.model.finding import Citation, Severity
from audit.model.script import Audience, Directive, Mark, Passage, Place
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy


@dataclass(frozen=True, slots=True)
class Rules:
    """What files are judged by: the policy, further rule folders, and an institution's own names in scripts. Hashable and picklable."""

    policy: str = "default"
    folders: tuple[str, ...] = ()
    voices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    placeholders: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A file to judge: its bytes, and what the configuration says of it."""

    path: str
    data: bytes
    rules: Rules
    audience: Audience | None = None
    opening: bool | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What the rules say of a file, before anything is left out: findings and directives, or why it could not be read."""

    findings: tuple[LintFinding, ...] = ()
    directives: tuple[Directive, ...] = ()
    problem: Problem | None = None


def check(job: Job) -> Checked:
    """Judge one file. Raises ConfigError when the rules or the policy cannot be loaded."""
    named = _words(job.rules)
    try:
        parsed = parse(job.data, job.path)
    except InputError as error:
        return Checked(problem=error.problem)
    script = assemble(parsed, job.path, format_of(job.path).name, named, job.audience)
    return Checked(checker(job.rules).check(script, job.opening), script.directives)


@cache
def checker(rules: Rules) -> Checker:
    """The checker for these rules, made once a process."""
    return Checker(Engine(load_pack(rules.folders), load_policy(rules.policy)), _words(rules))


@cache
def _words(rules: Rules) -> Words:
    return with_own(words(), dict(rules.voices), dict(rules.placeholders))


def to_json(checked: Checked) -> dict[str, object]:
    """As plain values, for the cache; `from_json` gives the same back. Files with a problem are not remembered."""
    return {
        "findings": [_finding_out(finding) for finding in checked.findings],
        "directives": [
            {"words": _passage_out(directive.words), "alone": directive.alone} for directive in checked.directives
        ],
    }


def from_json(record: Mapping[str, object], path: str) -> Checked:
    """What `to_json` made, for a file of this path. Raises KeyError, TypeError or ValueError for anything else."""
    findings, directives = record["findings"], record["directives"]
    if not isinstance(findings, list) or not isinstance(directives, list):
        raise TypeError
    return Checked(
        tuple(_finding_in(one, path) for one in findings),
        tuple(Directive(_passage_in(one["words"]), one["alone"]) for one in directives),
    )


def _finding_out(finding: LintFinding) -> dict[str, object]:
    return {
        "start": finding.start,
        "end": finding.end,
        "label": finding.label,
        "rule": finding.rule,
        "severity": finding.severity,
        "quote": finding.quote,
        "name": dict(finding.name),
        "message": dict(finding.message),
        "suggestion": dict(finding.suggestion),
        "clauses": [[one.key, one.zh, one.en, one.state, one.sha256] for one in finding.clauses],
        "fingerprint": finding.fingerprint,
        "confidence": finding.confidence,
        "cell": finding.cell,
        "source": finding.source,
    }


def _finding_in(record: dict[str, object], path: str) -> LintFinding:
    known = dict(record)
    known["start"], known["end"] = Place(*record["start"]), Place(*record["end"])  # type: ignore[misc]
    known["severity"] = Severity(str(record["severity"]))
    known["clauses"] = tuple(Citation(*one) for one in record["clauses"])  # type: ignore[attr-defined]
    return LintFinding(path=path, **known)  # type: ignore[arg-type]


def _passage_out(words: Passage) -> list[object]:
    return [words.text, [list(mark) for mark in words.marks], words.cell]


def _passage_in(record: list[object]) -> Passage:
    text, marks, cell = record
    return Passage(str(text), tuple(Mark(*mark) for mark in marks), cell)  # type: ignore[attr-defined, arg-type]
