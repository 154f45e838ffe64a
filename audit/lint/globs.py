"""Globs as git reads them in .gitignore, relative to a folder: `contacts/*.md`, `drafts/`, `**/测试*`, a bare name at any depth."""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


def absolute(path: str | PurePath) -> str:
    """The normal absolute path, symbolic links kept."""
    return os.path.normpath(Path.cwd() / path)


def relative(path: str | PurePath, folder: Path) -> str:
    """`path` as globs of `folder` see it, with `/`. What lies elsewhere keeps its whole path, so that bare names still match."""
    whole = PurePath(absolute(path))
    below = whole.relative_to(folder) if whole.is_relative_to(folder) else whole.relative_to(whole.anchor)
    return below.as_posix()


@cache
def _spec(globs: tuple[str, ...]) -> "GitIgnoreSpec":
    from pathspec import GitIgnoreSpec  # 15 ms that a run without globs need not spend

    return GitIgnoreSpec.from_lines(globs)


def matches(globs: Sequence[str], path: str) -> bool | None:
    """Whether the last glob that speaks of `path` takes it in; None when none does. A folder's path ends with `/`.

    >>> matches(["drafts/", "!drafts/final.md"], "scripts/drafts/a.md")
    True
    """
    return _spec(tuple(globs)).check_file(path).include if globs else None


def is_glob(text: str) -> bool:
    """Whether git would read it as a glob, not as a comment or an error."""
    try:
        return any(pattern.include is not None for pattern in _spec((text,)).patterns)
    except ValueError:
        return False
