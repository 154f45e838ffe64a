"""What comments and columns allow in a script, with the reason why: `callaudit: allow threat.exposure 培训反例`.

Directives that allow nothing, give no reason or cannot be understood are findings themselves, and nothing but the configuration's
`ignore` hides those: a script that is read out must not fall silent by mistake.
"""

import difflib
import hashlib
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from audit.lint.config import ALL, covers
from audit.lint.finding import REASONLESS, UNKNOWN, UNUSED, LintFinding, Suppressed
from audit.model.finding import Severity
from audit.model.labels import LABELS
from audit.model.script import Directive, Passage, Script

LABEL = "lint.suppression"
UNPAIRED = f"{LABEL}/unpaired"


@dataclass(frozen=True, slots=True)
class OwnRule:
    """A rule about directives: it has no clause and no file, only these texts. Braces are filled in by each finding."""

    id: str
    severity: Severity
    name: Mapping[str, str]
    message: Mapping[str, str]
    suggestion: Mapping[str, str]


# Without a reason nothing is suppressed, and a block without end swallows what is written later: both fail a run by themselves.
OWN_RULES: Mapping[str, OwnRule] = {
    rule.id: rule
    for rule in (
        OwnRule(
            UNUSED,
            Severity.MINOR,
            {"zh": "多余的豁免", "en": "Unused suppression"},
            {"zh": "{names} 在这里没有可豁免的内容。", "en": "There is no finding of {names} here to allow."},
            {
                "zh": "删去它；以后写入的违规话术才不会被它掩盖。",
                "en": "Remove it, so that it hides nothing that is written later.",
            },
        ),
        OwnRule(
            REASONLESS,
            Severity.MAJOR,
            {"zh": "豁免没有写理由", "en": "Suppression without a reason"},
            {
                "zh": "没有理由的豁免不生效：审核的人无从知道为什么允许。",
                "en": "It suppresses nothing without a reason: nobody who reviews it could know why it is allowed.",
            },
            {
                "zh": "在规则后写明理由，例如“callaudit: {example} 培训用反例”。",
                "en": "Write the reason after the rule, as in `callaudit: {example} bad example for training`.",
            },
        ),
        OwnRule(
            UNKNOWN,
            Severity.MINOR,
            {"zh": "看不懂的豁免", "en": "Suppression not understood"},
            {
                "zh": "没有名为 {names} 的{what}，这一处不生效。{hint_zh}",
                "en": "There is no {what_en} {names}; it has no effect.{hint_en}",
            },
            {
                "zh": "写作“callaudit: allow 规则 理由”；规则见 callaudit rules list。",
                "en": "Write `callaudit: allow RULE REASON`; `callaudit rules list` shows the rules.",
            },
        ),
        OwnRule(
            UNPAIRED,
            Severity.MAJOR,
            {"zh": "豁免的开始和结束不成对", "en": "Suppression that begins or ends alone"},
            {
                "zh": "{names} 没有与之对应的{what}；没有结束的豁免一直到文件末尾。",
                "en": "{names} has no {what_en} that goes with it; without an end it reaches to the end of the file.",
            },
            {
                "zh": "用 allow-begin 和 allow-end 成对标出要豁免的内容；整个文件用 allow-file。",
                "en": "Enclose what is allowed by allow-begin and allow-end, or use allow-file for the whole file.",
            },
        ),
    )
}


class Verb(StrEnum):
    """What a directive does."""

    LINE = "allow"
    BEGIN = "allow-begin"
    END = "allow-end"
    FILE = "allow-file"


# The words for it, in English and Chinese.
VERBS: Mapping[str, Verb] = {verb.value: verb for verb in Verb} | {
    "允许": Verb.LINE,
    "允许开始": Verb.BEGIN,
    "允许结束": Verb.END,
    "允许全文": Verb.FILE,
}
_VERB = re.compile(r"\s*(\S*?)(?=[\s:：,，]|$)[\s:：]*")
_RULE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-]+)?")
_COMMA = re.compile(r"\s*[,，、](\s*)")
_REASON = re.compile(r"\w")
# Most regions are a line, a row or a record; of those of more lines there are few.
_SHORT = 50
_NO_REASON = re.compile(r"^[\s:：;；,，。.、\-–—(（]+")


