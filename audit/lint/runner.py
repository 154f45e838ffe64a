"""All files of one `callaudit lint`: remembered results first, the others over worker processes, in the order of the files."""

import gc
from collections.abc import Iterator, Mapping, Sequence

from audit.errors import InputError, Problem
from audit.ingest.scripts.read import read_bytes
from audit.lint import cache
from audit.lint.config import Configs, check
from audit.lint.finding import LintedFile
from audit.lint.job import Job, Rules
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
    if remember:
        done |= cache.recall(keys)
    missing = [job for job in jobs if job.path not in done]
    made = _linted(missing, workers) if missing else []
    if remember:
        cache.remember((keys[file.path], file) for file in made)
    done |= {file.path: file for file in made}
    return [done[path] for path in paths]


def _linted(jobs: Sequence[Job], workers: int) -> list[LintedFile]:
    gc.disable()  # rules stay: to look for garbage among them while they load takes a quarter of the start
    try:
        from audit.ingest.scripts.words import words
        from audit.lint.work import checker, lint

        # Rules are loaded here once, for names that nobody knows, and for workers to inherit where they can.
        for config in {id(job.config): job.config for job in jobs}.values():
            check(config, checker(Rules.of(config)).known, LABELS.keys(), words().specimens)
    finally:
        gc.freeze()
        gc.enable()
    if workers < 2 or len(jobs) < _WORTH_WORKERS:
        return [lint(job) for job in jobs]
    return list(_over_workers(jobs, workers))


def _over_workers(jobs: Sequence[Job], workers: int) -> Iterator[LintedFile]:
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    from audit.lint.work import lint

    left: list[Job] = []
    with ProcessPoolExecutor(workers) as pool:
        futures: list[tuple[Job, Future[LintedFile]]] = [(job, pool.submit(lint, job)) for job in jobs]
        for job, future in futures:
            try:
                yield future.result()
            except BrokenProcessPool:
                left.append(job)
    for job in left:  # a worker died, and nobody knows of which file: each gets a process of its own
        with ProcessPoolExecutor(1) as pool:
            try:
                yield pool.submit(lint, job).result()
            except BrokenProcessPool:
                yield LintedFile(job.path, problem=Problem("CA526", job.path))
