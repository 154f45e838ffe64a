"""A process beside the server in which rules are tried: an edited rule may hold an expression that takes for ever, or all memory."""

import multiprocessing
import resource
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

from audit.errors import CallauditError, InputError
from audit.i18n import Lang, language, set_language

_T = TypeVar("_T")
LIMIT_S = 60
_WAIT_S = 5
_MEMORY_BYTES = 6 << 30


class Trial:
    """One such process, for one request at a time. It is started at the first, and anew after one that had to be stopped."""

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._limit_s = limit_s
        self._turn = threading.Lock()
        self._worker: tuple[SpawnProcess, Connection] | None = None

    def run(self, task: Callable[..., _T], *arguments: Any) -> _T:
        """What `task`, a function of a module, says of the arguments.

        Raises what it raises (CallauditError), and InputError: CA820 when it takes too long, CA821 when others are before, CA822 when the
        process ends.
        """
        if not self._turn.acquire(timeout=_WAIT_S):
            raise InputError("CA821")
        try:
            line = self._started()
            try:
                line.send((language(), task, arguments))
                if not line.poll(self._limit_s):
                    self._stop()
                    raise InputError("CA820", seconds=round(self._limit_s))
                said, result = line.recv()
            except (EOFError, OSError) as error:
                self._stop()
                raise InputError("CA822") from error
            if not said:
                raise result
            answer: _T = result
            return answer
        finally:
            self._turn.release()

    def close(self) -> None:
        """Stop the process."""
        with self._turn:
            self._stop()

    def _started(self) -> Connection:
        if self._worker is None or not self._worker[0].is_alive():
            self._stop()
            spawn = multiprocessing.get_context("spawn")
            here, there = spawn.Pipe()
            process = spawn.Process(target=_work, args=(there,), daemon=True, name="callaudit-trial")
            process.start()
            there.close()
            self._worker = process, here
        return self._worker[1]

    def _stop(self) -> None:
        if self._worker is not None:
            process, line = self._worker
            process.kill()
            process.join()
            line.close()
            self._worker = None


def _work(line: Connection) -> None:
    """Answer until the server goes; Ctrl-C at its terminal is for the server."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    with suppress(EOFError):
        while True:
            lang, task, arguments = line.recv()
            line.send(_outcome(lang, task, arguments))


def _outcome(lang: Lang, task: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    set_language(lang)
    try:
        return True, task(*arguments)
    except CallauditError as error:
        return False, error
    except MemoryError:
        return False, InputError("CA822")
