"""Per call: `calls/<name>.html`, one self-contained page an officer can hand on. Identifiers are masked."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from audit.i18n import tr
from audit.ingest.items import RECORDING
from audit.model.call import CallMetadata, Role, Source, Turn
from audit.model.finding import Citation, Finding, Severity
from audit.model.report import CallReport
from audit.report.labels import (
    ACCOUNT_STATUSES,
    DIAL_RESULTS,
    DIRECTIONS,
    FACT_VALUES,
    FACTS,
    RELATIONS,
    ROLES,
    cue_name,
    name,
)
from audit.report.page import write_page
from audit.report.record import canonical
from audit.report.redaction import Redactor, masked_name, masked_number, shortened
from audit.report.summary import local_start

EXTENSION = ".html"
SELF_HARM = "signal.self_harm"
_DOUBTFUL_ROLE = 0.75
_ISO_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Card:
    """One finding as shown: `mark` is its number in the dialogue, texts are masked."""

    mark: str
    finding: Finding
    title: str
    reason: str
    quote: str
    matched: tuple[str, ...]
    meant: tuple[str, ...]
    cues: tuple[tuple[str, bool], ...]
    facts: tuple[tuple[str, str], ...]
    clauses: tuple[tuple[str, Citation], ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a turn under the same findings, those that start and end with it, and all."""

    text: str
    cards: tuple[Card, ...]
    starting: tuple[Card, ...]
    ending: tuple[Card, ...]

    @property
    def gravest(self) -> Card:
        """The card whose colour the piece takes: accusations before what waits for a listener, then signals."""
        return min(self.cards, key=_gravity)


@dataclass(frozen=True, slots=True)
class Line:
    """One turn as shown."""

    turn: Turn
    pieces: tuple[Piece, ...]

    @property
    def unsure_role(self) -> bool:
        """Whether the reader should doubt who speaks."""
        return self.turn.role is Role.UNKNOWN or self.turn.role_confidence < _DOUBTFUL_ROLE


def write(report: CallReport, path: Path) -> None:
    """Write the page of one call to `path`, in the language in force.

    The player refers to the recording by a path relative to `path`.
    Raises CallauditError (CA400) when the page cannot be written.
    """
    report = canonical(report)
    redactor = Redactor(report.call)
    cards = _cards(report.findings, redactor)
    breaches = [card for card in cards if not card.finding.is_signal]
    signals = [card for card in cards if card.finding.is_signal]
    recording = recording_url(report.call.source, path)
    write_page(
        path,
        "call.html.j2",
        "call.js" if recording else None,
        report=report,
        call=report.call,
        shown_id=redactor.text(report.call.call_id),
        shown_path=redactor.text(report.call.source.path),
        facts=_call_facts(report.call.metadata, redactor),
        standing=[card for card in breaches if not card.finding.why.review],
        waiting=[card for card in breaches if card.finding.why.review],
        signals=[card for card in signals if card.finding.label != SELF_HARM],
        urgent=[card for card in signals if card.finding.label == SELF_HARM],
        counts=_counts(breaches),
        lines=[Line(turn, _pieces(redactor.turn(turn.index), _of_turn(turn, cards))) for turn in report.call.turns],
        skipped=[redactor.text(note) for note in report.audit.skipped],
        recording=recording,
    )


def recording_url(source: Source, page: Path) -> str | None:
    """The address of the recording as seen from `page`, percent-encoded; None when the call was not a recording."""
    if source.kind != RECORDING:
        return None
    try:
        relative = Path(os.path.relpath(source.path, page.parent)).as_posix()
    except ValueError:  # another drive of Windows: there is no relative path
        return Path(source.path).absolute().as_uri()
    return quote(relative.encode(errors="surrogateescape"))


def _gravity(card: Card) -> tuple[bool, bool, int, int, int]:
    """For sorting: standing breaches, then those that wait, then signals; the gravest first, then the earliest."""
    finding = card.finding
    turn = -1 if finding.turn is None else finding.turn
    place = finding.span.start if finding.span else 0
    return finding.is_signal, bool(finding.why.review), -finding.severity.rank, turn, place


def _cards(findings: Sequence[Finding], redactor: Redactor) -> list[Card]:
    cards = sorted((_card("", finding, redactor) for finding in findings), key=_gravity)
    breaches = sum(not finding.is_signal for finding in findings)
    marks = [str(i + 1) if i < breaches else f"S{i - breaches + 1}" for i in range(len(cards))]
    return [replace(card, mark=mark) for mark, card in zip(marks, cards, strict=True)]


