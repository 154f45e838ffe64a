"""Per call: `calls/<name>.html`, one self-contained page an officer can hand on. Identifiers are masked."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from audit.i18n import tr
from audit.ingest.items import RECORDING
from audit.model.call import CallMetadata, Role, Source, Turn
from audit.model.finding import Severity
from audit.model.report import CallReport, DialogueState
from audit.report.card import Card, cards, gravity
from audit.report.labels import ACCOUNT_STATUSES, DIAL_RESULTS, DIRECTIONS, RELATIONS, ROLES, name
from audit.report.page import write_page
from audit.report.record import canonical
from audit.report.redaction import Redactor, masked_id, masked_name, masked_number
from audit.report.scope import scope, skipped_rules
from audit.report.summary import local_start
from audit.report.urgent import SELF_HARM, urgent_steps

EXTENSION = ".html"
_DOUBTFUL_ROLE = 0.75


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a turn (the first is number `start`) under the same findings, those that start and end with it, and all."""

    start: int
    text: str
    cards: tuple[Card, ...]
    starting: tuple[Card, ...]
    ending: tuple[Card, ...]

    @property
    def gravest(self) -> Card:
        """The card whose colour the piece takes: accusations before what waits for a listener, then signals."""
        return min(self.cards, key=gravity)


@dataclass(frozen=True, slots=True)
class Line:
    """One turn as shown; `state` is who listens, where that changes."""

    turn: Turn
    pieces: tuple[Piece, ...]
    state: DialogueState | None

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
    shown = cards(report.findings, report.call.turns, redactor)
    breaches = [card for card in shown if not card.finding.is_signal]
    signals = sorted((card for card in shown if card.finding.is_signal), key=lambda card: not is_urgent(card))
    recording = recording_url(report.call.source, path)
    write_page(
        path,
        "call.html.j2",
        "call.js" if recording else None,
        report=report,
        call=report.call,
        shown_id=masked_id(report.call.call_id),
        shown_path=redactor.text(report.call.source.path),
        facts=call_facts(report.call.metadata, redactor),
        standing=[card for card in breaches if not card.finding.why.review],
        waiting=[card for card in breaches if card.finding.why.review],
        signals=signals,
        urgent=[card for card in signals if is_urgent(card)],
        sure=any(not card.finding.why.review for card in signals if is_urgent(card)),
        steps=urgent_steps(),
        counts=severity_counts(breaches),
        lines=call_lines(report, shown, redactor),
        judged_signals=any(label.startswith("signal.") for label in report.audit.judged),
        scope=scope(report.audit.judged),
        skipped=skipped_rules((redactor.text(note), 1) for note in report.audit.skipped),
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


def is_urgent(card: Card) -> bool:
    """Whether somebody must act before anything else is done."""
    return card.finding.label == SELF_HARM


def call_lines(report: CallReport, shown: Sequence[Card], redactor: Redactor) -> list[Line]:
    """The dialogue as shown: each turn masked and cut where findings start and end."""
    states = {state.turn: state for state in report.dialogue}
    return [
        Line(turn, _pieces(redactor.turn(turn.index), _of_turn(turn, shown)), states.get(turn.index))
        for turn in report.call.turns
    ]


def severity_counts(cards: Sequence[Card]) -> list[tuple[str, int]]:
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
            start,
            text[start:end],
            tuple(card for card, first, last in spans if first <= start and end <= last),
            tuple(card for card, first, _ in spans if first == start),
            tuple(card for card, _, last in spans if last == end),
        )


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of the call's record as shown. `field` is its name in `CallMetadata`; None for what only callers' manifests know."""

    title: str
    value: str
    field: str | None


def call_facts(metadata: CallMetadata, redactor: Redactor) -> list[Fact]:
    """The call's record, masked, known fields first; what has no value is left out."""
    local = local_start(metadata)
    start = local.isoformat(" ", "seconds") if local else None
    rows: list[tuple[str | None, str, str | None]] = [
        ("started_at", tr("呼叫时间（债务人所在地）", "Started (debtor's place)"), start),
        ("direction", tr("方向", "Direction"), metadata.direction and name(DIRECTIONS, metadata.direction)),
        (
            "connected",
            tr("接通", "Connected"),
            None if metadata.connected is None else tr("是", "yes") if metadata.connected else tr("否", "no"),
        ),
        ("agent_id", tr("坐席", "Agent"), metadata.agent_id),
        ("team", tr("班组", "Team"), metadata.team),
        ("debtor_id", tr("债务人编号", "Debtor id"), metadata.debtor_id),
        ("debtor_name", tr("债务人姓名", "Debtor's name"), metadata.debtor_name and masked_name(metadata.debtor_name)),
        (
            "callee_number",
            tr("被叫号码", "Number called"),
            metadata.callee_number and masked_number(metadata.callee_number),
        ),
        (
            "callee_relation",
            tr("与债务人关系", "Relation to the debtor"),
            name(RELATIONS, metadata.callee_relation or ""),
        ),
        ("callee_role", tr("接听人", "Answered by"), metadata.callee_role and name(ROLES, metadata.callee_role)),
        ("agreed_hours", tr("约定时段", "Agreed hours"), metadata.agreed_hours),
        ("lender", tr("出借人", "Lender"), metadata.lender),
        ("agency", tr("催收机构", "Agency"), metadata.agency),
        ("case_no", tr("案件编号", "Case"), metadata.case_no),
        (
            "dial_result",
            tr("拨打结果", "Result of the dial"),
            metadata.dial_result and name(DIAL_RESULTS, metadata.dial_result),
        ),
        (
            "account_status",
            tr("账户状态", "Account"),
            metadata.account_status and name(ACCOUNT_STATUSES, metadata.account_status),
        ),
        (
            "recording_deleted",
            tr("录音", "Recording"),
            tr("留存期满已删除", "deleted after its time") if metadata.recording_deleted else None,
        ),
        *((None, title, value) for title, value in metadata.extra.items()),
    ]
    return [Fact(title, redactor.text(value), field) for field, title, value in rows if value]
