"""What is remembered: only what would be found again, readable by nobody else."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from audit.lint import cache
from audit.lint.config import Config
from audit.lint.finding import LintedFile
from audit.lint.job import Job
from audit.lint.work import lint
from audit.model.finding import Severity
from audit.model.script import Audience, Voice

TEXT = "坐席：再拖我找人卸你一条腿，信不信老子揍你。\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CALLAUDIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def job(text: str = TEXT, path: str = "a.md", **config: object) -> Job:
    return Job(path, text.encode(), replace(Config(Path.cwd()), **config))  # type: ignore[arg-type]


def remembered(one: Job) -> LintedFile | None:
    return cache.recall({one.path: cache.key_of(one)}).get(one.path)


def kept(one: Job) -> LintedFile:
    found = lint(one)
    cache.remember([(cache.key_of(one), found)])
    return found


def test_what_was_found_is_remembered_exactly() -> None:
    assert remembered(job()) is None
    found = kept(job())
    assert found.findings
    assert remembered(job()) == found


def test_a_copy_is_known_under_its_own_path() -> None:
    kept(job())
    copy = remembered(job(path="b.md"))
    assert copy == lint(job(path="b.md"))


@pytest.mark.parametrize(
    "other",
    [
        lambda: job(TEXT + "再见。"),
        lambda: job(path="a.txt"),
        lambda: job(policy="agency"),
        lambda: job(select=("insult",)),
        lambda: job(ignore=("threat",)),
        lambda: job(per_file_ignores={"*.md": ("threat",)}),
        lambda: job(severity={"threat": Severity.INFO}),
        lambda: job(severity={"threat": None}),
        lambda: job(audience={"*": Audience.THIRD_PARTY}),
        lambda: job(openings=("*",)),
        lambda: job(not_openings=("*",)),
        lambda: job(max_file_kb=1),
        lambda: job(voices={Voice.NOTE: ("坐席",)}),
        lambda: job(placeholders={"户名": "name"}),
    ],
)
def test_with_other_content_or_configuration_nothing_is_remembered(other: Callable[[], Job]) -> None:
    kept(job())
    assert remembered(other()) is None


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_damaged_store_remembers_nothing_and_is_made_anew(folder: Path, damage: bytes) -> None:
    kept(job())
    (folder / "lint.sqlite").write_bytes(damage)
    assert remembered(job()) is None
    found = kept(job())
    if remembered(job()) is None:  # the damaged file is gone now
        found = kept(job())
    assert remembered(job()) == found


def test_a_record_that_is_none_is_not_believed(folder: Path) -> None:
    kept(job())
    with sqlite3.connect(folder / "lint.sqlite") as store:
        store.execute("UPDATE checked SET result = '[{}]'")
    store.close()
    assert remembered(job()) is None


def test_only_the_user_can_read_what_is_remembered(folder: Path) -> None:
    kept(job())
    assert (folder / "lint.sqlite").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_where_nothing_can_be_written_nothing_is_remembered(folder: Path) -> None:
    folder.write_text("a file where the folder should be", encoding="utf-8")
    assert kept(job()).findings
    assert remembered(job()) is None


def test_a_file_with_a_problem_is_read_again() -> None:
    assert kept(job('{"话术": ', "a.json")).problem is not None
    assert remembered(job('{"话术": ', "a.json")) is None
