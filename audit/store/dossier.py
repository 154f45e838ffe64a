"""All that the store knows of one call, for who works on it: its audit in force, what people said of each finding, what was added."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from audit.errors import InputError
from audit.model.call import Call
from audit.model.finding import Finding
from audit.model.report import CallReport
from audit.model.review import Decision, ReviewState, Verdict, in_force
from audit.model.span import CharSpan
from audit.report.record import read_finding
from audit.store import tables as t
from audit.store.appeals import Appeal, Ruled, appeals_on, rulings_on
from audit.store.calls import call_as_in, stored_report
from audit.store.database import Store
from audit.store.recordings import AudioState, check_audio
from audit.store.review import decisions_on
from audit.store.sampling import calls_hidden_from, hidden_from


@dataclass(frozen=True, slots=True)
class Statement:
    """A decision as people read it. `holds`: it was not taken back and its reviewer has said nothing since."""

    number: int
    reviewer: str
    verdict: Verdict
    reason: str
    comment: str
    at: datetime
    holds: bool


@dataclass(frozen=True, slots=True)
class Filed:
    """A finding under its number, in the words of the last audit that saw it.

    `first_seen` is when the first audit that found it was taken in, `seen_by` how many did. `gone_since`: when the audit that no longer finds it was
    taken in. With `hidden`, the reader owes a blind opinion on it: state and statements of others are not told. `said_in` is the call with
    the turns in which its words are: those of now, or of an earlier transcript.
    """

    number: int
    finding: Finding
    said_in: Call
    state: ReviewState
    statements: tuple[Statement, ...]
    appeals: tuple[Appeal, ...]
    rulings: tuple[Ruled, ...]
    first_seen: datetime
    seen_by: int
    gone_since: datetime | None
    hidden: bool

    def own(self, reviewer: str) -> Statement | None:
        """The decision of this reviewer that holds."""
        return next((said for said in self.statements if said.holds and said.reviewer == reviewer), None)

    def waits_for(self, reviewer: str) -> bool:
        """Whether it is neither confirmed nor dismissed, and this reviewer has said nothing that holds."""
        done = self.state in (ReviewState.CONFIRMED, ReviewState.DISMISSED)
        return not done and self.own(reviewer) is None


@dataclass(frozen=True, slots=True)
class Words:
    """Characters of a turn of a call as one of its transcripts has it."""

    said_in: Call
    turn: int
    span: CharSpan


@dataclass(frozen=True, slots=True)
class Added:
    """A violation that somebody added by hand and nobody took back. Without `turn` it is in the whole call, or its `words` belong to an
    earlier transcript."""

    number: int
    label: str
    turn: int | None
    span: CharSpan | None
    words: Words | None
    comment: str
    reviewer: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Dossier:
    """A call as it lies on the desk. `findings` are those of the audit in force, in the order of its report, `earlier` those it no longer
    makes. With `blind`, the reader owes a blind opinion on whether anything was missed: what others added is not among `added`.
    `audio` is what the last check of the recording saw (`audio_checked_at`; None: it was never checked)."""

    number: int
    report: CallReport
    audio: AudioState
    audio_checked_at: datetime | None
    findings: tuple[Filed, ...]
    earlier: tuple[Filed, ...]
    added: tuple[Added, ...]
    blind: bool
    audited_at: datetime
    audits: int

    @property
    def last_said(self) -> int:
        """The number of the last decision on any of its findings; 0 without any."""
        return max((said.number for filed in (*self.findings, *self.earlier) for said in filed.statements), default=0)


def dossier(connection: sa.Connection, call: int, user: int) -> Dossier:
    """What is known of the call with this number, as the user with that number may know it.

    Raises InputError CA611 when there is no such call.
    """
    report = stored_report(connection, call)
    row = connection.execute(sa.select(t.calls).where(t.calls.c.id == call)).one()
    audits = connection.execute(sa.select(t.audits).where(t.audits.c.call == call).order_by(t.audits.c.id)).all()
    current = next(audit for audit in audits if audit.current)
    earlier = cache(lambda transcript: call_as_in(connection, call, transcript))
    words = _Transcripts(report.call, current.transcript, earlier)
    filed = _filed(connection, call, audits, words, user)
    of_call = calls_hidden_from(connection, user).where(t.samples.c.call == call)
    blind = connection.execute(of_call.limit(1)).first() is not None
    now = [number for number, seen in filed.items() if seen.gone_since is None]
    order = connection.execute(
        sa.select(t.sightings.c.finding).where(t.sightings.c.audit == current.id).order_by(t.sightings.c.number)
    ).scalars()
    return Dossier(
        number=call,
        report=report,
        audio=AudioState.NONE if row.audio_path is None else AudioState(row.audio_state or AudioState.MATCHES),
        audio_checked_at=row.audio_checked_at,
        findings=tuple(filed[number] for number in order),
        earlier=tuple(seen for number, seen in filed.items() if number not in now),
        added=_added(connection, call, words, user if blind else None),
        blind=blind,
        audited_at=current.audited_at,
        audits=len(audits),
    )


def freshly_checked(store: Store, call: int, actor: str) -> None:
    """Check the recording of a call again when it may have become another one since the last check: it was touched, or is gone.

    Whoever plays it checks it whatever this says. Raises InputError CA611 when there is no such call.
    """
    with store.reading() as connection:
        row = connection.execute(
            sa.select(t.calls).where(t.calls.c.id == call, t.calls.c.purged_at.is_(None))
        ).one_or_none()
    if row is None:
        raise InputError("CA611", str(call))
    if row.audio_path is not None and (row.audio_checked_at is None or _changed_since(row)):
        check_audio(store, call, actor)


def _changed_since(row: sa.Row[Any]) -> bool:
    try:
        touched = bool(Path(row.audio_path).stat().st_ctime >= row.audio_checked_at.timestamp())
    except OSError:
        return bool(row.audio_state != AudioState.MISSING)
    return touched or bool(row.audio_state == AudioState.MISSING)


@dataclass(frozen=True, slots=True)
class Made:
    """A decision somebody made, to be told and taken back. `number` is the decision's."""

    number: int
    finding: int
    call: int
    label: str
    verdict: Verdict


