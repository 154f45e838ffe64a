"""What the rules say of a script.

A script is no call: nobody has answered yet. Each exchange (what the other side may say, and the agent's answer) is judged as a call with
a listener who has been identified, so that words are judged as words. Where a conversation begins, it is judged once more from there
on, for what has to come before the debt is spoken of: who calls, who answers, that it is recorded.
"""

import re
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from audit.ingest.scripts.assembly import IDENTIFIED, INTRODUCED, NOTIFIED, UNIDENTIFIED
from audit.ingest.scripts.words import Words
from audit.lint.finding import LintFinding
from audit.lint.placeholders import Placeholder, Spoken, spoken
from audit.lint.settings import Excess, excesses
from audit.model.call import Call, CallMetadata, Direction, Role, Source, Turn
from audit.model.finding import Finding, Severity
from audit.model.labels import LABELS
from audit.model.script import Audience, Line, Passage, Script, Voice
from audit.model.span import CharSpan
from audit.rules.engine import Engine, citations, fingerprint
from audit.rules.kinds.identifiers import OWN, OWN_REACH
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy
from audit.text.normalise import normalise

# What is judged from the opening on; of an exchange in the middle of a call nobody can know it.
_OPENING = frozenset(
    {
        "process.no_self_identification",
        "process.no_identity_check",
        "process.no_recording_notice",
        "privacy.unverified_disclosure",
    }
)
# A false identity is none.
_VOIDING = frozenset({"identity.impersonation"})
_SETTLED = {
    INTRODUCED: "process.no_self_identification",
    NOTIFIED: "process.no_recording_notice",
    IDENTIFIED: "process.no_identity_check",
}
_DISCLOSURE, _OWED = "privacy.third_party_disclosure/debt-told", frozenset({"amount", "days"})
_READ_OUT, _WHOLE = "privacy.pii_readout/full-identifiers", frozenset({"id_number", "phone", "card", "address"})
_BLIND, _ASKS = "privacy.unverified_disclosure/before-verify", ("asks_identity", "opens_by_name")
_IMPERSONATION, _LAWYER = "identity.impersonation/authority", "identity.impersonation/lawyer"
_LAWYERS = ("律师", "律所")
_SIGNATURE = re.compile(r"\s*【(?P<signed>[^】]{2,40})】")
# Whoever is told to call a number is told the institution's.
_TO_CALL = re.compile(r"(?:致电|拨打|请拨|拨|打|联系|咨询|电询)\s*$")
# Somebody is asked to pass a word on to the debtor, or to make them call back.
_RELAYS = re.compile(
    r"(?:请|麻烦|烦请|帮|劳|托)[^，。；！？?]{0,8}(?:转告|转达|告诉|告知|通知|提醒|带个?[话口信]|捎个?[话口信])[^，。；！？?]{0,4}[他她]"
    r"|(?:请|麻烦|烦请|劳驾|帮忙)[您你]?(?:帮忙|帮)?(?:转告|转达|带个?话|捎个?[话口信])(?:一下|一声|下)?(?:[，。；！？?]|$)"
    r"|(?:请|麻烦|帮)[^，。；！？?]{0,4}(?:给|跟|向)[他她][^，。；！？?]{0,6}(?:带|捎)|(?:让|叫|请|喊|催)[他她](?:本人)?[^，。；！？?]{0,8}(?:回个?|打|联系|来电|接|致电)"
)
# Said by the other side where a script leaves it open; says nothing of who they are.
_NODS, _CONFIRMS, _EVADES, _AGREES = "嗯", "我是本人", "你是谁啊", "好的"
_SHORTEST = 4
# Of a call somebody listens again; a script is read again.
_RESEMBLES = {
    "zh": "没有规则直接命中，但说法与标注为“{}”的样例相似；请再读一遍，判断能不能对客户这样说。",
    "en": "No rule matched, but it resembles labelled examples of “{}”; read it again and decide whether it may be said.",
}
# In scripts that nobody had seen not even half of the suspicions below this were right, above it nine in ten (benchmarks/scripts).
_SUSPECT = 0.75
# So many lines are looked at for what belongs into an opening, and so many of one exchange are judged together.
_BEGINNING, _TOGETHER = 200, 40
_HALLO = "喂"
_ASKED, _INTRODUCES, _COME_SO_FAR = "请问", ("institution", "staff"), ("asks_identity", "opens_by_name", "debt_told")
_OPENERS = ("asks_identity", "opens_by_name", "institution", "recording_notice")
_SENTENCE, _CLAUSE = re.compile(r"[。！？!?；;\n]"), re.compile(r"[。！？!?；;\n，,]")