@dataclass(frozen=True, slots=True)
class _Order:
    """A directive as understood. `names` are the rules, labels and families as written."""

    directive: Directive
    written: str
    verb: Verb | None
    names: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class _Allowed:
    """Where an order holds: on lines `first` to `last` (None: to the end) of a sheet, or everywhere."""

    order: _Order
    names: tuple[str, ...]
    sheet: str | None
    first: int
    last: int | None

    def takes_in(self, finding: LintFinding) -> bool:
        if self.sheet is not None and self.sheet != _sheet(finding.cell):
            return False
        return self.first <= last_line(finding) and (self.last is None or finding.start.line <= self.last)


def last_line(finding: LintFinding) -> int:
    """The line of a finding's last character."""
    ends_before = finding.end.column <= 1 and finding.end.line > finding.start.line
    return finding.end.line - 1 if ends_before else finding.end.line


def apply(
    findings: Sequence[LintFinding], script: Script, known: Collection[str], active: Collection[str]
) -> tuple[LintFinding, ...]:
    """The findings of a script, those that its directives allow marked, and the findings about the directives, by place.

    `known` are the ids of all rules; `active` those that were looked for in this file: a directive about others cannot be unused.
    Findings about directives are never suppressed here; whether the configuration wants them is for the caller to ask.
    """
    in_order = sorted(script.directives, key=lambda directive: directive.words.place(0))
    names = _known_names(known)
    orders = [_understand(directive, names) for directive in in_order]
    # The names that reports show: writers take these for what is to be written here.
    called = {zh: label for label, (zh, _) in LABELS.items()}
    called |= {finding.name["zh"]: finding.rule for finding in findings if "zh" in finding.name}
    own = [finding for order in orders for finding in _about(order, script.path, names, called)]
    allowed, unpaired = _regions(orders, script, names)
    own += unpaired
    used: set[tuple[int, str]] = set()
    by_line = _by_line(allowed)
    marked = [_mark(finding, allowed, by_line, used) for finding in findings]
    own += _unused(allowed, used, active, script.path)
    return tuple(sorted([*marked, *own], key=lambda finding: (finding.start, finding.end, finding.rule)))


def _known_names(known: Collection[str]) -> frozenset[str]:
    labels = {rule.partition("/")[0] for rule in known}
    return frozenset({ALL, *known, *labels, *(label.partition(".")[0] for label in labels)})


def _understand(directive: Directive, known: frozenset[str]) -> _Order:
    """Reads `VERB RULE[,RULE…] REASON`."""
    text = directive.words.text
    head = _VERB.match(text)
    written = head[1] if head else ""
    at = head.end() if head else 0
    names: list[str] = []
    while found := _RULE.match(text, at):
        names.append(found[0])
        at = found.end()
        comma = _COMMA.match(text, at)
        # After a comma and a space, words may be the reason already: `allow insult, used in training`.
        if comma is None or (comma[1] and not _is_like_a_rule(text, comma.end(), known)):
            break
        at = comma.end()
    reason = _NO_REASON.sub("", text[at:]).strip()
    return _Order(
        directive, written, VERBS.get(written.lower()), tuple(names), reason if _REASON.search(reason) else ""
    )


def _is_like_a_rule(text: str, at: int, known: frozenset[str]) -> bool:
    found = _RULE.match(text, at)
    return bool(found and ("." in found[0].strip(".") or (found[0] in known and found[0] != ALL)))


