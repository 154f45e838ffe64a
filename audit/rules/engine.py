"""Matches become findings: weighed, cited, merged, and explained."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from audit.model.call import Call, CallMetadata, Role, Turn
from audit.model.finding import Citation, Explanation, Finding, Severity
from audit.model.report import DialogueState
from audit.model.span import CharSpan, TimeSpan
from audit.rules.analysed import AnalysedCall
from audit.rules.kinds import KINDS, Finder, load_kind
from audit.rules.localtime import debtor_zone
from audit.rules.match import Match
from audit.rules.opinion import models, rightly_named, weighed
from audit.rules.pack import Rule, RulePack
from audit.rules.policy import Policy
from audit.rules.states import dialogue_states
from audit.text.normalise import normalise
from audit.text.segment import Tokens, tokens

# A finding on words that may never have been spoken (phantom phrase, loop, silence) must never accuse by itself.
_DOUBTFUL = 0.4
_RECOGNISER_FLOOR = 0.7
# Findings of one label with no more than a comma and a particle between them are one.
_NEXT = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules say of a call: findings in order, notes on rules that could not be judged, and who heard the agent.

    `states` is empty for a call without findings.
    """

    findings: tuple[Finding, ...]
    skipped: tuple[str, ...]
    states: tuple[DialogueState, ...]


class Engine:
    """A rule pack under a policy. The same call gives the same findings, always."""

    def __init__(
        self,
        pack: RulePack,
        policy: Policy,
        tokens: Callable[[str], Tokens] = tokens,
        kinds: Collection[str] = tuple(KINDS),
    ) -> None:
        """`tokens` cuts a text into tokens; a spaCy Doc's are those of `audit.text.segment.tokens`. Of rules of other `kinds` nothing is
        found."""
        self.pack = pack
        self.policy = policy
        self._tokens = tokens
        self.models = models(policy)
        self._finders: list[Finder] = []
        self.active = [rule for rule in pack.rules if not policy.is_disabled(rule.id) and rule.status != "deprecated"]
        for kind in (kind for kind in KINDS if kind in kinds):
            rules = [rule for rule in self.active if rule.kind == kind]
            if rules:
                self._finders.append(load_kind(kind)(rules, pack, policy))

    def findings(self, call: Call) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
        """The findings of one call in order (whole call first, then by turn and place), and the rules that could not be judged."""
        judged = self.judge(call)
        return judged.findings, judged.skipped

    def judge(self, call: Call) -> Judged:
        """What the rules say of one call, and what they could say."""
        analysed = self._analysed(call)
        matches = rightly_named(list(self._weighed(analysed)), analysed.opinions)
        found = [self.finding(call, analysed.speech.placed(match)) for match in matches]
        skipped = sorted({note for finder in self._finders for note in finder.skipped(analysed)})
        return Judged(
            findings=tuple(sorted(fuse(found, call), key=place)),
            skipped=tuple(skipped),
            # Who listened is told where something was found: asking costs as much as all words of the call.
            states=_states(analysed) if found else (),
        )

    def matches(self, call: Call) -> list[Match]:
        """Where the rules match, before anything is weighed or merged."""
        analysed = self._analysed(call)
        return [analysed.speech.placed(match) for match in self._matches(analysed)]

    def matching_rules(self, call: Call) -> tuple[str, ...]:
        """The ids of all rules that match somewhere, also where their finding becomes part of another."""
        return tuple(dict.fromkeys(match.rule.id for match in self.matches(call)))

    def _analysed(self, call: Call) -> AnalysedCall:
        return AnalysedCall(call, self.pack.lexicon, self.pack.cues, self.models, self._tokens)

    def _matches(self, analysed: AnalysedCall) -> Iterator[Match]:
        return (match for finder in self._finders for match in finder.find(analysed))

    def _weighed(self, analysed: AnalysedCall) -> Iterator[Match]:
        for match in self._matches(analysed):
            for kept in weighed(match, analysed.opinions):
                if kept.turn is not None:
                    analysed.told.add(kept.turn)
                yield kept

    def finding(self, call: Call, match: Match) -> Finding:
        """A match as a finding: severity by policy, confidence by recogniser and role, clauses by day and lender."""
        rule = match.rule
        turn = call.turns[match.turn] if match.turn is not None else None
        span = match.span
        quote = span.of(turn.text) if turn and span else ""
        # A preview rule shows what it would find and accuses nobody.
        quiet = match.info_only or rule.status == "preview"
        severity = self.policy.severity(rule.id, Severity.INFO if quiet else match.raised_to or rule.severity)
        confidence, lowered = _weigh(match, turn, span)
        review = tuple(dict.fromkeys((*match.review, *self._review(turn, confidence))))
        if "needs_role_check" in review and severity is Severity.CRITICAL:
            severity = Severity.MAJOR  # RULES.md section 4, rule 1: never critical by itself
        return Finding(
            call_id=call.call_id,
            turn=match.turn,
            label=rule.label,
            rule=rule.id,
            severity=severity,
            confidence=round(confidence, 3),
            role=turn.role if turn else None,
            quote=quote,
            span=span,
            time=time_of(turn, span) if turn and span else None,
            clauses=citations(rule, call.metadata, local_day(call, self.policy), self.pack, self.policy),
            why=Explanation(
                name=rule.name,
                reason=rule.reason,
                matched=match.matched,
                variant=match.variant,
                meant=match.meant,
                raised=match.raised,
                lowered=(*match.lowered, *lowered),
                review=review,
                facts=match.facts,
                advice=rule.advice,
                absent=tuple(self.pack.cues[cue].about for cue in match.absent),
            ),
            fingerprint="",  # made for what remains: see `fuse`
        )

    def _review(self, turn: Turn | None, confidence: float) -> tuple[str, ...]:
        review = []
        if turn and (turn.role is Role.UNKNOWN or turn.role_confidence < self.policy.role_check_below):
            review.append("needs_role_check")
        if confidence < self.policy.listen_below or (turn and turn.doubts):
            review.append("needs_listener")
        return tuple(review)


