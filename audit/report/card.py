"""One finding as a page shows it: everything masked, in the language in force, ready to be laid out."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from audit.i18n import tr
from audit.model.call import Turn
from audit.model.finding import Citation, Finding, Severity
from audit.model.span import TimeSpan
from audit.report.labels import FACT_VALUES, FACTS, STATES, cue_name, name
from audit.report.redaction import Redactor, shortened

_ISO_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)")
_SEARCHED = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Window:
    """The turns that were searched in vain, with their time, and the turn in which the words were due."""

    first: int
    last: int
    time: TimeSpan | None
    due: int | None


@dataclass(frozen=True, slots=True)
class Duty:
    """What became of the duty that a signal opened: the turn of the answer, or those without one and the severity before."""

    answered_in: int | None
    ignored_in: tuple[int, ...]
    raised_from: Severity | None


@dataclass(frozen=True, slots=True)
class ClauseGroup:
    """Clauses of one document: what they all begin with, and of each the rest and the state where the rest does not name it."""

    document: str
    clauses: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One finding as shown: `mark` is its number in the dialogue, texts are masked."""

    mark: str
    finding: Finding
    title: str
    reason: str
    advice: str
    quote: str
    matched: tuple[str, ...]
    meant: tuple[str, ...]
    cues: tuple[tuple[str, bool], ...]
    absent: tuple[str, ...]
    window: Window | None
    duty: Duty | None
    facts: tuple[tuple[str, str], ...]
    clauses: tuple[ClauseGroup, ...]


def cards(findings: Sequence[Finding], turns: Sequence[Turn], redactor: Redactor) -> list[Card]:
    """The findings in the order of their gravity, numbered: breaches 1, 2 …, signals S1, S2 …"""
    by_index = {turn.index: turn for turn in turns}
    made = sorted((_card(finding, by_index, redactor) for finding in findings), key=gravity)
    breaches = sum(not finding.is_signal for finding in findings)
    marks = [str(i + 1) if i < breaches else f"S{i - breaches + 1}" for i in range(len(made))]
    return [replace(card, mark=mark) for mark, card in zip(marks, made, strict=True)]


def gravity(card: Card) -> tuple[bool, bool, int, int, int]:
    """For sorting: standing breaches, then those that wait, then signals; the gravest first, then the earliest."""
    finding = card.finding
    turn = -1 if finding.turn is None else finding.turn
    place = finding.span.start if finding.span else 0
    return finding.is_signal, bool(finding.why.review), -finding.severity.rank, turn, place


def _card(finding: Finding, turns: Mapping[int, Turn], redactor: Redactor) -> Card:
    why = finding.why
    window, duty = _window(why.facts, turns), _duty(finding, turns)
    told = {"missing", "searched", "said_in_turn"} if window else set()
    told |= {"duty", "answered_in_turn", "replies", "raised_from"} if duty else set()
    return Card(
        mark="",
        finding=finding,
        title=tr(why.name["zh"], why.name["en"]),
        reason=redactor.text(tr(why.reason["zh"], why.reason["en"])),
        advice=redactor.text(tr(why.advice.get("zh", ""), why.advice.get("en", ""))),
        quote=shortened(redactor.quote(finding)),
        matched=tuple(shortened(redactor.fragment(finding, words)) for words in why.matched),
        meant=tuple(redactor.text(words) for words in why.meant),
        cues=(
            *((cue_name(cue), True) for cue in why.raised),
            *((cue_name(cue), False) for cue in why.lowered),
        ),
        absent=tuple(redactor.text(tr(words.get("zh", ""), words.get("en", "")).rstrip("。.")) for words in why.absent),
        window=window,
        duty=duty,
        facts=tuple(
            (name(FACTS, key), redactor.text(_fact(value))) for key, value in why.facts.items() if key not in told
        ),
        clauses=clause_groups(finding.clauses),
    )


def _fact(value: str) -> str:
    """A fact's value in words; moments are readable without the T of ISO 8601."""
    return _ISO_MOMENT.sub(r"\1 \2", name(FACT_VALUES, value))


def _window(facts: Mapping[str, str], turns: Mapping[int, Turn]) -> Window | None:
    found = _SEARCHED.fullmatch(facts.get("searched", ""))
    first, last = (int(found[1]), int(found[2])) if found else (0, -1)
    if first not in turns or last not in turns:
        return None
    begins, ends = turns[first].time, turns[last].time
    whole = begins and ends and begins.start_s <= ends.end_s
    time = TimeSpan(begins.start_s, ends.end_s) if begins and ends and whole else None
    return Window(first, last, time, next(iter(_turns(facts.get("said_in_turn", ""), turns)), None))


def _duty(finding: Finding, turns: Mapping[int, Turn]) -> Duty | None:
    facts = finding.why.facts
    answered = _turns(facts.get("answered_in_turn", ""), turns)
    if facts.get("duty") == "answered" and answered:
        return Duty(answered[0], (), None)
    if facts.get("duty") != "ignored":
        return None
    before = facts.get("raised_from")
    known = Severity(before) if before in list(Severity) else None
    return Duty(
        None,
        _turns(facts.get("replies", ""), turns),
        known
        if known and known.rank < finding.severity.rank
        else None,  # a policy may have the last word on severities
    )


def _turns(value: str, turns: Mapping[int, Turn]) -> tuple[int, ...]:
    """The turns that a fact names (`3, 5`), without any that the call does not have."""
    numbers = [int(part) for part in value.split(", ") if _NUMBER.fullmatch(part)]
    return tuple(number for number in numbers if number in turns)


def clause_groups(clauses: Sequence[Citation]) -> tuple[ClauseGroup, ...]:
    """The clauses by document, each text once, in the order in which their documents come up."""
    texts = {tr(clause.zh, clause.en): clause for clause in clauses}
    order = {key: i for i, key in reversed([*enumerate(map(_document, texts.values()))])}
    ordered = sorted(texts.items(), key=lambda entry: order[_document(entry[1])])
    return tuple(_group(list(group)) for _, group in groupby(ordered, key=lambda entry: _document(entry[1])))


def _document(clause: Citation) -> str:
    return clause.key.partition(".")[0]


def _group(clauses: Sequence[tuple[str, Citation]]) -> ClauseGroup:
    """Titles of documents end with 》; one that several clauses begin with is said once."""
    first = clauses[0][0]
    title = first[: first.find("》") + 1]
    shared = title if len(clauses) > 1 and all(text.startswith(title) for text, _ in clauses) else ""
    return ClauseGroup(
        shared, tuple((text[len(shared) :].lstrip(" ：:"), _state(text, clause)) for text, clause in clauses)
    )


def _state(text: str, clause: Citation) -> str | None:
    return None if name(STATES, clause.state) in text else clause.state
