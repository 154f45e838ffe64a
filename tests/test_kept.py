"""What is kept in the cache is what was made, and nothing else is believed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from audit.kept import keep, key_of, read_kept, remembered

KEY = "k"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CALLAUDIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def content() -> bytes | None:
    """What is kept under the key."""
    kept = read_kept("things", KEY)
    return None if kept is None else bytes(kept)


class Maker:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> tuple[str, int]:
        self.asked += 1
        return "made", 7


def test_what_was_made_once_is_not_made_again() -> None:
    make = Maker()
    assert [remembered("things", KEY, make) for _ in range(3)] == [("made", 7)] * 3
    assert make.asked == 1
    remembered("things", "another", make)
    assert make.asked == 2


def test_a_failure_is_not_remembered() -> None:
    def fails() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        remembered("things", KEY, fails)
    assert remembered("things", KEY, Maker()) == ("made", 7)


@pytest.mark.parametrize("damage", [b"", b"xx", b"\0" * 64, b"cos\nsystem\n(S'true'\ntR."])
def test_a_damaged_file_is_made_again(cache: Path, damage: bytes) -> None:
    remembered("things", KEY, Maker())
    file = cache / "things" / KEY
    whole = file.read_bytes()
    for damaged in (damage, whole[:-1], whole + b"x", whole[:-3] + bytes([whole[-3] ^ 1]) + whole[-2:]):
        file.write_bytes(damaged)
        make = Maker()
        assert remembered("things", KEY, make) == ("made", 7)
        assert make.asked == 1
        assert file.read_bytes() == whole


def test_a_file_that_others_can_write_is_not_believed(cache: Path) -> None:
    keep("things", KEY, b"content")
    assert content() == b"content"
    (cache / "things" / KEY).chmod(0o622)
    assert content() is None


def test_a_file_of_another_user_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    keep("things", KEY, b"content")
    another = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: another)
    assert content() is None


def test_only_the_user_can_read_what_is_kept(cache: Path) -> None:
    keep("things", KEY, b"content")
    assert (cache / "things").stat().st_mode & 0o777 == 0o700
    assert (cache / "things" / KEY).stat().st_mode & 0o777 == 0o600


def test_where_nothing_can_be_written_all_goes_on(cache: Path) -> None:
    cache.write_text("a file where the folder should be", encoding="utf-8")
    make = Maker()
    assert [remembered("things", KEY, make) for _ in range(2)] == [("made", 7)] * 2
    assert make.asked == 2
    assert cache.read_text(encoding="utf-8") == "a file where the folder should be"


def test_nothing_unfinished_stays(cache: Path) -> None:
    (cache / "things" / KEY).mkdir(parents=True)  # what is to be replaced cannot be
    keep("things", KEY, b"content")
    assert [path.name for path in (cache / "things").iterdir()] == [KEY]


def test_old_things_are_forgotten(cache: Path) -> None:
    for number in range(20):
        keep("things", f"k{number}", b"content")
        os.utime(cache / "things" / f"k{number}", (number, number))
    kept = {path.name for path in (cache / "things").iterdir()}
    assert len(kept) == 8
    assert "k19" in kept


def test_two_processes_writing_at_once_leave_a_whole_file(cache: Path) -> None:
    code = (
        "from audit.kept import keep, read_kept\n"
        "for _ in range(50):\n"
        "    keep('things', 'k', b'content' * 50_000)\n"
        "    assert read_kept('things', 'k') == b'content' * 50_000\n"
    )
    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert content() == b"content" * 50_000
    assert [path.name for path in (cache / "things").iterdir()] == [KEY]


def test_what_a_thing_was_made_from_names_it() -> None:
    assert key_of("a", "b") == key_of("a", b"b")
    assert len({key_of("a", "b"), key_of("ab"), key_of("b", "a"), key_of("a", "b", "")}) == 4
