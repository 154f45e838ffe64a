"""Emitters by name: one file each, one line here.

A call emitter is a module with an `EXTENSION` and a `write(report, path)`; it is imported when it is first used, so
that who wants no page does not load a template engine. A run emitter is a module with a `write(run, path)`; its name is
that of the file it writes.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from audit.errors import ConfigError
from audit.model.report import CallReport
from audit.report.names import file_stem

if TYPE_CHECKING:
    from audit.report.run import Run

CALL_EMITTERS = {
    "html": "audit.report.call_html",
    "json": "audit.report.call_json",
}

RUN_EMITTERS = {
    "findings.jsonl": "audit.report.findings_jsonl",
    "failures.jsonl": "audit.report.failures_jsonl",
    "summary.xlsx": "audit.report.summary_xlsx",
    "summary.html": "audit.report.summary_html",
    "run.json": "audit.report.run_json",
}


class CallEmitter(Protocol):
    """One format for the report of one call."""

    EXTENSION: str

    def write(self, report: CallReport, path: Path) -> None:
        """Write `report` to `path`, whole or not at all."""


class RunEmitter(Protocol):
    """One file about a whole run."""

    def write(self, run: "Run", path: Path) -> None:
        """Write `run` to `path`, whole or not at all."""


def run_emitter(file: str) -> RunEmitter:
    """The emitter that writes `file`, one of `RUN_EMITTERS`."""
    return cast(RunEmitter, import_module(RUN_EMITTERS[file]))


def call_emitter(name: str) -> CallEmitter:
    """The emitter called `name`; raises ConfigError (CA403) when there is none."""
    if name not in CALL_EMITTERS:
        close = get_close_matches(name, CALL_EMITTERS, 1) or sorted(CALL_EMITTERS)
        raise ConfigError("CA403", name=name, known=", ".join(close))
    return cast(CallEmitter, import_module(CALL_EMITTERS[name]))


def write_call(report: CallReport, out: Path, formats: Sequence[str] = ("html", "json")) -> tuple[Path, ...]:
    """Write the report of one call to `out/calls/<name>.*`, in the order of `formats`, and return the paths.

    JSON comes last, so that a call with its JSON there is a call with all its files there.
    Raises CallauditError (CA400) when a file cannot be written.
    """
    paths = []
    for emitter in map(call_emitter, formats):
        path = out / "calls" / (file_stem(report.call.call_id) + emitter.EXTENSION)
        emitter.write(report, path)
        paths.append(path)
    return tuple(paths)