def made(connection: sa.Connection, decision: int, user: int) -> Made | None:
    """The decision with this number, if this user made it and it holds."""
    row = connection.execute(
        sa.select(t.decisions, t.findings.c.label)
        .join(t.findings, t.findings.c.id == t.decisions.c.finding)
        .where(t.decisions.c.id == decision, t.decisions.c.reviewer == user)
    ).one_or_none()
    if row is None:
        return None
    holding = in_force(decisions_on(connection, row.finding)).get(user)
    holds = holding is not None and holding.number == decision
    return Made(row.id, row.finding, row.call, row.label, Verdict(row.verdict)) if holds else None


@dataclass(frozen=True, slots=True)
class _Transcripts:
    """The call as its words are now, and as earlier transcripts have them."""

    now: Call
    number: int
    earlier: Callable[[int], Call]

    def with_words(self, transcript: int, turn: int | None, span: CharSpan | None, quote: str) -> Call:
        """The call with the turns in which a quotation from a transcript stands; those of now, wherever it stands in them: roles and other
        turns may have been corrected since."""
        if turn is None or span is None or transcript == self.number or _stands(self.now, turn, span, quote):
            return self.now
        return self.earlier(transcript)


def _stands(call: Call, turn: int, span: CharSpan, quote: str) -> bool:
    return any(one.index == turn and span.of(one.text) == quote for one in call.turns)


