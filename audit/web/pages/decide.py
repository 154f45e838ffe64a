"""What reviewers do on the page of a call: decide, take back, add what the machine missed.

Every handler answers a form with the way to the next page, and htmx with the panel (and the rest of the page, where words were marked).
"""

from dataclasses import replace
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from audit.errors import InputError
from audit.model.labels import LABELS
from audit.model.review import ReviewState, Verdict
from audit.model.span import CharSpan
from audit.report.redaction import Redactor
from audit.store.dossier import Dossier, Made, dossier, made
from audit.store.queue import LONGEST_QUERY, Filters, next_finding
from audit.store.queue import queue as first_of_queue
from audit.store.review import add_missed, call_of, withdraw_missed
from audit.store.sampling import decide_in_view
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.numbers import FormNumber, FormNumberOrNone, Number
from audit.web.pages.call import Event, carried, entries_of, first_waiting, history, panel
from audit.web.render import is_part, see, url

router = APIRouter()

_LONGEST = 2000
_Text = Annotated[str, Form(max_length=_LONGEST)]


def _carried(queue: Annotated[str, Form(max_length=LONGEST_QUERY)] = "") -> str:
    """The queue that the reader came from, as forms carry it. Read before anything is done: what cannot be read is refused whole."""
    return carried(dict(parse_qsl(queue)))


_Queue = Annotated[str, Depends(_carried)]
_Reviewer = Annotated[User, Depends(allowed(Permission.DECIDE))]


@router.post("/findings/{number}/decisions")
def decide(
    request: Request,
    number: Number,
    user: _Reviewer,
    queue: _Queue,
    verdict: Annotated[Verdict, Form()],
    reason: _Text = "",
    common: _Text = "",
    comment: _Text = "",
    seen: FormNumberOrNone = 0,
) -> Response:
    """Decide on a finding (`reason` in the reviewer's words, or a `common` one; `seen`: the last decision the page showed), and go on to
    the next that waits: in this call, else in the queue. Where others have spoken since, the reader stays and is told."""
    store, filters = desk_of(request).store, Filters.from_query(dict(parse_qsl(queue)))
    with store.writing() as connection:
        words = (common or reason.strip(), comment.strip())
        decision, _ = decide_in_view(connection, number, user.name, verdict, *words)
    with store.reading() as connection:
        call = call_of(connection, number)
        known = dossier(connection, call, user.number)
        just_made = made(connection, decision, user.number)
    if verdict is Verdict.UNDO:
        return _lead_on(request, user, call, number, queue)
    if news := _said_meanwhile(known, number, seen, decision, user):
        return _lead_on(request, user, call, number, queue, just_made=just_made, news=news)
    following = first_waiting(entries_of(known, Redactor(known.report.call)), user.name, after=number)
    if following is not None:
        return _lead_on(request, user, call, following.filed.number, queue, just_made=just_made)
    next_one = _next_in_queue(request, user, number, filters)
    if next_one is None:
        return _lead_on(request, user, call, number, queue, just_made=just_made)
    address = _address(next_one[1], next_one[0], queue, just_made)
    return Response(headers={"HX-Redirect": address}) if is_part(request) else see(address)


@router.post("/calls/{number}/missed")
def add(
    request: Request,
    number: Number,
    user: _Reviewer,
    queue: _Queue,
    label: _Text,
    turn: Annotated[str, Form(max_length=9)] = "",
    words: _Text = "",
    start: Annotated[str, Form(max_length=9)] = "",
    end: Annotated[str, Form(max_length=9)] = "",
    comment: _Text = "",
    finding: FormNumberOrNone = 0,
) -> Response:
    """Add a violation that the machine missed: in a turn (counted from 1; none: in the whole call), in its characters from `start` to `end`
    or where its masked text first has the `words`."""
    store = desk_of(request).store
    # Words without a turn, or a turn that is no number: nothing is guessed.
    if (turn.strip() and not turn.strip().isdecimal()) or (words.strip() and not turn.strip()):
        raise InputError("CA615", str(number))
    index = int(turn) - 1 if turn.strip() else None
    span = CharSpan(int(start), int(end)) if start.isdecimal() and end.isdecimal() and int(start) < int(end) else None
    if index is not None and span is None and words.strip():
        with store.reading() as connection:
            span = _place_of(dossier(connection, number, user.number), index, words.strip())
    add_missed(store, number, user.name, _label(label, number), turn=index, span=span, comment=comment.strip())
    return _lead_on(request, user, number, finding, queue, whole=True)


@router.post("/missed/{number}/withdraw")
def withdraw(
    request: Request,
    number: Number,
    user: _Reviewer,
    queue: _Queue,
    call: FormNumber,
    finding: FormNumberOrNone = 0,
) -> Response:
    """Take back a violation that was added by hand."""
    withdraw_missed(desk_of(request).store, number, user.name)
    return _lead_on(request, user, call, finding, queue, whole=True)


def _lead_on(
    request: Request,
    user: User,
    call: int,
    finding: int,
    queue: str,
    *,
    just_made: Made | None = None,
    news: tuple[Event, ...] = (),
    whole: bool = False,
) -> Response:
    """On to a finding of the same call."""
    address = _address(call, finding, queue, just_made)
    if not is_part(request):
        return see(address)
    answer = panel(request, user, call, finding, queue, just_made=just_made, news=news, whole=whole)
    answer.headers["HX-Push-Url"] = _address(call, finding, queue, None)
    return answer


def _address(call: int, finding: int, queue: str, just_made: Made | None) -> str:
    number = just_made.number if just_made else None
    return url(f"/calls/{call}", finding=finding or None, made=number, **dict(parse_qsl(queue)))


def _next_in_queue(request: Request, user: User, finding: int, filters: Filters) -> tuple[int, int] | None:
    """The next finding that nobody has decided on, and its call: behind this one, else from the beginning."""
    waiting = replace(filters, states=(ReviewState.OPEN,)) if not filters.states else filters
    with desk_of(request).store.reading() as connection:
        following = next_finding(connection, waiting, user.number, finding)
        if following is None:
            first = first_of_queue(connection, waiting, user.number, limit=1).entries
            following = (first[0].number, first[0].call) if first else None
    return None if following is None or following[0] == finding else following


def _said_meanwhile(known: Dossier, finding: int, seen: int, decision: int, user: User) -> tuple[Event, ...]:
    """What others said of the finding after the page was made and before this decision."""
    filed = next((one for one in (*known.findings, *known.earlier) if one.number == finding), None)
    if filed is None:
        return ()
    new = {said.at for said in filed.statements if seen < said.number < decision and said.reviewer != user.name}
    return tuple(
        event for event in history(filed, Redactor(known.report.call)) if event.at in new and event.who != user.name
    )


def _label(given: str, call: int) -> str:
    """The label that a reader named, by its id or its name in either language."""
    names = {name: key for key, both in LABELS.items() for name in (key, *both)}
    if given.strip() not in names:
        raise InputError("CA616", str(call), label=given)
    return names[given.strip()]


def _place_of(known: Dossier, index: int, words: str) -> CharSpan:
    """Where the masked text of a turn has the words; raises InputError CA615 when it has not."""
    if all(turn.index != index for turn in known.report.call.turns):
        raise InputError("CA615", str(known.number))
    start = Redactor(known.report.call).turn(index).find(words)
    if start < 0:
        raise InputError("CA615", str(known.number))
    return CharSpan(start, start + len(words))
