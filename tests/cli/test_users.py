"""Users from the command line."""

import fcntl
import io
import os
import pty
import select
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from audit.cli.main import main
from audit.i18n import set_language
from audit.store import tables as t
from audit.store import tokens
from audit.store.database import Store, create
from audit.store.users import credentials
from audit.web import passwords
from audit.web.passwords import matches
from tests.cli.command import environment
from tests.store.runs import rows

_CODE = "import sys; from audit.cli.main import main; sys.exit(main())"
PASSWORD = "correct horse 1"

Users = Callable[..., tuple[int, str, str]]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "store.sqlite"
    create(str(path))
    return path


@pytest.fixture
def users(store: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Users]:
    """Runs `callaudit users` in this process: exit code, output, errors."""
    monkeypatch.setenv("CALLAUDIT_STORE", str(store))
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))

    def run(*arguments: str, said: str = "", lang: str = "zh") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(said))
        status = main(["--lang", lang, "users", *arguments])
        told = capsys.readouterr()
        return status, told.out, told.err

    yield run
    set_language("zh")


def test_a_user_is_added_listed_changed_locked_and_unlocked(store: Path, users: Users) -> None:
    added = users("add", "王", "--role", "admin", "--password-stdin", said=f"{PASSWORD}\n")
    assert added == (0, "已新增 王（admin）。\n", "")
    users("add", "李", "--role", "officer", "--password-stdin", said=f"{PASSWORD}\r\n")
    assert users("role", "李", "lead") == (0, "已更改。\n", "")
    assert users("disable", "李")[0] == 0
    assert users("list", lang="en")[1] == "1\tadmin\tactive\t王\n2\tlead\tdisabled\t李\n"
    assert users("enable", "李")[0] == 0
    with Store(str(store)) as opened:
        found = credentials(opened, "李")
        assert found and matches(found.password_hash, PASSWORD)
    assert users("password", "李", "--password-stdin", said="another horse 2\n")[0] == 0
    with Store(str(store)) as opened:
        found = credentials(opened, "李")
        assert found and matches(found.password_hash, "another horse 2")
        assert not matches(found.password_hash, PASSWORD)
        lines = rows(opened, t.log)
    assert [line["action"] for line in lines] == [
        "add_user",
        "add_user",
        "change_role",
        "disable_user",
        "enable_user",
        "change_password",
    ]
    assert all(str(line["actor"]).startswith("cli") for line in lines)


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (("add", "王", "--role", "admin", "--password-stdin"), "short\n", "CA802"),
        (("add", "王", "--role", "admin", "--password-stdin"), "", "CA802"),
        (("add", " ", "--role", "admin", "--password-stdin"), f"{PASSWORD}\n", "CA617"),
        (("add", "王", "--role", "root", "--password-stdin"), f"{PASSWORD}\n", "CA903"),
        (("add", "王", "--password-stdin"), f"{PASSWORD}\n", "CA902"),
        (("add", "王", PASSWORD, "--role", "admin"), "", "CA905"),
        (("role", "谁", "lead"), "", "CA803"),
        (("disable", "谁"), "", "CA803"),
    ],
)
def test_what_cannot_be_done_is_one_coded_line_and_changes_nothing(
    users: Users, arguments: tuple[str, ...], said: str, code: str
) -> None:
    status, output, told = users(*arguments, said=said)
    assert (status, output) == (2, "")
    assert told.startswith(f"[{code}]") and told.count("\n") == 1
    assert users("list")[1] == ""


def test_tokens_are_listed_with_their_last_day_and_revoked(store: Path, users: Users) -> None:
    users("add", "王", "--role", "admin", "--password-stdin", said=f"{PASSWORD}\n")
    with Store(str(store)) as opened:
        made = [tokens.make(opened, 1, name, days) for name, days in (("周报脚本", 7), ("备份", 30))]
        tokens.find(opened, made[0])
        first, second = rows(opened, t.tokens)
    day = {key: row[key].astimezone().date() for row in (first,) for key in ("expires_at", "used_at")}  # type: ignore[attr-defined]
    ends = second["expires_at"].astimezone().date()  # type: ignore[attr-defined]
    assert users("tokens", lang="en")[1] == (
        f"2\t王\tactive\t{ends}\tnever used\t备份\n1\t王\tactive\t{day['expires_at']}\t{day['used_at']}\t周报脚本\n"
    )
    assert users("revoke-token", "1") == (0, "已吊销。\n", "")
    assert users("tokens")[1].splitlines()[1].split("\t")[2] == "已吊销"
    assert users("revoke-token", "1")[2].startswith("[CA611]") and users("revoke-token", "0")[0] == 2
    with Store(str(store)) as opened:
        assert tokens.find(opened, made[0]) is None and tokens.find(opened, made[1]) is not None
        line = rows(opened, t.log)[-1]
        assert str(line["actor"]).startswith("cli") and (line["action"], line["subject"]) == ("revoke_token", "token:1")


def test_the_last_admin_cannot_be_locked_out(users: Users) -> None:
    users("add", "王", "--role", "admin", "--password-stdin", said=f"{PASSWORD}\n")
    assert users("disable", "王")[2].startswith("[CA804]")
    assert users("role", "王", "viewer")[2].startswith("[CA804]")
    assert users("list")[1] == "1\tadmin\t可用\t王\n"


@pytest.mark.parametrize(("again", "status"), [(PASSWORD, 0), ("typo horse 1", 2)])
def test_the_password_is_asked_for_twice_at_a_terminal_and_not_shown(store: Path, again: str, status: int) -> None:
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _CODE, "users", "add", "王", "--role", "admin"],
        env=environment(CALLAUDIT_STORE=str(store)),
        stdin=child,
        stdout=child,
        stderr=child,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(child, termios.TIOCSCTTY, 0),
    )
    os.close(child)
    shown = read_until(parent, "密码: ")
    os.write(parent, f"{PASSWORD}\n".encode())
    shown += read_until(parent, "再输入一次: ")
    os.write(parent, f"{again}\n".encode())
    shown += read_until(parent, "已新增 王" if status == 0 else "CA807")
    assert process.wait() == status
    os.close(parent)
    assert "horse" not in shown
    with Store(str(store)) as opened:
        found = credentials(opened, "王")
        assert matches(found.password_hash if found else None, PASSWORD) is (status == 0)


def read_until(terminal: int, end: str) -> str:
    """What a terminal shows, up to `end`."""
    shown = b""
    while end not in shown.decode("utf-8", "replace"):
        assert select.select([terminal], [], [], 60)[0], shown.decode("utf-8", "replace")
        shown += os.read(terminal, 1024)
    return shown.decode("utf-8", "replace")
