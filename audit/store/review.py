"""What people add to a call: decisions on findings, corrections of its transcript, violations the machine missed.

Everything is a further row; taking something back is one, too. Each writes its line in the log in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from audit.errors import InputError
from audit.model.call import Call, Role, Turn
from audit.model.labels import LABELS
from audit.model.review import REVIEWERS, Decision, ReviewState, Ruling, UserRole, Verdict, in_force, review_state
from audit.model.span import CharSpan
from audit.store import chain, waiting
from audit.store import tables as t
from audit.store.calls import audit_in_force, heard_call
from audit.store.database import Store, now
from audit.store.violations import keep_counts


class Correction(StrEnum):
    """What may be corrected: who is who in the whole call, the role of a turn, its words. `UNDO` takes one back."""

    SWAP_ROLES = "swap_roles"
    ROLE = "role"
    TEXT = "text"
    UNDO = "undo"


def decide(
    store: Store, finding: int, reviewer: str, verdict: Verdict, *, reason: str = "", comment: str = ""
) -> ReviewState:
    """Add a decision on a finding; the state it is in now.

    With `UNDO` the reviewer's own decision in force is taken back, and the one before it holds again. A dismissal needs a reason.
    Raises InputError: CA611 when there is no such finding (any more), CA612 when the reviewer may not decide, CA613 when there is
    nothing to take back, CA614 when a dismissal gives no reason, CA631 when a ruling holds on the finding.
    """
    with store.writing() as connection:
        return add_decision(connection, finding, reviewer, verdict, reason, comment)[1]


def add_decision(
    connection: sa.Connection,
    finding: int,
    reviewer: str,
    verdict: Verdict,
    reason: str,
    comment: str,
    *,
    after_ruling: bool = False,
) -> tuple[int, ReviewState]:
    """As `decide`, in a transaction with more (from `Store.writing`); the decision's number and the state.

    With `after_ruling` a decision is kept where a ruling holds, too, though it changes nothing: as an opinion on a sample.
    """
    if verdict is Verdict.DISMISS and not reason.strip():
        raise InputError("CA614", str(finding))
    user = reviewer_number(connection, reviewer)
    call = call_of(connection, finding)
    if not after_ruling and _ruling(connection, finding) is not None:
        raise InputError("CA631", str(finding))
    undoes = _own_decision(connection, finding, user) if verdict is Verdict.UNDO else None
    seen = sa.select(sa.func.max(t.sightings.c.id)).where(t.sightings.c.finding == finding)
    number = add_row(
        connection,
        t.decisions,
        finding=finding,
        call=call,
        sighting=connection.execute(seen).scalar_one(),
        reviewer=user,
        verdict=verdict.value,
        undoes=undoes,
        reason=reason,
        comment=comment,
        decided_at=now(),
    )
    if verdict is not Verdict.UNDO:
        waiting.keep(connection, number)
    state = settle(connection, finding)
    facts: dict[str, str | int] = {"decision": number, "verdict": verdict.value, "state": state.value}
    chain.append(connection, reviewer, "decide", f"finding:{finding}", **facts)
    return number, state


def settle(connection: sa.Connection, finding: int) -> ReviewState:
    """Bring the state of a finding to what its decisions and its last ruling come to."""
    state = review_state(decisions_on(connection, finding), _ruling(connection, finding))
    of = t.findings.update().where(t.findings.c.id == finding).values(state=state.value)
    keep_counts(connection, [connection.execute(of.returning(t.findings.c.call)).scalar_one()])
    return state


def _ruling(connection: sa.Connection, finding: int) -> Ruling | None:
    """The last word on a finding, if there was one."""
    last = sa.select(t.rulings.c.verdict).where(t.rulings.c.finding == finding).order_by(t.rulings.c.id.desc()).limit(1)
    ruled = connection.execute(last).scalar()
    return None if ruled is None else Ruling(ruled)


def call_of(connection: sa.Connection, finding: int) -> int:
    """The number of the finding's call; raises InputError CA611 when there is no such finding (any more)."""
    kept = sa.and_(t.findings.c.id == finding, t.calls.c.purged_at.is_(None))
    call = connection.execute(sa.select(t.findings.c.call).join(t.calls).where(kept)).scalar()
    if call is None:
        raise InputError("CA611", str(finding))
    return int(call)


