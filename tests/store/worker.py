"""Processes that write to a store, for tests of what happens when they do it at once or are killed."""

import os
import subprocess
import sys
import time
from pathlib import Path

from audit.model.review import Verdict
from audit.store.calls import import_run
from audit.store.database import Store
from audit.store.review import decide
from tests.cli.command import ROOT


def start(*arguments: str | Path) -> "subprocess.Popen[str]":
    """Start `main` with `arguments`; its output is what it has done so far, a line each."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.worker", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def main(url: str, what: str, *arguments: str) -> None:
    with Store(url) as store:
        print("ready", flush=True)  # noqa: T201
        sys.stdin.readline()
        if what == "import":
            folder = Path(arguments[0])
            import_run(store, folder, sorted((folder / "calls").iterdir()), "worker")
        else:
            reviewer, verdict, *findings = arguments
            for finding in findings:
                decide(store, int(finding), reviewer, Verdict(verdict), reason="复述")
                print(finding, flush=True)  # noqa: T201
                time.sleep(0.01)  # as somebody who listens in between


if __name__ == "__main__":
    main(*sys.argv[1:])
