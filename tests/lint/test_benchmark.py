"""What `benchmarks/lint.py` measures with: its scripts, and the table it prints."""

import re
from pathlib import Path

import pytest

from audit.lint.config import Configs
from audit.lint.discover import discover
from audit.lint.runner import lint_files
from audit.model.finding import Severity
from benchmarks.lint import BREACHES_EVERY, SIZE, Measured, Writer, cases, python_file, table, write

FILES = 3 * BREACHES_EVERY


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("benchmark")
    write(made, FILES)
    return made


def test_scripts_are_of_every_format_and_of_one_size(folder: Path) -> None:
    scripts = sorted((folder / "scripts").iterdir())
    assert {path.suffix for path in scripts} == {".md", ".txt", ".yaml", ".csv"}
    assert len(scripts) == FILES and all(SIZE <= path.stat().st_size < 1.3 * SIZE for path in scripts)


def test_scripts_are_the_same_each_time() -> None:
    assert Writer(7).script(1) == Writer(7).script(1) != Writer(8).script(1)


def test_every_twentieth_script_has_a_breach_and_no_other(folder: Path) -> None:
    configs = Configs(isolated=True)
    paths = discover([str(folder / "scripts")], configs).files
    linted = lint_files(paths, configs, workers=1, given={}, remember=False)
    flagged = [file.path for file in linted if any(f.severity is not Severity.INFO for f in file.findings)]
    assert [file.problem for file in linted if file.problem] == []
    assert flagged == list(paths[::BREACHES_EVERY])


def test_python_files_compile() -> None:
    assert compile(python_file(0), "0.py", "exec")


def test_table_has_a_row_for_all_that_is_measured(folder: Path) -> None:
    some = list(cases(folder, FILES))
    measured = {(case.name, case.files, case.cores): Measured(0.5, 20.0) for case in some}
    rows = [line for line in table(measured, FILES) if line.startswith("  ")]
    assert len(rows) == len(some) >= 15 - 5 * (len({case.cores for case in some}) == 1)
    assert all(re.search(r" \d+ (files/s|ms) +1\.0+ x ruff +20 MiB$", row) for row in rows)
