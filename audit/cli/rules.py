"""`callaudit rules`: what the rules are, why they find what they find, and whether they hold."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

import click

from audit.cli.options import POLICY
from audit.cli.rule_compare import compare
from audit.cli.rule_new import new
from audit.cli.rule_stats import stats
from audit.i18n import language, tr
from audit.lint.config import Configs, names_of
from audit.lint.finding import UNKNOWN
from audit.lint.suppressions import LABEL, OWN_RULES, UNPAIRED, OwnRule
from audit.model.labels import LABELS
from audit.report.labels import SEVERITIES
from audit.report.labels import name as shown
from audit.rules.loader import check_policy, load_pack, load_policy
from audit.rules.pack import Example, Rule, RulePack, describe
from audit.rules.testing import check_examples, run_examples

_FOLDERS = click.option(
    "--rules",
    "folders",
    multiple=True,
    metavar="DIR",
    help=tr(
        "另加的规则目录（内有 words/ 或 rules/），可多次给出", "a further folder with words/ or rules/; may be repeated"
    ),
)
# What findings of the linter's own rules fill in, in general words.
_IN_GENERAL: Mapping[str, Mapping[str, str]] = {
    "zh": {"names": "“…”", "example": "allow 规则", "hint_zh": ""},
    "en": {"names": "“…”", "example": "allow RULE", "hint_en": ""},
}
_LACKED: Mapping[str, Mapping[str, str]] = {
    UNKNOWN: {"what": "规则或指令", "what_en": "rule or directive"},
    UNPAIRED: {"what": "开始或结束", "what_en": "begin or end"},
}
_JSON = click.option("--json", "as_json", is_flag=True, help=tr("输出 JSON", "write JSON"))


@click.group(
    help=tr(
        "列出、解释、检查、测试、统计、比较、新建规则。",
        "List, explain, check, test, measure, compare and begin rules.",
    )
)
def rules() -> None:
    """The group."""


rules.add_command(stats)
rules.add_command(compare)
rules.add_command(new)


@rules.command("list", help=tr("列出全部规则。", "List all rules."))
@_FOLDERS
@_JSON
def list_rules(folders: tuple[str, ...], as_json: bool) -> None:
    """One line a rule: severity, id, name."""
    pack = load_pack(folders)
    if as_json:
        click.echo(json.dumps([_record(rule) for rule in pack.rules], ensure_ascii=False, indent=2))
        return
    for rule in pack.rules:
        preview = "" if rule.status == "stable" else f"  [{rule.status}]"
        click.echo(f"{shown(SEVERITIES, rule.severity)}  {rule.id}  {rule.name[language()]}{preview}")


@rules.command(
    "explain",
    help=tr(
        "解释规则、标签或类别：理由、建议、条款、例句。",
        "Explain a rule, label or family: reason, advice, clauses, examples.",
    ),
)
@click.argument("rule")
@_FOLDERS
@_JSON
def explain(rule: str, folders: tuple[str, ...], as_json: bool) -> None:
    """Everything a rule's file says, for one rule or all rules of a label."""
    own = [one for one in OWN_RULES.values() if rule in names_of(one.id)[1:]]
    # What `callaudit lint` names here is explained here, without being told where the rules are.
    pack = load_pack(folders or Configs().of_folder(".").rules)
    chosen = [] if own else _choose(pack, rule, OWN_RULES)
    if as_json:
        records = [*map(_own_record, own), *map(_record, chosen)]
        click.echo(json.dumps(records, ensure_ascii=False, indent=2))
        return
    click.echo("\n\n".join([*map(_own_text, own), *(_text(one, pack) for one in chosen)]))


@rules.command(
    "check",
    help=tr(
        "检查规则、词表、策略能否读懂，并逐条用自带例句验证。",
        "Check that rules, words and policies can be read and prove themselves.",
    ),
)
@POLICY
@_FOLDERS
def check(policy: str, folders: tuple[str, ...]) -> None:
    """Raise the first error; say what was checked otherwise."""
    pack = load_pack(folders)
    check_policy(load_policy(policy), pack)
    check_examples(pack, load_policy())
    examples = sum(len(rule.examples.breaching) + len(rule.examples.near_misses) for rule in pack.rules)
    words = sum(len(found) for found in pack.concepts.values())
    click.echo(
        tr(
            "{0} 条规则、{1} 个概念、{2} 个词、{3} 个例句，全部通过。",
            "{0} rules, {1} concepts, {2} words, {3} examples: all hold.",
        ).format(len(pack.rules), len(pack.concepts), words, examples)
    )


@rules.command(
    "test",
    help=tr(
        "逐条运行例句；给出文字时，说明规则在其中发现什么。",
        "Run the examples one by one; given a text, say what the rules find in it.",
    ),
)
@click.argument("text", required=False)
@click.option("--rule", "name", help=tr("只测这条规则或标签", "this rule or label only"))
@click.option(
    "--role",
    type=click.Choice(["agent", "debtor", "third_party", "unknown"]),
    default="agent",
    show_default=True,
    help=tr("说这段文字的人", "who says the text"),
)
@_FOLDERS
@click.pass_context
def test(context: click.Context, text: str | None, name: str | None, role: str, folders: tuple[str, ...]) -> None:
    """Exit code 1 when an example fails."""
    pack = load_pack(folders)
    chosen = _choose(pack, name) if name else None
    if text is not None:
        _try_out(pack, text, role, chosen)
        return
    outcomes = list(run_examples(pack, load_policy(), chosen))
    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failed:
        expected = tr("应发现", "should be found") if outcome.breaching else tr("不应发现", "should pass")
        found = ", ".join(outcome.found) or tr("无", "nothing")
        click.echo(f"✗ {outcome.rule.id}  {expected}: {outcome.example}  → {found}")
    click.echo(
        tr("{0} 个例句，{1} 个未通过。", "{0} examples, {1} failed.").format(len(outcomes), len(failed)),
        err=bool(failed),
    )
    if failed:
        context.exit(1)


