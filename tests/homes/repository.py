"""A team's repository, and scripts to put into it."""

import subprocess
from pathlib import Path

CLEAN = "# 结清\n\n坐席：您的申请我们已经登记，结果会在五个工作日内短信通知您。\n"
BAD = "# 催收\n\n坐席：再不还钱，我就打电话告诉你全村的人你欠钱。\n"
LABEL = "threat.exposure"


def git(at: Path, *arguments: str) -> str:
    """What git says of the repository `at`, whoever runs the tests."""
    person = ["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(at), *person, *arguments]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout.strip()


def commit(at: Path, **files: str) -> None:
    """A repository at `at` with all that lies there and `files` in it (`a_md` is a.md)."""
    at.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (at / name.replace("_", ".")).write_text(text, encoding="utf-8")
    git(at, "init", "-q")
    git(at, "add", "-A")
    git(at, "commit", "-q", "-m", "c")
