"""`callaudit store`: make a store, take runs in, and see to it that it stays sound."""

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audit.cli.keeping import IN_THE_FOLDER, Keeping, actor, need_extra
from audit.cli.main import EXIT_CLEAN, EXIT_FAILURES, EXIT_FINDINGS
from audit.i18n import tr

if TYPE_CHECKING:
    from audit.store.soundness import Fault


def store_option(required: bool) -> Callable[[Any], Any]:
    """The option that names the store, or the variable in its place; without `required` it is the one in the run's folder."""
    return click.option(
        "--store",
        "url",
        metavar="URL",
        envvar="CALLAUDIT_STORE",
        show_envvar=True,
        required=required,
        default=None if required else IN_THE_FOLDER,
        show_default=not required,
        help=tr(
            "存储库：SQLite 文件、sqlite:///文件 或 postgresql+psycopg://用户@主机/数据库",
            "the store: a SQLite file, sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE",
        ),
    )


@click.group(
    help=tr(
        "保存审核结果和复核决定：SQLite 文件，或团队用的 PostgreSQL。说明见 docs/store.md。",
        "Keep results and what reviewers decided, in a SQLite file or in PostgreSQL for teams; see docs/store.md.",
    )
)
def store() -> None:
    """Hold the subcommands."""
    need_extra()


@store.command(help=tr("新建存储库；已有的保持不变。", "Make a store; one that is there stays as it is."))
@store_option(required=True)
def init(url: str) -> None:
    """Make the tables."""
    from audit.store.database import create

    new = create(url)
    click.echo(
        tr("已建立。", "Made.")
        if new
        else tr("存储库已存在，没有改动。", "The store is there already; nothing was changed.")
    )


@store.command(
    "import",
    help=tr(
        "导入 RUN_FOLDER（callaudit run -o 的文件夹）的结果；可重复，已有的不变。",
        "Take in the results in RUN_FOLDER (that of callaudit run -o); may be repeated, what is there stays.",
    ),
)
@click.argument("folder", metavar="RUN_FOLDER", type=click.Path(exists=True, file_okay=False, path_type=Path))
@store_option(required=False)
def import_folder(folder: Path, url: str) -> int:
    """Take a run in."""
    return EXIT_FAILURES if Keeping(url, folder).take_in() else EXIT_CLEAN


@store.command(
    help=tr("把存储库升级到本版本；请先备份。", "Bring the store to this version of callaudit; make a backup first.")
)
@store_option(required=True)
def migrate(url: str) -> None:
    """Run the migrations that are missing."""
    from audit.store.database import migrate

    before, after = migrate(url)
    click.echo(
        tr("已是最新版本 {0}。", "The store is up to date: {0}.").format(after)
        if before == after
        else tr("已从 {0} 升级到 {1}。", "Brought from {0} to {1}.").format(before, after)
    )


@store.command(
    help=tr(
        "检查结构：引用、状态、防改触发器、日志结尾。有问题时退出码为 1。",
        "Check the structure: references, states, guards, the end of the log. Exit code 1 when something is wrong.",
    )
)
@store_option(required=True)
def check(url: str) -> int:
    """Print what is wrong."""
    from audit.store.database import Store
    from audit.store.soundness import check

    with Store(url) as opened:
        faults = check(opened)
    _say_faults(faults)
    if not faults:
        click.echo(tr("存储库完好。", "The store is sound."))
    return EXIT_FINDINGS if faults else EXIT_CLEAN


@store.command(
    help=tr(
        "修复检索索引（store check 报告的），复核台可照常使用；已完好的不动。装好 callaudit[names] 之后用 --all 全部重建，此前收入的通话里的姓名也会遮盖。",
        "Mend the search index where store check finds fault with it; the desk may go on meanwhile. After callaudit[names] was "
        "installed, --all makes all of it anew, so that names in calls taken in before are masked, too.",
    )
)
@click.option(
    "--all", "whole", is_flag=True, help=tr("全部重建，不只修复", "make all of it anew, not only what is wrong")
)
@store_option(required=True)
def reindex(whole: bool, url: str) -> None:
    """Mend the index, and say what was done."""
    from audit.store.database import Store
    from audit.store.reindex import reindex

    with Store(url) as opened:
        done = reindex(opened, actor(), whole=whole)
    if not done.remade and not done.calls and not done.dropped:
        click.echo(tr("检索索引完好，没有改动。", "The search index is sound; nothing was changed."))
        return
    if done.remade:
        click.echo(tr("已重建索引。", "The index was made anew."))
    click.echo(
        tr(
            f"重新收入 {done.calls} 通电话的话，移除 {done.dropped} 通已清除的。",
            f"Put in the words of {done.calls} calls anew, took out {done.dropped} that were purged.",
        )
    )


@store.command(
    help=tr(
        "逐行校验操作日志的哈希链，并与决定对照。有一个字节被改动也能发现；退出码为 1。",
        "Verify the hash chain of the log, line by line, and hold the decisions against it: one changed byte is found, with exit "
        "code 1.",
    )
)
@store_option(required=True)
def verify(url: str) -> int:
    """Print where the log does not hold."""
    from audit.store.database import Store
    from audit.store.soundness import verify

    with Store(url) as opened:
        faults, lines, last = verify(opened)
    _say_faults(faults)
    if not faults:
        click.echo(tr(f"日志完好：{lines} 行，最后的哈希 {last}", f"The log is whole: {lines} lines, last hash {last}"))
    return EXIT_FINDINGS if faults else EXIT_CLEAN


@store.command(
    help=tr(
        "按保存期限清除 DATE 之前的通话内容：对话、原话、通话信息、更正、评语；保留统计，并记入日志。不可恢复。",
        "Remove the content of calls before DATE whose time of keeping is over: turns, quotes, metadata, corrections, comments. "
        "Counts stay, the log says so. It cannot be undone.",
    )
)
@click.option(
    "--before",
    metavar="DATE",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help=tr("例如 2026-01-01；当天的通话保留", "as 2026-01-01; calls of that day stay"),
)
@click.option("--dry-run", is_flag=True, help=tr("只显示会清除多少", "say only how much would go"))
@store_option(required=True)
def purge(before: Any, dry_run: bool, url: str) -> None:
    """Purge and say how much went."""
    from audit.store.database import Store
    from audit.store.retention import purge

    day: date = before.date()
    with Store(url) as opened:
        gone = purge(opened, day, actor(), dry_run=dry_run)
    done_zh, done_en = ("将清除", "Would purge") if dry_run else ("已清除", "Purged")
    click.echo(
        tr(
            f"{done_zh} {day} 之前的通话 {gone.calls} 通：对话 {gone.turns} 轮，原话 {gone.quotes} 条，更正 {gone.corrections} 条，"
            f"评语 {gone.comments} 条",
            f"{done_en} {gone.calls} calls before {day}: {gone.turns} turns, {gone.quotes} quotes, {gone.corrections} corrections, "
            f"{gone.comments} comments",
        )
    )


def _say_faults(faults: "Iterable[Fault]") -> None:
    from audit.store.soundness import FAULTS

    for fault in faults:
        words = tr(*FAULTS[fault.kind])
        detail = f" ({fault.detail})" if fault.detail else ""
        click.echo(f"{fault.row} {words}{detail}".strip())
