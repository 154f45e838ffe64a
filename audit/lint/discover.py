"""Which scripts a run is about: files, folders and globs become one sorted list, whatever the order they are given in.

A file given by name is linted whatever it is called. What is found in a folder has to be a script by its ending, and is left out when it is
hidden, excluded by the configuration, ignored by git, or a file of a well-known tool.
"""

import glob
import os
import re
import stat
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from audit.errors import Problem
from audit.ingest.scripts.read import ENDINGS
from audit.lint.config import Config, Configs
from audit.lint.globs import absolute, decides, is_glob, relative

STDIN = "-"
# Nobody reads these to a debtor. README is not among them: teams with one script keep it there, where it is shown.
TOOL_FILES = (
    "callaudit-baseline.json",
    "action.yml",
    "action.yaml",
    "CMakeLists.txt",
    "compose*.yml",
    "compose*.yaml",
    "composer.json",
    "constraints*.txt",
    "docker-compose*.yml",
    "docker-compose*.yaml",
    "jsconfig*.json",
    "lerna.json",
    "mkdocs.yml",
    "mkdocs.yaml",
    "npm-shrinkwrap.json",
    "package.json",
    "package-lock.json",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "renovate.json",
    "requirements*.txt",
    "robots.txt",
    "tsconfig*.json",
    "CHANGELOG.*",
    "CODE_OF_CONDUCT.*",
    "CONTRIBUTING.*",
    "COPYING.*",
    "LICENSE.*",
    "NOTICE.*",
    "SECURITY.*",
)
_TOOL_FILE = re.compile("|".join(re.escape(name).replace(r"\*", ".*") for name in TOOL_FILES), re.IGNORECASE)
# Scripts are kept in these too; nothing here reads them, and whoever keeps them has to know.
OLD_ENDINGS = frozenset((".doc", ".wps", ".rtf", ".xls", ".et"))
# Two of these in one folder: it holds what `callaudit run` wrote.
_REPORTS = frozenset(("run.json", "findings.jsonl", "failures.jsonl", "summary.html", "summary.xlsx", "calls"))


@dataclass(frozen=True, slots=True)
class Discovered:
    """The scripts, sorted, each once whatever links lead to it, and the inputs that cannot be read. `-` stands for standard input.

    `old` are files in folders that older programs for text and sheets wrote.
    """

    files: tuple[str, ...]
    problems: tuple[Problem, ...]
    old: tuple[str, ...] = ()


def discover(
    paths: Sequence[str], configs: Configs, *, force_exclude: bool = False, skip: Collection[str] = ()
) -> Discovered:
    """The scripts among `paths`.

    `force_exclude` treats files given by name like those found in folders, save that git's ignoring does not count: pre-commit gives
    every changed file by name. `skip` are files that this run itself reads or writes; no folder's script is one of them.
    Problems are CA100, CA101, CA103, CA104 and CA105. Raises ConfigError where a configuration on the way is wrong.
    """
    walk = _Walk(configs, frozenset(map(os.path.realpath, skip)))
    for path in dict.fromkeys(paths):
        if path == STDIN:
            walk.files.append(path)
        elif os.path.lexists(path):
            walk.add_named(os.path.normpath(path), force_exclude=force_exclude)
        elif glob.has_magic(path):
            walk.add_glob(path)
        else:
            walk.fail("CA100", path)
    walk.go()
    problems = sorted(walk.problems, key=lambda problem: (PurePath(problem.where).parts, problem.code))
    return Discovered(tuple(_each_once(walk.files)), tuple(problems), tuple(sorted(walk.old)))


def _each_once(files: Sequence[str]) -> list[str]:
    """The files in order, real ones instead of links to them."""
    real = {path: STDIN if path == STDIN else os.path.realpath(path) for path in files}
    chosen: dict[str, str] = {}
    for path in sorted(real, key=lambda path: (absolute(path) != real[path], PurePath(path).parts)):
        chosen.setdefault(real[path], path)
    return sorted(chosen.values(), key=lambda path: PurePath(path).parts)


