"""One script file from its bytes to its findings: what a worker process does, and what the cache remembers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from audit.errors import InputError
from audit.ingest.scripts.assemble import assemble
from audit.ingest.scripts.read import check_size, format_of, parse
from audit.ingest.scripts.words import Words, with_own, words
from audit.lint import suppressions
from audit.lint.check import Checker
from audit.lint.config import Config
from audit.lint.finding import LintedFile, LintFinding, Suppressed
from audit.model.finding import Citation, Severity
from audit.model.script import Place
from audit.rules.engine import Engine
from audit.rules.loader import check_policy, load_pack, load_policy


@dataclass(frozen=True, slots=True)
class Rules:
    """What files are judged by: the policy, further rule folders, and an institution's own names in scripts. Hashable and picklable."""

    policy: str = "default"
    folders: tuple[str, ...] = ()
    voices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    placeholders: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, config: Config) -> "Rules":
        """The rules that a configuration asks for."""
        voices = tuple((str(voice), names) for voice, names in config.voices.items())
        return cls(config.policy, config.rules, voices, tuple(config.placeholders.items()))


@dataclass(frozen=True, slots=True)
class Job:
    """A file to lint: its path as given, its bytes, and the configuration for it."""

    path: str
    data: bytes
    config: Config


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
    active = [rule for rule in judge.rules if not config.ignores(job.path, rule)]
    marked = suppressions.apply(found, script, judge.known, active)
    own = {finding.rule for finding in marked} & suppressions.OWN_RULES.keys()
    unwanted = {rule for rule in own if config.ignores(job.path, rule)}
    return LintedFile(job.path, tuple(finding for finding in marked if finding.rule not in unwanted))


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
    return Checker(Engine(pack, policy), named(rules))


@cache
def named(rules: Rules) -> Words:
    """What names in scripts mean, an institution's own among them."""
    return with_own(words(), dict(rules.voices), dict(rules.placeholders))


def to_json(file: LintedFile) -> list[dict[str, object]]:
    """Its findings as plain values, for the cache; `from_json` gives the same back."""
    return [_out(finding) for finding in file.findings]


def from_json(records: list[dict[str, Any]], path: str) -> LintedFile:
    """What `to_json` made, for a file of this path. Raises KeyError, TypeError or ValueError for anything else."""
    return LintedFile(path, tuple(_in(record, path) for record in records))


def _out(finding: LintFinding) -> dict[str, object]:
    suppressed = finding.suppressed
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
        "suppressed": [suppressed.kind, suppressed.reason] if suppressed else None,
    }


def _in(record: Mapping[str, Any], path: str) -> LintFinding:
    known = dict(record)
    suppressed = known.pop("suppressed")
    return LintFinding(
        path=path,
        start=Place(*known.pop("start")),
        end=Place(*known.pop("end")),
        severity=Severity(known.pop("severity")),
        clauses=tuple(Citation(*one) for one in known.pop("clauses")),
        suppressed=Suppressed(*suppressed) if suppressed else None,
        **known,
    )
