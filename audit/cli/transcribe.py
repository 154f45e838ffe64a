"""`callaudit transcribe`: writes transcripts of recordings, with roles and times."""

from pathlib import Path

import click

from audit.batch.transcripts import FORMATS
from audit.cli.main import EXIT_CLEAN, EXIT_FAILURES
from audit.cli.options import DEVICE, ENGINE, MANIFEST, MODEL
from audit.errors import ConfigError, InputError, Problem
from audit.i18n import tr
from audit.ingest.items import RECORDING, Attempt, CallInput, Failure


@click.command(
    help=tr(
        "转写录音 FILE（文件、文件夹或通配符），标出说话人和时间。jsonl、json、srt、vtt、txt 都能再交给 callaudit run。",
        "Transcribe recordings FILE (files, folders or globs) with speakers and times. callaudit run reads all formats.",
    )
)
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "-o",
    "--out",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=tr("输出文件夹，一通一个文件；不给则写到标准输出", "a folder, a file a call; standard output when not given"),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(tuple(FORMATS)),
    default="jsonl",
    show_default=True,
    help=tr("输出格式", "format of the transcripts"),
)
@MANIFEST
@ENGINE
@MODEL
@DEVICE
@click.option("--force", is_flag=True, help=tr("覆盖已有的转写文件", "replace transcripts that are there"))
def transcribe(
    files: tuple[str, ...],
    out: Path | None,
    form: str,
    manifest: Path | None,
    engine: str,
    model: str | None,
    device: str,
    force: bool,
) -> int:
    """Transcribe and return the exit code."""
    from audit.ingest.find import find_inputs
    from audit.pipeline import heard
    from audit.report.atomic import write_atomic
    from audit.report.names import file_stem
    from audit.speech.recognise import Recogniser

    recogniser, done, failed = Recogniser(engine, model, device), 0, 0
    for item in find_inputs(files, manifest):
        match item:
            case Attempt():
                continue
            case Problem():
                click.echo(item.line(), err=True)
                continue
            case Failure():
                click.echo(item.problem.line(), err=True)
                failed += 1
                continue
        path = out / f"{file_stem(item.call_id)}.{form}" if out else None
        try:
            _check(item, path, force)
            text = FORMATS[form](heard(item, recogniser))
        except InputError as error:
            click.echo(error, err=True)
            failed += 1
            continue
        done += 1
        if path is None:
            click.echo(text, nl=False)
        else:
            write_atomic(path, text)
            click.echo(path)
    if not done and not failed:
        raise ConfigError("CA435", hint="")
    return EXIT_FAILURES if failed else EXIT_CLEAN


def _check(item: CallInput, path: Path | None, force: bool) -> None:
    """Refuse what is no recording, and to replace a file that may not be ours."""
    if item.kind != RECORDING:
        raise InputError("CA440", item.path)
    if path is not None and path.exists() and not force:
        raise InputError("CA441", str(path))