@dataclass(frozen=True, slots=True)
class _Around:
    """What counts for the entries of a folder: its configuration, and the .gitignore files from the nearest on.

    `below`, and what stands beside the globs of each .gitignore, is the folder as those globs see it, empty or with a `/` at its end.
    """

    config: Config
    below: str
    ignores: tuple[tuple[tuple[str, ...], str], ...]

    def is_ignored(self, name: str) -> bool:
        """Whether git ignores an entry for its own sake: the nearest .gitignore that speaks of it counts. A folder ends with `/`."""
        for globs, below in self.ignores:
            decided = decides(globs, below + name)
            if decided is not None:
                return decided
        return False


@dataclass(slots=True)
class _Walk:
    """What has been found so far, and what is still to be looked at.

    Links found in folders wait until all else is done, so that files are called by their own names.
    """

    configs: Configs
    skip: frozenset[str]
    files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    old: list[str] = field(default_factory=list)
    _pending: list[str] = field(default_factory=list)
    _links: list[str] = field(default_factory=list)
    _folders: set[tuple[int, int]] = field(default_factory=set)
    # By folder: the .gitignore files that count in it, the nearest first.
    _ignores: dict[Path, tuple[tuple[Path, tuple[str, ...]], ...]] = field(default_factory=dict)
    _known: dict[PurePath, "_Around"] = field(default_factory=dict)

    def fail(self, code: str, path: str, **facts: object) -> None:
        """Write down an input that cannot be linted."""
        self.problems.append(Problem(code, path, facts))

    def add_named(self, path: str, *, force_exclude: bool) -> None:
        """An input as the user gave it."""
        try:
            found = Path(path).stat()
        except OSError as error:
            self.fail("CA105", path, reason=error.strerror or type(error).__name__)
            return
        if stat.S_ISDIR(found.st_mode):
            folder = Path(absolute(path))
            if self._is_ignored(folder, is_folder=True):
                self._ignores[folder] = _gitignore(folder)  # naming the folder overrules those above it
            self._add_folder(path, found)
        elif force_exclude and not self._is_wanted(path):
            return
        elif not stat.S_ISREG(found.st_mode):
            self.fail("CA104", path)
        elif not _has_known_ending(path):
            self.fail("CA103", path, suffix=PurePath(path).suffix or "-")
        else:
            self.files.append(path)

    def add_glob(self, pattern: str) -> None:
        """What matches a glob that the shell did not expand, as if it were found in a folder."""
        found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 (a pattern may be absolute)
        if not found:
            self.fail("CA101", pattern)
        for path in map(os.path.normpath, found):
            is_folder = Path(path).is_dir()
            whole = Path(absolute(path))
            if (is_folder or self._is_wanted(path)) and not self._is_ignored(whole, is_folder=is_folder):
                self._pending.append(path)

    def go(self) -> None:
        """Look at everything that is pending."""
        while self._pending or self._links:
            self._add_entry(self._pending.pop() if self._pending else self._links.pop(0))

    def _add_folder(self, path: str, found: os.stat_result) -> None:
        key = (found.st_dev, found.st_ino)
        if key in self._folders:  # symbolic links may form a loop
            return
        self._folders.add(key)
        try:
            with os.scandir(path) as entries:
                names = sorted((entry.name, entry.is_symlink()) for entry in entries)
        except OSError as error:
            self.fail("CA105", path, reason=error.strerror or type(error).__name__)
            return
        if len(_REPORTS.intersection(name for name, _ in names)) > 1:
            return
        for name, is_link in names:
            (self._links if is_link else self._pending).append(str(PurePath(path) / name))

    def _add_entry(self, path: str) -> None:
        """Something found in a folder."""
        try:
            found = Path(path).stat()
        except OSError as error:
            if _has_known_ending(path) and not self._is_left_out(path, is_folder=False):
                self.fail("CA105", path, reason=error.strerror or type(error).__name__)
            return
        is_folder = stat.S_ISDIR(found.st_mode)
        is_old = not is_folder and PurePath(path).suffix.lower() in OLD_ENDINGS
        if not (is_folder or is_old or _has_known_ending(path)) or self._is_left_out(path, is_folder=is_folder):
            return
        if is_old:
            self.old.append(path)
        elif is_folder:
            self._add_folder(path, found)
        elif not stat.S_ISREG(found.st_mode):
            self.fail("CA104", path)
        else:
            self.files.append(path)

    def _is_left_out(self, path: str, *, is_folder: bool) -> bool:
        whole = PurePath(path)
        if whole.name.startswith((".", "~$")) or self._is_no_script(path, is_folder=is_folder):
            return True
        around, name = self._around(whole.parent), whole.name + "/" * is_folder
        return bool(decides(around.config.exclude, around.below + name)) or around.is_ignored(name)

    def _is_no_script(self, path: str, *, is_folder: bool = False) -> bool:
        """Whether it is a file of a tool, of this one (its configuration names baseline, policy and rules) or another."""
        config, whole = self._around(PurePath(path).parent).config, absolute(path)
        if any(f"{whole}{os.sep}".startswith(f"{absolute(rules)}{os.sep}") for rules in config.rules):
            return True
        return not is_folder and (
            _TOOL_FILE.fullmatch(PurePath(path).name) is not None
            or whole in (config.baseline, config.policy)
            or (bool(self.skip) and os.path.realpath(path) in self.skip)
        )

    def _around(self, folder: PurePath) -> "_Around":
        """What counts for the entries of a folder, worked out once for all of them."""
        if folder not in self._known:
            config = self.configs.of_folder(str(folder))
            ignores = [(globs, relative(folder / "x", above)[:-1]) for above, globs in self._ignores_in(folder)]
            self._known[folder] = _Around(config, relative(folder / "x", config.folder)[:-1], tuple(ignores))
        return self._known[folder]

    def _is_wanted(self, path: str) -> bool:
        """Whether a file that was not met on the way down a folder would have been found there, for all but git."""
        whole, here = PurePath(absolute(path)), Path.cwd()
        parts = whole.relative_to(here).parts if whole.is_relative_to(here) else (whole.name,)
        is_hidden = any(part.startswith((".", "~$")) for part in parts)
        return (
            _has_known_ending(path)
            and not is_hidden
            and not self._is_no_script(path)
            and not self.configs.of(path).is_excluded(path)
        )

    def _is_ignored(self, path: PurePath, *, is_folder: bool) -> bool:
        """Whether git ignores it or a folder above it."""
        if self._around(path.parent).is_ignored(path.name + "/" * is_folder):
            return True
        for folder in path.parents:
            if Path(folder, ".git").exists():
                return False
            if self._around(folder.parent).is_ignored(folder.name + "/"):
                return True
        return False

    def _ignores_in(self, folder: PurePath) -> tuple[tuple[Path, tuple[str, ...]], ...]:
        """The .gitignore files from a folder up to that of its repository."""
        lowest = Path(absolute(folder))
        unknown: list[Path] = []
        counting: tuple[tuple[Path, tuple[str, ...]], ...] = ()
        for above in (lowest, *lowest.parents):
            if above in self._ignores:
                counting = self._ignores[above]
                break
            unknown.append(above)
            if (above / ".git").exists():
                break
        for below in reversed(unknown):
            counting = self._ignores[below] = (*_gitignore(below), *counting)
        return counting


def _has_known_ending(path: str) -> bool:
    return PurePath(path).suffix.lower() in ENDINGS


def _gitignore(folder: Path) -> tuple[tuple[Path, tuple[str, ...]], ...]:
    """The folder's own .gitignore, if it has one; lines that say nothing are left out, as git does."""
    try:
        text = os.fsdecode((folder / ".gitignore").read_bytes())
    except OSError:  # git too takes one that cannot be read for none
        return ()
    globs = tuple(line for line in map(str.rstrip, text.split("\n")) if is_glob(line))
    return ((folder, globs),) if globs else ()
