"""Appeals and rulings, for programs. What people wrote is masked as on the pages."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from audit.model.review import ReviewState, Ruling
from audit.report.redaction import Redactor
from audit.store import appeals
from audit.store.calls import stored_report
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.numbers import Number
from audit.web.pages.appeals import disputes_for, hidden_findings

router = APIRouter(tags=["appeals"])
_Reviewer = Annotated[User, Depends(allowed(Permission.DECIDE))]
_Lead = Annotated[User, Depends(allowed(Permission.RULE))]
_PAGE = 50


class Word(StrEnum):
    """The last word: the finding is upheld as a violation, or overturned."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"


class Told(BaseModel):
    """The ruling on an appeal."""

    verdict: Word
    reviewer: str
    comment: str
    ruled_at: datetime


class Appeal(BaseModel):
    """What an agent says against a finding; `ruling` is null while it waits. With `hidden`, who asks owes a blind opinion on the finding, and
    neither its state nor the ruling is told."""

    number: int
    finding: int
    call: int
    label: str
    hidden: bool
    state: ReviewState | None
    filed_by: str
    filed_at: datetime
    statement: str
    ruling: Told | None


class Dispute(BaseModel):
    """A finding on which reviewers disagree."""

    finding: int
    call: int
    label: str
    severity: str
    since: datetime


class NewAppeal(BaseModel):
    """What the agent says, at most 4,000 characters."""

    statement: str


class NewRuling(BaseModel):
    """A ruling and its reasons, at most 4,000 characters."""

    verdict: Word
    comment: str


class Filed(BaseModel):
    """The number of an appeal that was written down."""

    appeal: int


class State(BaseModel):
    """The state the finding is in now."""

    state: ReviewState


@router.get("/appeals")
def list_appeals(request: Request, user: _Reviewer) -> list[Appeal]:
    """Appeals that wait for a ruling, the oldest first."""
    with desk_of(request).store.reading() as connection:
        return _told(connection, appeals.open_appeals(connection), user)


@router.get("/appeals/ruled")
def list_ruled(
    request: Request, user: _Reviewer, before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
) -> list[Appeal]:
    """Up to 50 appeals with a ruling, the last filed first, from those filed before the one with number `before`."""
    with desk_of(request).store.reading() as connection:
        return _told(connection, appeals.ruled_appeals(connection, _PAGE, before), user)


@router.get("/appeals/{number}")
def show(request: Request, number: Number, user: _Reviewer) -> Appeal:
    """One appeal."""
    with desk_of(request).store.reading() as connection:
        return _told(connection, [appeals.appeal_of(connection, number)], user)[0]


@router.post("/findings/{number}/appeals", status_code=201)
def file(request: Request, number: Number, user: _Reviewer, appeal: NewAppeal) -> Filed:
    """File an agent's appeal on a finding."""
    filed = appeals.file_appeal(desk_of(request).store, number, user.name, appeal.statement.strip())
    return Filed(appeal=filed)


@router.post("/appeals/{number}/ruling", status_code=201)
def rule_on_appeal(request: Request, number: Number, user: _Reviewer, ruling: NewRuling) -> State:
    """Rule on an appeal: somebody who had no part in the finding."""
    verdict, comment = Ruling[ruling.verdict.name], ruling.comment.strip()
    return State(state=appeals.rule_on_appeal(desk_of(request).store, number, user.name, verdict, comment))


@router.get("/disputes")
def list_disputes(request: Request, user: _Lead) -> list[Dispute]:
    """Findings on which reviewers disagree and no appeal waits, the gravest first."""
    with desk_of(request).store.reading() as connection:
        return [
            Dispute(finding=one.finding, call=one.call, label=one.label, severity=one.severity, since=one.since)
            for one in disputes_for(connection, user)
        ]


@router.post("/findings/{number}/ruling", status_code=201)
def rule_on_dispute(request: Request, number: Number, user: _Lead, ruling: NewRuling) -> State:
    """Have the last word where reviewers disagree."""
    verdict, comment = Ruling[ruling.verdict.name], ruling.comment.strip()
    return State(state=appeals.rule_on_dispute(desk_of(request).store, number, user.name, verdict, comment))


def _told(connection: sa.Connection, found: Sequence[appeals.Appeal], user: User) -> list[Appeal]:
    hidden = hidden_findings(connection, user)
    return [_appeal(connection, one, one.finding in hidden) for one in found]


def _appeal(connection: sa.Connection, one: appeals.Appeal, hidden: bool) -> Appeal:
    # A purged call has no words left to mask, and no name to mask them by.
    shown: Callable[[str], str] = str if one.purged else Redactor(stored_report(connection, one.call).call).text
    ruled = one.ruling
    return Appeal(
        number=one.number,
        finding=one.finding,
        call=one.call,
        label=one.label,
        hidden=hidden,
        state=None if hidden else one.state,
        filed_by=one.filed_by,
        filed_at=one.filed_at,
        statement=shown(one.statement),
        ruling=None
        if ruled is None or hidden
        else Told(
            verdict=Word[ruled.verdict.name],
            reviewer=ruled.reviewer,
            comment=shown(ruled.comment),
            ruled_at=ruled.ruled_at,
        ),
    )
