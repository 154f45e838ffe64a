"""`callaudit doctor`: what works on this machine, what is missing, and how to get it."""

import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

import click

from audit.errors import ConfigError
from audit.i18n import tr


class State(Enum):
    """`MISSING` stops transcribing, `OPTIONAL` is something one may do without."""

    WORKS = "✓"
    MISSING = "✗"
    OPTIONAL = "-"


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at, how it is, and the remedy when it is missing."""

    name: str
    state: State
    detail: str
    remedy: str = ""


@click.command(
    help=tr(
        "检查本机能做什么、缺什么、怎么补。能审核文本并转写录音时退出码为 0，否则为 1。",
        "Say what works here, what is missing and how to get it. Exit code 0 if texts can be audited and recordings "
        "transcribed, else 1.",
    )
)
def doctor() -> int:
    """Print the checks and return the exit code."""
    checks = list(all_checks())
    for check in checks:
        click.echo(f"{check.state.value} {check.name}: {check.detail}")
        if check.remedy and check.state is not State.WORKS:
            click.echo(f"    → {check.remedy}")
    missing = sum(check.state is State.MISSING for check in checks)
    click.echo(
        tr(f"缺少 {missing} 项。", f"{missing} missing.")
        if missing
        else tr("可以审核文本和录音。", "Texts and recordings can be audited.")
    )
    return 1 if missing else 0


def all_checks() -> Iterator[Check]:
    """Every check, what is needed first."""
    yield _machine()
    yield _modules(tr("文本审核", "text audit"), ("jieba", "spacy", "opencc", "ahocorasick_rs", "ruamel.yaml"), "")
    yield _modules(tr("录音解码", "decoding"), ("av",), "speech")
    yield _modules(tr("语音识别 faster-whisper", "engine faster-whisper"), ("faster_whisper", "onnxruntime"), "speech")
    yield _modules(tr("学习模型 encoder", "learned model encoder"), ("onnxruntime",), "learned", State.OPTIONAL)
    yield _weights()
    yield _cache()
    yield _modules(tr("语音识别 whisper", "engine whisper"), ("whisper", "torch"), "whisper", State.OPTIONAL)
    yield _modules(tr("存储库", "store"), ("sqlalchemy", "alembic", "psycopg"), "store", State.OPTIONAL)
    yield _modules(tr("复核台", "desk"), ("fastapi", "uvicorn", "argon2"), "web", State.OPTIONAL)
    yield _gpu()


def _machine() -> Check:
    detail = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} " + tr("核", "cores")
    return Check(tr("机器", "machine"), State.WORKS, detail)


def _modules(name: str, modules: tuple[str, ...], extra: str, otherwise: State = State.MISSING) -> Check:
    absent = [module for module in modules if not _importable(module)]
    if not absent:
        return Check(name, State.WORKS, _version(modules[0]))
    package = f"'callaudit[{extra}]'" if extra else "callaudit"
    detail = tr("没有安装 ", "not installed: ") + ", ".join(absent)
    return Check(name, otherwise, detail, f"pip install {package}")


def _importable(module: str) -> bool:
    parent, _, _ = module.partition(".")
    return find_spec(parent) is not None and find_spec(module) is not None


def _version(module: str) -> str:
    distribution = {"whisper": "openai-whisper"}.get(module, module)
    try:
        return version(distribution)
    except PackageNotFoundError:
        return tr("已安装", "installed")


def _weights() -> Check:
    from audit.speech.models import find

    name = tr("模型文件", "weights")
    try:
        weights = find()
    except ConfigError as error:
        return Check(name, State.MISSING, error.problem.text(), error.problem.remedy())
    return Check(name, State.WORKS, f"{weights.name}  {weights.path}")


def _cache() -> Check:
    from audit.folders import cache_folder

    name, folder = tr("缓存文件夹", "cache folder"), cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        remedy = tr("用环境变量 CALLAUDIT_CACHE 指定可写的文件夹", "name a writable folder in CALLAUDIT_CACHE")
        return Check(name, State.MISSING, f"{folder}: {error.strerror}", remedy)
    return Check(name, State.WORKS, str(folder))


def _gpu() -> Check:
    name = tr("显卡", "GPU")
    if not _importable("ctranslate2"):
        return Check(name, State.OPTIONAL, tr("未检查", "not checked"))
    import ctranslate2

    count: Callable[[], int] = ctranslate2.get_cuda_device_count
    if found := count():
        return Check(name, State.WORKS, tr(f"{found} 个，可用 --device cuda", f"{found}, use --device cuda"))
    return Check(name, State.OPTIONAL, tr("没有；用 CPU 即可", "none; the CPU will do"))
