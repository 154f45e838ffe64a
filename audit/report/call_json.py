"""Per call: `calls/<name>.json`, the whole report for machines and for `callaudit` itself to read back."""

import json
from pathlib import Path

from audit.errors import InputError
from audit.model.report import CallReport
from audit.report.atomic import write_atomic
from audit.report.record import read_report, report_record, to_json

EXTENSION = ".json"


def write(report: CallReport, path: Path) -> None:
    """Write the report of one call to `path`; raises CallauditError (CA400) when it cannot be written."""
    write_atomic(path, to_json(report_record(report)) + "\n")


def load_report(path: Path) -> CallReport:
    """The report that `write` wrote to `path`.

    Raises InputError: CA401 when the file is not a whole call report, CA402 when another schema version wrote it.
    """
    try:
        record = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError("CA401", str(path), reason=f"{type(error).__name__}: {error}") from error
    return read_report(record, str(path))
