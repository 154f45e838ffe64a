"""Markdown: for comments on pull requests and for job summaries.

Quoted words are text there, whatever they hold: no table cell, link, tag, mention or reference can be made of them.
A comment on GitHub has at most 65,536 characters; what does not fit is counted.
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath

from audit.i18n import Lang
from audit.lint.finding import LintFinding, LintRun
from audit.lint.output.shared import (
    cited,
    counting,
    cut,
    in_lang,
    percent,
    position,
    said,
    severity_name,
    stale_words,
    summary,
    visible,
    worst_first,
)

LIMIT = 65_536
# How full the text may be behind the table and behind the files that failed; the advice comes last.
_TABLE, _TROUBLE = LIMIT * 6 // 10, LIMIT * 7 // 10
_LONGEST = 300
# For "and so many more" and the end of a fold.
_RESERVE = 200


def emit(run: LintRun, lang: Lang) -> str:
    """The summary, a table of the findings that count with the worst first, what failed, and what the rules advise."""
    findings = worst_first(counting(run))
    base = repository(os.environ)
    text = f"### callaudit lint\n\n{_text(summary(run, lang))}\n"
    if findings:
        text += _table_head(lang)
        text += _fitting([_row(finding, base, lang) for finding in findings], _TABLE - len(text), lang)
    trouble = [
        f"- {_linked(file.problem.where or file.path, file.path, file.broken_at and file.broken_at.line, base)} `{file.problem.code}` "
        f"{_text(f'{file.problem.text(lang)} {file.problem.remedy(lang)}')}\n"
        for file in run.files
        if file.problem
    ]
    trouble += [f"- {_linked(e.path, e.path, None, base)} {_text(stale_words(e, lang))}\n" for e in run.stale]
    if trouble:
        text += "\n" + _fitting(trouble, _TROUBLE - len(text), lang)
    rules = [words for words in dict.fromkeys(_rule(finding, lang) for finding in findings) if words]
    if rules:
        text += f"\n<details><summary>{in_lang('依据与建议', 'Clauses and suggestions', lang)}</summary>\n\n"
        text += _fitting(rules, LIMIT - len(text), lang) + "\n</details>\n"
    return text


def repository(environment: Mapping[str, str]) -> str:
    """Where links to files lead: the commit that GitHub Actions or GitLab CI runs on, relative links elsewhere.

    >>> repository({"CI_PROJECT_URL": "https://git.example/a/b", "CI_COMMIT_SHA": "c0ffee"})
    'https://git.example/a/b/-/blob/c0ffee/'
    """
    github = [environment.get(key, "") for key in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA")]
    gitlab = [environment.get(key, "") for key in ("CI_PROJECT_URL", "CI_COMMIT_SHA")]
    if all(github):
        return f"{github[0]}/{github[1]}/blob/{github[2]}/"
    if all(gitlab):
        return f"{gitlab[0]}/-/blob/{gitlab[1]}/"
    return ""


def _table_head(lang: Lang) -> str:
    columns = in_lang("严重程度 位置 规则 原文 说明", "Severity Place Rule Quote Why", lang).split()
    return f"\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}\n"


def _row(finding: LintFinding, base: str, lang: Lang) -> str:
    line = finding.start.line if finding.cell is None else None
    cells = (
        severity_name(finding.severity, lang),
        _linked(position(finding), finding.path, line, base),
        _named(finding, lang),
        _text(finding.quote),
        _text(said(finding.message, lang)),
    )
    return f"| {' | '.join(cells)} |\n"


def _rule(finding: LintFinding, lang: Lang) -> str:
    """What a rule rests on and advises, as an item of a list; nothing where it says neither."""
    points = [_text(cited(clause, lang)) for clause in finding.clauses]
    suggestion = said(finding.suggestion, lang)
    if suggestion:
        points.append(f"**{in_lang('建议', 'Suggestion', lang)}** {_text(suggestion)}")
    return f"- {_named(finding, lang)}\n" + "".join(f"  - {point}\n" for point in points) if points else ""


def _named(finding: LintFinding, lang: Lang) -> str:
    return f"{_text(said(finding.name, lang))} {_code(finding.rule)}".strip()


def _fitting(items: Sequence[str], room: int, lang: Lang) -> str:
    """The first items that fit into `room` characters, and how many did not."""
    text = ""
    for number, item in enumerate(items):
        if len(text) + len(item) > room - _RESERVE:
            left = len(items) - number
            return text + in_lang(f"\n……另有 {left} 条未列出。\n", f"\n… and {left} more.\n", lang)
        text += item
    return text


def _linked(text: str, path: str, line: int | None, base: str) -> str:
    if PurePath(path).is_absolute():
        return _text(text)
    return f"[{_text(text)}]({base}{percent(path)}{f'#L{line}' if line else ''})"


def _code(text: str) -> str:
    return f"`{text}`" if re.fullmatch(r"[\w./-]+", text, re.ASCII) else _text(text)


def _text(text: str) -> str:
    """Words on one line that mean nothing to Markdown; zero-width spaces keep `@` and `#` from mentioning anybody or anything."""
    words = visible(cut(" ".join(text.split()), _LONGEST))
    return re.sub(r"([@#])", r"\\\1&#8203;", re.sub(r"([\\`*_\[\]<>|~$&:!^=.]|(?<!\w)[-+](?=\s))", r"\\\1", words))
