"""A file to lint, and the plain values that come of it. Light: what is remembered is shown without loading a rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from audit.lint.config import Config
from audit.lint.finding import LintedFile, LintFinding, Suppressed
from audit.model.finding import Citation, Severity
from audit.model.script import Place


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
        "sentence": finding.sentence,
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
