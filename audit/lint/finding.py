"""What the linter says of a script: findings at places, and files that could not be read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from audit.errors import Problem
from audit.model.finding import Citation, Severity
from audit.model.script import Place

_LINE_AND_COLUMN = re.compile(r":(\d+):(\d+)")

# The linter's own rules, about suppressions; they have no clause.
UNUSED, REASONLESS, UNKNOWN = "lint.suppression/unused", "lint.suppression/reasonless", "lint.suppression/unknown"


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Why a finding does not count: `kind` is `comment` (with the writer's `reason`) or `baseline`."""

    kind: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One finding in a script. `start` is the first character, `end` the place behind the last.

    `quote` is what the file says there (placeholders as written). `name`, `message` and `suggestion` are by language; the message says
    why. `fingerprint` is the same for the same rule and normalised words in any place of any file. `source` are the lines it stands in (the
    cell, the paragraph) as written, for showing it, or nothing where they are too long to show; `sentence` is the utterance it is part of.
    """

    path: str
    start: Place
    end: Place
    label: str
    rule: str
    severity: Severity
    quote: str
    name: Mapping[str, str]
    message: Mapping[str, str]
    suggestion: Mapping[str, str]
    clauses: tuple[Citation, ...]
    fingerprint: str
    confidence: float = 1.0
    cell: str | None = None
    source: str = ""
    sentence: str = ""
    suppressed: Suppressed | None = None

    @property
    def counts(self) -> bool:
        """Whether it is neither suppressed nor in the baseline."""
        return self.suppressed is None


@dataclass(frozen=True, slots=True)
class LintedFile:
    """One file's findings in the order of their places, or the problem why it could not be linted."""

    path: str
    findings: tuple[LintFinding, ...] = ()
    problem: Problem | None = None

    @property
    def broken_at(self) -> Place | None:
        """Where in the file the problem is, if it is in a place: parsers say `path:line:column`."""
        where = self.problem.where if self.problem else ""
        found = _LINE_AND_COLUMN.fullmatch(where.removeprefix(self.path))
        return Place(int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class StaleEntry:
    """A baseline entry whose finding is gone from a file that was linted."""

    path: str
    rule: str


@dataclass(frozen=True, slots=True)
class LintRun:
    """All of one `callaudit lint`: files in order, and what the outputs say about the run."""

    files: tuple[LintedFile, ...]
    version: str
    pack_sha256: str
    policy: str
    stale: tuple[StaleEntry, ...] = ()

    @property
    def findings(self) -> tuple[LintFinding, ...]:
        """All findings, suppressed ones too, in the order of files and places."""
        return tuple(finding for file in self.files for finding in file.findings)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What kept files from being linted."""
        return tuple(file.problem for file in self.files if file.problem)
