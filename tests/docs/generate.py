"""Pages of docs/ that are made from the code. `python -m tests.docs.generate` writes them; a test compares."""

import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from audit.errors import CATALOGUE
from audit.lint.suppressions import OWN_RULES
from audit.rules.loader import builtin, load_pack
from audit.rules.pack import Example, Rule, describe
from audit.text.context import PREDICATES

DOCS = Path(__file__).parents[2] / "docs"
_RANGES = (
    ("CA1", "Input and manifest", "输入与清单"),
    ("CA2", "Rules, words, policies", "规则、词表、策略"),
    ("CA3", "Speech", "语音"),
    ("CA4", "Output and batch", "输出与批处理"),
    ("CA5", "Script templates", "话术模板"),
    ("CA6", "Store", "存储库"),
    ("CA7", "Training packs and redaction", "培训包与遮盖"),
    ("CA8", "The desk", "复核台"),
    ("CA9", "Usage", "用法"),
)


def errors_page() -> str:
    """docs/errors.md: every code with its text and remedy in both languages."""
    lines = [
        "# Errors and warnings · 错误与警告",
        "",
        "Made from `audit/errors.py` by `python -m tests.docs.generate`. Words in braces are filled in when the message is shown.",
    ]
    for prefix, english, chinese in _RANGES:
        lines += ["", f"## {prefix}xx {english} · {chinese}", "", "| code | message | remedy |", "|---|---|---|"]
        for code, entry in sorted(CATALOGUE.items()):
            if code.startswith(prefix):
                lines.append(f"| {code} | {entry.zh}<br>{entry.en} | {entry.remedy_zh}<br>{entry.remedy_en} |")
    return "\n".join(lines) + "\n"


def context_page() -> str:
    """docs/context.md: every context predicate with what it says of itself."""
    lines = [
        "# Context predicates",
        "",
        "What may stand under `unless` in a rule. Each looks at the words around a match and, where it holds, lifts the finding.",
        "Made from `audit/text/context/` by `python -m tests.docs.generate`.",
        "",
        "| name | lifts the finding where |",
        "|---|---|",
    ]
    for name, predicate in PREDICATES.items():
        said = " ".join((predicate.__doc__ or "").partition(">>>")[0].split()).replace("|", "\\|")
        lines.append(f"| `{name}` | {said} |")
    return "\n".join(lines) + "\n"


def rules_page(family: str, rules: Iterable[Rule]) -> str:
    """docs/catalogue/FAMILY.md: every rule of a family as its file says it."""
    lines = [
        f"# {family}",
        "",
        f"Made from `lexicons/rules/{family}/` by `python -m tests.docs.generate`. `callaudit rules explain RULE` shows the same.",
    ]
    for rule in rules:
        lines += [
            "",
            f"## `{rule.id}`",
            "",
            f"**{rule.name['zh']}** · {rule.name['en']} · {rule.severity} · {rule.status} · kind `{rule.kind}`",
            "",
            f"- {rule.reason['zh']}<br>{rule.reason['en']}",
            f"- 合规说法 Instead: {rule.advice['zh']}<br>{rule.advice['en']}",
            f"- 条款 Clauses: {', '.join(f'`{key}`' for key in rule.clauses) or '–'}",
            f"- 违规例 Breaching: {_examples(rule.examples.breaching)}",
            f"- 合规例 Near misses: {_examples(rule.examples.near_misses)}",
        ]
    return "\n".join(lines) + "\n"


def _examples(examples: Iterable[str | Example]) -> str:
    return " ｜ ".join(describe(example).replace("|", "\\|") for example in examples)


def cues_page() -> str:
    """docs/catalogue/dialogue.md: what the cues of dialogue.yaml are about, and who says them."""
    lines = [
        "# Dialogue cues",
        "",
        "Made from `lexicons/dialogue.yaml` by `python -m tests.docs.generate`. Conditions `when: {heard: {any: […]}}` and rules of kind `omission` name them.",
        "",
        "| cue | said by | about |",
        "|---|---|---|",
    ]
    for name, cue in load_pack().cues.items():
        roles = ", ".join(sorted(cue.roles)) or "anyone"
        lines.append(f"| `{name}` | {roles} | {cue.about['zh']}<br>{cue.about['en']} |")
    return "\n".join(lines) + "\n"


def scripts_page() -> str:
    """docs/catalogue/scripts.md: what names and placeholders in script templates mean."""
    data = tomllib.loads(builtin().joinpath("scripts.toml").read_text(encoding="utf-8"))
    lines = [
        "# Names in script templates · 话术模板里的名称",
        "",
        "Made from `lexicons/scripts.toml` by `python -m tests.docs.generate`; [lint.md](../lint.md) says how they are used.",
        "",
        "## Placeholders · 占位符",
        "",
        "| meaning | names | read as |",
        "|---|---|---|",
    ]
    for meaning, names in data["placeholders"].items():
        lines.append(f"| `{meaning}` | {' '.join(names)} | {data['specimens'][meaning]} |")
    for section, lists in data.items():
        if section not in ("placeholders", "specimens"):
            lines += ["", f"## `{section}`", "", "| list | words |", "|---|---|"]
            lines += [f"| `{name}` | {' '.join(words)} |" for name, words in lists.items()]
    return "\n".join(lines) + "\n"


def own_rules_page() -> str:
    """docs/catalogue/lint.md: the linter's own rules, about its directives."""
    lines = [
        "# lint",
        "",
        "Rules about directives in comments, from `audit/lint/suppressions.py`; made by `python -m tests.docs.generate`.",
    ]
    for rule_id, rule in OWN_RULES.items():
        lines += [
            "",
            f"## `{rule_id}`",
            "",
            f"**{rule.name['zh']}** · {rule.name['en']} · {rule.severity}",
            "",
            f"- {rule.message['zh']}<br>{rule.message['en']}",
            f"- {rule.suggestion['zh']}<br>{rule.suggestion['en']}",
        ]
    return "\n".join(lines) + "\n"


def _pages() -> dict[str, Callable[[], str]]:
    families: dict[str, list[Rule]] = defaultdict(list)
    for rule in load_pack().rules:
        families[rule.label.partition(".")[0]].append(rule)
    pages: dict[str, Callable[[], str]] = {
        "errors.md": errors_page,
        "context.md": context_page,
        "catalogue/dialogue.md": cues_page,
        "catalogue/lint.md": own_rules_page,
        "catalogue/scripts.md": scripts_page,
    }
    pages.update({f"catalogue/{name}.md": partial(rules_page, name, rules) for name, rules in families.items()})
    return pages


PAGES = _pages()

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).parent.mkdir(exist_ok=True)
        (DOCS / name).write_text(page(), encoding="utf-8")
