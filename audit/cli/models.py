"""`callaudit models`: which speech models are here, whether they are intact, and how to get more."""

from pathlib import Path

import click

from audit.i18n import tr


@click.group(help=tr("列出、校验、下载语音识别模型。", "List, verify and fetch speech models."))
def models() -> None:
    """Hold the subcommands."""


@models.command("list", help=tr("列出已知模型以及本机有没有。", "List the known models and whether they are here."))
def list_models() -> None:
    """Print one line a model: name, state, folder."""
    from audit.errors import ConfigError
    from audit.speech.models import PUBLISHED, find

    for name in PUBLISHED:
        try:
            weights = find(name)
        except ConfigError as error:
            missing = error.problem.code == "CA310"
            click.echo(f"{name:16}" + (tr("未安装", "not installed") if missing else error.problem.line()))
        else:
            click.echo(f"{name:16}{tr('可用', 'ready')}  {weights.path}")


@models.command(
    help=tr(
        "校验模型文件：NAME 是模型名或模型文件夹，省略时为默认模型。",
        "Verify a model's files: NAME is a model's name or folder, the default model when left out.",
    )
)
@click.argument("name", required=False)
def verify(name: str | None) -> None:
    """Hash the weights; a damaged or incomplete model ends with exit code 2."""
    from audit.speech.models import find

    weights = find(name)
    verdict = (
        tr("与公布的文件一致", "identical to the published file")
        if weights.published
        else tr("文件齐全；不是已公布的模型，无法比对", "complete; not a published model, nothing to compare with")
    )
    click.echo(f"{weights.name}  {verdict}\n{weights.path}\nSHA-256 {weights.sha256}")


@models.command(
    help=tr(
        "下载模型 NAME 到用户缓存；中断后再运行会续传，下载后校验 SHA-256。",
        "Download the model NAME into the user's cache; an interrupted download resumes, the SHA-256 is checked.",
    )
)
@click.argument("name")
@click.option(
    "--from",
    "source",
    default="modelscope",
    show_default=True,
    metavar="modelscope|hf-mirror|hf",
    help=tr("下载来源；国内用 modelscope 或 hf-mirror", "where from; inside China modelscope or hf-mirror"),
)
def fetch(name: str, source: str) -> None:
    """Download with a progress line a file."""
    from audit.speech import models as weights

    shown: dict[str, int] = {}

    def progress(file: str, done: int, total: int) -> None:
        percent = 100 * done // total if total else 0
        # A line each tenth, so that a log file stays readable.
        if percent // 10 > shown.get(file, -1):
            shown[file] = percent // 10
            click.echo(f"{file}  {done / 1e6:.1f} / {total / 1e6:.1f} MB", err=True)

    fetched = weights.fetch(name, source, progress)
    click.echo(tr(f"已下载并校验：{Path(fetched.path)}", f"downloaded and verified: {Path(fetched.path)}"))
