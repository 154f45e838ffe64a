"""One masked piece of a call in clear: a permission, and a line in the log."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import JSONResponse, Response

from audit.errors import InputError
from audit.model.call import Call
from audit.model.span import CharSpan
from audit.report.redaction import Redactor, masked_id, masked_name, masked_number
from audit.store import chain
from audit.store.calls import stored_report
from audit.store.database import Store
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.dialogue import hidden_spans
from audit.web.numbers import Number

router = APIRouter()
Field = Literal["call_id", "debtor_name", "callee_number", "debtor_id", "case_no"]


@router.post("/calls/{number}/reveal")
def reveal(
    request: Request,
    number: Number,
    user: Annotated[User, Depends(allowed(Permission.REVEAL))],
    turn: Annotated[int | None, Form()] = None,
    start: Annotated[int | None, Form()] = None,
    end: Annotated[int | None, Form()] = None,
    field: Annotated[Field | None, Form()] = None,
) -> Response:
    """JSON with the `text` of one masked piece: the characters from `start` to `end` of `turn`, or the `field` of the call record.

    Raises InputError as `revealed`.
    """
    text = revealed(desk_of(request).store, number, user.name, field, turn, start, end)
    return JSONResponse({"text": text}, headers={"Cache-Control": "private, no-store"})


def revealed(
    store: Store, call: int, actor: str, field: str | None, turn: int | None, start: int | None, end: int | None
) -> str:
    """What a masked piece hides, once the log says that `actor` saw it.

    Raises InputError: CA611 no such call, CA844 when the piece is not exactly one that is masked.
    """
    with store.reading() as connection:
        known = stored_report(connection, call).call
    text = _in_field(known, field) if field else _in_turn(known, turn, start, end)
    if text is None:
        raise InputError("CA844", str(call))
    where: dict[str, str | int | None] = {"field": field} if field else {"turn": turn, "start": start, "end": end}
    with store.writing() as connection:
        chain.append(connection, actor, "reveal", f"call:{call}", **where)
    return text


def _in_turn(call: Call, index: int | None, start: int | None, end: int | None) -> str | None:
    turn = next((turn for turn in call.turns if turn.index == index), None)
    if turn is None or start is None or end is None or not 0 <= start <= end:
        return None
    span = CharSpan(start, end)
    return span.of(turn.text) if span in hidden_spans(turn, Redactor(call)) else None


def _in_field(call: Call, field: str) -> str | None:
    value: str | None = call.call_id if field == "call_id" else getattr(call.metadata, field)
    if not value:
        return None
    masks = {"call_id": masked_id, "debtor_name": masked_name, "callee_number": masked_number}
    masked = masks.get(field, Redactor(call).text)(value)
    return value if masked != value else None