def _card(mark: str, finding: Finding, redactor: Redactor) -> Card:
    why = finding.why
    return Card(
        mark=mark,
        finding=finding,
        title=tr(why.name["zh"], why.name["en"]),
        reason=redactor.text(tr(why.reason["zh"], why.reason["en"])),
        quote=shortened(redactor.quote(finding)),
        matched=tuple(shortened(redactor.fragment(finding, words)) for words in why.matched),
        meant=tuple(redactor.text(words) for words in why.meant),
        cues=(
            *((cue_name(cue), True) for cue in why.raised),
            *((cue_name(cue), False) for cue in why.lowered),
        ),
        facts=tuple((name(FACTS, key), redactor.text(_fact(value))) for key, value in why.facts.items()),
        clauses=tuple((tr(clause.zh, clause.en), clause) for clause in finding.clauses),
    )


def _fact(value: str) -> str:
    """A fact's value in words; moments are readable without the T of ISO 8601."""
    return _ISO_MOMENT.sub(r"\1 \2", name(FACT_VALUES, value))


def _counts(cards: Sequence[Card]) -> list[tuple[str, int]]:
    """How many findings of each severity stand by themselves, gravest first, none left out at zero."""
    standing = [card.finding.severity for card in cards if not card.finding.why.review]
    return [(severity.value, standing.count(severity)) for severity in Severity if severity in standing]


def _of_turn(turn: Turn, cards: Sequence[Card]) -> list[Card]:
    return [card for card in cards if card.finding.turn == turn.index and card.finding.span]


def _pieces(text: str, cards: Sequence[Card]) -> tuple[Piece, ...]:
    return tuple(
        _cut(text, [(card, card.finding.span.start, card.finding.span.end) for card in cards if card.finding.span])
    )


def _cut(text: str, spans: Sequence[tuple[Card, int, int]]) -> Iterator[Piece]:
    """The text cut wherever a finding starts or ends."""
    edges = sorted({0, len(text), *(min(edge, len(text)) for _, start, end in spans for edge in (start, end))})
    for start, end in pairwise(edges):
        yield Piece(
            text[start:end],
            tuple(card for card, first, last in spans if first <= start and end <= last),
            tuple(card for card, first, _ in spans if first == start),
            tuple(card for card, _, last in spans if last == end),
        )


def _call_facts(metadata: CallMetadata, redactor: Redactor) -> list[tuple[str, str]]:
    """The call's record as rows of name and value, known fields first; a row without a value is left out."""
    local = local_start(metadata)
    start = local.isoformat(" ", "seconds") if local else None
    rows: list[tuple[str, str | None]] = [
        (tr("呼叫时间（债务人所在地）", "Started (debtor's place)"), start),
        (tr("方向", "Direction"), metadata.direction and name(DIRECTIONS, metadata.direction)),
        (
            tr("接通", "Connected"),
            None if metadata.connected is None else tr("是", "yes") if metadata.connected else tr("否", "no"),
        ),
        (tr("催收员", "Agent"), metadata.agent_id),
        (tr("团队", "Team"), metadata.team),
        (tr("债务人编号", "Debtor id"), metadata.debtor_id),
        (tr("债务人姓名", "Debtor's name"), metadata.debtor_name and masked_name(metadata.debtor_name)),
        (tr("被叫号码", "Number called"), metadata.callee_number and masked_number(metadata.callee_number)),
        (tr("与债务人关系", "Relation to the debtor"), name(RELATIONS, metadata.callee_relation or "")),
        (tr("接听人", "Answered by"), metadata.callee_role and name(ROLES, metadata.callee_role)),
        (tr("约定时段", "Agreed hours"), metadata.agreed_hours),
        (tr("出借人", "Lender"), metadata.lender),
        (tr("催收机构", "Agency"), metadata.agency),
        (tr("案件编号", "Case"), metadata.case_no),
        (tr("拨打结果", "Result of the dial"), metadata.dial_result and name(DIAL_RESULTS, metadata.dial_result)),
        (tr("账户状态", "Account"), metadata.account_status and name(ACCOUNT_STATUSES, metadata.account_status)),
        (
            tr("录音", "Recording"),
            tr("留存期满已删除", "deleted after its time") if metadata.recording_deleted else None,
        ),
        *metadata.extra.items(),
    ]
    return [(title, redactor.text(value)) for title, value in rows if value]
