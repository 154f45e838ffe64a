"""Ctrl-C is for the process that reads the terminal; its workers are ended by it."""

import subprocess
import sys
from pathlib import Path

_FIRST_WORKER = """
import multiprocessing, signal
from audit.batch.executors.process import _SPAWN, _interrupt_kept_from_children

def blocked(pipe):
    pipe.send(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))

if __name__ == "__main__":
    here, there = multiprocessing.Pipe()
    process = _SPAWN.Process(target=blocked, args=(there,))
    with _interrupt_kept_from_children():
        process.start()
    print(here.recv())
    process.join()
"""


def test_the_first_worker_of_a_process_is_kept_from_interrupts_as_well(tmp_path: Path) -> None:
    script = tmp_path / "first.py"
    script.write_text(_FIRST_WORKER, encoding="utf-8")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
