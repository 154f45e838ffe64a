"""Appeals and rulings: an agent's word against a finding is written down, and somebody who had no part in the finding has the last one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from audit.errors import InputError, Problem
from audit.model.review import ReviewState, Ruling
from audit.report.card import Card, cards
from audit.report.redaction import Redactor
from audit.store import appeals
from audit.store.database import now
from audit.store.dossier import Filed, dossier
from audit.store.review import call_of
from audit.store.sampling import hidden_from
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.answers import status_of
from audit.web.numbers import Number
from audit.web.pages.call import Event, history, reason_name
from audit.web.render import page, see

router = APIRouter()
_Reviewer = Annotated[User, Depends(allowed(Permission.DECIDE))]
_Lead = Annotated[User, Depends(allowed(Permission.RULE))]
# As sent: what is too long is told by the store, with the limit.
_Text = Annotated[str, Form()]
_Verdict = Annotated[Ruling, Form()]

_DISPUTES = 200
_PAGE = 50


@dataclass(frozen=True, slots=True)
class Case:
    """A finding as who rules on it sees it: its card (None where the audit in force does not make it), what people said of it as far as the
    reader may know, whether the reader had a part in it."""

    call: int
    finding: int
    label: str
    agent: str | None
    filed: Filed
    card: Card | None
    events: list[Event]
    part: bool
    redactor: Redactor


@router.get("/appeals")
def list_appeals(
    request: Request, user: _Reviewer, before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None
) -> Response:
    """Appeals that wait, the oldest first; disputed findings for who may rule on them; rulings so far."""
    with desk_of(request).store.reading() as connection:
        waiting = appeals.open_appeals(connection)
        parts = {one.number for one in waiting if appeals.had_a_part(connection, one.finding, user.number)}
        ruled = appeals.ruled_appeals(connection, _PAGE + 1, before)
        disputes, hidden = disputes_for(connection, user), hidden_findings(connection, user)
    return page(
        request,
        "appeals.html.j2",
        user=user,
        waiting=waiting,
        parts=parts,
        hidden=hidden,
        disputes=disputes,
        ruled=ruled[:_PAGE],
        older=ruled[_PAGE - 1].number if len(ruled) > _PAGE else None,
        age=age,
    )


@router.get("/appeals/{number}")
def show(request: Request, number: Number, user: _Reviewer) -> Response:
    """One appeal, with the finding, and the form of the ruling."""
    return _appeal(request, number, user)


@router.post("/appeals/{number}/ruling")
def rule_on_appeal(
    request: Request, number: Number, user: _Reviewer, verdict: _Verdict, comment: _Text = ""
) -> Response:
    """Rule on an appeal."""
    try:
        appeals.rule_on_appeal(desk_of(request).store, number, user.name, verdict, comment.strip())
    except InputError as error:
        return _appeal(request, number, user, error.problem, comment)
    return see("/appeals")


@router.get("/findings/{number}/appeal")
def form(request: Request, number: Number, user: _Reviewer) -> Response:
    """The form in which an agent's appeal is written down."""
    return _case_page(request, number, user, "appeal_new.html.j2")


@router.post("/findings/{number}/appeal")
def file(request: Request, number: Number, user: _Reviewer, statement: _Text = "") -> Response:
    """File an agent's appeal."""
    try:
        appeal = appeals.file_appeal(desk_of(request).store, number, user.name, statement.strip())
    except InputError as error:
        return _case_page(request, number, user, "appeal_new.html.j2", error.problem, statement)
    return see(f"/appeals/{appeal}")


@router.get("/findings/{number}/ruling")
def dispute(request: Request, number: Number, user: _Lead) -> Response:
    """A finding on which reviewers disagree, and the form of the ruling."""
    return _case_page(request, number, user, "dispute.html.j2")


@router.post("/findings/{number}/ruling")
def rule_on_dispute(request: Request, number: Number, user: _Lead, verdict: _Verdict, comment: _Text = "") -> Response:
    """Have the last word where reviewers disagree."""
    try:
        appeals.rule_on_dispute(desk_of(request).store, number, user.name, verdict, comment.strip())
    except InputError as error:
        return _case_page(request, number, user, "dispute.html.j2", error.problem, comment)
    return see("/appeals")


def age(since: datetime) -> int:
    """Whole days since a moment."""
    return (now() - since).days


def case_of(connection: sa.Connection, finding: int, user: User) -> Case:
    """All that who rules on a finding has to see; raises InputError CA611 when there is no such finding."""
    call = call_of(connection, finding)
    known = dossier(connection, call, user.number)
    redactor = Redactor(known.report.call)
    filed = next(one for one in (*known.findings, *known.earlier) if one.number == finding)
    in_force = filed in known.findings
    return Case(
        call,
        finding,
        filed.finding.label,
        known.report.call.metadata.agent_id,
        filed,
        cards([filed.finding], known.report.call.turns, redactor)[0] if in_force else None,
        history(filed, redactor),
        appeals.had_a_part(connection, finding, user.number),
        redactor,
    )


def disputes_for(connection: sa.Connection, user: User) -> list[appeals.Dispute]:
    """Disputed findings for who may rule on them; those on which the user owes a blind opinion are not told."""
    if not user.may(Permission.RULE):
        return []
    hidden = hidden_findings(connection, user)
    return [one for one in appeals.disputes(connection, _DISPUTES) if one.finding not in hidden]


def hidden_findings(connection: sa.Connection, user: User) -> set[int]:
    """The findings on which the user owes a blind opinion: neither their state nor rulings on them are told."""
    return set(connection.execute(hidden_from(connection, user.number)).scalars())


def _appeal(request: Request, number: int, user: User, problem: Problem | None = None, comment: str = "") -> Response:
    with desk_of(request).store.reading() as connection:
        appeal = appeals.appeal_of(connection, number)
        case = case_of(connection, appeal.finding, user)
    return page(
        request,
        "appeal.html.j2",
        user=user,
        status=status_of(problem.code) if problem else 200,
        appeal=appeal,
        statement=case.redactor.text(appeal.statement),
        ruled=appeal.ruling and case.redactor.text(appeal.ruling.comment),
        case=case,
        comment=comment,
        problem=problem,
        most=appeals.LONGEST,
        recording=False,
        reason_name=reason_name,
        age=age,
    )


def _case_page(
    request: Request, finding: int, user: User, template: str, problem: Problem | None = None, text: str = ""
) -> Response:
    with desk_of(request).store.reading() as connection:
        case = case_of(connection, finding, user)
    return page(
        request,
        template,
        user=user,
        status=status_of(problem.code) if problem else 200,
        case=case,
        disputed=case.filed.state is ReviewState.DISPUTED,
        text=text,
        problem=problem,
        most=appeals.LONGEST,
        recording=False,
        reason_name=reason_name,
    )
