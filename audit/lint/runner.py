"""All files of one `callaudit lint`: remembered results first, the others over worker processes, in the order of the files."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from audit.errors import InputError, Problem
from audit.ingest.scripts.read import read_bytes
from audit.lint import cache
from audit.lint.config import Config, Configs, check
from audit.lint.finding import LintedFile
from audit.lint.work import Job, Rules, checker, lint
from audit.model.labels import LABELS

# So few files are linted before a worker process has started.
_WORTH_WORKERS = 24


def lint_files(
    paths: Sequence[str], configs: Configs, *, workers: int, given: Mapping[str, bytes], remember: bool = True
) -> list[LintedFile]:
    """Each file's findings, or its problem, in the order of `paths`. `given` are bytes that are no file's (standard input), by path.

    Raises ConfigError when a configuration, its rules or its policy are wrong.
    """
    done: dict[str, LintedFile] = {}
    jobs: list[Job] = []
    for path in paths:
        config = configs.of(path)
        try:
            data = given[path] if path in given else read_bytes(path, config.max_file_kb)
            jobs.append(Job(path, data, config))
        except InputError as error:
            done[path] = LintedFile(path, problem=error.problem)
    keys = {job.path: cache.key_of(job) for job in jobs} if remember else {}
    done |= cache.recall(keys)
    missing = [job for job in jobs if job.path not in done]
    _check_configs([job.config for job in missing])
    made = list(_linted(missing, workers))
    if remember:
        cache.remember((keys[file.path], file) for file in made)
    done |= {file.path: file for file in made}
    return [done[path] for path in paths]


def _check_configs(configs: Sequence[Config]) -> None:
    """Raise ConfigError for names that nobody knows; rules are loaded here once, for workers to inherit where they can."""
    for config in {id(config): config for config in configs}.values():
        judge = checker(Rules.of(config))
        check(config, judge.known, LABELS.keys())


def _linted(jobs: Sequence[Job], workers: int) -> Iterator[LintedFile]:
    if workers < 2 or len(jobs) < _WORTH_WORKERS:
        yield from map(lint, jobs)
        return
    left: list[Job] = []
    with ProcessPoolExecutor(workers, mp_context=get_context()) as pool:
        futures: list[tuple[Job, Future[LintedFile]]] = [(job, pool.submit(lint, job)) for job in jobs]
        for job, future in futures:
            try:
                yield future.result()
            except BrokenProcessPool:
                left.append(job)
    yield from map(_alone, left)


def _alone(job: Job) -> LintedFile:
    """A file in a process of its own: a worker died, and nobody knows whose fault it was."""
    with ProcessPoolExecutor(1, mp_context=get_context()) as pool:
        try:
            return pool.submit(lint, job).result()
        except BrokenProcessPool:
            return LintedFile(job.path, problem=Problem("CA526", job.path))
