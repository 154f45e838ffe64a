"""`callaudit lint`: checks script templates before a collector reads them out."""

import os
import shutil
import sys
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit import __version__
from audit.cli.main import EXIT_CLEAN, EXIT_FAILURES, EXIT_FINDINGS
from audit.errors import ConfigError
from audit.i18n import language, tr
from audit.lint.config import show
from audit.lint.finding import LintedFile, LintRun, StaleEntry
from audit.lint.output import EMITTERS, Output, emit, parse, refuse_scripts, text, write
from audit.lint.output.shared import visible
from audit.model.finding import Severity
from audit.model.script import Audience
from audit.rules.loader import pack_key

if TYPE_CHECKING:
    from audit.lint.config import Configs

NEVER = "never"
STDIN = "-"


@click.command(
    help=tr(
        "检查话术模板 PATH（文件、文件夹或通配符；- 表示标准输入）：逐处指出违规的原话、理由、条款和合规说法。",
        "Check script templates PATH (files, folders or globs; - is standard input): each breach with the words, the reason, the "
        "clause and a compliant wording.",
    )
)
@click.argument("paths", metavar="PATH...", nargs=-1)
@click.option(
    "--stdin-filename",
    metavar="FILE",
    help=tr(
        "标准输入的文件名，决定格式和配置", "the name of what comes from standard input: tells format and configuration"
    ),
)
@click.option(
    "--format",
    "shown",
    type=click.Choice(tuple(EMITTERS)),
    default="text",
    show_default=True,
    help=tr("在标准输出显示的格式", "what standard output shows"),
)
@click.option(
    "--output",
    "outputs",
    metavar="FORMAT=FILE",
    multiple=True,
    help=tr(
        "另写一份到文件，如 sarif=out.sarif，可重复",
        "write it to a file as well, such as sarif=out.sarif; may be repeated",
    ),
)
@click.option(
    "--config",
    metavar="FILE",
    help=tr("用这个配置文件，不再向上查找", "this configuration file instead of the nearest one upward"),
)
@click.option("--isolated", is_flag=True, help=tr("不读任何配置文件", "read no configuration file"))
@click.option(
    "--select",
    metavar="RULE,...",
    multiple=True,
    help=tr("只查这些规则、标签或类别，可重复", "only these rules, labels or families; may be repeated"),
)
@click.option(
    "--ignore",
    metavar="RULE,...",
    multiple=True,
    help=tr("不查这些规则、标签或类别，可重复", "without these rules, labels or families; may be repeated"),
)
@click.option(
    "--policy", metavar="NAME|FILE", help=tr("审核策略，默认按配置", "the policy; the configuration's by default")
)
@click.option(
    "--rules",
    metavar="DIR",
    multiple=True,
    type=click.Path(exists=True, file_okay=False),
    help=tr("另加自己的词库和规则文件夹，可重复", "a folder with words and rules of your own; may be repeated"),
)
@click.option(
    "--audience",
    type=click.Choice(("debtor", "third_party")),
    help=tr("文件自己没说时，谁在听", "who listens where a file does not say so"),
)
@click.option(
    "--baseline",
    metavar="FILE",
    help=tr("基线文件：其中已有的发现不再计", "a baseline: what is in it does not count"),
)
@click.option(
    "--update-baseline", is_flag=True, help=tr("把现有发现写进基线", "write what is found now into the baseline")
)
@click.option(
    "--diff", metavar="REV", help=tr("只看相对 git 版本 REV 改动过的行", "only lines that differ from git revision REV")
)
@click.option(
    "--fail-on",
    type=click.Choice((*(severity.value for severity in Severity), NEVER)),
    help=tr(
        "有该级别或更严重的发现时退出码为 1，默认 major",
        "exit with 1 at a finding of this severity or above; major by default",
    ),
)
@click.option("--exit-zero", is_flag=True, help=tr("有发现也以 0 退出", "exit with 0 whatever is found"))
@click.option("--statistics", is_flag=True, help=tr("按规则统计", "count by rule"))
@click.option(
    "--show-config",
    is_flag=True,
    help=tr("显示每个文件生效的配置，不检查", "show the configuration of each file and stop"),
)
@click.option(
    "--force-exclude",
    is_flag=True,
    help=tr("逐个点名的文件也按 exclude 排除", "exclude files that are given by name as well"),
)
@click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    show_default=True,
    help=tr("颜色", "colour"),
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help=tr("进程数，默认等于 CPU 核数", "processes; one a core by default"),
)
@click.option("--no-cache", is_flag=True, help=tr("不用缓存的结果", "remember nothing"))
def lint(
    paths: tuple[str, ...],
    stdin_filename: str | None,
    shown: str,
    outputs: tuple[str, ...],
    config: str | None,
    isolated: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    policy: str | None,
    rules: tuple[str, ...],
    audience: str | None,
    baseline: str | None,
    update_baseline: bool,
    diff: str | None,
    fail_on: str | None,
    exit_zero: bool,
    statistics: bool,
    show_config: bool,
    force_exclude: bool,
    color: str,
    jobs: int | None,
    no_cache: bool,
) -> int:
    """Lint and return the exit code."""
    # Numpy counts the cores for its threads before it does anything; nothing here is worth a thread.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from audit.lint.config import Configs
    from audit.lint.discover import discover
    from audit.lint.runner import lint_files

    given = _standard_input(paths, stdin_filename)
    written = parse(outputs)
    shown = next((output.format for output in written if output.path is None), shown)
    changes = _changes(select, ignore, policy, rules, audience, fail_on, baseline)
    configs = Configs(config, isolated=isolated, changes=changes)
    skip = [str(output.path) for output in written if output.path]
    named = [path for path in paths or (".",) if path != STDIN]
    found = discover(named, configs, force_exclude=force_exclude, skip=skip)
    files = [*(path for path in found.files if path not in given), *given]
    if show_config:
        _show_config(files, configs)
        return EXIT_CLEAN
    refuse_scripts(written, [Path(path) for path in found.files])
    linted = lint_files(files, configs, workers=jobs or _cores(), given=given, remember=not no_cache)
    linted += [LintedFile(problem.where, problem=problem) for problem in found.problems]
    about = configs.of(files[0]) if files else configs.of_folder(".")
    known = _known(linted, configs, update=update_baseline)
    if diff is not None:
        known = replace(known, files=tuple(_changed(known.files, diff, given)))
    run = replace(known, version=__version__, pack_sha256=pack_key(about.rules), policy=about.policy)
    if not files:
        click.echo(tr("没有找到话术文件。", "No scripts were found."), err=True)
    if found.old:
        click.echo(_old(found.old), err=True)
    _give_out(run, shown, written, color=color, statistics=statistics)
    if run.problems:
        return EXIT_FAILURES
    never = exit_zero or fail_on == NEVER
    failing = any(f.counts and f.severity.rank >= configs.of(f.path).fail_on.rank for f in run.findings)
    return EXIT_FINDINGS if failing and not never else EXIT_CLEAN


