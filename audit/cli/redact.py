"""`callaudit redact`: covers numbers and names in reports, transcripts and recordings, named as files or as calls of the store."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click

from audit.cli.keeping import actor, need_extra
from audit.cli.main import EXIT_CLEAN, EXIT_FAILURES
from audit.errors import ConfigError, InputError, Problem
from audit.i18n import tr


@click.command(
    help=tr(
        "遮盖 FILE 里的号码和姓名：通话报告（calls/*.json）、转写文本，或录音（按旁边同名的转写、报告消音，写成 wav）；"
        "或存储库里的通话（--call）：报告和录音。原文件不动。",
        "Cover numbers and names in FILE: call reports (calls/*.json), transcripts, or recordings (beeped by the transcript or "
        "report of the same name beside them, written as wav); or in calls of the store (--call): report and recording. The "
        "originals stay as they are.",
    )
)
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--call",
    "calls",
    metavar="CALL_ID",
    multiple=True,
    help=tr("存储库里的通话，可重复", "a call of the store, may be repeated"),
)
@click.option(
    "--store",
    "url",
    metavar="URL",
    envvar="CALLAUDIT_STORE",
    show_envvar=True,
    help=tr(
        "--call 所在的存储库：SQLite 文件、sqlite:///文件 或 postgresql+psycopg://用户@主机/数据库",
        "the store of --call: a SQLite file, sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE",
    ),
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
def redact(
    files: tuple[Path, ...],
    calls: tuple[str, ...],
    url: str | None,
    out: Path,
    transcript: Path | None,
    names: tuple[str, ...],
    force: bool,
) -> int:
    """Redact and return the exit code."""
    from audit.pii.names import installed

    if transcript and len(files) > 1:
        raise ConfigError("CA712", count=len(files))
    if not (files or calls) or (calls and url is None):
        raise ConfigError("CA720")
    if not installed():
        click.echo(Problem("CA705").line(), err=True)
    failed = False
    for result in chain(_files(files, out, transcript, names, force), _calls(calls, url, out, names, force)):
        wrong = isinstance(result, InputError)
        click.echo(result, err=wrong)
        failed |= wrong
    return EXIT_FAILURES if failed else EXIT_CLEAN


def _files(
    files: tuple[Path, ...], out: Path, transcript: Path | None, names: tuple[str, ...], force: bool
) -> Iterator[Path | InputError]:
    """The files written, and why others were not."""
    from audit.clips.redact import redact as redact_file

    for path in files:
        try:
            yield redact_file(path, out, transcript, names, replacing=force)
        except InputError as error:
            yield error


def _calls(
    calls: tuple[str, ...], url: str | None, out: Path, names: tuple[str, ...], force: bool
) -> Iterator[Path | InputError]:
    """As `_files`, for calls of the store, which writes down that they were given out."""
    if not calls or url is None:
        return
    need_extra()
    from audit.clips.kept import Kept
    from audit.clips.redact import redact_call
    from audit.store.database import Store
    from audit.store.examples import log_redaction

    with Store(url) as store:
        source = Kept(store)
        for call_id in calls:
            try:
                call = source.call(source.key(call_id))
                written = redact_call(call, out, names, replacing=force)
            except InputError as error:
                yield error
                continue
            log_redaction(store, actor(), int(call.key), len(written))
            yield from written
