"""Second review, for programs: plans, the next sample, opinions, agreement."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from audit.model.finding import Severity
from audit.model.review import Opinion, ReviewState
from audit.store import sampling
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.numbers import Number

router = APIRouter(tags=["plans"])
_Reviewer = Annotated[User, Depends(allowed(Permission.DECIDE))]
_Planner = Annotated[User, Depends(allowed(Permission.PLAN))]
_Share = Annotated[float, Field(ge=0, le=1)]


class NewPlan(BaseModel):
    """What to draw: a share (0 to 1) of the findings and one of the calls without findings; empty lists mean all."""

    name: str
    seed: str
    findings: _Share = 0.0
    calls: _Share = 0.0
    at_least: Annotated[int, Field(ge=0, le=1000)] = 1
    labels: list[str] = []
    severities: list[Severity] = []
    states: list[ReviewState] = []
    first: date | None = None
    last: date | None = None
    opinions: Annotated[int, Field(ge=1, le=2)] = 2
    blind: bool = True


class Drawn(BaseModel):
    """How many were drawn, from how many that fit, of how many agents."""

    findings: int
    findings_of: int
    calls: int
    calls_of: int
    agents: int


class Plan(BaseModel):
    """A plan and how far it has got; `left_for_me`: samples that want an opinion of who asks."""

    number: int
    name: str
    opinions: int
    blind: bool
    drawn: Drawn
    created_by: str
    created_at: datetime
    closed_at: datetime | None
    samples: int
    complete: int
    gone: int
    left_for_me: int


class Sample(BaseModel):
    """One thing to give an opinion on: a finding of a call, or (`finding` null) a call without findings."""

    id: int
    plan: int
    call: int
    finding: int | None
    number: int
    verdicts: list[Opinion]


class Pair(BaseModel):
    """How often this first and this second opinion came together."""

    first: Opinion
    second: Opinion
    count: int


class Agreement(BaseModel):
    """Agreement in a part of a plan. `kappa` is null where it is not defined (no two categories were used), `error` and `interval` (95 %) where
    the pairs say nothing of how sure it is."""

    kind: str
    key: str
    pairs: int
    observed: float | None
    expected: float | None
    kappa: float | None
    error: float | None
    interval: tuple[float, float] | None
    table: list[Pair]


class Said(BaseModel):
    """What a reviewer said."""

    reviewer: str
    opinion: Opinion


class Disagreement(BaseModel):
    """A sample on which opinions differ, and the state of its finding."""

    sample: Sample
    label: str | None
    state: ReviewState | None
    said: list[Said]


class NewOpinion(BaseModel):
    """An opinion on a sample; a dismissal needs a reason."""

    verdict: Opinion
    reason: Annotated[str, Field(max_length=2000)] = ""
    comment: Annotated[str, Field(max_length=2000)] = ""


class Given(BaseModel):
    """The number of an opinion that was recorded."""

    opinion: int


@router.get("/plans")
def list_plans(request: Request, user: _Reviewer) -> list[Plan]:
    """All plans, open ones first."""
    with desk_of(request).store.reading() as connection:
        return [
            _plan(plan, sampling.left_for(connection, plan.number, user.number)) for plan in sampling.plans(connection)
        ]


@router.post("/plans", status_code=201)
def draw(request: Request, user: _Planner, plan: NewPlan) -> Plan:
    """Draw a plan."""
    store = desk_of(request).store
    wanted = sampling.Draw(
        plan.findings,
        plan.calls,
        plan.at_least,
        tuple(plan.labels),
        tuple(severity.value for severity in plan.severities),
        tuple(state.value for state in plan.states),
        plan.first,
        plan.last,
        plan.seed,
    )
    number, _ = sampling.create_plan(store, plan.name, wanted, plan.opinions, plan.blind, user.name)
    return _told(request, number, user)


@router.get("/plans/{number}")
def show(request: Request, number: Number, user: _Reviewer) -> Plan:
    """One plan."""
    return _told(request, number, user)


@router.post("/plans/{number}/close")
def close(request: Request, number: Number, user: _Planner) -> Plan:
    """Take no more opinions."""
    sampling.close_plan(desk_of(request).store, number, user.name)
    return _told(request, number, user)


@router.get("/plans/{number}/agreement")
def agreement(request: Request, number: Number, user: _Planner) -> list[Agreement]:
    """How far two reviewers agree (Cohen's kappa): findings, calls, each label, each two reviewers. Empty without pairs."""
    with desk_of(request).store.reading() as connection:
        sampling.plan_of(connection, number)
        groups = sampling.agreement_in(connection, number)
    return [
        Agreement(
            kind=group.kind,
            key=group.key,
            pairs=group.agreement.pairs,
            observed=group.agreement.observed,
            expected=group.agreement.expected,
            kappa=group.agreement.kappa,
            error=group.agreement.error,
            interval=group.agreement.interval,
            table=[
                Pair(first=Opinion(first), second=Opinion(second), count=count)
                for (first, second), count in group.agreement.table.items()
            ],
        )
        for group in groups
    ]


@router.get("/plans/{number}/disagreements")
def disagreements(request: Request, number: Number, user: _Planner) -> list[Disagreement]:
    """Samples that have all their opinions, not all the same."""
    with desk_of(request).store.reading() as connection:
        sampling.plan_of(connection, number)
        found = sampling.disagreements(connection, number)
    return [
        Disagreement(
            sample=_sample(one.sample),
            label=one.label,
            state=ReviewState(one.state) if one.state else None,
            said=[Said(reviewer=who, opinion=what) for who, what in one.said],
        )
        for one in found
    ]


@router.post("/plans/{number}/next")
def pull(request: Request, number: Number, user: _Reviewer) -> Sample | None:
    """The next sample for who asks, null when nothing is left."""
    following = sampling.next_sample(desk_of(request).store, number, user.name)
    return _sample(following) if following else None


@router.post("/samples/{number}/opinion", status_code=201)
def give(request: Request, number: Number, user: _Reviewer, opinion: NewOpinion) -> Given:
    """Give an opinion on a sample; on a finding it is a decision, too."""
    made = sampling.give_opinion(
        desk_of(request).store,
        number,
        user.name,
        opinion.verdict,
        reason=opinion.reason.strip(),
        comment=opinion.comment.strip(),
    )
    return Given(opinion=made)


def _told(request: Request, number: int, user: User) -> Plan:
    with desk_of(request).store.reading() as connection:
        return _plan(sampling.plan_of(connection, number), sampling.left_for(connection, number, user.number))


def _plan(plan: sampling.Plan, left: int) -> Plan:
    drawn = plan.drawn
    return Plan(
        number=plan.number,
        name=plan.name,
        opinions=plan.opinions,
        blind=plan.blind,
        drawn=Drawn(
            findings=drawn.findings,
            findings_of=drawn.findings_of,
            calls=drawn.calls,
            calls_of=drawn.calls_of,
            agents=drawn.agents,
        ),
        created_by=plan.created_by,
        created_at=plan.created_at,
        closed_at=plan.closed_at,
        samples=plan.samples,
        complete=plan.complete,
        gone=plan.gone,
        left_for_me=left,
    )


def _sample(sample: sampling.Sample) -> Sample:
    return Sample(
        id=sample.id,
        plan=sample.plan,
        call=sample.call,
        finding=sample.finding,
        number=sample.number,
        verdicts=list(sample.verdicts),
    )
