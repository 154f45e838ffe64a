"""The queue and saved views, for programs. Words are masked as on the page."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field

from audit.model.finding import Severity
from audit.model.review import ReviewState
from audit.store import queue, views
from audit.store.queue import Filters, Tab
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.masks import cover_for
from audit.web.numbers import LARGEST, Number

router = APIRouter(tags=["queue"])
_Reader = Annotated[User, Depends(allowed(Permission.READ))]
_MOST = 200


class Asked(BaseModel):
    """What to look at. Lists have commas between; a label may be a family (`threat`); empty means everything."""

    tab: Tab = Tab.BREACHES
    q: Annotated[str, Field(description="words that were said in the call")] = ""
    state: Annotated[str, Field(description="open, confirmed, dismissed, unsure, disputed")] = ""
    severity: Annotated[str, Field(description="critical, major, minor, info")] = ""
    label: str = ""
    rule: str = ""
    agent: str = ""
    team: str = ""
    first: Annotated[date | None, Field(alias="from", description="first day of calls")] = None
    last: Annotated[date | None, Field(alias="to", description="last day of calls")] = None
    least: Annotated[float | None, Field(ge=0, le=1, description="least confidence")] = None
    most: Annotated[float | None, Field(ge=0, le=1, description="highest confidence")] = None
    waits: Annotated[str, Field(description="yes or no: a person must listen before the finding counts")] = ""
    appealed: Annotated[str, Field(description="yes: there is an appeal that nobody has ruled on")] = ""

    def filters(self) -> Filters:
        """The same as the page has it; raises InputError CA837 for what cannot be asked for."""
        return Filters.from_query(
            {key: str(value) for key, value in self.model_dump(mode="json", by_alias=True).items() if value is not None}
        )


class AskedPart(Asked):
    """What to look at, and which part of it."""

    after: Annotated[int | None, Field(ge=1, le=LARGEST, description="number of the finding to go on behind")] = None
    limit: Annotated[int, Field(ge=1, le=_MOST)] = queue.ON_PAGE


class Finding(BaseModel):
    """A finding in the queue. `words` are masked, with some of the turn `before` and `after`; null, with a `reason`, for a finding about the
    whole call. `started_at` is by the clock at the debtor's place."""

    number: int
    call: int
    call_id: str
    label: str
    rule: str
    severity: Severity
    confidence: float
    state: ReviewState
    waits: bool
    appealed: bool
    day: date
    started_at: datetime | None
    agent: str | None
    team: str | None
    before: str | None
    words: str | None
    after: str | None
    reason: str


class Findings(BaseModel):
    """Some of the queue, the worst first. `following`: give it as `after` for what comes next; null at the end."""

    findings: list[Finding]
    following: int | None


class Count(BaseModel):
    """How many findings are in a state and of a severity."""

    state: ReviewState
    severity: Severity
    findings: int


class Counts(BaseModel):
    """How many findings there are, whatever `state` and `severity` ask for. `capped`: there are at least so many."""

    counts: list[Count]
    capped: bool


class NewView(BaseModel):
    """A view to keep: a name, and the query string of the queue."""

    name: str
    query: Annotated[str, Field(max_length=queue.LONGEST_QUERY)]


class View(BaseModel):
    """A saved view."""

    number: int
    name: str
    query: str


@router.get("/findings")
def findings(request: Request, user: _Reader, asked: Annotated[AskedPart, Query()]) -> Findings:
    """Findings of the audits in force, the worst first."""
    with desk_of(request).store.reading() as connection:
        page = queue.queue(
            connection, asked.filters(), user.number, after=asked.after, limit=asked.limit, cover=cover_for(user)
        )
    return Findings(findings=[_finding(entry) for entry in page.entries], following=page.following)


@router.get("/findings/counts")
def finding_counts(request: Request, user: _Reader, asked: Annotated[Asked, Query()]) -> Counts:
    """How many findings there are by state and severity."""
    with desk_of(request).store.reading() as connection:
        counted = queue.counts(connection, asked.filters(), user.number)
    cells = [
        Count(state=state, severity=severity, findings=number) for (state, severity), number in counted.cells.items()
    ]
    return Counts(counts=cells, capped=counted.capped)


@router.get("/views")
def own_views(request: Request, user: _Reader) -> list[View]:
    """The views of who asks."""
    with desk_of(request).store.reading() as connection:
        return [_view(view) for view in views.views(connection, user.number)]


@router.post("/views", status_code=201)
def add_view(request: Request, user: _Reader, new: NewView) -> View:
    """Keep a view."""
    store = desk_of(request).store
    number = views.add_view(store, user.number, new.name, Filters.from_query(dict(parse_qsl(new.query))))
    with store.reading() as connection:
        return _view(views.view(connection, number, user.number))


@router.delete("/views/{number}", status_code=204)
def delete_view(request: Request, number: Number, user: _Reader) -> None:
    """Forget a view."""
    views.remove_view(desk_of(request).store, number, user.number)


def _finding(entry: queue.Entry) -> Finding:
    words = {"before": None, "words": None, "after": None} if entry.excerpt is None else asdict(entry.excerpt)
    same = {name: getattr(entry, name) for name in Finding.model_fields if name not in words}
    return Finding(**same, **words)


def _view(view: views.View) -> View:
    return View(number=view.number, name=view.name, query=view.query)
