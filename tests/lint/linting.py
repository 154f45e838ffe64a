"""A script's text linted as the command does, without a file."""

from dataclasses import replace
from pathlib import Path

from audit.lint.config import Config
from audit.lint.finding import LintedFile, LintFinding
from audit.lint.job import Job
from audit.lint.work import lint


def linted(text: str, path: str = "a.md", **config: object) -> LintedFile:
    return lint(Job(path, text.encode(), replace(Config(Path.cwd()), **config)))  # type: ignore[arg-type]


def findings(text: str, path: str = "a.md", **config: object) -> tuple[LintFinding, ...]:
    file = linted(text, path, **config)
    assert file.problem is None, file.problem
    return file.findings


def labels(text: str, path: str = "a.md", **config: object) -> set[str]:
    return {finding.label for finding in findings(text, path, **config)}


def rules(text: str, path: str = "a.md", **config: object) -> set[str]:
    return {finding.rule for finding in findings(text, path, **config)}
