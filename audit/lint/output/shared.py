"""What several formats share: words by language, places, order, and text made safe to show."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any

from audit.i18n import Lang
from audit.lint.finding import LintFinding, LintRun, StaleEntry
from audit.model.finding import Citation, Severity
from audit.report.labels import SEVERITIES

# The rule under which formats that need one show baseline entries whose finding is gone.
STALE_RULE = "lint.baseline/stale"

# How many clauses stand with a finding where there is little room; a rule may rest on ten.
MOST_CLAUSES = 2

# Characters that a terminal or log obeys or hides instead of showing. The joiner stays where it joins: see `visible`.
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_JOINER = "\u200d"


def in_lang(zh: str, en: str, lang: Lang) -> str:
    """The text in `lang`."""
    return en if lang == "en" else zh


def said(words: Mapping[str, str], lang: Lang) -> str:
    """A rule's words in `lang`, in Chinese where it has no others, on one line."""
    return " ".join((words.get(lang) or words.get("zh") or "").split())


def severity_name(severity: Severity, lang: Lang) -> str:
    """The severity in words.

    >>> severity_name(Severity.CRITICAL, "zh")
    '严重'
    """
    return in_lang(*SEVERITIES[severity.value], lang)


def cited(clause: Citation, lang: Lang) -> str:
    """A clause ready to print."""
    return clause.en if lang == "en" else clause.zh


def suggested(finding: LintFinding, lang: Lang) -> list[str]:
    """The suggestion as a line, none where the rule has none."""
    suggestion = said(finding.suggestion, lang)
    return [in_lang("建议：", "Suggestion: ", lang) + suggestion] if suggestion else []


def advice(finding: LintFinding, lang: Lang, most: int | None = None) -> list[str]:
    """The clauses, the nearest `most` of them, and then the suggestion, each a line."""
    return [*(cited(clause, lang) for clause in finding.clauses[:most]), *suggested(finding, lang)]


def position(finding: LintFinding) -> str:
    """`path:line:column`, or `path!Sheet!B3` in a sheet."""
    if finding.cell is not None:
        return f"{finding.path}!{finding.cell}"
    return f"{finding.path}:{finding.start.line}:{finding.start.column}"


def stale_words(entry: StaleEntry, lang: Lang) -> str:
    """What is said of a baseline entry whose finding is gone."""
    return in_lang(
        f"基线过期：{entry.rule} 的这一处已不存在，请用 --update-baseline 更新基线。",
        f"stale baseline entry: this finding of {entry.rule} is gone; update the baseline with --update-baseline.",
        lang,
    )


def counting(run: LintRun) -> list[LintFinding]:
    """The findings that are neither suppressed nor in the baseline, in the order of files and places."""
    return [finding for finding in run.findings if finding.counts]


def worst_first(findings: Iterable[LintFinding]) -> list[LintFinding]:
    """By severity, then in the order given."""
    return sorted(findings, key=lambda finding: -finding.severity.rank)


def summary(run: LintRun, lang: Lang) -> str:
    """One line: findings by severity, files, and what was suppressed, known, stale or failed.

    >>> summary(LintRun((), "0.1.0", "", "default"), "en")
    'No findings; 0 files checked.'
    """
    findings = counting(run)
    files = len(run.files) - len(run.problems)
    if findings:
        severities = [(s, sum(f.severity is s for f in findings)) for s in Severity]
        each = [f"{severity_name(s, lang)} {count}" for s, count in severities if count]
        hit = len({finding.path for finding in findings})
        zh = f"发现 {len(findings)} 处（{'，'.join(each)}），涉及 {hit} 个文件，共检查 {files} 个文件"
        en = f"{counted(len(findings), 'finding')} ({', '.join(each)}) in {counted(hit, 'file')}; {counted(files, 'file')} checked"
    else:
        zh, en = f"没有发现，共检查 {files} 个文件", f"No findings; {counted(files, 'file')} checked"
    kinds = [finding.suppressed.kind for finding in run.findings if finding.suppressed]
    for count, said_zh, said_en in (
        (kinds.count("comment"), "已抑制", "suppressed"),
        (kinds.count("baseline"), "基线内", "in the baseline"),
        (len(run.stale), "基线过期", "stale in the baseline"),
        (len(run.problems), "未能检查", "could not be read"),
    ):
        if count:
            zh, en = f"{zh}，{said_zh} {count}", f"{en}, {count} {said_en}"
    return in_lang(f"{zh}。", f"{en}.", lang)


def counted(count: int, noun: str) -> str:
    """A count with its English noun.

    >>> counted(1, "file"), counted(2, "file")
    ('1 file', '2 files')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def visible(text: str) -> str:
    """Text in which control characters, bidi overrides, lone surrogates and everything else unseen can be seen.

    A joiner between two symbols is part of an emoji and stays.

    >>> visible("a\\x1b[31mb\\u202ec")
    'a<U+001B>[31mb<U+202E>c'
    """
    if text.isprintable():
        return text
    return "".join(visible_at(text, at) for at in range(len(text)))


def visible_at(text: str, at: int) -> str:
    """The character at `at` as `visible` shows it."""
    char = text[at]
    if char.isprintable() or unicodedata.category(char) not in _UNSEEN:
        return char
    if char == _JOINER and 0 < at < len(text) - 1 and _is_symbol(text[at - 1]) and _is_symbol(text[at + 1]):
        return char
    return f"<U+{ord(char):04X}>"


def _is_symbol(char: str) -> bool:
    # Skin tones (Sk) and the variation selector (Mn) stand between a pictograph and the joiner behind it.
    return unicodedata.category(char) in {"So", "Sk"} or char == "\ufe0f"


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; … stands for what was cut.

    >>> cut("威胁曝光", 3)
    '威胁…'
    """
    return text if len(text) <= limit else text[: limit - 1] + "…"


def posix(path: str) -> str:
    """A path with slashes and without a leading `./`."""
    return PurePath(path).as_posix()


def percent(path: str) -> str:
    """A path as part of a URI; the bytes of names that are not UTF-8 are kept.

    >>> percent("话术/a b.md")
    '%E8%AF%9D%E6%9C%AF/a%20b.md'
    """
    from urllib.parse import quote  # wanted by few outputs, and slow to import

    return quote(posix(path), safe="/", errors="surrogateescape")


_SURROGATES = re.compile("[\ud800-\udfff]")


def dumps(value: Any, *, indent: int | None = None) -> str:
    """JSON that can always be written as UTF-8: half characters, as in undecodable file names, are escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _SURROGATES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
