"""`findings.jsonl`: one finding a line, by call id, turn (the whole call first), first character and rule."""

from pathlib import Path

from audit.report.atomic import atomic_path
from audit.report.record import finding_record, to_json
from audit.report.run import Run


def write(run: Run, path: Path) -> None:
    """Write the findings of `run`; raises CallauditError (CA400) when they cannot be written."""
    with atomic_path(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(to_json(finding_record(found.finding)) + "\n" for found in run.findings())
