"""One call after another in this process: for debugging, and where processes cannot be started."""

from collections.abc import Callable, Generator, Iterable

from audit.batch.executors.base import Result, attempt
from audit.errors import Problem
from audit.ingest.items import CallInput


def run(
    setup: Callable[[], Callable[[CallInput], Result]],
    items: Iterable[CallInput],
    jobs: int,
) -> Generator[tuple[CallInput, Result | Problem], None, None]:
    """Work on `items` as `Executor` says. A call that kills the process takes the run with it."""
    work = setup()
    for item in items:
        yield item, attempt(work, item)