def _states(analysed: AnalysedCall) -> tuple[DialogueState, ...]:
    first = analysed.speech.first
    return tuple(replace(state, turn=first(state.turn)) for state in dialogue_states(analysed.dialogue))


def citations(
    rule: Rule, metadata: CallMetadata, day: date | None, pack: RulePack, policy: Policy
) -> tuple[Citation, ...]:
    """The clauses a finding of the rule rests on, for a call of that day: the rule's own and those the policy adds."""
    keys = dict.fromkeys((*rule.clauses, *policy.clauses_for(rule.id)))
    return pack.clauses.cite(tuple(keys), day, policy.binds(metadata.lender), policy.jurisdiction)


def local_day(call: Call, policy: Policy) -> date | None:
    """The calendar day at the debtor's place on which the call began."""
    started = call.metadata.started_at
    return started.astimezone(ZoneInfo(debtor_zone(call.metadata, policy))).date() if started else None


def place(finding: Finding) -> tuple[int, int, str]:
    """Findings about the whole call come first, the others in the order of their words."""
    turn = -1 if finding.turn is None else finding.turn
    return turn, finding.span.start if finding.span else 0, finding.rule


def fingerprint(rule_id: str, role: Role | None, matched: Sequence[str]) -> str:
    """Identifies a finding across runs without positions: rule + role + normalised words."""
    words = "\0".join(normalise(word).text for word in matched)
    return hashlib.sha256(f"{rule_id}\0{role or ''}\0{words}".encode()).hexdigest()[:16]


def _weigh(match: Match, turn: Turn | None, span: CharSpan | None) -> tuple[float, tuple[str, ...]]:
    """The match's confidence, lowered by what the recogniser thought of the words."""
    confidence = match.confidence
    lowered: list[str] = []
    if turn and turn.doubts:
        confidence *= _DOUBTFUL
        lowered.extend(turn.doubts)
    heard = _heard(turn, span) if turn and span else None
    if heard is not None:
        confidence *= _RECOGNISER_FLOOR + (1 - _RECOGNISER_FLOOR) * heard
        lowered.append(f"recogniser {heard:.2f}")
    return confidence, tuple(lowered)


def _words_in(turn: Turn, span: CharSpan) -> Iterator[tuple[TimeSpan, float | None]]:
    """The recognised words that the span covers, with their times."""
    at = 0
    for word in turn.words:
        text = word.text.strip()
        start = turn.text.find(text, at) if text else -1
        if start < 0:
            continue
        at = start + len(text)
        if CharSpan(start, at).overlaps(span):
            yield word.time, word.confidence


def _heard(turn: Turn, span: CharSpan) -> float | None:
    scores = [confidence for _, confidence in _words_in(turn, span) if confidence is not None]
    if scores:
        return sum(scores) / len(scores)
    return turn.confidence


def time_of(turn: Turn, span: CharSpan) -> TimeSpan | None:
    """When the characters of a turn are said: by the times of its words, else all of the turn; None where it has no times."""
    times = [time for time, _ in _words_in(turn, span)]
    if times:
        return TimeSpan(times[0].start_s, max(time.end_s for time in times))
    return turn.time


def fuse(findings: Iterable[Finding], call: Call) -> list[Finding]:
    """One finding where several of the same label overlap or follow at once: the gravest, then surest, stays.

    It quotes all of the words, cites all clauses, and has a fingerprint.
    """
    groups: list[list[Finding]] = []
    ordered = sorted(findings, key=lambda f: (f.label, *place(f)))
    for finding in ordered:
        last = groups[-1][-1] if groups else None
        if last and last.label == finding.label and last.turn == finding.turn and _touches(groups[-1], finding):
            groups[-1].append(finding)
        else:
            groups.append([finding])
    return [_merged(group, call) for group in groups]


def _touches(group: Sequence[Finding], finding: Finding) -> bool:
    if finding.turn is None:
        return any(other.rule == finding.rule for other in group)
    return any(other.span and finding.span and finding.span.start <= other.span.end + _NEXT for other in group)


def _standing(finding: Finding) -> tuple[bool, int, float, int]:
    """What decides which of several findings stays: accusing before asking, then gravity, confidence, length."""
    length = finding.span.end - finding.span.start if finding.span else 0
    return not finding.why.review, finding.severity.rank, finding.confidence, length


def _merged(group: Sequence[Finding], call: Call) -> Finding:
    ordered = sorted(group, key=lambda f: (place(f), f.why.matched))
    best = max(ordered, key=_standing)
    clauses = {clause.key: clause for finding in (best, *ordered) for clause in finding.clauses}
    matched = tuple(dict.fromkeys(word for finding in ordered for word in finding.why.matched))
    spans = [finding.span for finding in ordered if finding.span]
    span, quote, time = best.span, best.quote, best.time
    if best.turn is not None and spans:
        turn, span = call.turns[best.turn], CharSpan(spans[0].start, max(span.end for span in spans))
        quote, time = span.of(turn.text), time_of(turn, span)
    return replace(
        best,
        span=span,
        quote=quote,
        time=time,
        clauses=tuple(clauses.values()),
        why=replace(best.why, matched=matched),
        fingerprint=fingerprint(best.rule, best.role, best.why.matched),
    )
