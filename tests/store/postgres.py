"""A PostgreSQL server of the tests' own, from the binaries on this machine, on a socket in a temporary folder."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg


@contextmanager
def server() -> Iterator[Path]:
    """Start a server and yield the folder of its socket; no socket of the network is opened."""
    # Not pytest's folder: it is closed to other users, and its path may be too long for a socket.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = _user()
    try:
        if user:
            os.chown(folder, user["user"], user["group"])
        binaries, data = _binaries(), folder / "data"
        made = subprocess.run(
            [
                binaries / "initdb",
                "-D",
                data,
                "-A",
                "trust",
                "-U",
                "tests",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            **user,
        )
        assert made.returncode == 0, made.stderr
        command: list[str | Path] = [
            binaries / "postgres",
            "-D",
            data,
            "-k",
            folder,
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
        ]
        with (folder / "server.log").open("wb") as log:
            running = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **user)
        try:
            _wait(running, folder)
            yield folder
        finally:
            running.send_signal(signal.SIGQUIT)  # at once: nobody needs the data
            running.wait()
    finally:
        shutil.rmtree(folder)


def _wait(running: "subprocess.Popen[Any]", folder: Path) -> None:
    while running.poll() is None:
        try:
            psycopg.connect(host=str(folder), user="tests", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError((folder / "server.log").read_text(errors="replace"))


def _binaries() -> Path:
    """The newest server of Debian's packages, else the one in PATH. Without one the tests fail: the store is promised on PostgreSQL."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    in_path = shutil.which("initdb")
    assert in_path, "the tests of the store need PostgreSQL's server: apt-get install postgresql"
    return Path(in_path).resolve().parent


def _user() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as the user of Debian's package."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