def _filed(
    connection: sa.Connection, call: int, audits: Sequence[sa.Row[Any]], words: _Transcripts, user: int
) -> dict[int, Filed]:
    taken_in = {audit.id: audit.imported_at for audit in audits}
    transcripts = {audit.id: audit.transcript for audit in audits}
    said, disputed = _statements(connection, call), _with_appeal_or_ruling(connection, call)
    rows = connection.execute(sa.select(t.findings).where(t.findings.c.call == call).order_by(t.findings.c.id)).all()
    owed = sa.select(t.findings.c.id).where(
        t.findings.c.call == call, t.findings.c.id.in_(hidden_from(connection, user))
    )
    hidden = set(connection.execute(owed).scalars())
    own = connection.execute(sa.select(t.users.c.name).where(t.users.c.id == user)).scalar()
    seen = defaultdict[int, list[sa.Row[Any]]](list)
    of_call = sa.select(t.sightings).where(t.sightings.c.call == call).order_by(t.sightings.c.id)
    for sighting in connection.execute(of_call):
        seen[sighting.finding].append(sighting)
    filed = {}
    for row in rows:
        last = seen[row.id][-1]
        finding = read_finding(json.loads(last.record))
        whole = Filed(
            number=row.id,
            finding=finding,
            said_in=words.with_words(transcripts[last.audit], finding.turn, finding.span, finding.quote),
            state=ReviewState(row.state),
            statements=tuple(said[row.id]),
            appeals=tuple(appeals_on(connection, row.id)) if row.id in disputed else (),
            rulings=tuple(rulings_on(connection, row.id)) if row.id in disputed else (),
            first_seen=taken_in[seen[row.id][0].audit],
            seen_by=len(seen[row.id]),
            gone_since=None if row.superseded_by is None else taken_in[row.superseded_by],
            hidden=row.id in hidden,
        )
        filed[row.id] = _blinded(whole, own) if whole.hidden else whole
    return filed


_ALONE = {
    Verdict.CONFIRM: ReviewState.CONFIRMED,
    Verdict.DISMISS: ReviewState.DISMISSED,
    Verdict.UNSURE: ReviewState.UNSURE,
}


def _blinded(filed: Filed, own: str | None) -> Filed:
    """As if nobody but the reader had said anything."""
    holding = filed.own(own or "")
    return replace(
        filed,
        state=_ALONE[holding.verdict] if holding else ReviewState.OPEN,
        statements=tuple(said for said in filed.statements if said.reviewer == own),
        appeals=(),
        rulings=(),
    )


def _with_appeal_or_ruling(connection: sa.Connection, call: int) -> set[int]:
    """The findings of a call on which there may be more than decisions: few have any."""
    found = (sa.select(table.c.finding).where(table.c.call == call) for table in (t.appeals, t.rulings))
    return set(connection.execute(sa.union(*found)).scalars())


def _statements(connection: sa.Connection, call: int) -> dict[int, list[Statement]]:
    rows = _by_people(connection, t.decisions, call)
    made = defaultdict[int, list[Decision]](list)
    for row in rows:
        made[row.finding].append(Decision(row.id, row.reviewer, Verdict(row.verdict), row.undoes))
    holding = {decision.number for decisions in made.values() for decision in in_force(decisions).values()}
    told = defaultdict[int, list[Statement]](list)
    for row in rows:
        said = Statement(
            row.id, row.name, Verdict(row.verdict), row.reason, row.comment, row.decided_at, row.id in holding
        )
        told[row.finding].append(said)
    return told


def _added(connection: sa.Connection, call: int, words: _Transcripts, alone: int | None) -> tuple[Added, ...]:
    """What was added by hand and not taken back; where a user is to judge `alone`, only by that user."""
    rows = _by_people(connection, t.missed, call)
    withdrawn = {row.withdraws for row in rows}
    return tuple(
        _placed(row, words)
        for row in rows
        if row.withdraws is None and row.id not in withdrawn and alone in (None, row.reviewer)
    )


def _placed(row: sa.Row[Any], words: _Transcripts) -> Added:
    """A violation added by hand, where its words still are."""
    span = None if row.start_char is None else CharSpan(row.start_char, row.end_char)
    said_in = words.with_words(row.transcript, row.turn, span, row.quote)
    stands = said_in is words.now if span else row.transcript == words.number
    quoted = Words(said_in, row.turn, span) if span else None
    turn, span = (row.turn, span) if stands else (None, None)
    return Added(row.id, row.label, turn, span, quoted, row.comment, row.name, row.added_at)


def _by_people(connection: sa.Connection, table: sa.Table, call: int) -> Sequence[sa.Row[Any]]:
    """The rows of a call, in order, each with the `name` of who made it."""
    query = sa.select(table, t.users.c.name).join(t.users, t.users.c.id == table.c.reviewer)
    return connection.execute(query.where(table.c.call == call).order_by(table.c.id)).all()
