"""What training packs are made from: findings by what people said of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from audit.errors import InputError
from audit.model.review import ReviewState, Ruling, Verdict, in_force
from audit.model.span import CharSpan
from audit.store import chain
from audit.store import tables as t
from audit.store.database import Store
from audit.store.review import decisions_on
from audit.store.sampling import calls_hidden_from, hidden_from
from audit.store.tables import storable_id

# Of a label the gravest so many are looked at: a pack takes two hundred at most.
MOST = 1000
_DISMISSED = ReviewState.DISMISSED.value
# In which states what reviewers added is an example, where something else is asked for than a state.
_EXAMPLES = {
    "standing": frozenset({ReviewState.CONFIRMED, ReviewState.DISPUTED}),
    "any": frozenset({ReviewState.CONFIRMED, ReviewState.DISPUTED}),
    "review": frozenset[ReviewState](),
    ReviewState.DISMISSED.value: frozenset[ReviewState](),
}
_AGREED = (ReviewState.CONFIRMED.value, ReviewState.DISPUTED.value, ReviewState.UNSURE.value)
_f = t.findings.c


@dataclass(frozen=True, slots=True)
class Added:
    """A violation that a reviewer added by hand and nobody took back, and what people say of it (`state`, see `added_in`).

    `turn`, `span` and `quote` are where its words stand in the transcript in force. Without `turn` it is about the whole call, or its words
    were corrected or recognised anew since. Without `span` it is all of the turn, which is the quote then.
    """

    number: int
    call: int
    call_id: str
    label: str
    turn: int | None
    span: CharSpan | None
    quote: str
    comment: str
    state: ReviewState


def counts_by_state(connection: sa.Connection, viewer: int | None = None) -> dict[str, dict[str, int]]:
    """How many findings a pack could take, by label and state: those of the queue whose calls were not purged, and what reviewers added. What
    a blind plan hides from the user `viewer` is open, or not there."""
    purged = sa.select(t.calls.c.id).where(t.calls.c.purged_at.is_not(None))
    state: sa.ColumnElement[str] = _f.state
    if viewer is not None:
        state = sa.case((_f.id.in_(hidden_from(connection, viewer)), ReviewState.OPEN.value), else_=state)
    of = sa.select(_f.label, state.label("state")).where(_f.superseded_by.is_(None), _f.call.not_in(purged)).subquery()
    number = sa.func.count().label("number")
    counts: dict[str, dict[str, int]] = {}
    for row in connection.execute(sa.select(of, number).group_by(of.c.label, of.c.state)):
        counts.setdefault(row.label, {})[row.state] = row.number
    for added in _added(connection, viewer):
        if added.state in _EXAMPLES["any"]:
            states = counts.setdefault(added.label, {})
            states[added.state.value] = states.get(added.state.value, 0) + 1
    return counts


def hides_anything(connection: sa.Connection, viewer: int) -> bool:
    """Whether a blind plan hides anything from the user `viewer`."""
    return connection.execute(hidden_from(connection, viewer).limit(1)).first() is not None


def findings_in(
    connection: sa.Connection, labels: Sequence[str], state: str, viewer: int | None
) -> Sequence[sa.Row[Any]]:
    """The findings of `labels` (labels or families; none: all but signals) in a state, the `MOST` gravest of each label: `call`,
    `call_id`, `turn`, `quote`, `label`, `rank`, `confidence`.

    A state is a `ReviewState`, or `standing`, `review` or `any`: of what was not dismissed that which stands, which waits, or all.
    Dismissed are those of turns in which nothing else is left. What a blind plan hides from the user `viewer` is not among them.
    """
    gravest = (_f.rank.desc(), _f.confidence.desc(), _f.id)
    conditions = [_f.superseded_by.is_(None), t.calls.c.purged_at.is_(None), _asked_for(labels), *_in_state(state)]
    if viewer is not None:
        conditions.append(_f.id.not_in(hidden_from(connection, viewer)))
    place = sa.func.row_number().over(partition_by=_f.label, order_by=gravest).label("place")
    ranked = (
        sa.select(_f.id, _f.call, t.calls.c.call_id, _f.turn, _f.label, _f.rank, _f.confidence, place)
        .join(t.calls, t.calls.c.id == _f.call)
        .where(*conditions)
        .subquery()
    )
    in_force_now = (
        sa.select(t.sightings.c.finding, t.sightings.c.quote)
        .join(t.audits, sa.and_(t.audits.c.id == t.sightings.c.audit, t.audits.c.current))
        .subquery()
    )
    query = sa.select(ranked, in_force_now.c.quote).join(in_force_now, in_force_now.c.finding == ranked.c.id)
    return connection.execute(query.where(ranked.c.place <= MOST).order_by(ranked.c.id)).all()


def added_in(connection: sa.Connection, labels: Sequence[str], state: str, viewer: int | None) -> list[Added]:
    """The violations of `labels` (as in `findings_in`) that reviewers added, in a state: a person saw each, so that it is confirmed.

    Where another person dismissed what the program found of the same label in the same turn, reviewers disagree; a ruling on that settles both.
    What others added to a call on which a blind plan wants the user `viewer` to look is not among them.
    """
    wanted = _EXAMPLES.get(state, frozenset({state}))
    asked_for = _asked_for(labels, t.missed.c.label)
    return [added for added in _added(connection, viewer, asked_for) if added.state in wanted]


def added_to(connection: sa.Connection, call: int, viewer: int | None) -> list[Added]:
    """What reviewers added to a call, whatever people say of it; see `added_in`."""
    return _added(connection, viewer, t.missed.c.call == call)


def said_of(connection: sa.Connection, call: int, viewer: int | None) -> list[tuple[ReviewState, tuple[str, ...]]]:
    """Of each finding of the audit in force, in its order: the state, and the reasons of those who dismissed it. What a blind plan hides
    from `viewer` is as if nobody had said anything."""
    hidden = set(connection.execute(hidden_from(connection, viewer)).scalars()) if viewer is not None else set()
    rows = connection.execute(
        sa.select(_f.id, _f.state)
        .join(t.sightings, t.sightings.c.finding == _f.id)
        .join(t.audits, sa.and_(t.audits.c.id == t.sightings.c.audit, t.audits.c.current))
        .where(_f.call == call)
        .order_by(t.sightings.c.number)
    ).all()
    return [
        (ReviewState.OPEN, ())
        if row.id in hidden
        else (ReviewState(row.state), _reasons(connection, row.id) if row.state == _DISMISSED else ())
        for row in rows
    ]


def accused_turns(connection: sa.Connection, call: int) -> frozenset[int]:
    """Turns in which a person sees a violation that the audit in force does not: added by hand, or found by an earlier audit and upheld."""
    withdrawn = sa.select(t.missed.c.withdraws).where(t.missed.c.withdraws.is_not(None))
    added = sa.select(t.missed.c.turn).where(
        t.missed.c.call == call, t.missed.c.withdraws.is_(None), t.missed.c.id.not_in(withdrawn)
    )
    before = sa.select(_f.turn).where(_f.call == call, _f.superseded_by.is_not(None), _f.state.in_(_AGREED))
    return frozenset(turn for turn in connection.execute(added.union(before)).scalars() if turn is not None)


def newest_calls(connection: sa.Connection, count: int) -> list[int]:
    """The calls of the latest days."""
    query = sa.select(t.calls.c.id).where(t.calls.c.purged_at.is_(None)).order_by(t.calls.c.day.desc(), t.calls.c.id)
    return list(connection.execute(query.limit(count)).scalars())


def call_number(connection: sa.Connection, call_id: str) -> int:
    """The number of the call with this id; raises InputError (CA611) when there is none."""
    same = sa.and_(t.calls.c.call_id == storable_id(call_id), t.calls.c.purged_at.is_(None))
    number: int | None = connection.execute(sa.select(t.calls.c.id).where(same)).scalar()
    if number is None:
        raise InputError("CA611", call_id)
    return number


def recording_of(connection: sa.Connection, call: int) -> str | None:
    """Where the recording of a call lies; None for calls that came as transcripts."""
    path: str | None = connection.execute(sa.select(t.calls.c.audio_path).where(t.calls.c.id == call)).scalar_one()
    return path


def log_pack(store: Store, actor: str, action: str, pack: str, **facts: str | int) -> None:
    """Write into the log what was done with the training pack of that digest."""
    with store.writing() as connection:
        chain.append(connection, actor, action, f"pack:{pack}", **facts)


def log_redaction(store: Store, actor: str, call: int, files: int) -> None:
    """Write into the log that a call was given out, redacted, in so many files."""
    with store.writing() as connection:
        chain.append(connection, actor, "redact_call", f"call:{call}", files=files)


def _asked_for(labels: Iterable[str], column: sa.ColumnElement[str] = _f.label) -> sa.ColumnElement[bool]:
    named = [sa.or_(column == label, column.startswith(f"{label}.", autoescape=True)) for label in labels]
    return sa.and_(sa.not_(column.startswith("signal.")), sa.or_(*named) if named else sa.true())


def _added(connection: sa.Connection, viewer: int | None, *conditions: sa.ColumnElement[bool]) -> list[Added]:
    """What was added and holds, where its words stand now, in the order in which it was added."""
    in_force = sa.and_(t.audits.c.call == t.missed.c.call, t.audits.c.current)
    then, now_read = t.turns.alias(), t.turns.alias()
    heard = sa.and_(then.c.transcript == t.missed.c.transcript, then.c.number == t.missed.c.turn)
    read = sa.and_(now_read.c.transcript == t.audits.c.transcript, now_read.c.number == t.missed.c.turn)
    taken_back = sa.select(t.missed.c.withdraws).where(t.missed.c.withdraws.is_not(None))
    query = (
        sa.select(
            t.missed, t.calls.c.call_id, t.audits.c.transcript.label("in_force"), now_read.c.text,
            (then.c.role == now_read.c.role).label("same_role"),
        )
        .select_from(
            t.missed.join(t.calls, t.calls.c.id == t.missed.c.call)
            .join(t.audits, in_force).outerjoin(then, heard).outerjoin(now_read, read)
        )
        .where(t.calls.c.purged_at.is_(None), t.missed.c.withdraws.is_(None), t.missed.c.id.not_in(taken_back))
    )  # fmt: skip
    if viewer is not None:
        hidden = t.missed.c.call.in_(calls_hidden_from(connection, viewer))
        query = query.where(sa.or_(sa.not_(hidden), t.missed.c.reviewer == viewer))
    rows = connection.execute(query.where(*conditions).order_by(t.missed.c.id)).all()
    return [_placed(row, _state_of_added(connection, row, viewer)) for row in rows]


def _placed(row: sa.Row[Any], state: ReviewState) -> Added:
    span = None if row.start_char is None else CharSpan(row.start_char, row.end_char)
    same_words = row.transcript == row.in_force or (span is not None and row.text is not None and row.same_role)
    stands = row.turn is not None and same_words and (span is None or span.of(row.text) == row.quote)
    if not stands:
        return Added(row.id, row.call, row.call_id, row.label, None, None, "", row.comment, state)
    return Added(row.id, row.call, row.call_id, row.label, row.turn, span, row.quote or row.text, row.comment, state)


def _state_of_added(connection: sa.Connection, row: sa.Row[Any], viewer: int | None) -> ReviewState:
    """What people say of the same label in the same turn; confirmed where nobody said anything else."""
    same = sa.and_(_f.call == row.call, _f.turn == row.turn, _f.label == row.label)
    query = sa.select(_f.id, _f.state).where(same)
    if viewer is not None:
        query = query.where(_f.id.not_in(hidden_from(connection, viewer)))
    found = connection.execute(query).all()
    last = (
        sa.select(t.rulings.c.verdict)
        .where(t.rulings.c.finding.in_([finding.id for finding in found]))
        .order_by(t.rulings.c.id.desc())
    )
    ruled = connection.execute(last.limit(1)).scalar()
    if ruled is not None:
        return ReviewState.CONFIRMED if ruled == Ruling.UPHELD else ReviewState.DISMISSED
    against = {ReviewState.DISMISSED.value, ReviewState.DISPUTED.value}
    return ReviewState.DISPUTED if against & {finding.state for finding in found} else ReviewState.CONFIRMED


def _in_state(state: str) -> list[sa.ColumnElement[bool]]:
    if state in set(ReviewState):
        return [_f.state == state, *([sa.not_(_something_left())] if state == _DISMISSED else [])]
    waits: dict[str, list[sa.ColumnElement[bool]]] = {"standing": [sa.not_(_f.waits)], "review": [_f.waits], "any": []}
    return [_f.state != _DISMISSED, *waits[state]]


def _something_left() -> sa.ColumnElement[bool]:
    """Whether the turn of a finding holds another that was not dismissed, or one that a person added."""
    other = t.findings.alias()
    found = sa.exists().where(
        other.c.call == _f.call,
        other.c.turn == _f.turn,
        other.c.state != _DISMISSED,
        sa.not_(other.c.label.startswith("signal.")),
        sa.or_(other.c.superseded_by.is_(None), other.c.state.in_(_AGREED)),
    )
    taken_back = t.missed.alias()
    added = sa.exists().where(
        t.missed.c.call == _f.call,
        t.missed.c.turn == _f.turn,
        t.missed.c.withdraws.is_(None),
        sa.not_(sa.exists().where(taken_back.c.withdraws == t.missed.c.id)),
    )
    return sa.or_(found, added)


def _reasons(connection: sa.Connection, finding: int) -> tuple[str, ...]:
    """Of the decisions that hold; of the last word, where there is one."""
    ruled = (
        sa.select(t.rulings.c.comment).where(t.rulings.c.finding == finding).order_by(t.rulings.c.id.desc()).limit(1)
    )
    comment = connection.execute(ruled).scalar()
    if comment is not None:
        return (comment,) if comment else ()
    holding = [d.number for d in in_force(decisions_on(connection, finding)).values() if d.verdict is Verdict.DISMISS]
    query = sa.select(t.decisions.c.reason).where(t.decisions.c.id.in_(holding)).order_by(t.decisions.c.id)
    return tuple(dict.fromkeys(reason for reason in connection.execute(query).scalars() if reason))
