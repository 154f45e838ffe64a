"""`callaudit rules stats`: how often each rule matches, and how often it is right."""

import json
from dataclasses import asdict

import click

from audit.cli.options import POLICY, RULES
from audit.i18n import tr


@click.command(
    "stats",
    help=tr(
        "在 INPUT（录音、转写文本、文件夹或通配符）上统计每条规则命中几次；通话有标注的，再算正确率；列出从未命中的规则。",
        "Count how often each rule matches on INPUT (recordings, transcripts, folders or globs), how often it is right where "
        "calls are labelled, and name the rules that never match.",
    ),
)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@POLICY
@RULES
@click.option("--json", "as_json", is_flag=True, help=tr("输出 JSON", "write JSON"))
def stats(inputs: tuple[str, ...], policy: str, rules: tuple[str, ...], as_json: bool) -> None:
    """Most matches first."""
    from audit.errors import Problem
    from audit.evaluation.usage import calls_in, rule_uses
    from audit.pipeline import Auditor, Options

    auditor = Auditor(Options(policy=policy, rules=rules))
    problems: list[Problem] = []
    calls = list(calls_in(inputs, auditor, problems))
    for problem in problems:
        click.echo(problem.line(), err=True)
    uses = rule_uses(calls, auditor.engine)
    if as_json:
        click.echo(json.dumps([asdict(use) for use in uses], ensure_ascii=False, indent=2))
        return
    labelled = sum(call.gold is not None for call in calls)
    click.echo(tr("{0} 通通话，其中 {1} 通有标注。", "{0} calls, {1} of them labelled.").format(len(calls), labelled))
    click.echo(
        tr(
            "命中＝句式成立的次数；发现＝合并同类后署该规则名的条数，括号内为待听音；正确＝有标注的发现中与标注一致的。",
            "matches: places where the rule holds; findings: those that carry its name after merging, in brackets those that "
            "wait for a listener; right: of findings in labelled calls, those labelled so.",
        )
    )
    for use in uses:
        if use.matches:
            right = f"{use.right}/{use.labelled} = {use.right / use.labelled:.2f}" if use.labelled else "–"
            waiting = f" ({use.waiting})" if use.waiting else ""
            click.echo(
                tr(
                    "{0:56} 通话 {1:5}  命中 {2:6}  发现 {3:5}{4:6}  正确 {5}",
                    "{0:56} calls {1:5}  matches {2:6}  findings {3:5}{4:6}  right {5}",
                ).format(use.rule, use.calls, use.matches, use.findings, waiting, right)
            )
    never = [use.rule for use in uses if not use.matches]
    click.echo(tr("从未命中的规则 {0} 条：", "{0} rules never match:").format(len(never)))
    for rule in never:
        click.echo(f"  {rule}")
