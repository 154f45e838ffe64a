"""Globs as git reads them in .gitignore, relative to a folder: `contacts/*.md`, `drafts/`, `**/测试*`, a bare name at any depth.

Not pathspec: to it `!b/` also speaks of what is in `b`, to git of the folder alone, and it costs 15 ms of every start.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePath


def absolute(path: str | PurePath) -> str:
    """The normal absolute path, symbolic links kept."""
    return os.path.abspath(path)  # noqa: PTH100 (what pathlib has follows links, or keeps `..`)


def relative(path: str | PurePath, folder: PurePath) -> str:
    """`path` as globs of `folder` see it, with `/`. What lies elsewhere keeps its whole path, so that bare names still match."""
    whole, above = absolute(path), f"{folder}{os.sep}"
    if whole.startswith(above):
        return whole.removeprefix(above).replace(os.sep, "/")
    if whole == str(folder):
        return "."
    return os.path.splitdrive(whole)[1].lstrip(os.sep).replace(os.sep, "/") or "."


def decides(globs: Sequence[str], path: str) -> bool | None:
    """What the last glob that speaks of `path` itself says: True takes it in, False (`!`) leaves it out, None when none does.

    A folder's path ends with `/`.

    >>> decides(["drafts/*", "!drafts/final.md"], "drafts/final.md")
    False
    """
    for glob in reversed(globs):
        pattern = _pattern(glob)
        if pattern and pattern.speaks_of(path):
            return not pattern.is_negated
    return None


def matches(globs: Sequence[str], path: str) -> bool:
    """Whether the globs take in `path` or a folder it is in; no `!` brings back what is in a folder that is taken in, as with git.

    >>> matches(["drafts/"], "scripts/drafts/a.md")
    True
    """
    parts = path.split("/")
    return any(decides(globs, "/".join(parts[:end]) + "/") for end in range(1, len(parts))) or bool(
        decides(globs, path)
    )


def is_glob(text: str) -> bool:
    """Whether git would read it as a glob, not as a comment or an error."""
    return _pattern(text) is not None


@dataclass(frozen=True, slots=True)
class _Pattern:
    words: re.Pattern[str]
    is_negated: bool
    only_folders: bool

    def speaks_of(self, path: str) -> bool:
        if self.only_folders and not path.endswith("/"):
            return False
        return self.words.fullmatch(path.removesuffix("/")) is not None


_CLASS = re.compile(r"\[(?P<other>[!^]?)(?P<chars>\]?(?:\\.|[^\]\\])*)\]", re.DOTALL)
_TRAILING = re.compile(r"(?<!\\) +$")


@cache
def _pattern(glob: str) -> _Pattern | None:
    """What a line of .gitignore means; None for blank lines, comments and what can match nothing."""
    rest = _TRAILING.sub("", glob)
    if not rest or rest.startswith("#"):
        return None
    is_negated = rest.startswith("!")
    rest = rest.removeprefix("!")
    only_folders = rest.endswith("/")
    rest = rest.removesuffix("/")
    is_anchored = "/" in rest
    words = _translated(rest.removeprefix("/"))
    if not words:
        return None
    try:
        compiled = re.compile(words if is_anchored else f"(?:.*/)?{words}", re.DOTALL)
    except re.error:  # a class such as [z-a]
        return None
    return _Pattern(compiled, is_negated, only_folders)


def _translated(glob: str) -> str | None:
    """A glob without its signs at either end as a regular expression; None when it is broken."""
    words, at = "", 0
    while at < len(glob):
        char, at_start = glob[at], at == 0 or glob[at - 1] == "/"
        if glob.startswith("**/", at) and at_start:
            words, at = words + "(?:[^/]+/)*", at + 3
        elif glob[at:] == "**" and at_start:
            words, at = words + ".+", at + 2
        elif char == "*":
            words, at = words + "[^/]*", at + 1
        elif char == "?":
            words, at = words + "[^/]", at + 1
        elif char == "[":
            found = _CLASS.match(glob, at)
            if found is None:
                return None
            words, at = words + _class(found), found.end()
        elif char == "\\":
            if at + 1 == len(glob):
                return None
            words, at = words + re.escape(glob[at + 1]), at + 2
        else:
            words, at = words + re.escape(char), at + 1
    return words


def _class(found: re.Match[str]) -> str:
    chars = "".join(
        part if part == "-" else re.escape(part[-1]) for part in re.findall(r"\\.|.", found["chars"], re.DOTALL)
    )
    return f"(?!/)[{'^' if found['other'] else ''}{chars}]"