@dataclass(frozen=True, slots=True)
class _Said:
    """A turn of a call made from a script: the line it comes from (None: what the other side is supposed to say) and its text."""

    role: Role
    line: Line | None
    spoken: Spoken | None
    text: str


class Checker:
    """Judges scripts, one after another, under one pack and policy."""

    def __init__(self, pack: RulePack, policy: Policy, words: Words) -> None:
        self._pack = pack
        self._policy = policy
        self._words = words
        self._words_engine = _engine(
            pack, policy, lambda label: label not in _OPENING, ("say", "identifiers", "learned")
        )
        begins = replace(policy, learned="off")
        self._opening_engine = _engine(pack, begins, lambda label: label in _OPENING | _VOIDING, ("say", "omission"))

    @property
    def known(self) -> frozenset[str]:
        """The ids of all rules."""
        return frozenset(rule.id for rule in self._pack.rules)

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that are looked for."""
        return tuple(
            rule.id
            for rule in self._pack.rules
            if not self._policy.is_disabled(rule.id) and rule.status != "deprecated"
        )

    def check(self, script: Script, opening: bool | None = None) -> tuple[LintFinding, ...]:
        """The findings of a script in the order of their places. `opening`: the configuration says that it is one, or that it is none."""
        found = [*self._exchanges(script), *self._settings(script)]
        for lines in self._conversations(script, opening):
            found.extend(self._opening(script, lines))
        return tuple(sorted(_once(found), key=lambda finding: (finding.start, finding.end, finding.rule)))

    def _exchanges(self, script: Script) -> Iterator[LintFinding]:
        for lines in _by_exchange(script.lines, self._listens):
            audience = next((found for line in lines if (found := self._listens(line))), None)
            said = list(self._said(lines, audience))
            # What placeholders say is told of each by itself; a finding on the words around them is no other.
            for one in said:
                if one.line and one.spoken and one.line.voice is Voice.AGENT:
                    yield from self._by_placeholders(script, one.line, one.spoken, audience)
            for turn, finding in self._judged(self._words_engine, script, said, audience):
                if not turn or not turn.line or not turn.spoken or finding.label in _OPENING:
                    continue
                if finding.rule != _LAWYER or not any(owner in turn.line.words.text for owner in script.owners):
                    yield self._placed(script.path, turn.line, turn.spoken, finding)

    def _said(self, lines: Iterable[Line], audience: Audience | None) -> Iterator[_Said]:
        """The turns of an exchange. The agent's lines are kept apart: they may be alternatives."""
        other = Role.THIRD_PARTY if audience is Audience.THIRD_PARTY else Role.DEBTOR
        after = False
        for line in lines:
            text = spoken(line.words, self._words)
            agent = line.voice is Voice.AGENT
            if agent and after:
                yield _Said(other, None, None, _NODS)
            yield _Said(Role.AGENT if agent else other, line, text, text.text)
            after = agent
        yield _Said(other, None, None, _NODS)

    def _judged(
        self, engine: Engine, script: Script, said: Sequence[_Said], audience: Audience | None
    ) -> Iterator[tuple[_Said | None, Finding]]:
        """The findings (signals are none: nobody has spoken), each with its turn (None: of the whole call)."""
        role = Role.THIRD_PARTY if audience is Audience.THIRD_PARTY else None
        call = Call(
            call_id=script.path,
            metadata=CallMetadata(direction=Direction.OUTBOUND, callee_role=role),
            turns=tuple(Turn(index, one.role, one.text) for index, one in enumerate(said)),
            source=Source(script.path, "", script.format),
        )
        for finding in engine.judge(call).findings:
            if finding.is_signal:
                continue
            yield said[finding.turn] if finding.turn is not None else None, finding

    def _listens(self, line: Line) -> Audience | None:
        """Who listens; where nobody says so, somebody who is asked to pass on a word to the debtor is another."""
        if line.audience is None and line.voice is Voice.AGENT:
            text = spoken(line.words, self._words).text.replace(self._words.specimens["name"], "他")
            return Audience.THIRD_PARTY if _RELAYS.search(text) else None
        return line.audience

    def _by_placeholders(
        self, script: Script, line: Line, text: Spoken, audience: Audience | None
    ) -> Iterator[LintFinding]:
        """What placeholders and signatures say by themselves, whatever the words around them."""
        words = line.words
        for placeholder in text.placeholders:
            rule_id, ends = None, _SENTENCE
            if audience is Audience.THIRD_PARTY and placeholder.meaning in _OWED:
                rule_id = _DISCLOSURE
            elif placeholder.meaning in _WHOLE and not self._is_own(words.text, placeholder):
                rule_id, ends = _READ_OUT, _CLAUSE
            if rule_id:
                span = _around(words.text, placeholder.start, placeholder.end, ends)
                yield self._finding(script.path, self._pack.rule(rule_id), words, span, (placeholder.meaning,))
        signed = _SIGNATURE.match(text.text)
        if signed and any(word in signed["signed"] for word in self._words.authorities):
            lawyers = any(word in signed["signed"] for word in _LAWYERS)
            if not any(owner in signed["signed"] for owner in script.owners):
                rule = self._pack.rule(_LAWYER if lawyers else _IMPERSONATION)
                yield self._finding(script.path, rule, words, text.written(*signed.span()), (signed["signed"],))

    def _is_own(self, text: str, placeholder: Placeholder) -> bool:
        """Whether it is the institution's own number, account or office."""
        before = text[max(0, placeholder.start - OWN_REACH) : placeholder.start]
        return bool(OWN.search(before + text[placeholder.start : placeholder.end]) or _TO_CALL.search(before))

    def _conversations(self, script: Script, opening: bool | None) -> Iterator[list[Line]]:
        """The conversations that a script begins, each up to the next."""
        lines = [line for line in script.lines if line.voice in (Voice.AGENT, Voice.OTHER)]
        begins = [] if opening is False else list(self._beginnings(lines, declared=bool(opening)))
        for first, behind in pairwise([*begins, len(lines)]):
            yield lines[first : min(behind, first + _BEGINNING)]

    def _beginnings(self, lines: Sequence[Line], *, declared: bool) -> Iterator[int]:
        """Where conversations begin: where a title or the configuration says so, and where an exchange begins with a greeting, and
        with who calls or who is asked for."""
        awaited = True
        exchange, begun = None, len(lines)
        for number, line in enumerate(lines):
            first, exchange = line.exchange != exchange, line.exchange
            if line.voice is not Voice.AGENT:
                continue
            if awaited and (declared or line.opening):
                awaited, begun = False, number
                yield number
            elif first and self._greets(line) and not self._goes_on(lines[begun:number], line):
                begun = number
                yield number

    def _goes_on(self, since: Sequence[Line], line: Line) -> bool:
        """Whether whoever was asked for is so in a conversation that has only been introduced: the steps of a flow stand apart."""
        if not normalise(line.words.text).text.startswith(_ASKED):
            return False
        said = [normalise(spoken(one.words, self._words).text).text for one in since[-_BEGINNING:]]
        cues = self._pack.cues
        introduced = any(cues[name].find(text) for text in said for name in _INTRODUCES)
        return introduced and not any(cues[name].find(text) for text in said for name in _COME_SO_FAR)

    def _greets(self, line: Line) -> bool:
        text = normalise(spoken(line.words, self._words).text).text
        if not text.startswith(self._words.greetings):
            return False
        cues = self._pack.cues
        # A text message does not begin with 喂: whoever says it and comes to the debt calls.
        openers = (*_OPENERS, *_COME_SO_FAR) if text.startswith(_HALLO) else _OPENERS
        return line.opening or any(cues[name].find(text) for name in openers)

    def _opening(self, script: Script, lines: Sequence[Line]) -> Iterator[LintFinding]:
        """What should have come before the debt was spoken of, and did not."""
        audience = self._listens(lines[0])
        said: list[_Said] = []
        confirmed, evaded = False, 0
        for line in lines:
            if IDENTIFIED in line.known and not confirmed:
                said.append(_Said(Role.DEBTOR, None, None, _CONFIRMS))
                confirmed = True
            if UNIDENTIFIED in line.known:
                evaded = len(said)
            said.extend(self._said([line], audience) if line.voice is Voice.AGENT else [self._heard(line, audience)])
        if len(said) < _SHORTEST:  # a call has more turns than one line and a nod
            said += [_Said(Role.AGENT, None, None, _AGREES), _Said(said[-1].role, None, None, _NODS)]
        said[:evaded] = [one if one.line else replace(one, text=_EVADES) for one in said[:evaded]]
        if audience is not Audience.THIRD_PARTY:
            yield from self._told_blind(script, lines)
        known = lines[0].known
        # Who has been identified was told who calls: the script begins in the middle of a call.
        settled = (
            set(_SETTLED.values()) if IDENTIFIED in known else {_SETTLED[state] for state in known & _SETTLED.keys()}
        )
        told: set[str] = set()
        for turn, finding in self._judged(self._opening_engine, script, said, audience):
            # Once told blind, a debt is: the same breach in each line that follows would be noise.
            if finding.label in settled or finding.label not in _OPENING or finding.rule in told:
                continue
            told.add(finding.rule)
            if turn and turn.line and turn.spoken:
                yield self._placed(script.path, turn.line, turn.spoken, finding)
            elif turn is None:
                yield self._omitted(script.path, said, finding, lines[0])

    def _told_blind(self, script: Script, lines: Sequence[Line]) -> Iterator[LintFinding]:
        """What is owed, by a placeholder, before anybody was asked who they are."""
        rule, cues = self._pack.rule(_BLIND), self._pack.cues
        for line in lines:
            if line.voice is not Voice.AGENT or IDENTIFIED in line.known:
                continue
            text = spoken(line.words, self._words)
            owed = next((one for one in text.placeholders if one.meaning in _OWED), None)
            if owed:
                span = _around(line.words.text, owed.start, owed.end, _SENTENCE)
                yield self._finding(script.path, rule, line.words, span, (owed.meaning,))
                return
            if any(cues[name].find(normalise(text.text).text) for name in _ASKS):
                return

    def _heard(self, line: Line, audience: Audience | None) -> _Said:
        text = spoken(line.words, self._words)
        return _Said(Role.THIRD_PARTY if audience is Audience.THIRD_PARTY else Role.DEBTOR, line, text, text.text)

    def _omitted(self, path: str, said: Sequence[_Said], finding: Finding, first: Line) -> LintFinding:
        """Something that should have come before the debt: told where the debt is spoken of."""
        index = int(finding.why.facts.get("said_in_turn", "0"))
        line = said[index].line or first
        return self._shown(path, finding, line.words, self._where(finding.rule, line))

    def _where(self, rule_id: str, line: Line) -> tuple[int, int]:
        """The clause with the words that an omission is told at; the whole line where there are none."""
        text = spoken(line.words, self._words)
        normalised = normalise(text.text)
        cues = self._pack.rule(rule_id).parameters.get("where", [])
        for name in cues if isinstance(cues, list) else [str(cues)]:
            if found := self._pack.cues[name].find(normalised.text):
                span = normalised.to_original(CharSpan(found.start(), found.end()))
                return _around(line.words.text, *text.written(span.start, span.end), _SENTENCE)
        return 0, len(line.words.text.rstrip())

    def _placed(self, path: str, line: Line, words: Spoken, finding: Finding) -> LintFinding:
        found = finding.span or CharSpan(0, len(words.text))
        return self._shown(path, finding, line.words, words.written(found.start, found.end))

    def _shown(self, path: str, finding: Finding, words: Passage, span: tuple[int, int]) -> LintFinding:
        return LintFinding(
            path=path,
            start=words.place(span[0]),
            end=words.place(span[1]),
            label=finding.label,
            rule=finding.rule,
            severity=self._severity(finding),
            quote=words.text[span[0] : span[1]],
            name=dict(finding.why.name),
            message=self._reason(finding),
            suggestion=dict(finding.why.advice),
            clauses=finding.clauses,
            fingerprint=finding.fingerprint,
            confidence=finding.confidence,
            cell=words.cell,
            sentence=words.text,
        )

    def _reason(self, finding: Finding) -> dict[str, str]:
        if self._pack.rule(finding.rule).kind != "learned":
            return dict(finding.why.reason)
        return {lang: text.format(LABELS[finding.label][lang == "en"]) for lang, text in _RESEMBLES.items()}

    def _severity(self, finding: Finding) -> Severity:
        """A script is read, not heard, and nobody listens to it again: what a call would send to a listener counts, though less;
        what even there would hardly be heard is information."""
        if not finding.why.review:
            return finding.severity
        policy = self._policy
        if finding.confidence < max(policy.listen_below, _SUSPECT):
            return Severity.INFO
        sure = finding.confidence >= policy.learned_accuse_at
        return min(finding.severity, Severity.MAJOR if sure else Severity.MINOR, key=lambda severity: severity.rank)

    def _finding(
        self,
        path: str,
        rule: Rule,
        words: Passage,
        span: tuple[int, int],
        matched: Sequence[str],
        more: Mapping[str, str] | None = None,
    ) -> LintFinding:
        """A finding of a rule that was judged here, not by the engine."""
        return LintFinding(
            path=path,
            start=words.place(span[0]),
            end=words.place(span[1]),
            label=rule.label,
            rule=rule.id,
            severity=self._policy.severity(rule.id, rule.severity),
            quote=words.text[span[0] : span[1]],
            name=dict(rule.name),
            message={lang: text + (more or {}).get(lang, "") for lang, text in rule.reason.items()},
            suggestion=dict(rule.advice),
            clauses=citations(rule, CallMetadata(), None, self._pack, self._policy),
            fingerprint=fingerprint(rule.id, Role.AGENT, matched),
            cell=words.cell,
            sentence=words.text,
        )

    def _settings(self, script: Script) -> Iterator[LintFinding]:
        for setting in script.settings:
            for excess in excesses(setting, self._policy, self._words):
                yield self._exceeded(script.path, excess)

    def _exceeded(self, path: str, excess: Excess) -> LintFinding:
        rule, words = self._pack.rule(excess.rule), excess.words
        written, allowed = excess.written, excess.allowed
        compared = {"zh": f"模板写 {written}，策略允许 {allowed}。", "en": f" Written: {written}; allowed: {allowed}."}
        return self._finding(path, rule, words, (0, len(words.text)), (written, allowed), compared)


