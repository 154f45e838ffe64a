"""The queue: what waits for an officer, the worst first, and what to look at of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from audit.i18n import tr
from audit.model.finding import Severity
from audit.model.labels import LABELS
from audit.model.review import ReviewState
from audit.report.charts import bar
from audit.report.labels import FAMILIES, SEVERITIES, name
from audit.report.redaction import masked_id
from audit.report.urgent import SELF_HARM
from audit.store.database import now
from audit.store.queue import (
    KEYS,
    LONGEST_QUERY,
    MOST_COUNTED,
    WAITING,
    Choices,
    Filters,
    Tab,
    choices,
    counts,
    progress,
    queue,
    urgent,
)
from audit.store.statistics import midnight
from audit.store.views import MOST_NAME, add_view, remove_view, view, views
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.masks import cover_for
from audit.web.numbers import LARGEST, Number
from audit.web.render import REVIEW_STATES, is_part, page, part, see, url

router = APIRouter()
_One = TypeVar("_One")
Reader = Annotated[User, Depends(allowed(Permission.READ))]
After = Annotated[int | None, Query(ge=1, le=LARGEST)]
URGENT = Filters(tab=Tab.SIGNALS, states=(ReviewState.OPEN,), labels=(SELF_HARM,))


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that is asked for, in words, and where to go to ask for it no more."""

    text: str
    without: str


@dataclass(frozen=True, slots=True)
class Family:
    """Labels to choose from, under the name of their family; `chosen` of them, or all (`whole`), are asked for."""

    key: str
    name: str
    labels: tuple[str, ...]
    chosen: int
    whole: bool


@router.get("/")
def start(user: Annotated[User, Depends(allowed(None))]) -> Response:
    """Who comes to the desk starts with the queue."""
    return see("/queue")


@router.get("/queue")
def show(request: Request, user: Reader, after: After = None) -> Response:
    """The queue, or for htmx the list alone. Without filters: what waits for a decision."""
    filters = asked(request)
    with desk_of(request).store.reading() as connection:
        shown = queue(connection, filters, user.number, after=after, cover=cover_for(user))
        own = views(connection, user.number)
        context: dict[str, Any] = {
            "filters": filters,
            "query": filters.query(),
            "query_string": filters.query_string(),
            "shown_at": address(filters),
            "after": after,
            "entries": shown.entries,
            "following": shown.following,
            "counts": counts(connection, filters, user.number),
            "urgent": urgent(connection, user.number),
            "progress": progress(connection, user.number, midnight(now())),
            "bar": bar,
            "views": own,
            "saved": next((one for one in own if one.query == filters.query_string()), None),
            "tabs": _tabs(filters),
            "chips": list(_chips(filters)),
            "waiting": address(WAITING),
            "urgent_path": address(URGENT),
            "most_counted": MOST_COUNTED,
            "longest_name": MOST_NAME,
            "states": tuple(ReviewState),
            "severities": tuple(Severity),
        }
        if _wants_list(request):
            answer = part(request, "queue_answer.html.j2", user=user, **context)
            answer.headers["HX-Push-Url"] = address(filters)
            return answer
        known = choices(connection)
    return page(request, "queue.html.j2", user=user, **context, choices=known, families=_families(filters, known))


@router.post("/queue/views")
def save_view(
    request: Request,
    user: Reader,
    name: Annotated[str, Form()],
    query: Annotated[str, Form(max_length=LONGEST_QUERY)] = "",
) -> Response:
    """Keep the filters in `query` (a query string) under a name, and show them."""
    filters = Filters.from_query(dict(parse_qsl(query)))
    add_view(desk_of(request).store, user.number, name, filters)
    return see(address(filters))


@router.post("/queue/views/{number}/delete")
def delete_view(request: Request, number: Number, user: Reader) -> Response:
    """Forget a view; what it looked at stays on the screen."""
    store = desk_of(request).store
    with store.reading() as connection:
        query = view(connection, number, user.number).query
    remove_view(store, number, user.number)
    return see(f"/queue?{query}")


def asked(request: Request) -> Filters:
    """The filters in the address, where forms repeat a name for each box that is ticked; without any, what waits for a decision."""
    given = request.query_params
    if not any(key in given for key in KEYS):
        return WAITING
    return Filters.from_query({key: ",".join(given.getlist(key)) for key in KEYS})


def address(filters: Filters) -> str:
    """Where the queue with these filters is."""
    return url("/queue", **filters.query())


def _wants_list(request: Request) -> bool:
    return is_part(request) and "hx-history-restore-request" not in request.headers


def _tabs(filters: Filters) -> list[tuple[str, str, bool]]:
    """Name and address of each queue, and whether it is the one that is shown. Labels and rules are of one of them only."""
    titles = {Tab.BREACHES: tr("违规", "Breaches"), Tab.SIGNALS: tr("信号", "Signals")}
    return [
        (title, address(replace(filters, tab=tab, labels=(), rule="")), tab is filters.tab)
        for tab, title in titles.items()
    ]


def _families(filters: Filters, known: Choices) -> list[Family]:
    """The labels of this queue, and those that rules of the house added, by family."""
    labels = list(dict.fromkeys((*LABELS, *known.labels)))
    keys = dict.fromkeys(label.partition(".")[0] for label in labels)
    families = []
    for key in keys:
        if (key == "signal") != (filters.tab is Tab.SIGNALS):
            continue
        own = tuple(label for label in labels if label.partition(".")[0] == key)
        chosen = sum(label in filters.labels for label in own)
        families.append(Family(key, name(FAMILIES, key), own, chosen, key in filters.labels))
    return families


def _chips(filters: Filters) -> Iterator[Chip]:
    """What is asked for, piece by piece."""
    for state in filters.states:
        yield Chip(name(REVIEW_STATES, state), address(replace(filters, states=_but(filters.states, state))))
    for severity in filters.severities:
        less = _but(filters.severities, severity)
        yield Chip(name(SEVERITIES, severity), address(replace(filters, severities=less)))
    for label in filters.labels:
        title = name(LABELS, label) if label in LABELS else name(FAMILIES, label)
        yield Chip(title, address(replace(filters, labels=_but(filters.labels, label))))
    for title, value, rest in (
        (tr("含", "words:"), filters.words, replace(filters, words="")),
        (tr("规则", "rule:"), filters.rule, replace(filters, rule="")),
        (tr("坐席", "agent:"), masked_id(filters.agent), replace(filters, agent="")),
        (tr("班组", "team:"), masked_id(filters.team), replace(filters, team="")),
        (tr("从", "from"), filters.first, replace(filters, first=None)),
        (tr("到", "to"), filters.last, replace(filters, last=None)),
        (tr("置信度 ≥", "confidence ≥"), filters.least, replace(filters, least=None)),
        (tr("置信度 ≤", "confidence ≤"), filters.most, replace(filters, most=None)),
    ):
        if value not in ("", None):
            yield Chip(f"{title} {value}", address(rest))
    if filters.waits is not None:
        title = tr("待听音", "needs a listener") if filters.waits else tr("无需先听音", "needs no listener")
        yield Chip(title, address(replace(filters, waits=None)))
    if filters.appealed:
        yield Chip(tr("有未裁定的申诉", "appeal waits"), address(replace(filters, appealed=False)))


def _but(many: Sequence[_One], one: _One) -> tuple[_One, ...]:
    return tuple(other for other in many if other != one)