def _standard_input(paths: Sequence[str], name: str | None) -> dict[str, bytes]:
    """What standard input holds, by the name it goes by; nothing when nobody asked for it."""
    if STDIN not in paths and name is None:
        return {}
    if STDIN not in paths or name is None:
        lacking = "--stdin-filename" if name is None else STDIN
        raise ConfigError("CA902", "callaudit lint", parameter=lacking, command="callaudit lint")
    return {name: sys.stdin.buffer.read()}


def _changes(
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    policy: str | None,
    rules: tuple[str, ...],
    audience: str | None,
    fail_on: str | None,
    baseline: str | None,
) -> dict[str, dict[str, object]]:
    """What options say in place of the configuration, by option."""
    changes: dict[str, dict[str, object]] = {
        "--select": {"select": _names(select)},
        "--ignore": {"ignore": _names(ignore)},
        "--policy": {"policy": policy},
        "--rules": {"rules": rules},
        "--audience": {"audience": {"*": Audience(audience)} if audience else None},
        "--fail-on": {"fail_on": Severity(fail_on) if fail_on and fail_on != NEVER else None},
        "--baseline": {"baseline": str(Path(baseline).absolute()) if baseline else None},
    }
    return {option: values for option, values in changes.items() if all(values.values())}


def _names(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for value in values for name in value.split(",") if name.strip())