def _engine(pack: RulePack, policy: Policy, wanted: Callable[[str], bool], kinds: Collection[str]) -> Engine:
    """An engine for the rules of some labels; kinds that ask the call record have nothing to ask in a script."""
    return Engine(replace(pack, rules=tuple(rule for rule in pack.rules if wanted(rule.label))), policy, kinds=kinds)


def _by_exchange(lines: Iterable[Line], listens: Callable[[Line], Audience | None]) -> Iterator[list[Line]]:
    """The lines that are judged together: an exchange, or as much of it as one listener hears."""
    exchange: list[Line] = []
    for line in lines:
        if line.voice not in (Voice.AGENT, Voice.OTHER):
            continue
        before = exchange[-1] if exchange else None
        answers = before and before.voice is Voice.OTHER
        if before and (
            before.exchange != line.exchange
            or len(exchange) == _TOGETHER
            or (not answers and listens(before) is not listens(line))
        ):
            yield exchange
            exchange = []
        exchange.append(line)
    if exchange:
        yield exchange


def _around(text: str, start: int, end: int, bounds: re.Pattern[str]) -> tuple[int, int]:
    """The sentence or clause around a span."""
    begins = max((found.end() for found in bounds.finditer(text, 0, start)), default=0)
    ends = bounds.search(text, end)
    last = ends.start() if ends else len(text)
    return begins + len(text[begins:last]) - len(text[begins:last].lstrip()), last


def _once(findings: Iterable[LintFinding]) -> list[LintFinding]:
    """Of findings of one rule that touch each other the first; the opening is read twice."""
    kept: list[LintFinding] = []
    by_line: dict[tuple[str, str | None, int], list[LintFinding]] = {}
    for finding in findings:
        places = [(finding.rule, finding.cell, line) for line in range(finding.start.line, finding.end.line + 1)]
        if not any(_touches(finding, by_line.get(place, [])) for place in places):
            kept.append(finding)
            for place in places:
                insort(by_line.setdefault(place, []), finding, key=lambda one: one.start)
    return kept


def _touches(finding: LintFinding, others: Sequence[LintFinding]) -> bool:
    """Whether it touches one of the others, which do not touch each other and stand in order: only its neighbours can."""
    behind = bisect_left(others, finding.start, key=lambda one: one.start)
    return any(_touch(one, finding) for one in others[max(0, behind - 1) : behind + 1])


def _touch(one: LintFinding, other: LintFinding) -> bool:
    return one.start < other.end and other.start < one.end
