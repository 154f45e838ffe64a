"""The rule playground: what rules say of a dialogue and why, and what an edited copy of a rule would change, before anybody saves it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from audit.evaluation.usage import Change
from audit.model.call import Call
from audit.model.finding import Finding
from audit.model.review import ReviewState
from audit.report.call_html import call_lines
from audit.report.card import cards
from audit.report.labels import RELATIONS
from audit.report.redaction import Redactor, masked_id, shortened
from audit.rules.loader import load_pack
from audit.store import chain
from audit.store import tables as t
from audit.store.calls import stored_report
from audit.store.sampling import hidden_from
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.desk import Desk
from audit.web.numbers import LARGEST
from audit.web.playground import (
    LONGEST_DIALOGUE,
    LONGEST_RULE,
    Compared,
    Tried,
    compare,
    pasted_call,
    rule_text,
    try_call,
)
from audit.web.render import is_part, page, part

MOST_CALLS = 2000
MOST_ROWS = 500
router = APIRouter()
Officer = Annotated[User, Depends(allowed(Permission.PLAYGROUND))]


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the form. `call` is the number of a stored call; without one the pasted `dialogue` is tried."""

    call: Annotated[int | None, Form(ge=1, le=LARGEST)] = None
    dialogue: Annotated[str, Form(max_length=LONGEST_DIALOGUE)] = ""
    started_at: Annotated[str, Form(max_length=40)] = ""
    relation: Annotated[str, Form(max_length=40)] = ""
    debtor_name: Annotated[str, Form(max_length=40)] = ""
    rule: Annotated[str, Form(max_length=80)] = ""
    edited: Annotated[str, Form(max_length=LONGEST_RULE)] = ""
    calls: Annotated[int, Form(ge=1, le=MOST_CALLS)] = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One change, as shown: the call's number, the stored finding's number and state where there is one, and its masked words."""

    change: Change
    call: int
    shown_id: str
    quote: str
    number: int | None
    state: str | None


@router.get("/playground")
def show(
    request: Request,
    user: Officer,
    rule: Annotated[str, Query(max_length=80)] = "",
    call: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
) -> Response:
    """The form, with the rule and the call that were asked for."""
    edited = rule_text(desk_of(request).options, rule) if rule else ""
    return _page(request, user, Asked(call=call, rule=rule, edited=edited))


@router.post("/playground/try")
def trial(request: Request, user: Officer, asked: Annotated[Asked, Depends()]) -> Response:
    """What the rules, the edited one among them, say of the dialogue."""
    desk = desk_of(request)
    tried = desk.trial.run(try_call, desk.options, _call(desk, asked, user), asked.edited, asked.rule)
    return _page(request, user, asked, tried=tried, **_shown(tried))


@router.post("/playground/compare")
def changed(request: Request, user: Officer, asked: Annotated[Asked, Depends()]) -> Response:
    """What the edited rule would change among stored calls."""
    desk = desk_of(request)
    compared, rows = compared_with_stored(desk, user, asked.edited, asked.rule, asked.calls)
    return _page(request, user, asked, compared=compared, rows=rows)


@router.post("/playground/rule.yaml")
def download(user: Officer, edited: Annotated[str, Form(max_length=LONGEST_RULE)]) -> Response:
    """The edited file, to be put into a folder of rules."""
    headers = {"Content-Disposition": 'attachment; filename="rule.yaml"'}
    return Response(edited.replace("\r\n", "\n"), media_type="application/yaml", headers=headers)


def compared_with_stored(desk: Desk, user: User, edited: str, rule: str, most: int) -> tuple[Compared, list[Row]]:
    """What an edited rule changes in at most `most` stored calls, those in which `rule` found something and the latest others; of the
    changes the first `MOST_ROWS` as rows. It is logged: a rule finds whatever its author looks for.

    Raises as `audit.web.playground.compare` and `Trial.run`.
    """
    with desk.store.reading() as connection:
        calls = {number: stored_report(connection, number).call for number in _chosen(connection, rule, most)}
    with desk.store.writing() as connection:
        chain.append(connection, user.name, "try_rule", "calls", calls=len(calls))
    compared = desk.trial.run(compare, desk.options, list(calls.values()), edited)
    shown = compared.changes[:MOST_ROWS]
    told = {change.finding.call_id for change in shown}
    by_id = {call.call_id: (number, Redactor(call)) for number, call in calls.items() if call.call_id in told}
    with desk.store.reading() as connection:
        # Who owes a blind opinion is not told what others think.
        kept = set(connection.execute(hidden_from(connection, user.number)).scalars())
        rows = [_row(connection, change, *by_id[change.finding.call_id], kept) for change in shown]
    return compared, rows


def _chosen(connection: sa.Connection, rule: str, most: int) -> list[int]:
    kept = t.calls.c.purged_at.is_(None)
    found = (
        sa.select(t.findings.c.call)
        .join(t.calls, t.calls.c.id == t.findings.c.call)
        .where(t.findings.c.rule == rule, t.findings.c.superseded_by.is_(None), kept)
        .group_by(t.findings.c.call)
        .order_by(t.findings.c.call.desc())
        .limit(most - most // 2)
    )
    with_rule = list(connection.execute(found).scalars())
    latest = sa.select(t.calls.c.id).where(kept).order_by(t.calls.c.day.desc(), t.calls.c.id.desc()).limit(most)
    return list(dict.fromkeys([*with_rule, *connection.execute(latest).scalars()]))[:most]


def _row(connection: sa.Connection, change: Change, number: int, redactor: Redactor, kept: Collection[int]) -> Row:
    found, state = _stored(connection, number, change.old)
    shown_id, words = masked_id(change.finding.call_id), shortened(redactor.quote(change.finding))
    return Row(change, number, shown_id, words, found, ReviewState.OPEN.value if found in kept else state)


def _stored(connection: sa.Connection, call: int, finding: Finding | None) -> tuple[int | None, str | None]:
    """Number and state of the finding in the store, where the audit in force made it."""
    if finding is None:
        return None, None
    same = sa.and_(
        t.findings.c.call == call,
        t.findings.c.superseded_by.is_(None),
        t.findings.c.label == finding.label,
        t.findings.c.turn.is_(None) if finding.turn is None else t.findings.c.turn == finding.turn,
    )
    row = connection.execute(sa.select(t.findings.c.id, t.findings.c.state).where(same).limit(1)).one_or_none()
    return (row.id, row.state) if row else (None, None)


def _call(desk: Desk, asked: Asked, user: User) -> Call:
    if asked.call is None:
        return pasted_call(asked.dialogue, asked.started_at, asked.relation, asked.debtor_name)
    with desk.store.reading() as connection:
        call = stored_report(connection, asked.call).call
    with desk.store.writing() as connection:
        chain.append(connection, user.name, "try_rule", f"call:{asked.call}", calls=1)
    return call


def _shown(tried: Tried) -> dict[str, Any]:
    report = tried.report
    redactor = Redactor(report.call)
    shown = cards(report.findings, report.call.turns, redactor)
    # Masked by the whole turn: a rule of three digits would else read a number out piece by piece.
    trace = tried.trace
    matched = (
        [(turn, span.of(redactor.turn(turn)) if turn is not None and span else "") for turn, span in trace.matched]
        if trace
        else []
    )
    return {"found": shown, "lines": call_lines(report, shown, redactor), "matched": list(dict.fromkeys(matched))}


_NOTHING: dict[str, Any] = {
    "tried": None, "compared": None, "rows": (), "found": (), "lines": (), "matched": (), "recording": None,
}  # fmt: skip


def _page(request: Request, user: User, asked: Asked, **outcome: Any) -> Response:
    """What came out as a piece of the page for htmx, else the page with it."""
    shown = _NOTHING | outcome
    if is_part(request):
        return part(request, "playground_result.html.j2", user=user, **shown)
    rules = load_pack(desk_of(request).options.rules).rules
    shown |= {"asked": asked, "rules": rules, "relations": RELATIONS, "most": MOST_CALLS}
    return page(request, "playground.html.j2", user=user, **shown)
