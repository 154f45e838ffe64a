import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.batch.executors.base import EXECUTORS, executor, executor_names
from audit.errors import CallauditError, Problem
from audit.ingest.items import CallInput
from tests.batch import workers
from tests.batch.workers import item

both = pytest.mark.parametrize("name", ["serial", "process"])


def outcomes(name: str, items: list[CallInput], jobs: int = 2) -> dict[str, str | Problem]:
    return {call.call_id: result for call, result in executor(name)(workers.setup, items, jobs)}


def test_registered_executors() -> None:
    assert executor_names() == ("process", "serial")
    assert {target.rpartition(".")[2] for target in EXECUTORS.values()} == set(executor_names())


@both
def test_every_item_comes_back_with_its_own_result(name: str) -> None:
    items = [item(f"c{number}", f"text {number}") for number in range(40)]
    assert outcomes(name, items, jobs=3) == {f"c{number}": f"TEXT {number}" for number in range(40)}


@both
def test_no_items_give_no_outcomes(name: str) -> None:
    assert outcomes(name, []) == {}


@both
def test_an_input_that_cannot_be_read_is_a_problem_of_that_call_only(name: str) -> None:
    found = outcomes(name, [item("a", "fine"), item("b", "bad input"), item("c", "fine")])
    assert found == {"a": "FINE", "b": Problem("CA440", "b.jsonl"), "c": "FINE"}


@both
def test_a_bug_is_a_coded_problem_that_says_where_and_not_what_was_said(name: str) -> None:
    problem = outcomes(name, [item("a", "bug"), item("b", "fine")])["a"]
    assert isinstance(problem, Problem)
    assert (problem.code, problem.where, problem.facts["type"]) == ("CA421", "a.jsonl:1", "KeyError")
    assert str(problem.facts["place"]).startswith("tests/batch/workers.py:")
    assert "138" not in problem.line("zh") + problem.line("en")


@both
def test_an_error_that_is_not_about_an_input_ends_the_run(name: str) -> None:
    with pytest.raises(CallauditError) as caught:
        outcomes(name, [item("a", "disk full"), item("b", "fine")])
    assert caught.value.problem == Problem("CA400", facts={"reason": "No space left on device"})


@both
def test_a_setup_that_cannot_begin_ends_the_run(name: str) -> None:
    with pytest.raises(CallauditError) as caught:
        list(executor(name)(workers.setup_that_finds_no_rules, [item("a")], 1))
    assert caught.value.problem.code == "CA435"


@pytest.mark.parametrize(("how", "said"), [("die", "SIGSEGV"), ("leave", "exit code 7")])
def test_a_worker_that_dies_fails_its_call_and_no_other(how: str, said: str) -> None:
    items = [item("before", "a"), item("killer", how), *(item(f"after{n}", "b") for n in range(10))]
    found = outcomes("process", items)
    assert found.pop("killer") == Problem("CA420", "killer.jsonl:1", {"how": said})
    assert found == {"before": "A"} | {f"after{n}": "B" for n in range(10)}


def test_calls_that_all_kill_their_worker_all_fail() -> None:
    found = outcomes("process", [item(f"c{n}", "die") for n in range(4)])
    assert [problem.code for problem in found.values() if isinstance(problem, Problem)] == ["CA420"] * 4


def test_a_worker_that_dies_before_its_first_call_ends_the_run() -> None:
    with pytest.raises(CallauditError) as caught:
        list(executor("process")(workers.setup_that_dies, [item("a")], 1))
    assert caught.value.problem == Problem("CA422", facts={"how": "exit code 9"})


def test_no_more_processes_than_calls() -> None:
    found = executor("process")(workers.setup_process_id, [item("only")], 8)
    assert [call.call_id for call, _ in found] == ["only"]


def test_payloads_larger_than_a_pipe_holds_pass() -> None:
    text = "a" * 3_000_000
    assert outcomes("process", [item(f"c{n}", text) for n in range(3)]) == {f"c{n}": text.upper() for n in range(3)}


@both
def test_items_are_read_as_needed_and_not_all_at_once(name: str) -> None:
    read = 0

    def endless() -> Iterator[CallInput]:
        nonlocal read
        while True:
            read += 1
            yield item(f"c{read}", "x" * 1000)

    found = executor(name)(workers.setup, endless(), 2)
    for _ in range(20):
        next(found)
    found.close()
    assert read < 12_000


def test_closing_the_outcomes_ends_the_workers_at_once(tmp_path: Path) -> None:
    found = executor("process")(workers.Sleeper(tmp_path), _item_then_stop(tmp_path), 1)
    with pytest.raises(KeyboardInterrupt):
        next(found)
    assert not alive(int((tmp_path / "pid").read_text()))


def test_workers_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from audit.batch.executors.base import executor\n"
        "from tests.batch.workers import Sleeper, item\n"
        "if __name__ == '__main__': list(executor('process')(Sleeper(Path(sys.argv[1])), [item('a')], 1))"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    root = str(Path(__file__).parents[2])
    parent = subprocess.Popen([sys.executable, str(script), str(tmp_path)], env=os.environ | {"PYTHONPATH": root})
    wait_for(tmp_path / "pid")
    parent.kill()
    parent.wait()
    worker = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 30
    while alive(worker) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(worker)


def _item_then_stop(folder: Path) -> Iterator[CallInput]:
    """Calls, until a worker has one in hand; then Ctrl-C."""
    while not (folder / "pid").exists():
        time.sleep(0.01)
        yield item("a")
    raise KeyboardInterrupt


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether process `pid` runs; one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
