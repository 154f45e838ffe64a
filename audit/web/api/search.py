"""Calls by what was said in them."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from audit.model.call import Role
from audit.store.search import LAST_PAGE, LONGEST, Filters, FoundCall, search
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.masks import cover_for

router = APIRouter(tags=["search"])


class Mark(BaseModel):
    """Where a word stands in the text: characters from `start`, up to and without `end`."""

    start: int
    end: int


class Turn(BaseModel):
    """A turn with some of the words. `text` is masked and, where long, a part of the turn; `severity` is that of its gravest finding."""

    number: int
    role: Role
    start_s: float | None
    text: str
    marks: list[Mark]
    severity: str | None


class Call(BaseModel):
    """A call with all of the words; `more_turns` are not in `turns`."""

    number: int
    call_id: str
    day: date
    agent: str | None
    team: str | None
    verdict: str
    turns: list[Turn]
    more_turns: int


class Found(BaseModel):
    """A page of calls, the newest first. `total` is null where there are too many to count; `more`: there is a next page."""

    calls: list[Call]
    total: int | None
    more: bool


@router.get("/search")
def found(
    request: Request,
    user: Annotated[User, Depends(allowed(Permission.READ))],
    q: Annotated[str, Query(max_length=LONGEST)],
    since: Annotated[date | None, Query(alias="from")] = None,
    until: Annotated[date | None, Query(alias="to")] = None,
    agent: str = "",
    team: str = "",
    role: Role | None = None,
    page: Annotated[int, Query(ge=1, le=LAST_PAGE)] = 1,
) -> Found:
    """The calls in which all words of `q` were said (by `role`). Words are parted by blanks, "…" keeps them together."""
    filters = Filters.from_query(request.query_params)
    with desk_of(request).store.reading() as connection:
        results = search(connection, q, filters, page, cover_for(user))
    return Found(calls=[_call(call) for call in results.calls], total=results.total, more=results.more)


def _call(call: FoundCall) -> Call:
    return Call(
        number=call.number,
        call_id=call.call_id,
        day=call.day,
        agent=call.agent,
        team=call.team,
        verdict=call.verdict,
        turns=[
            Turn(
                number=turn.number,
                role=turn.role,
                start_s=turn.start_s,
                text=turn.text,
                marks=[Mark(start=span.start, end=span.end) for span in turn.marks],
                severity=turn.severity,
            )
            for turn in call.turns
        ],
        more_turns=call.more,
    )
