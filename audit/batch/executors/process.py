"""Worker processes, each with one call in hand: one that dies takes only its call with it, and another takes its place.

Not concurrent.futures: when one of its workers dies, all calls in flight fail and none can be told to be the cause.
Processes are spawned, not forked: CTranslate2 and other native threads do not survive a fork.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, Generic

from audit.batch.executors.base import Result, attempt, place_of
from audit.errors import CallauditError, Problem
from audit.ingest.items import CallInput

# How far to read ahead of the workers: far enough to know early how many recordings a folder holds (about 1 kB each),
# yet bounded for transcripts, which carry their text along.
_ITEMS_AHEAD = 10_000
_CHARACTERS_AHEAD = 4_000_000
_SECONDS_TO_LEAVE = 5.0
_SPAWN = multiprocessing.get_context("spawn")


def run(
    setup: Callable[[], Callable[[CallInput], Result]], items: Iterable[CallInput], jobs: int
) -> Generator[tuple[CallInput, Result | Problem], None, None]:
    """Work on `items` as `Executor` says, in up to `jobs` processes.

    A call whose process dies gets the problem CA420.
    Raises CallauditError (CA422) when a process dies before its first call.
    """
    ahead = _Ahead(items)
    workers: list[_Worker[Result]] = []
    try:
        while True:
            in_hand = [worker for worker in workers if worker.item is not None]
            while len(workers) < min(jobs, len(in_hand) + ahead.at_least(jobs - len(in_hand))):
                workers.append(_Worker(setup))
            for worker in workers:
                if worker.idle and ahead.at_least(1):
                    worker.give(ahead.take())
            if not ahead.at_least(1) and all(worker.item is None for worker in workers):
                return
            ready = wait([worker.pipe for worker in workers], timeout=0 if ahead.wants_more else None)
            if not ready:
                ahead.read()
            for worker in [worker for worker in workers if worker.pipe in ready]:
                outcome = worker.receive()
                if worker.dead:
                    workers.remove(worker)
                if outcome is not None:
                    yield outcome
    finally:
        for worker in workers:
            worker.end()


class _Ahead:
    """The items read but not yet given to a worker."""

    def __init__(self, items: Iterable[CallInput]) -> None:
        self._source = iter(items)
        self._items: deque[CallInput] = deque()
        self._characters = 0
        self._exhausted = False

    @property
    def wants_more(self) -> bool:
        """Whether to read on while the workers are busy."""
        return not self._exhausted and len(self._items) < _ITEMS_AHEAD and self._characters < _CHARACTERS_AHEAD

    def at_least(self, number: int) -> int:
        """How many items are at hand, `number` or more unless there are no more."""
        while len(self._items) < number and not self._exhausted:
            self.read()
        return len(self._items)

    def read(self) -> None:
        """Read one item, if there is one."""
        item = next(self._source, None)
        if item is None:
            self._exhausted = True
            return
        self._items.append(item)
        self._characters += len(item.payload or "")

    def take(self) -> CallInput:
        """The next item, no longer at hand."""
        item = self._items.popleft()
        self._characters -= len(item.payload or "")
        return item


@dataclass(frozen=True, slots=True)
class _Stop:
    """What a worker sends when the run cannot go on."""

    problem: Problem


_READY = "ready"


class _Worker(Generic[Result]):
    """One process, seen from the parent. It is idle once it is ready and has no call in hand."""

    def __init__(self, setup: Callable[[], Callable[[CallInput], Result]]) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self.item: CallInput | None = None
        self.idle = False
        self.dead = False
        self._process = _SPAWN.Process(target=_serve, args=(theirs, setup), daemon=True)
        with _interrupt_kept_from_children():
            self._process.start()
        theirs.close()

    def give(self, item: CallInput) -> None:
        """Hand it a call. Only an idle worker is given one: it waits for it, so that sending never blocks."""
        self.item, self.idle = item, False
        with suppress(BrokenPipeError):  # it died this moment; `receive` will say so
            self.pipe.send(item)

    def receive(self) -> tuple[CallInput, Result | Problem] | None:
        """What it has to say: the outcome of the call in hand, or None for `ready` and a death without a call."""
        try:
            message: Any = self.pipe.recv()
        except (EOFError, OSError):  # it may die in the middle of a message
            return self._buried()
        if isinstance(message, _Stop):
            raise CallauditError(message.problem.code, message.problem.where, **message.problem.facts)
        item, self.item, self.idle = self.item, None, True
        return None if item is None else (item, message)

    def end(self) -> None:
        """End it now, whatever it does: files are written atomically."""
        self._process.terminate()
        self._process.join(_SECONDS_TO_LEAVE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self.pipe.close()

    def _buried(self) -> tuple[CallInput, Problem] | None:
        self.end()
        how = _way_it_ended(self._process.exitcode)
        if self.item is None and not self.idle:
            raise CallauditError("CA422", how=how)
        self.dead = True
        return None if self.item is None else (self.item, Problem("CA420", place_of(self.item), {"how": how}))


def _serve(pipe: "Connection[Any, Any]", setup: Callable[[], Callable[[CallInput], Result]]) -> None:
    """What the process does: one call after another until there is no parent to work for."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        work = setup()
        pipe.send(_READY)
        while True:
            pipe.send(attempt(work, pipe.recv()))
    except CallauditError as error:
        pipe.send(_Stop(error.problem))
    except (EOFError, BrokenPipeError):
        return


def _die_with_parent() -> None:
    """End the process when its parent is gone, however it went: it must not write into the folder of a later run."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


@contextmanager
def _interrupt_kept_from_children() -> Iterator[None]:
    """Ctrl-C reaches every process of the terminal; only the parent is to act on it, and it ends its workers itself."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # Its start lets SIGINT through again: were it the first worker that starts it, that worker would be interrupted.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _way_it_ended(code: int | None) -> str:
    if code is not None and code < 0:
        return next((known.name for known in signal.Signals if known == -code), f"signal {-code}")
    return f"exit code {code}"