def decisions_on(connection: sa.Connection, finding: int) -> list[Decision]:
    """All decisions on a finding, in the order they were made."""
    query = sa.select(t.decisions).where(t.decisions.c.finding == finding).order_by(t.decisions.c.id)
    return [Decision(row.id, row.reviewer, Verdict(row.verdict), row.undoes) for row in connection.execute(query).all()]


def correct(
    store: Store, call: int, reviewer: str, kind: Correction, *, turn: int | None = None, value: str = ""
) -> int:
    """Add a correction of the words of a call: a turn's words or role (`value`), or agent and debtor swapped; its number.

    `UNDO` takes back the last correction of the call that holds. Raises InputError: CA611 no such call, CA612 the reviewer may not,
    CA613 nothing to take back, CA615 no such turn or role. The findings stay as they are until the call is audited again.
    """
    with store.writing() as connection:
        return add_correction(connection, call, reviewer, Proposal(kind, turn, value))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to be corrected: a turn, without `turn` all of the call. Of an `UNDO`, `undoes` is the number of the correction to take
    back; None for the last one."""

    kind: Correction
    turn: int | None = None
    value: str = ""
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """A correction that holds, and who made it when."""

    number: int
    kind: Correction
    turn: int | None
    value: str
    reviewer: str
    at: datetime


def add_correction(connection: sa.Connection, call: int, reviewer: str, proposed: Proposal) -> int:
    """As `correct`, in a transaction with more (from `Store.writing`)."""
    user = reviewer_number(connection, reviewer)
    after(connection, call, proposed)
    undoes = corrections_of(connection, call)[-1].number if proposed.kind is Correction.UNDO else None
    number = add_row(
        connection,
        t.corrections,
        call=call,
        transcript=audit_in_force(connection, call).heard,
        reviewer=user,
        kind=proposed.kind.value,
        turn=proposed.turn,
        value=proposed.value,
        undoes=undoes,
        corrected_at=now(),
    )
    facts: dict[str, str | int | None] = {"correction": number, "kind": proposed.kind.value, "turn": proposed.turn}
    chain.append(connection, reviewer, "correct", f"call:{call}", **facts)
    return number


def corrections_of(connection: sa.Connection, call: int) -> list[Corrected]:
    """The corrections of a call that hold, in order. Those of words that were recognised anew since hold no longer.

    Raises InputError CA611 when there is no such call.
    """
    of_words = t.corrections.c.transcript == audit_in_force(connection, call).heard
    query = sa.select(t.corrections, t.users.c.name).join(t.users, t.users.c.id == t.corrections.c.reviewer)
    rows = connection.execute(query.where(t.corrections.c.call == call, of_words).order_by(t.corrections.c.id)).all()
    undone = {row.undoes for row in rows}
    return [
        Corrected(row.id, Correction(row.kind), row.turn, row.value, row.name, row.corrected_at)
        for row in rows
        if row.kind != Correction.UNDO and row.id not in undone
    ]


def corrected_call(connection: sa.Connection, call: int) -> Call:
    """The call with the corrections that hold, to be audited again. A turn whose words were corrected has no word times."""
    return _with(heard_call(connection, call), corrections_of(connection, call))


def after(connection: sa.Connection, call: int, proposed: Proposal) -> Call:
    """The call as it would be with one more correction (or one less).

    Raises InputError: CA611 no such call, CA613 nothing to take back, CA615 no such turn or role, CA840 when the correction to take back
    is no longer the last.
    """
    holding = corrections_of(connection, call)
    heard = heard_call(connection, call)
    if proposed.kind is Correction.UNDO:
        if not holding:
            raise InputError("CA613", str(call))
        if proposed.undoes not in (None, holding[-1].number):
            raise InputError("CA840", str(call))
        return _with(heard, holding[:-1])
    of_turn = proposed.kind is not Correction.SWAP_ROLES
    if of_turn is (proposed.turn is None) or (of_turn and proposed.turn not in {turn.index for turn in heard.turns}):
        raise InputError("CA615", str(proposed.turn))
    if proposed.kind is Correction.ROLE and proposed.value not in set(Role):
        raise InputError("CA615", str(call))
    return _with(heard, [*holding, proposed])


def add_missed(
    store: Store, call: int, reviewer: str, label: str, *, turn: int | None, span: CharSpan | None, comment: str = ""
) -> int:
    """Add a violation that the machine missed, in the words at `span` of `turn` (None: in the whole call); its number.

    Raises InputError: CA611 no such call, CA612 the reviewer may not, CA615 no such turn or words, CA616 no such label.
    """
    if label not in LABELS:
        raise InputError("CA616", str(call), label=label)
    with store.writing() as connection:
        user = reviewer_number(connection, reviewer)
        transcript = audit_in_force(connection, call).transcript
        text = "" if turn is None else _turn_text(connection, transcript, turn)
        if span is not None and not span.start < span.end <= len(text):
            raise InputError("CA615", str(call))
        number = add_row(
            connection,
            t.missed,
            call=call,
            transcript=transcript,
            reviewer=user,
            label=label,
            turn=turn,
            start_char=span and span.start,
            end_char=span and span.end,
            quote=span.of(text) if span else "",
            comment=comment,
            added_at=now(),
        )
        chain.append(connection, reviewer, "add_missed", f"call:{call}", missed=number, label=label)
        return number


def withdraw_missed(store: Store, number: int, reviewer: str) -> None:
    """Take back a violation added by hand: a further row that names it.

    Raises InputError: CA612 the reviewer may not, CA613 when there is none of this number that holds.
    """
    with store.writing() as connection:
        user = reviewer_number(connection, reviewer)
        row = connection.execute(sa.select(t.missed).where(t.missed.c.id == number)).one_or_none()
        taken_back = connection.execute(sa.select(t.missed.c.id).where(t.missed.c.withdraws == number)).scalar()
        if row is None or row.withdraws is not None or taken_back is not None:
            raise InputError("CA613", str(number))
        same = {name: getattr(row, name) for name in ("call", "transcript", "label")}
        add_row(connection, t.missed, reviewer=user, quote="", comment="", withdraws=number, added_at=now(), **same)
        chain.append(connection, reviewer, "withdraw_missed", f"call:{row.call}", missed=number)


def reviewer_number(connection: sa.Connection, name: str) -> int:
    """The number of the user of this name; raises InputError CA612 unless it may review."""
    row = connection.execute(sa.select(t.users).where(t.users.c.name == name)).one_or_none()
    if row is None or row.disabled_at is not None or UserRole(row.role) not in REVIEWERS:
        raise InputError("CA612", name)
    return int(row.id)


def _own_decision(connection: sa.Connection, finding: int, user: int) -> int:
    own = in_force(decisions_on(connection, finding)).get(user)
    if own is None:
        raise InputError("CA613", str(finding))
    return own.number


def _turn_text(connection: sa.Connection, transcript: int, turn: int | None) -> str:
    query = sa.select(t.turns.c.text).where(t.turns.c.transcript == transcript, t.turns.c.number == turn)
    text = connection.execute(query).scalar()
    if text is None:
        raise InputError("CA615", str(turn))
    return str(text)


_OTHER_ROLE = {Role.AGENT: Role.DEBTOR, Role.DEBTOR: Role.AGENT}


def _with(call: Call, corrections: Sequence[Proposal | Corrected]) -> Call:
    turns = {turn.index: turn for turn in call.turns}
    for correction in corrections:
        spoken = turns.values() if correction.turn is None else (turns[correction.turn],)
        turns |= {turn.index: _corrected(turn, correction.kind, correction.value) for turn in spoken}
    return replace(call, turns=tuple(turns.values()))


def _corrected(turn: Turn, kind: Correction, value: str) -> Turn:
    """The turn as somebody who listened says it is: of what they said they are sure."""
    match kind:
        case Correction.SWAP_ROLES if turn.role not in _OTHER_ROLE:
            return turn
        case Correction.SWAP_ROLES:
            return replace(turn, role=_OTHER_ROLE[turn.role], role_confidence=1.0)
        case Correction.ROLE:
            return replace(turn, role=Role(value), role_confidence=1.0)
        case _:
            return replace(turn, text=value, words=(), confidence=None, doubts=())


def add_row(connection: sa.Connection, table: sa.Table, **values: Any) -> int:
    """Write a row; its number."""
    key = connection.execute(table.insert().values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])
