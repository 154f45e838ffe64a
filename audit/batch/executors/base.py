"""What an executor does, and how one call is worked on whatever the executor."""

import traceback
from collections.abc import Callable, Generator, Iterable
from importlib import import_module
from pathlib import Path
from typing import Protocol, TypeVar

from audit.errors import CallauditError, ConfigError, InputError, Problem
from audit.ingest.items import CallInput

Result = TypeVar("Result")

EXECUTORS = {
    "process": "audit.batch.executors.process",
    "serial": "audit.batch.executors.serial",
}


class Executor(Protocol):
    """Works on calls, `jobs` at a time."""

    def __call__(
        self, setup: Callable[[], Callable[[CallInput], Result]], items: Iterable[CallInput], jobs: int
    ) -> Generator[tuple[CallInput, Result | Problem], None, None]:
        """Yield each of `items` with its result, or with the problem that kept it from one, in the order they end.

        `setup` makes the function that works on one call, once for each worker. Both it and results must be picklable.
        `items` are taken as workers need them, a bounded number ahead. Closing the iterator ends all workers at once.

        Raises CallauditError when `setup` does, or when a call meets an error that would stop every other call, too
        (the disk is full).
        """


def executor_names() -> tuple[str, ...]:
    """The names of all executors."""
    return tuple(EXECUTORS)


def executor(name: str) -> Executor:
    """The executor called `name`; KeyError when there is none."""
    run: Executor = import_module(EXECUTORS[name]).run
    return run


def attempt(work: Callable[[CallInput], Result], item: CallInput) -> Result | Problem:
    """What `work` makes of `item`, or the problem that belongs to this call alone.

    Any other CallauditError is the run's and is raised.
    """
    try:
        return work(item)
    except (InputError, ConfigError) as error:
        return error.problem
    except CallauditError:
        raise  # about no input (the disk is full): the next call would only meet it as well
    except Exception as error:  # noqa: BLE001
        # The one place for so broad a catch: a bug that one call in a million brings to light must not cost the others.
        return Problem("CA421", place_of(item), {"type": type(error).__name__, "place": _raised_at(error)})


def place_of(item: CallInput) -> str:
    """Where a call came from, for messages: `calls.jsonl:12`."""
    return item.path if item.line is None else f"{item.path}:{item.line}"


def _raised_at(error: Exception) -> str:
    """File and line that raised `error`. Not its message, which may quote what was said in the call."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    parts = Path(last.filename).parts
    return f"{'/'.join(parts[-3:])}:{last.lineno}"