def _try_out(pack: RulePack, text: str, role: str, chosen: list[Rule] | None) -> None:
    from audit.model.call import Role
    from audit.rules.engine import Engine
    from audit.rules.testing import example_call

    if chosen is not None:  # by themselves: a finding of another rule must not take theirs in
        pack = replace(pack, rules=tuple(chosen))
    findings, _ = Engine(pack, load_policy()).findings(example_call(Example(role=Role(role), text=text)))
    if not findings:
        click.echo(tr("没有发现。", "Nothing found."))
    for finding in findings:
        review = f"  [{', '.join(finding.why.review)}]" if finding.why.review else ""
        click.echo(f"{shown(SEVERITIES, finding.severity)}  {finding.rule}  {finding.confidence:.2f}{review}")
        click.echo(f"    “{finding.quote}”  ← {' + '.join(finding.why.matched)} ({finding.why.variant})")
        click.echo(f"    {finding.why.reason[language()]}")


def _choose(pack: RulePack, name: str, further: Iterable[str] = ()) -> list[Rule]:
    """The rules of that id, label or family. Raises ConfigError CA216 when there is none; `further` names could have been meant too."""
    chosen = [rule for rule in pack.rules if name in names_of(rule.id)[1:]]
    if not chosen:
        from audit.errors import ConfigError
        from audit.rules.yaml import did_you_mean

        known = [*(name for rule in pack.rules for name in names_of(rule.id)[1:]), *further]
        raise ConfigError("CA216", rule=name, hint=did_you_mean(name, known))
    return chosen


def _text(rule: Rule, pack: RulePack) -> str:
    lang = language()
    cited = pack.clauses.cite(rule.clauses, None, None)
    lines = [
        f"{rule.id}  {rule.name[lang]}",
        f"  {shown(LABELS, rule.label)} · {shown(SEVERITIES, rule.severity)} · {rule.status} · {rule.path}",
        f"  {tr('理由', 'why')}: {rule.reason[lang]}",
        f"  {tr('建议', 'advice')}: {rule.advice[lang]}",
        f"  {tr('现行依据', 'clauses in force')}:" + ("" if cited else f" {_without_clause(rule)}"),
        *(f"    - {clause.en if lang == 'en' else clause.zh}" for clause in cited),
        *_examples(tr("应发现", "must find"), "+", rule.examples.breaching),
        *_examples(tr("应放过", "must pass"), "−", rule.examples.near_misses),
    ]
    return "\n".join(lines)


def _own_text(rule: OwnRule) -> str:
    lang = language()
    return "\n".join(
        (
            f"{rule.id}  {rule.name[lang]}",
            f"  {LABEL} · {shown(SEVERITIES, rule.severity)} · callaudit lint",
            f"  {tr('理由', 'why')}: {_filled(rule, rule.message)[lang]}",
            f"  {tr('建议', 'advice')}: {_filled(rule, rule.suggestion)[lang]}",
        )
    )


def _filled(rule: OwnRule, texts: Mapping[str, str]) -> dict[str, str]:
    """Texts of one of the linter's own rules, with general words for what each finding fills in."""
    return {lang: text.format(**_IN_GENERAL[lang], **_LACKED.get(rule.id, {})) for lang, text in texts.items()}


def _without_clause(rule: Rule) -> str:
    return rule.no_clause[language()] if rule.no_clause else tr("依据待核实", "to be verified")


def _examples(title: str, mark: str, examples: Iterable[str | Example]) -> list[str]:
    return [f"  {title}:", *(f"    {mark} {describe(example)}" for example in examples)]


def _own_record(rule: OwnRule) -> dict[str, object]:
    return {
        "id": rule.id,
        "label": LABEL,
        "name": dict(rule.name),
        "severity": rule.severity,
        "status": "stable",
        "kind": "lint",
        "roles": [],
        "reason": _filled(rule, rule.message),
        "advice": _filled(rule, rule.suggestion),
        "clauses": [],
        "no_clause": None,
        "breaching": [],
        "near_misses": [],
        "path": None,
    }


def _record(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "label": rule.label,
        "name": dict(rule.name),
        "severity": rule.severity,
        "status": rule.status,
        "kind": rule.kind,
        "roles": sorted(rule.roles),
        "reason": dict(rule.reason),
        "advice": dict(rule.advice),
        "clauses": list(rule.clauses),
        "no_clause": rule.no_clause and dict(rule.no_clause),
        "breaching": [describe(example) for example in rule.examples.breaching],
        "near_misses": [describe(example) for example in rule.examples.near_misses],
        "path": rule.path,
    }
