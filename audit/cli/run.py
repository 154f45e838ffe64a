"""`callaudit run`: audits recordings and transcripts, and writes the reports."""

import platform
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from audit import __version__
from audit.batch.executors import executor_names
from audit.batch.progress import Tally, shown
from audit.cli.main import EXIT_CLEAN, EXIT_FAILURES, EXIT_FINDINGS, EXIT_STOPPED
from audit.cli.options import DEVICE, ENGINE, MANIFEST, MODEL, POLICY, RULES
from audit.i18n import tr
from audit.model.finding import Severity
from audit.model.report import Verdict
from audit.speech.engines import DEFAULT

if TYPE_CHECKING:
    from audit.batch.runner import Outcome
    from audit.batch.work import PipelineAudit
    from audit.report.summary import RunInfo

NEVER = "never"
_SHOWN = 5


@click.command(
    help=tr(
        "审核 INPUT（录音、转写文本、文件夹或通配符），每通电话写一份报告，另写汇总。中断后用同一命令继续，已完成的不会重做。",
        "Audit INPUT (recordings, transcripts, folders or globs): a report for each call, and a summary. Stopped, the same "
        "command continues; nothing is done twice.",
    )
)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "-o",
    "--out",
    metavar="OUT",
    required=True,
    type=click.Path(path_type=Path),
    help=tr("输出文件夹：新的、空的，或上次的", "folder for the reports: new, empty, or that of an earlier run"),
)
@MANIFEST
@POLICY
@RULES
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help=tr("同时审核几通，默认等于 CPU 核数", "calls at a time; as many as there are cores by default"),
)
@click.option(
    "--fail-on",
    type=click.Choice((*(severity.value for severity in Severity), NEVER)),
    default="minor",
    show_default=True,
    help=tr("有该级别或更严重的发现时退出码为 1", "exit with 1 when there is a finding of this severity or above"),
)
@ENGINE
@MODEL
@DEVICE
@click.option(
    "--threads",
    metavar="N",
    type=click.IntRange(min=0),
    default=0,
    help=tr("每个进程的识别线程数，默认把核数平分", "speech threads of each process; shares the cores by default"),
)
@click.option(
    "--store",
    metavar="URL",
    envvar="CALLAUDIT_STORE",
    show_envvar=True,
    help=tr(
        "审核后把结果写入存储库（见 callaudit store）；写 sqlite 表示 OUT 中的 store.sqlite",
        "write the results into this store when done (see callaudit store); `sqlite` stands for store.sqlite in OUT",
    ),
)
@click.option("--force", is_flag=True, help=tr("已完成的也重新审核", "audit also what is done already"))
@click.option("--quiet", is_flag=True, help=tr("不显示进度", "show no progress"))
@click.option(
    "--executor",
    type=click.Choice(executor_names()),
    default="process",
    show_default=True,
    help=tr("多进程，或在本进程内逐个审核", "worker processes, or one call after another in this process"),
)
def run(
    inputs: tuple[str, ...],
    out: Path,
    manifest: Path | None,
    policy: str,
    rules: tuple[str, ...],
    jobs: int | None,
    fail_on: str,
    engine: str,
    model: str | None,
    device: str,
    threads: int,
    store: str | None,
    force: bool,
    quiet: bool,
    executor: str,
) -> int:
    """Audit and return the exit code."""
    from audit.batch import runner
    from audit.batch.output import claim
    from audit.batch.work import PipelineAudit, cores
    from audit.cli.keeping import Keeping
    from audit.ingest.find import find_inputs
    from audit.pipeline import Options
    from audit.speech.models import find

    began, tally = datetime.now(UTC), Tally()
    if model and engine == DEFAULT:
        find(model)  # a misspelt name is one error now, not one for each recording
    options = Options(policy, rules, engine, model, device, threads)
    audit = PipelineAudit(options)
    keep = Keeping(store, out) if store else None
    claim(out, inputs)
    try:
        with shown(tally, sys.stderr, quiet):
            outcome = runner.run(
                find_inputs(inputs, manifest),
                audit,
                out,
                lambda: _info(audit, began),
                jobs=jobs or cores(),
                executor_name=executor,
                again=force,
                tally=tally,
            )
    except KeyboardInterrupt:
        click.echo(_how_to_continue(tally), err=True)
        return EXIT_STOPPED
    _say_what_went_wrong(outcome, out)
    _say_what_came_out(outcome, out)
    unread = keep.take_in(options) if keep else False
    if outcome.failures or unread:
        return EXIT_FAILURES
    return EXIT_FINDINGS if fail_on != NEVER and outcome.worst >= Severity(fail_on).rank else EXIT_CLEAN


def _info(audit: "PipelineAudit", began: datetime) -> "RunInfo":
    from audit.report.summary import RunInfo

    versions = {"callaudit": __version__, "python": platform.python_version()}
    return RunInfo(began, datetime.now(UTC), versions, audit.options, audit.hashes)


def _how_to_continue(tally: Tally) -> str:
    command = shlex.join(["callaudit", *sys.argv[1:]])
    return tr(
        f"已停止，已完成的 {tally.done} 份不会丢失。用同一命令继续：\n  {command}",
        f"Stopped; the {tally.done} inputs done are kept. The same command continues:\n  {command}",
    )


def _say_what_went_wrong(outcome: "Outcome", out: Path) -> None:
    """The first warnings and failures, on stderr; all of them are in the reports."""
    for problems, file in (
        (outcome.warnings, "run.json"),
        ([failure.problem for failure in outcome.failures], "failures.jsonl"),
    ):
        for problem in problems[:_SHOWN]:
            click.echo(problem.line(), err=True)
        left = len(problems) - _SHOWN
        if left > 0:
            click.echo(tr(f"……另有 {left} 条，见 {out / file}", f"... and {left} more, see {out / file}"), err=True)


def _say_what_came_out(outcome: "Outcome", out: Path) -> None:
    totals = outcome.totals
    verdicts, severities = totals.verdicts, totals.severities
    click.echo(
        tr(
            f"共 {totals.calls} 通：违规 {verdicts[Verdict.VIOLATION]}，待人工复核 {verdicts[Verdict.REVIEW]}，"
            f"未见违规 {verdicts[Verdict.CLEAN]}；无法审核 {len(outcome.failures)}",
            f"{totals.calls} calls: {verdicts[Verdict.VIOLATION]} with violations, {verdicts[Verdict.REVIEW]} to review, "
            f"{verdicts[Verdict.CLEAN]} clean; {len(outcome.failures)} inputs failed",
        )
    )
    click.echo(
        tr(
            f"发现 {totals.findings} 条：严重 {severities[Severity.CRITICAL]}，重大 {severities[Severity.MAJOR]}，"
            f"一般 {severities[Severity.MINOR]}，提示 {severities[Severity.INFO]}，待复核 {totals.to_review}；信号 {totals.signals}",
            f"{totals.findings} findings: {severities[Severity.CRITICAL]} critical, {severities[Severity.MAJOR]} major, "
            f"{severities[Severity.MINOR]} minor, {severities[Severity.INFO]} info, {totals.to_review} to review; "
            f"{totals.signals} signals",
        )
    )
    click.echo(tr("汇总报告：", "Summary:     ") + (out / "summary.html").resolve().as_uri())
    click.echo(tr("汇总表格：", "Spreadsheet: ") + str(out / "summary.xlsx"))
    click.echo(tr("逐通报告：", "Each call:   ") + str(out / "calls"))
