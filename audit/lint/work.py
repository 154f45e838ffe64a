"""One script file from its bytes to its findings: what a worker process does."""

from dataclasses import replace
from functools import cache

from audit.errors import InputError
from audit.ingest.scripts.assemble import assemble
from audit.ingest.scripts.read import check_size, format_of, parse
from audit.ingest.scripts.words import Words, with_own, words
from audit.lint import suppressions
from audit.lint.check import Checker
from audit.lint.config import Config
from audit.lint.finding import LintedFile, LintFinding
from audit.lint.job import Job, Rules
from audit.rules.engine import Engine
from audit.rules.loader import check_policy, load_pack, load_policy


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
