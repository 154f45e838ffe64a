"""All files of a run: in order, each with its own findings, whatever becomes of the others."""

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from audit.errors import ConfigError
from audit.lint.config import Configs
from audit.lint.finding import LintedFile
from audit.lint.runner import lint_files

BAD = "再拖我找人卸你一条腿"
GOOD = "请问您在吗？"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CALLAUDIT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    return tmp_path / "in"


def run(paths: list[str], workers: int = 1, *, remember: bool = False, **given: bytes) -> list[LintedFile]:
    return lint_files(paths, Configs(isolated=True), workers=workers, given=given, remember=remember)


def many(folder: Path, count: int = 40) -> list[str]:
    """Every third script breaches, one is broken."""
    paths = []
    for number in reversed(range(count)):
        path = folder / f"{number:02}.{'json' if number == 7 else 'md'}"
        path.write_text("{" if number == 7 else BAD if number % 3 == 0 else GOOD, encoding="utf-8")
        paths.append(path.name)
    return paths


def test_workers_give_the_same_in_the_same_order_as_one_process(folder: Path) -> None:
    paths = many(folder)
    alone, together = run(paths), run(paths, workers=2)
    assert [file.path for file in alone] == paths
    assert together == alone
    assert [file.path for file in alone if file.findings] == [path for path in paths if int(path[:2]) % 3 == 0]


def test_a_broken_file_among_others_is_a_problem_of_its_own(folder: Path) -> None:
    found = {file.path: file for file in run(many(folder), workers=2)}
    assert found["07.json"].problem
    assert found["07.json"].problem.code == "CA517"
    assert [path for path, file in found.items() if file.problem] == ["07.json"]


def test_remembered_files_are_given_beside_new_ones_in_order(folder: Path) -> None:
    paths = many(folder, 6)
    first = run(paths, remember=True)
    (folder / paths[2]).write_text("信不信老子揍你", encoding="utf-8")
    again = run(paths, remember=True)
    assert [file.path for file in again] == paths
    assert [a == b for a, b in zip(first, again, strict=True)].count(False) == 1
    assert again == run(paths)


def test_bytes_that_are_no_file_are_linted_by_the_name_they_are_given() -> None:
    (file,) = lint_files(["x/here.md"], Configs(isolated=True), workers=1, given={"x/here.md": BAD.encode()})
    assert [finding.path for finding in file.findings] == ["x/here.md"]


def test_a_file_that_vanishes_is_a_coded_problem(folder: Path) -> None:
    paths = many(folder, 3)
    (folder / paths[0]).unlink()
    found = run(paths)
    assert found[0].problem
    assert found[0].problem.code == "CA105"
    assert [file.path for file in found] == paths


def test_no_files_give_nothing() -> None:
    assert run([]) == []


def test_a_name_that_nobody_knows_in_the_configuration_is_an_error(folder: Path) -> None:
    (folder / "callaudit.toml").write_text('select = ["thraet"]\n', encoding="utf-8")
    paths = many(folder, 2)
    with pytest.raises(ConfigError) as raised:
        lint_files(paths, Configs(), workers=1, given={}, remember=False)
    assert raised.value.problem.code == "CA534"


def test_a_name_that_nobody_knows_is_an_error_though_all_files_are_remembered(folder: Path) -> None:
    paths = many(folder, 2)
    lint_files(paths, Configs(), workers=1, given={})
    (folder / "callaudit.toml").write_text('[per-file-ignores]\n"other/**" = ["thraet"]\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="CA534"):
        lint_files(paths, Configs(), workers=1, given={})


def test_findings_of_a_workbook_come_sheet_by_sheet_and_cell_by_cell() -> None:
    book = openpyxl.Workbook()
    first = book.active
    assert first is not None
    for sheet in (first, book.create_sheet()):
        for row in (("回应一", "回应二"), ("您好", "您好"), ("好的，你这个垃圾，不要脸。", "你这个垃圾，不要脸。")):
            sheet.append(row)
    stream = BytesIO()
    book.save(stream)
    (file,) = lint_files(["a.xlsx"], Configs(), workers=1, given={"a.xlsx": stream.getvalue()})
    assert [one.cell for one in file.findings] == ["Sheet!A3", "Sheet!B3", "Sheet1!A3", "Sheet1!B3"]
