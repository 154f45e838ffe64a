"""Processes that write to a store, for tests of what happens when they do it at once or are killed."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from audit.errors import InputError
from audit.model.review import Opinion, Ruling, Verdict
from audit.store.appeals import rule_on_appeal
from audit.store.calls import import_run
from audit.store.database import Store
from audit.store.review import decide
from audit.store.sampling import give_opinion, next_sample
from tests.cli.command import ROOT


def start(*arguments: str | Path) -> "subprocess.Popen[str]":
    """Start `main` with `arguments`. It says that it is ready; then it does one thing at each `go`, and says what it has `done`."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.store.worker", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ready(worker: "subprocess.Popen[str]") -> None:
    """Wait until the worker has the store open."""
    assert worker.stdout and worker.stdout.readline() == "ready\n"


def go(worker: "subprocess.Popen[str]") -> None:
    """Let the worker do the next thing. An import is one thing."""
    assert worker.stdin
    worker.stdin.write("go\n")
    worker.stdin.flush()


def done(worker: "subprocess.Popen[str]") -> str:
    """What the worker did; nothing when it had nothing left to do."""
    assert worker.stdout
    return worker.stdout.readline().strip()


def main(url: str, what: str, *arguments: str) -> None:
    with Store(url) as store:
        print("ready", flush=True)  # noqa: T201
        sys.stdin.readline()
        match what:
            case "import":
                folder = Path(arguments[0])
                import_run(store, folder, sorted((folder / "calls").iterdir()), "worker")
            case "decide":
                reviewer, verdict, *findings = arguments
                for finding in findings:
                    decide(store, int(finding), reviewer, Verdict(verdict), reason="复述")
                    _did(finding)
            case "plan":
                reviewer, verdict, plan = arguments
                while sample := next_sample(store, int(plan), reviewer):
                    _tried(partial(give_opinion, store, sample.id, reviewer, Opinion(verdict)), sample.id)
            case "opinions":
                reviewer, verdict, *samples = arguments
                for number in samples:
                    _tried(partial(give_opinion, store, int(number), reviewer, Opinion(verdict)), number)
            case "rule":
                reviewer, verdict, *appeals = arguments
                for number in appeals:
                    _tried(partial(rule_on_appeal, store, int(number), reviewer, Ruling(verdict), "听过"), number)


def _did(what: object) -> None:
    print(what, flush=True)  # noqa: T201
    sys.stdin.readline()


def _tried(act: Callable[[], object], what: object) -> None:
    """Do it and say so, or say with which code it was refused."""
    try:
        act()
    except InputError as error:
        what = f"{what}:{error.problem.code}"
    _did(what)


if __name__ == "__main__":
    main(*sys.argv[1:])