def _about(order: _Order, path: str, known: frozenset[str], called: Mapping[str, str]) -> Iterator[LintFinding]:
    """What is wrong with a directive by itself."""
    if order.verb is None:
        yield _finding(UNKNOWN, order, path, **_unknown(order.written, VERBS, "指令", "directive"))
        return
    unknown = [name for name in order.names if name not in known]
    for name in unknown:
        yield _finding(UNKNOWN, order, path, **_unknown(name, known, "规则", "rule"))
    if order.verb is Verb.END:
        return
    if not order.names:
        first = order.directive.words.text.removeprefix(order.written).split(maxsplit=1)
        written = re.split("[,，、]", first[0])[0] if first else ""
        yield _finding(UNKNOWN, order, path, **_unknown(written, known, "规则", "rule", called.get(written)))
    elif not order.reason:
        yield _finding(REASONLESS, order, path, example=f"{order.written} {','.join(order.names)}")


def _unknown(word: str, known: Iterable[str], what: str, what_en: str, meant: str | None = None) -> dict[str, str]:
    close = [meant] if meant else difflib.get_close_matches(word.lower(), sorted(known), n=1)
    return {
        "names": f"“{word}”",
        "what": what,
        "what_en": what_en,
        "hint_zh": f"是否想写 {close[0]}？" if close else "",
        "hint_en": f" Did you mean {close[0]}?" if close else "",
    }


def _regions(
    orders: Sequence[_Order], script: Script, known: frozenset[str]
) -> tuple[list[_Allowed], list[LintFinding]]:
    """Where each order holds, the narrowest first, and findings about blocks that begin or end alone."""
    lines: list[_Allowed] = []
    blocks: list[_Allowed] = []
    files: list[_Allowed] = []
    unpaired: list[LintFinding] = []
    begun: list[_Order] = []
    utterances = _utterances(script) if orders else {}
    for order in orders:
        names = tuple(name for name in order.names if name in known)
        if order.verb is Verb.FILE:
            files.append(_Allowed(order, names, None, 1, None))
        elif order.verb is Verb.LINE:
            first, last = _lines_of(order.directive, utterances, script.blocks)
            lines.append(_Allowed(order, names, _sheet(order.directive.words.cell), first, last))
        elif order.verb is Verb.BEGIN:
            begun.append(order)
        elif order.verb is None:
            continue
        elif (number := _begin_of(order, begun)) is None:
            unpaired.append(_finding(UNPAIRED, order, script.path, names=order.written, what="开始", what_en="begin"))
        else:
            blocks.append(_block(begun.pop(number), order, known))
    for begin in begun:
        unpaired.append(_finding(UNPAIRED, begin, script.path, names=begin.written, what="结束", what_en="end"))
        blocks.append(_block(begin, None, known))
    return [region for region in (*lines, *blocks, *files) if region.order.reason], unpaired


def _begin_of(end: _Order, begun: Sequence[_Order]) -> int | None:
    """Which begin an end closes: the last one in its sheet with the same rules, or with any when it names none."""
    sheet = _sheet(end.directive.words.cell)
    return next(
        (
            number
            for number in range(len(begun) - 1, -1, -1)
            if _sheet(begun[number].directive.words.cell) == sheet
            and (not end.names or set(end.names) == set(begun[number].names))
        ),
        None,
    )


def _block(begin: _Order, end: _Order | None, known: frozenset[str]) -> _Allowed:
    names = tuple(name for name in begin.names if name in known)
    words = begin.directive.words
    first, _ = begin.directive.record or (words.place(0).line, 0)
    last = (end.directive.record or (0, end.directive.words.place(0).line))[1] if end else None
    return _Allowed(begin, names, _sheet(words.cell), first, last)


def _utterances(script: Script) -> dict[str, list[tuple[int, int]]]:
    """By sheet, the first and last lines of what is said or set, one for each first line, in order."""
    last: dict[str, dict[int, int]] = {}
    for words in (*(line.words for line in script.lines), *(setting.value for setting in script.settings)):
        lines, first = last.setdefault(_sheet(words.cell), {}), words.place(0).line
        lines[first] = max(lines.get(first, first), _last_line_of(words))
    return {sheet: sorted(lines.items()) for sheet, lines in last.items()}


