"""Second review: sampling plans, the next sample for who asks, opinions on samples, and how far reviewers agree.

The page of a call that was opened for a sample (`/calls/17?finding=5&sample=9`) includes `sample_bar.html.j2` with `bar` from `sample_bar`;
while the bar wants an opinion, the form that decides on the sample's finding posts to `bar.action` instead, with the same fields.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from audit.errors import InputError, Problem
from audit.i18n import tr
from audit.model.finding import Severity
from audit.model.labels import LABELS
from audit.model.review import Opinion, ReviewState
from audit.report.labels import name as name_of
from audit.store import sampling
from audit.store.database import Store, now
from audit.store.sampling import Draw, Plan, Sample
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.answers import status_of
from audit.web.numbers import Number
from audit.web.render import is_part, page, see, url

router = APIRouter()
_Reviewer = Annotated[User, Depends(allowed(Permission.DECIDE))]
_Planner = Annotated[User, Depends(allowed(Permission.PLAN))]
_Text = Annotated[str, Form(max_length=2000)]
_Share = Annotated[float, Form(ge=0, le=100)]
_Words = Annotated[list[str], Form()]

OPINIONS: dict[str, tuple[str, str]] = {
    Opinion.CONFIRM: ("确认违规", "Violation"),
    Opinion.DISMISS: ("排除", "No violation"),
    Opinion.UNSURE: ("不确定", "Unsure"),
    Opinion.CLEAN: ("确无违规", "Clean"),
    Opinion.MISSED: ("有漏判", "Missed something"),
}


@dataclass(frozen=True, slots=True)
class SampleBar:
    """What the page of a call says of the sample it was opened for. `wants`: the user may give an opinion now; `own`: the one given."""

    sample: Sample
    plan: Plan
    wants: bool
    own: Opinion | None
    left: int

    @property
    def action(self) -> str:
        """Where opinions on the sample are posted: `verdict`, `reason` or `common`, `comment`."""
        return f"/samples/{self.sample.id}/opinion"


def sample_bar(connection: sa.Connection, sample: int, call: int, user: User) -> SampleBar | None:
    """The bar of a sample (`id`) on the page of its call; None where the sample is of another call, is none, or the user reviews nothing."""
    if not user.may(Permission.DECIDE):
        return None
    try:
        drawn = sampling.sample_of(connection, sample)
    except InputError:
        return None
    if drawn.call != call:
        return None
    return SampleBar(
        drawn,
        sampling.plan_of(connection, drawn.plan),
        sampling.wanted_from(connection, sample, user.number),
        sampling.own_opinion(connection, sample, user.number),
        sampling.left_for(connection, drawn.plan, user.number),
    )


def sample_address(sample: Sample) -> str:
    """The page on which the sample is looked at."""
    return url(f"/calls/{sample.call}", finding=sample.finding, sample=sample.id)


@router.get("/plans")
def list_plans(request: Request, user: _Reviewer) -> Response:
    """All plans, and what of them waits for the user."""
    with desk_of(request).store.reading() as connection:
        plans = sampling.plans(connection)
        left = {plan.number: sampling.left_for(connection, plan.number, user.number) for plan in plans}
    return page(request, "plans.html.j2", user=user, plans=plans, left=left)


@router.get("/plans/new")
def new_plan(request: Request, user: _Planner) -> Response:
    """The form of a new plan."""
    form = {"name": "", "seed": now().strftime("%Y%m%d"), "findings": 5.0, "calls": 1.0, "opinions": 2, "blind": True}
    form |= {"at_least": 1, "first": "", "last": "", "labels": [], "severities": [], "states": []}
    return _form(request, user, form)


@router.post("/plans")
def draw(
    request: Request,
    user: _Planner,
    name: _Text = "",
    seed: _Text = "",
    findings: _Share = 0,
    calls: _Share = 0,
    opinions: Annotated[int, Form()] = 1,
    blind: Annotated[bool, Form()] = False,
    at_least: Annotated[int, Form()] = 1,
    first: _Text = "",
    last: _Text = "",
    labels: _Words = [],  # noqa: B006 (FastAPI copies)
    severities: _Words = [],  # noqa: B006
    states: _Words = [],  # noqa: B006
) -> Response:
    """Draw a plan; shares come in per cent."""
    form = {"name": name, "seed": seed, "findings": findings, "calls": calls, "opinions": opinions, "blind": blind}
    form |= {"at_least": at_least, "first": first, "last": last}
    form |= {"labels": labels, "severities": severities, "states": states}
    try:
        wanted = Draw(
            findings / 100,
            calls / 100,
            at_least,
            tuple(labels),
            tuple(severities),
            tuple(states),
            _day("first", first),
            _day("last", last),
            seed,
        )
        number, _ = sampling.create_plan(desk_of(request).store, name, wanted, opinions, blind, user.name)
    except InputError as error:
        return _form(request, user, form, error.problem)
    return see(f"/plans/{number}")


@router.get("/plans/{number}")
def show(
    request: Request,
    number: Number,
    user: _Reviewer,
    end: Annotated[bool, Query()] = False,
) -> Response:
    """One plan: progress, and for who plans how far reviewers agree. `end`: nothing was left for the user."""
    may_see = user.may(Permission.PLAN)
    with desk_of(request).store.reading() as connection:
        plan = sampling.plan_of(connection, number)
        context: dict[str, Any] = {
            "plan": plan,
            "left": sampling.left_for(connection, number, user.number),
            "given": sampling.given_by(connection, number),
            "tallies": sampling.tallies(connection, number) if may_see else [],
            "groups": sampling.agreement_in(connection, number) if may_see and plan.opinions == 2 else [],
            "disagreements": sampling.disagreements(connection, number) if may_see else [],
        }
    return page(request, "plan.html.j2", user=user, end=end, names=_names(), address=sample_address, **context)


@router.post("/plans/{number}/close")
def close(request: Request, number: Number, user: _Planner) -> Response:
    """Take no more opinions."""
    sampling.close_plan(desk_of(request).store, number, user.name)
    return see(f"/plans/{number}")


@router.post("/plans/{number}/next")
def pull(request: Request, number: Number, user: _Reviewer) -> Response:
    """On to the next sample for the user."""
    return _lead_on(request, desk_of(request).store, number, user)


@router.post("/samples/{number}/opinion")
def give(
    request: Request,
    number: Number,
    user: _Reviewer,
    verdict: Annotated[Opinion, Form()],
    reason: _Text = "",
    common: _Text = "",
    comment: _Text = "",
) -> Response:
    """Give an opinion on a sample (`reason` in the reviewer's words, or a `common` one), and go on to the next of its plan."""
    store = desk_of(request).store
    sampling.give_opinion(store, number, user.name, verdict, reason=common or reason.strip(), comment=comment.strip())
    with store.reading() as connection:
        plan = sampling.sample_of(connection, number).plan
    return _lead_on(request, store, plan, user)


def _lead_on(request: Request, store: Store, plan: int, user: User) -> Response:
    following = sampling.next_sample(store, plan, user.name)
    address = sample_address(following) if following else url(f"/plans/{plan}", end=1)
    if is_part(request):
        return Response(headers={"HX-Redirect": address})
    return see(address)


def _form(request: Request, user: User, form: dict[str, object], problem: Problem | None = None) -> Response:
    families: dict[str, list[tuple[str, str]]] = {}
    for key in LABELS:
        families.setdefault(key.partition(".")[0], []).append((key, name_of(LABELS, key)))
    return page(
        request,
        "plan_new.html.j2",
        user=user,
        status=status_of(problem.code) if problem else 200,
        form=form,
        families=families,
        known_severities=[severity.value for severity in Severity],
        known_states=[state.value for state in ReviewState],
        problem=problem,
    )


def _day(field: str, given: str) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise InputError("CA625", field=field, given=given[:20], known="2026-03-01") from error


def _names() -> dict[str, str]:
    """Opinions in the language in force."""
    return {key: tr(*both) for key, both in OPINIONS.items()}
