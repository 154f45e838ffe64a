"""`callaudit rules compare`: what two rule packs find differently."""

from typing import TYPE_CHECKING

import click

from audit.cli.options import POLICY
from audit.i18n import tr

if TYPE_CHECKING:
    from audit.evaluation.usage import Change
    from audit.model.call import Call
    from audit.rules.engine import Engine

BUILTIN = "builtin"


@click.command(
    "compare",
    help=tr(
        "比较两套规则在 INPUT 上的发现：哪些出现、消失、改变。OLD、NEW 是规则目录（加在内置规则之上；含 dialogue.yaml "
        "的视为整套规则，单独使用），builtin 表示只用内置规则。",
        "Compare what two rule packs find on INPUT: what appears, vanishes, changes. OLD and NEW are folders of rules (on top "
        "of the built-in ones; one with dialogue.yaml is a whole pack and stands alone); builtin is the built-in rules alone.",
    ),
)
@click.argument("old")
@click.argument("new")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@POLICY
def compare(old: str, new: str, inputs: tuple[str, ...], policy: str) -> None:
    """One line a change, then how many there are of each kind."""
    from audit.errors import Problem
    from audit.evaluation.usage import calls_in, changes
    from audit.pipeline import Auditor, Options

    problems: list[Problem] = []
    calls = {one.call.call_id: one.call for one in calls_in(inputs, Auditor(Options(policy=policy)), problems)}
    for problem in problems:
        click.echo(problem.line(), err=True)
    found = changes(list(calls.values()), _engine(old, policy), _engine(new, policy))
    for change in found:
        click.echo(_line(change, calls[change.finding.call_id]))
    appeared, vanished = sum(one.old is None for one in found), sum(one.new is None for one in found)
    click.echo(
        tr("{0} 通通话：出现 {1}，消失 {2}，改变 {3}。", "{0} calls: {1} appear, {2} vanish, {3} change.").format(
            len(calls), appeared, vanished, len(found) - appeared - vanished
        )
    )


def _engine(name: str, policy: str) -> "Engine":
    from pathlib import Path

    from audit.rules.engine import Engine
    from audit.rules.loader import check_policy, load_pack, load_policy
    from audit.rules.testing import prove

    whole = Path(name, "dialogue.yaml").is_file()
    pack = load_pack(() if name == BUILTIN else (name,), alone=whole)
    limits = load_policy(policy)
    if not whole:  # a policy may speak of rules that an older pack does not have yet
        check_policy(limits, pack)
    prove(pack, load_policy())
    return Engine(pack, limits)


def _line(change: "Change", call: "Call") -> str:
    from audit.report.redaction import Redactor, masked_id, shortened

    finding = change.finding
    mark = "+" if change.old is None else "−" if change.new is None else "~"
    turn = tr("整通", "call") if finding.turn is None else tr("第 {} 轮", "turn {}").format(finding.turn + 1)
    weights = " → ".join(_weight(change, side) for side in ("old", "new") if getattr(change, side))
    quote = shortened(Redactor(call).quote(finding))
    return f"{mark} {masked_id(finding.call_id)}  {turn}  {finding.label}  {weights}  {finding.rule}  {quote}".rstrip()


def _weight(change: "Change", side: str) -> str:
    from audit.report.labels import SEVERITIES, name

    finding = change.old if side == "old" else change.new
    assert finding is not None
    waits = tr("，待听音", ", waits") if finding.why.review else ""
    return f"{name(SEVERITIES, finding.severity)} {finding.confidence:.2f}{waits}"