def _lines_of(
    directive: Directive, utterances: Mapping[str, Sequence[tuple[int, int]]], blocks: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    """The lines of which a directive speaks: its record's, its own, or when it stands alone those of the words that come next.

    Words that are wrapped, in Markdown or a YAML block, are allowed as a whole, be it from the line where the block begins.
    """
    if directive.record:
        return directive.record
    place = directive.words.place(0)
    if not directive.alone:
        first, last = place.line, directive.words.place(len(directive.words.text)).line
    else:
        spoken = utterances.get(_sheet(directive.words.cell), ())
        behind = bisect_right(spoken, place.line, key=lambda lines: lines[0])
        if behind == len(spoken):
            return place.line, place.line
        first, last = spoken[behind]
    found = bisect_right(blocks, first, key=lambda lines: lines[0]) - 1
    # A comment within a block speaks of what comes next in it.
    if found >= 0 and blocks[found][1] >= first and (place.line < blocks[found][0] or first == blocks[found][0]):
        last = max(last, blocks[found][1])
    return first, last


def _last_line_of(words: Passage) -> int:
    return max(mark.line for mark in words.marks if mark.offset < max(1, len(words.text)))


def _sheet(cell: str | None) -> str:
    """`Sheet` of `Sheet!B3`; nothing where there are no sheets."""
    return (cell or "").rpartition("!")[0]


def _by_line(allowed: Sequence[_Allowed]) -> dict[int | None, list[int]]:
    """The numbers of the regions of a few lines by each of these, and under None those of all others."""
    numbers: dict[int | None, list[int]] = {}
    for number, region in enumerate(allowed):
        is_short = region.last is not None and region.last - region.first < _SHORT
        for line in range(region.first, (region.last or 0) + 1) if is_short else (None,):
            numbers.setdefault(line, []).append(number)
    return numbers


def _mark(
    finding: LintFinding,
    allowed: Sequence[_Allowed],
    by_line: Mapping[int | None, Sequence[int]],
    used: set[tuple[int, str]],
) -> LintFinding:
    """The finding, suppressed by the narrowest of the directives that allow it; all of them are of use."""
    reasons: list[str] = []
    lines = range(finding.start.line, last_line(finding) + 1)
    for number in sorted({number for line in (*lines, None) for number in by_line.get(line, ())}):
        region = allowed[number]
        names = [name for name in region.names if covers(name, finding.rule)]
        if names and region.takes_in(finding):
            used.update((number, name) for name in names)
            reasons.append(region.order.reason)
    return replace(finding, suppressed=Suppressed("comment", reasons[0])) if reasons else finding


def _unused(
    allowed: Sequence[_Allowed], used: set[tuple[int, str]], active: Collection[str], path: str
) -> Iterator[LintFinding]:
    for number, region in enumerate(allowed):
        unused = [
            name for name in region.names if (number, name) not in used and any(covers(name, rule) for rule in active)
        ]
        if unused:
            yield _finding(UNUSED, region.order, path, names=", ".join(unused))


def _finding(rule_id: str, order: _Order, path: str, **facts: str) -> LintFinding:
    """A finding about a directive, at its words."""
    rule, words = OWN_RULES[rule_id], order.directive.words
    said = " ".join(words.text.split())
    return LintFinding(
        path=path,
        start=words.place(0),
        end=words.place(len(words.text)),
        label=LABEL,
        rule=rule_id,
        severity=rule.severity,
        quote=words.text,
        name=rule.name,
        message={lang: text.format(**facts) for lang, text in rule.message.items()},
        suggestion={lang: text.format(**facts) for lang, text in rule.suggestion.items()},
        clauses=(),
        fingerprint=hashlib.sha256(f"{rule_id}\0{said}".encode("utf-8", "surrogatepass")).hexdigest()[:16],
        cell=words.cell,
        sentence=words.text,
    )
