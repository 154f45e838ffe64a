"""`--diff REV`: only what changed since a revision of git counts, down to the line.

Compared is always the working tree, for that is what is linted: `A...B` stands for the point where A and B parted, `A..B` for A.
"""

import os
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from audit.errors import ConfigError
from audit.ingest.scripts.read import ENDINGS
from audit.lint.finding import LintFinding
from audit.lint.suppressions import last_line

# What is missing from a conversation, or before the debt is told, can be anywhere: any change may have taken it out.
_OMISSIONS = ("process.", "privacy.unverified_disclosure")
# Rows and paragraphs of these are no lines to git.
_OFFICE = frozenset((".xlsx", ".xlsm", ".docx"))


@dataclass(frozen=True, slots=True)
class Changed:
    """The changes of a file: all of it, or the lines from each first to each last, both included, in order."""

    whole: bool = False
    lines: tuple[tuple[int, int], ...] = ()

    def touches(self, first: int, last: int) -> bool:
        """Whether one of the lines from `first` to `last` is changed."""
        return self.whole or any(begin <= last and first <= end for begin, end in self.lines)


WHOLE = Changed(whole=True)


def changes(rev: str, paths: Sequence[str]) -> dict[str, Changed]:
    """What has changed since `rev` in the files at `paths`; those in which nothing has are left out.

    Files that git does not track are new as a whole, and so are changed office files. A file that was only renamed is not changed.
    Raises ConfigError: CA560 for a file in no repository, CA561 when git fails, CA562 for a revision it does not know, CA563 for what
    cannot be one.
    """
    if not rev.strip() or "\0" in rev or any(part.startswith("-") for part in re.split(r"\.{2,3}", rev)):
        raise ConfigError("CA563", rev=rev)
    by_repository: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        by_repository[_repository(path)].append(path)
    changed: dict[str, Changed] = {}
    for repository, files in by_repository.items():
        tracked, known = _changes_in(repository, rev)
        for path in files:
            name = PurePath(os.path.relpath(os.path.realpath(path), repository)).as_posix()
            if name not in tracked:
                changed[path] = WHOLE
            elif name in known:
                changed[path] = WHOLE if PurePath(name).suffix.lower() in _OFFICE else known[name]
    return changed


def keep(findings: Sequence[LintFinding], changed: Changed | None) -> tuple[LintFinding, ...]:
    """The findings in changed lines, and those about what is missing from a file that has any change (None: it has none)."""
    if changed is None:
        return ()
    return tuple(
        finding
        for finding in findings
        if finding.label.startswith(_OMISSIONS) or changed.touches(finding.start.line, last_line(finding))
    )


def _repository(path: str) -> str:
    """The folder of the repository that a file is in. Looked for here, not by git: thousands of files would be as many processes."""
    for folder in Path(os.path.realpath(path)).parents:
        if (folder / ".git").exists():
            return str(folder)
    raise ConfigError("CA560", path)


def _changes_in(repository: str, rev: str) -> tuple[frozenset[str], Mapping[str, Changed]]:
    """The scripts that git tracks, and what has changed in those that have; paths are relative to the repository, with `/`."""
    specs = [f":(top,icase)*{ending}" for ending in sorted(ENDINGS)]
    tracked = frozenset(_names(_git(repository, "ls-files", "-z", "--cached", "--", *specs)))
    base = _base(repository, rev)
    # Whatever the user's git is set up to show: renames found, no colours, no programs of others, plain prefixes.
    diff = ("diff", "--find-renames", "--no-color", "--no-ext-diff", "--no-textconv", "--ignore-submodules")
    plain = ("--unified=0", "--inter-hunk-context=0", "--src-prefix=a/", "--dst-prefix=b/")
    known = dict(_counts(_git(repository, *diff, "--numstat", "-z", base, "--", *specs)))
    known.update(_hunks(_git(repository, *diff, *plain, base, "--", *specs)))
    return tracked, known


