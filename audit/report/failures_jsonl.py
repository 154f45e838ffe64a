"""`failures.jsonl`: one input a line that could not be audited, with what to do about it, in the language in force."""

from pathlib import Path
from typing import Any

from audit.ingest.items import Failure
from audit.report.atomic import write_atomic
from audit.report.record import to_json
from audit.report.run import Run


def write(run: Run, path: Path) -> None:
    """Write the failures of `run`; raises CallauditError (CA400) when they cannot be written."""
    write_atomic(path, "".join(to_json(failure_record(failure)) + "\n" for failure in run.failures))


def failure_record(failure: Failure) -> dict[str, Any]:
    """A failure as in failures.jsonl. The message begins with the place where it is more than the path."""
    problem = failure.problem
    place = f"{problem.where}: " if problem.where not in ("", failure.path) else ""
    return {
        "path": failure.path,
        "line": failure.line,
        "call_id": failure.call_id,
        "code": problem.code,
        "message": place + problem.text(),
        "remedy": problem.remedy(),
    }
