"""JSON lines: the objects of the JSON output, one a line, nothing else."""

from audit.i18n import Lang
from audit.lint.finding import LintRun
from audit.lint.output.json import record
from audit.lint.output.shared import dumps


def emit(run: LintRun, lang: Lang) -> str:
    """All findings, suppressed ones too; nothing when there is none."""
    return "".join(dumps(record(finding, lang)) + "\n" for finding in run.findings)
