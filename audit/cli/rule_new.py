"""`callaudit rules new`: the file of a rule to begin with."""

import re
from pathlib import Path

import click

from audit.i18n import tr

_ID = re.compile(r"([a-z]+)\.([a-z_]+)/([a-z0-9-]+)")


@click.command(
    "new",
    help=tr(
        "新建一条规则的文件，里面每一项都有说明；改好后用 rules check 检查。ID 是 标签/短名，例如 threat.violence/own-words。",
        "Write the file of a new rule with a comment on each entry; edit it, then run rules check. ID is label/short-name, "
        "like threat.violence/own-words.",
    ),
)
@click.argument("rule", metavar="ID")
@click.option(
    "--to",
    "folder",
    metavar="DIR",
    default="my-rules",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help=tr("放规则的目录", "folder for rules of your own"),
)
def new(rule: str, folder: Path) -> None:
    """Never replaces a file."""
    from audit.errors import ConfigError
    from audit.model.labels import LABELS
    from audit.report.atomic import write_atomic
    from audit.rules.yaml import did_you_mean

    form = _ID.fullmatch(rule)
    if not form:
        raise ConfigError("CA226", id=rule)
    label = rule.partition("/")[0]
    if label not in LABELS:
        raise ConfigError("CA222", rule, label=label, hint=did_you_mean(label, list(LABELS)))
    path = folder / "rules" / form[1] / f"{form[2].replace('_', '-')}-{form[3]}.yaml"
    if path.exists():
        raise ConfigError("CA227", str(path))
    write_atomic(path, skeleton(rule))
    click.echo(tr("已新建 {0}；改好后检查：", "Wrote {0}; edit it, then check it with").format(path))
    click.echo(f"  callaudit rules check --rules {folder}")


def skeleton(rule: str) -> str:
    """The text of a rule file that loads and holds, and finds nothing real."""
    by_debtor = rule.startswith("signal.")
    example = "{role: debtor, text: 请改成应发现的话}" if by_debtor else "请改成应发现的话"
    near_miss = "{role: debtor, text: 这句相似，但不该发现}" if by_debtor else "这句相似，但不该发现"
    lines = [
        f"id: {rule}",
        tr(
            "# 规则的名称、为什么违规、合规的说法，中英文都写",
            "# the rule's name, why it is a breach, and what to say instead",
        ),
        "name: {zh: 请改名称, en: Name to change}",
        "reason: {zh: 请写明为什么违规, en: Say why this is a breach}",
        "advice: {zh: 请写合规的说法, en: Say it in a compliant way}",
        tr("# critical、major、minor、info 之一", "# one of critical, major, minor, info"),
        f"severity: {'info' if by_debtor else 'major'}",
        tr(
            "# preview 只提示、不指认；验证后改成 stable",
            "# preview only informs and accuses nobody; stable when it is proved",
        ),
        "status: preview",
        tr("# 查谁的话：agent、debtor、third_party", "# whose speech: agent, debtor, third_party"),
        f"roles: [{'debtor, third_party' if by_debtor else 'agent'}]",
        tr(
            "# clauses.yaml 里的条款；没有可引的就写 no_clause: {zh: 原因, en: reason}",
            "# keys of clauses.yaml; where there is none, no_clause: {zh: …, en: …} says why",
        ),
        "clauses: []",
        "no_clause: {zh: 尚未核实条款, en: No clause checked yet}",
        tr(
            "# 这些语境下不算（见 docs/context.md）：否定、引用、询问、道歉、宣读规定",
            "# what lifts a finding (docs/context.md): negation, quotation, question, apology, reading rules aloud",
        ),
        "unless: [negated, quoted, asked, apologised, rule_read_aloud]",
        "match:",
        tr(
            "  # 句式的写法见 docs/rules.md：{概念} 是 words/ 里的词表，空格为 3 字以内，.. 为 8 字以内",
            "  # patterns: docs/rules.md; {concept} is a word list in words/, a space up to 3 characters, .. up to 8",
        ),
        '  - say: ["请改成应发现的话"]',
        "    confidence: 0.9",
        tr(
            "# 规则自带的证明：必须发现的、必须放过的，越接近真话越好",
            "# the rule's own proof: lines it must find, look-alikes it must not",
        ),
        "examples:",
        f"  breaching: [{example}]",
        f"  near_misses: [{near_miss}]",
    ]
    return "\n".join(lines) + "\n"