def _old(paths: Sequence[str]) -> str:
    """What is said of files that are left out, though they may be scripts."""
    return tr(
        "有 {count} 个旧格式的文件没有检查，如 {path}：若是话术，请另存为 .docx 或 .xlsx；若不是，写进 exclude。",
        "Files of old formats that were not checked: {count}, such as {path}. Save scripts as .docx or .xlsx, and name others in exclude.",
    ).format(count=len(paths), path=visible(paths[0]))


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def _show_config(files: Sequence[str], configs: "Configs") -> None:
    click.echo("\n".join(show(configs.of(path), path) for path in files), nl=False)


def _known(files: Sequence[LintedFile], configs: "Configs", *, update: bool) -> LintRun:
    """The run, with what the baselines know suppressed, each those of its files. `update`: all that is found now becomes known."""
    by_baseline: dict[str | None, list[LintedFile]] = {} if files else {configs.of_folder(".").baseline: []}
    for file in files:
        by_baseline.setdefault(configs.of(file.path).baseline, []).append(file)
    if update and not any(by_baseline):
        raise ConfigError("CA902", "callaudit lint", parameter="--baseline", command="callaudit lint")
    matched = {file.path: file for file in by_baseline.pop(None, [])}
    stale: list[StaleEntry] = []
    for path, those in by_baseline.items():
        if path is None:
            continue
        from audit.lint import baseline

        known = baseline.update(path, those, configs.judges) if update else baseline.load(path)
        of_these, gone = baseline.match(those, known, configs.judges)
        matched.update((file.path, file) for file in of_these)
        stale.extend(gone)
    return LintRun(tuple(matched[file.path] for file in files), "", "", "", tuple(stale))


def _changed(files: Sequence[LintedFile], revision: str, given: Collection[str]) -> list[LintedFile]:
    """The files with the findings in lines that differ from a revision; `given` ones are as new. What cannot be read and was so before is
    left out."""
    from audit.lint import diff  # git's subprocess is wanted by few

    there = [file.path for file in files if file.path not in given and Path(file.path).is_file()]
    lines = {**diff.changes(revision, there), **dict.fromkeys(given, diff.WHOLE)}
    return [
        replace(file, findings=diff.keep(file.findings, lines.get(file.path)))
        for file in files
        if file.problem is None or file.path in lines or file.path not in there
    ]


def _give_out(run: LintRun, shown: str, written: Sequence[Output], *, color: str, statistics: bool) -> None:
    """Write the files, then standard output; what lists of findings have no room for goes to standard error."""
    for output in written:
        if output.path:
            write(output, run)
    try:
        _show(run, shown, color=color, statistics=statistics)
    except BrokenPipeError:
        raise
    except OSError as error:  # a full disk behind `>`
        raise ConfigError("CA571", tr("标准输出", "standard output"), reason=error.strerror or str(error)) from error


def _show(run: LintRun, shown: str, *, color: str, statistics: bool) -> None:
    if shown == "text":
        coloured = color == "always" or (color == "auto" and _is_terminal() and "NO_COLOR" not in os.environ)
        click.echo(text.emit(run, language(), color=coloured, width=_width()), nl=False, color=coloured)
        if statistics:
            click.echo("\n" + text.statistics(run, language(), color=coloured), nl=False, color=coloured)
        return
    click.echo(emit(shown, run), nl=False)
    if shown in ("json", "jsonl"):
        for problem in run.problems:
            click.echo(problem.line(), err=True)
    if statistics:
        click.echo(text.statistics(run, language()), nl=False, err=True)


def _width() -> int:
    return shutil.get_terminal_size().columns if _is_terminal() else text.WIDTH


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()  # `>&-` leaves none
