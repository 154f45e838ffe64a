"""What the rules said of a file is remembered by everything it depends on: content, rules, configuration, code."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path

from audit import __version__
from audit.folders import cache_folder
from audit.kept import code_of
from audit.lint.finding import LintedFile
from audit.lint.job import Job, Rules, from_json, to_json
from audit.rules.loader import builtin, load_policy, pack_key

_TABLE = "CREATE TABLE IF NOT EXISTS checked (key TEXT PRIMARY KEY, result TEXT NOT NULL) WITHOUT ROWID"
# The folders whose code decides what is found.
_JUDGES = (
    "ingest",
    "ingest/scripts",
    "learned",
    "lint",
    "model",
    "pii",
    "rules",
    "rules/kinds",
    "text",
    "text/context",
)
# Of so many results half are forgotten: which, matters little.
_MOST = 100_000
_AT_ONCE = 500


def key_of(job: Job) -> str:
    """The name of what comes of a job. Raises ConfigError when its rules or policy cannot be read."""
    config, path = job.config, job.path
    about = (
        Path(path).suffix.lower(),
        config.audience_for(path),
        config.is_opening(path),
        config.select,
        config.ignore,
        config.ignored_in(path),
        # What is named for other files, too: a name that nobody knows is told whatever is remembered.
        sorted({name for names in config.per_file_ignores.values() for name in names}),
        sorted(config.severity.items()),
        config.max_file_kb,
    )
    digest = hashlib.sha256(f"{_rules_key(Rules.of(config))}\0{about!r}\0".encode())
    digest.update(job.data)
    return digest.hexdigest()


@cache
def _rules_key(rules: Rules) -> str:
    parts = (
        __version__,
        code_of(*_JUDGES),
        pack_key(rules.folders),
        load_policy(rules.policy).sha256,
        builtin().joinpath("scripts.toml").read_text(encoding="utf-8"),
        repr((rules.voices, rules.placeholders)),
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def recall(keys: Mapping[str, str]) -> dict[str, LintedFile]:
    """What is remembered, by path, of files whose keys are given by path. A cache that cannot be read remembers nothing."""
    found: dict[str, LintedFile] = {}
    with suppress(sqlite3.Error, OSError), _open() as store:
        stored = dict(_select(store, list(set(keys.values()))))
        for path, key in keys.items():
            if key in stored:
                with suppress(KeyError, TypeError, ValueError):
                    found[path] = from_json(json.loads(stored[key]), path)
    return found


def remember(results: Iterable[tuple[str, LintedFile]]) -> None:
    """Keep results by their keys; files with a problem are read again. A cache that cannot be written is only slower."""
    rows = [
        (key, json.dumps(to_json(file), ensure_ascii=False, separators=(",", ":")))
        for key, file in results
        if file.problem is None
    ]
    if not rows:
        return
    with suppress(sqlite3.Error, OSError), _open() as store, store:
        store.executemany("INSERT OR REPLACE INTO checked VALUES (?, ?)", rows)
        if store.execute("SELECT count(*) FROM checked").fetchone()[0] > _MOST:
            store.execute("DELETE FROM checked WHERE key < '8'")


@contextmanager
def _open() -> Iterator[sqlite3.Connection]:
    """The store, made where there is none. It holds words of scripts, so it is for this user's eyes alone."""
    folder = cache_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / "lint.sqlite"
    file.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(file, timeout=2)) as store:
            store.execute(_TABLE)
            yield store
    except sqlite3.DatabaseError as error:
        if not isinstance(error, sqlite3.OperationalError):  # no database, or a damaged one: begin anew
            file.unlink(missing_ok=True)
        raise


def _select(store: sqlite3.Connection, keys: list[str]) -> Iterator[tuple[str, str]]:
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        marks = ",".join("?" * len(some))
        yield from store.execute(f"SELECT key, result FROM checked WHERE key IN ({marks})", some)
