"""Corrections of the words of a call, each followed by an audit, and what is hidden in it behind masks."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from audit.model.finding import Severity
from audit.model.report import Verdict
from audit.store.reaudit import Change, Seen
from audit.store.review import Correction
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.numbers import Number
from audit.web.pages.corrections import Kind, corrected, corrections_shown
from audit.web.pages.reveal import Field, revealed

router = APIRouter(tags=["calls"])


class Proposed(BaseModel):
    """What to correct: `role` and `text` of a `turn` (counted from 0) with the new `value`, `swap_roles` in the whole call, `undo` of the
    last correction (`undoes`: its number, where another must not be taken back instead), `again` to audit it as corrected."""

    kind: Kind
    turn: int | None = None
    value: str = ""
    undoes: int | None = None


class FindingSeen(BaseModel):
    """A finding as one audit saw it; `quote` is masked, `waits`: a person must listen before it counts."""

    number: int
    label: str
    rule: str
    severity: Severity
    waits: bool
    turn: int | None
    quote: str


class Regraded(BaseModel):
    """A finding before and after."""

    before: FindingSeen
    after: FindingSeen


class JudgedElsewhere(BaseModel):
    """A call whose findings about the log of calls would be others by the corrected words: labels that would appear, labels that would vanish."""

    call: int
    appears: list[str]
    vanishes: list[str]


class Changed(BaseModel):
    """What the audit found otherwise than the one before. `same_rules`: nothing but the words can be the cause. `elsewhere`: what it would change
    in how often and whom somebody called; no finding of these calls was changed."""

    appeared: list[FindingSeen]
    vanished: list[FindingSeen]
    regraded: list[Regraded]
    verdict_before: Verdict
    verdict: Verdict
    score_before: int
    score: int
    same_rules: bool
    elsewhere: list[JudgedElsewhere]


class Correcting(BaseModel):
    """A correction that holds; `value` is masked, and null where the words of the turn were corrected again."""

    number: int
    kind: Correction
    turn: int | None
    value: str | None
    reviewer: str
    at: datetime


class Hidden(BaseModel):
    """A masked piece: the characters from `start` to `end` of `turn`, or a `field` of the call record."""

    turn: int | None = None
    start: int | None = None
    end: int | None = None
    field: Field | None = None


class Shown(BaseModel):
    """What a mask hides."""

    text: str


@router.get("/calls/{number}/corrections")
def list_corrections(
    request: Request, number: Number, user: Annotated[User, Depends(allowed(Permission.READ))]
) -> list[Correcting]:
    """The corrections that hold, in order."""
    with desk_of(request).store.reading() as connection:
        return [
            Correcting(
                number=made.number,
                kind=made.kind,
                turn=made.turn,
                value=words if made.kind is Correction.TEXT else made.value,
                reviewer=made.reviewer,
                at=made.at,
            )
            for made, words in corrections_shown(connection, number, user)
        ]


@router.post("/calls/{number}/corrections")
def correct(
    request: Request, number: Number, user: Annotated[User, Depends(allowed(Permission.DECIDE))], wanted: Proposed
) -> Changed:
    """Correct the call and audit it again: both, or neither."""
    done = corrected(desk_of(request), number, user.name, wanted.kind, wanted.turn, wanted.value, wanted.undoes)
    return _changed(done)


@router.post("/calls/{number}/reveal")
def reveal(
    request: Request, number: Number, user: Annotated[User, Depends(allowed(Permission.REVEAL))], hidden: Hidden
) -> Shown:
    """One masked piece in clear; a line of the log says who saw it."""
    spot = (hidden.field, hidden.turn, hidden.start, hidden.end)
    return Shown(text=revealed(desk_of(request).store, number, user.name, *spot))


def _changed(change: Change) -> Changed:
    return Changed(
        appeared=[_seen(one) for one in change.appeared],
        vanished=[_seen(one) for one in change.vanished],
        regraded=[Regraded(before=_seen(old), after=_seen(new)) for old, new in change.regraded],
        verdict_before=change.verdicts[0],
        verdict=change.verdicts[1],
        score_before=change.scores[0],
        score=change.scores[1],
        same_rules=change.same_rules,
        elsewhere=[
            JudgedElsewhere(call=one.call, appears=list(one.appears), vanishes=list(one.vanishes))
            for one in change.elsewhere
        ],
    )


def _seen(one: Seen) -> FindingSeen:
    return FindingSeen(
        number=one.number,
        label=one.label,
        rule=one.rule,
        severity=one.severity,
        waits=one.waits,
        turn=one.turn,
        quote=one.quote,
    )
