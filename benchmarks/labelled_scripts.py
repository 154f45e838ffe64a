"""How many of the labelled lines in script templates the linter finds, and what it finds beside them.

    python benchmarks/labelled_scripts.py [FOLDER ...] [--show]

Each folder holds scripts and a `labels.jsonl` (file, line, label, quote; cell in workbooks); without arguments those in
benchmarks/scripts. A label is found when a finding of it begins in that line or cell. A finding above `info` without
a label at its place is extra; findings in clean files are counted by themselves. `--show` lists the missed and the extra ones.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audit.lint.config import Configs
from audit.lint.discover import discover
from audit.lint.runner import lint_files
from audit.model.finding import Severity

SETS = Path(__file__).parent / "scripts"
LABELS = "labels.jsonl"


@dataclass(frozen=True, slots=True)
class Mark:
    """A label at a place, with the words there. `place` is a cell or a line."""

    file: str
    place: str
    label: str
    quote: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.file, self.place, self.label

    def __str__(self) -> str:
        return f"{self.file}:{self.place} {self.label} {self.quote}"


@dataclass(frozen=True, slots=True)
class Score:
    """What became of a set's labels. Each mark of `found` and `missed` is a label's, each of `extra` a finding's above info."""

    files: int
    clean: frozenset[str]
    found: tuple[Mark, ...]
    missed: tuple[Mark, ...]
    extra: tuple[Mark, ...]

    @property
    def in_clean(self) -> tuple[Mark, ...]:
        """Extra findings in files that have no label."""
        return tuple(mark for mark in self.extra if mark.file in self.clean)


def labels_of(folder: Path) -> list[Mark]:
    records = (json.loads(line) for line in (folder / LABELS).read_text(encoding="utf-8").splitlines())
    return [Mark(r["file"], r.get("cell") or str(r["line"]), r["label"], r["quote"]) for r in records]


def score(folder: Path) -> Score:
    """What the linter as it comes says of the folder. Exits when a file cannot be linted."""
    configs = Configs(isolated=True)
    paths = discover([str(folder)], configs, skip=[str(folder / LABELS)]).files
    linted = lint_files(paths, configs, workers=1, given={}, remember=False)
    if problems := [file.problem.line() for file in linted if file.problem]:
        raise SystemExit("\n".join(problems))
    findings = [
        (Mark(Path(f.path).name, f.cell or str(f.start.line), f.label, f.quote), f.severity)
        for file in linted
        for f in file.findings
        if f.counts
    ]
    reached = {mark.key for mark, _ in findings}
    above = {mark.key: mark for mark, severity in findings if severity is not Severity.INFO}
    labels = labels_of(folder)
    wanted = {mark.key for mark in labels}
    return Score(
        files=len(paths),
        clean=frozenset(Path(path).name for path in paths) - {mark.file for mark in labels},
        found=tuple(mark for mark in labels if mark.key in reached),
        missed=tuple(mark for mark in labels if mark.key not in reached),
        extra=tuple(mark for key, mark in above.items() if key not in wanted),
    )


def lines(scored: Score, *, show: bool) -> Iterator[str]:
    """The table of a set."""
    columns = [Counter(mark.label for mark in marks) for marks in (scored.found, scored.missed, scored.extra)]
    for label in sorted(set().union(*columns)):
        yield f"  {label:40}" + "".join(f"{column[label]:8}" for column in columns)
    yield f"  {'all':40}" + "".join(f"{column.total():8}" for column in columns)
    yield f"  clean files with a finding above info: {len({mark.file for mark in scored.in_clean})} of {len(scored.clean)}"
    if show:
        for name, marks in (("missed", scored.missed), ("extra", scored.extra)):
            yield from (f"  {name} {mark}" for mark in marks)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=sorted(SETS.glob("*/")))
    parser.add_argument("--show", action="store_true")
    args = parser.parse_args(arguments)
    for folder in args.folders:
        scored = score(folder)
        print(f"{folder.name}: {scored.files} files, {len(scored.clean)} clean")
        print(f"  {'':40}   found  missed   extra")
        print("\n".join(lines(scored, show=args.show)))


if __name__ == "__main__":
    main()
