"""`callaudit redact`: covers numbers and names in reports, transcripts and recordings."""

from pathlib import Path

import click

from audit.cli.main import EXIT_CLEAN, EXIT_FAILURES
from audit.errors import ConfigError, InputError, Problem
from audit.i18n import tr


@click.command(
    help=tr(
        "遮盖 FILE 里的号码和姓名：通话报告（calls/*.json）、转写文本，或录音（按旁边同名的转写、报告消音，写成 wav）。原文件不动。",
        "Cover numbers and names in FILE: call reports (calls/*.json), transcripts, or recordings (beeped by the transcript or "
        "report of the same name beside them, written as wav). The originals stay as they are.",
    )
)
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "-o",
    "--out",
    metavar="DIR",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help=tr("输出文件夹", "folder for the redacted files"),
)
@click.option(
    "--transcript",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=tr("录音的转写或通话报告（要有时间）", "the recording's transcript or call report, with times"),
)
@click.option(
    "--name",
    "names",
    metavar="NAME",
    multiple=True,
    help=tr("还要遮盖的姓名，可重复", "a further name to cover, may be repeated"),
)
@click.option("--force", is_flag=True, help=tr("覆盖已有的文件", "replace files that are there"))
def redact(files: tuple[Path, ...], out: Path, transcript: Path | None, names: tuple[str, ...], force: bool) -> int:
    """Redact and return the exit code."""
    from audit.clips.redact import redact as redact_file
    from audit.pii.names import installed

    if transcript and len(files) > 1:
        raise ConfigError("CA712", count=len(files))
    if not installed():
        click.echo(Problem("CA705").line(), err=True)
    failed = False
    for path in files:
        try:
            click.echo(redact_file(path, out, transcript, names, replacing=force))
        except InputError as error:
            click.echo(error, err=True)
            failed = True
    return EXIT_FAILURES if failed else EXIT_CLEAN
