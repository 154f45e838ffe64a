"""Options that several commands have, each with the same words."""

from pathlib import Path

import click

from audit.i18n import tr
from audit.speech.engines import DEFAULT, ENGINES

MANIFEST = click.option(
    "--manifest",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=tr("通话清单（csv、xlsx、jsonl），一行一通", "call list (csv, xlsx, jsonl), a row a call"),
)
POLICY = click.option(
    "--policy",
    metavar="NAME|FILE",
    default="default",
    show_default=True,
    help=tr("审核策略：联系时间、频次等限制", "the limits to audit against: hours, frequency and so on"),
)
RULES = click.option(
    "--rules",
    metavar="DIR",
    multiple=True,
    type=click.Path(exists=True, file_okay=False),
    help=tr("另加自己的词库和规则文件夹，可重复", "a folder with words and rules of your own; may be repeated"),
)
ENGINE = click.option(
    "--engine",
    type=click.Choice(tuple(ENGINES)),
    default=DEFAULT,
    show_default=True,
    help=tr("语音识别引擎", "speech engine"),
)
MODEL = click.option(
    "--model", metavar="NAME|DIR", help=tr("语音模型，见 callaudit models", "speech model, see callaudit models")
)
DEVICE = click.option(
    "--device",
    type=click.Choice(("cpu", "cuda")),
    default="cpu",
    show_default=True,
    help=tr("语音识别用的设备", "what the speech engine runs on"),
)