def _base(repository: str, rev: str) -> str:
    """The commit to compare with."""
    left, dots, right = rev.partition("...")
    if not dots:
        return _commit(repository, rev, rev.partition("..")[0] if ".." in rev else rev)
    one, other = (_commit(repository, rev, part or "HEAD") for part in (left, right))
    try:
        return _git(repository, "merge-base", one, other).decode().strip()
    except _GitFailedError as error:
        raise ConfigError("CA562", repository, rev=rev, reason=error.reason or "no merge base") from None


def _commit(repository: str, rev: str, name: str) -> str:
    try:
        found = _git(repository, "rev-parse", "--verify", f"{name or 'HEAD'}^{{commit}}")
    except _GitFailedError as error:
        raise ConfigError("CA562", repository, rev=rev, reason=error.reason) from None
    return found.decode().strip()


class _GitFailedError(ConfigError):
    """git ended with an error; `reason` is the last line it wrote."""

    def __init__(self, repository: str, reason: str) -> None:
        super().__init__("CA561", repository, reason=reason)
        self.reason = reason


# git sets these for its hooks; they would speak of one repository whatever folder is asked about.
_OF_A_HOOK = frozenset(("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"))


def _git(repository: str, *arguments: str) -> bytes:
    """What git writes. Raises _GitFailedError (CA561)."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    environment |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    command = ["git", "-C", repository, "-c", "core.quotePath=off", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False, env=environment, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise _GitFailedError(repository, error.strerror or type(error).__name__) from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _GitFailedError(repository, said[0].removeprefix("fatal: ") if said else f"exit {done.returncode}")
    return done.stdout


def _names(output: bytes) -> list[str]:
    return [os.fsdecode(name) for name in output.split(b"\0") if name]


def _counts(output: bytes) -> Iterator[tuple[str, Changed]]:
    """From `git diff --numstat -z`: files with changed lines so far none, and binary ones, which have changed as a whole."""
    parts = iter(output.split(b"\0"))
    for part in parts:
        if not part:
            return
        added, deleted, name = part.split(b"\t", 2)
        if not name:  # renamed: the old name, then the new one
            next(parts)
            name = next(parts)
        if added == b"-":
            yield os.fsdecode(name), WHOLE
        elif (added, deleted) != (b"0", b"0"):
            yield os.fsdecode(name), Changed()


_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


def _hunks(output: bytes) -> Iterator[tuple[str, Changed]]:
    """From `git diff --unified=0`: each file's new lines. The hunks' own counts say what is a header and what is text like one."""
    name, lines = "", list[tuple[int, int]]()
    rest = iter(output.split(b"\n"))
    for line in rest:
        hunk = _HUNK.match(line)
        if hunk:
            old, first, new = (int(number) if number is not None else 1 for number in hunk.groups())
            if new:
                lines.append((first, first + new - 1))
            _skip(rest, old + new)
        elif line.startswith(b"+++ "):
            name = _name(line[4:])
        elif line.startswith(b"diff --git "):
            if name:
                yield name, Changed(lines=tuple(lines))
            name, lines = "", []
    if name:
        yield name, Changed(lines=tuple(lines))


def _skip(rest: Iterator[bytes], count: int) -> None:
    """Passes over the lines of a hunk; `\\ No newline at end of file` is none of them."""
    while count:
        count -= not next(rest).startswith(b"\\")


def _name(written: bytes) -> str:
    """The path in a header: quoted where it holds quotes or control characters, followed by a tab where it holds spaces."""
    if written.startswith(b'"'):
        written = _ESCAPE.sub(
            lambda found: bytes([int(found[1], 8)]) if len(found[1]) == 3 else _ESCAPES.get(found[1], found[1]),
            written[1:-1],
        )
    else:
        written = written.removesuffix(b"\t")
    return os.fsdecode(written.removeprefix(b"b/")) if written != b"/dev/null" else ""
