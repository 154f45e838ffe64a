"""The golden files of the linter's outputs. `python -m tests.lint.output.golden` writes them anew; look at what changed."""

import os
from pathlib import Path

from audit.i18n import LANGUAGES, Lang
from audit.lint.output import EMITTERS, emit
from audit.lint.output.text import statistics
from tests.lint.output.runs import RUN

FOLDER = Path(__file__).parent / "golden"
_ENDINGS = {"text": "txt", "json": "json", "jsonl": "jsonl", "sarif": "sarif", "junit": "xml", "github": "github.txt"}
_ENDINGS |= {"gitlab": "gitlab.json", "markdown": "md"}
# Where a job runs; links in Markdown lead there.
PLACES = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA", "CI_PROJECT_URL", "CI_COMMIT_SHA")


def outputs() -> dict[str, str]:
    """Every golden file's name and what it should hold."""
    files = {f"{lang}.{_ENDINGS[name]}": emit(name, RUN, lang) for name in EMITTERS for lang in LANGUAGES}
    tables: dict[Lang, str] = {lang: statistics(RUN, lang) for lang in LANGUAGES}
    return files | {f"{lang}.statistics.txt": table for lang, table in tables.items()}


def main() -> None:
    """Write all golden files."""
    for key in PLACES:
        os.environ.pop(key, None)
    FOLDER.mkdir(exist_ok=True)
    for name, text in outputs().items():
        (FOLDER / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
