from pathlib import Path

import pytest

from audit.errors import CallauditError
from audit.report.atomic import atomic_path, write_atomic


def test_text_is_written_as_utf8_with_its_line_ends(tmp_path: Path) -> None:
    write_atomic(tmp_path / "new" / "a.txt", "甲\n乙\r\n")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "甲\n乙\r\n".encode()


def test_an_error_while_writing_leaves_the_old_file_and_no_debris(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_atomic(path, "old")
    with pytest.raises(RuntimeError), atomic_path(path) as part:
        part.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_refusal_of_the_system_is_a_coded_error_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CallauditError, match=r"\[CA400\].*a\.txt"):
        write_atomic(tmp_path / "file" / "a.txt", "x")


def test_other_users_may_read_the_file_when_their_mask_allows(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a.txt", "x")
    (tmp_path / "b.txt").write_text("x")
    assert (tmp_path / "a.txt").stat().st_mode == (tmp_path / "b.txt").stat().st_mode
