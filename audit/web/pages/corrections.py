"""What officers correct in the words of a call: who spoke, what was said. The call is audited again at once, and what changed is shown."""

from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from audit.errors import InputError
from audit.store.calls import stored_report
from audit.store.reaudit import Change, correct_and_audit, last_change, reaudit, waits_for_audit
from audit.store.review import Corrected, Correction, Proposal, corrected_call, corrections_of
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.desk import Desk
from audit.web.masks import mask_for, shown_id
from audit.web.numbers import Number
from audit.web.render import is_part, page, part, see

router = APIRouter()
# `again`: nothing is corrected; the corrections that hold are applied to words that a later run brought as they were heard.
Kind = Literal["swap_roles", "role", "text", "undo", "again"]


@router.post("/calls/{number}/corrections")
def correct(
    request: Request,
    number: Number,
    user: Annotated[User, Depends(allowed(Permission.DECIDE))],
    kind: Annotated[Kind, Form()],
    turn: Annotated[int | None, Form()] = None,
    value: Annotated[str, Form()] = "",
    undoes: Annotated[int | None, Form()] = None,
) -> Response:
    """Correct the call and audit it again: for htmx what changed (and the event `corrected`), else the way to the page that tells it."""
    change = corrected(desk_of(request), number, user.name, kind, turn, value, undoes)
    if not is_part(request):
        return see(f"/calls/{number}/corrections")
    answer = part(request, "change.html.j2", user=user, **_context(desk_of(request), number, user), change=change)
    answer.headers["HX-Trigger"] = "corrected"
    return answer


@router.get("/calls/{number}/corrections")
def show(request: Request, number: Number, user: Annotated[User, Depends(allowed(Permission.READ))]) -> Response:
    """The corrections that hold, and what the last audit changed."""
    desk = desk_of(request)
    with desk.store.reading() as connection:
        change = last_change(connection, number, mask_for(user))
        known = stored_report(connection, number).call
    context = _context(desk, number, user) | {"change": change, "shown_id": shown_id(known, mask_for(user)(known))}
    return page(request, "corrections.html.j2", user=user, **context)


def corrected(
    desk: Desk, call: int, reviewer: str, kind: Kind, turn: int | None, value: str, undoes: int | None
) -> Change:
    """Correct a call and audit it again, or (`again`) only audit it; what changed.

    Raises InputError as `correct_and_audit` and `reaudit`, CA847 where no correction waits to be audited `again`; ConfigError when the
    rules cannot be loaded.
    """
    if kind == "again":
        with desk.store.reading() as connection:
            if not waits_for_audit(connection, call):
                raise InputError("CA847", str(call))
    with desk.auditing() as auditor:
        if kind == "again":
            return reaudit(desk.store, call, auditor, reviewer)
        # A turn is one line, whatever was pasted.
        proposed = Proposal(Correction(kind), turn, " ".join(value.split()), undoes)
        return correct_and_audit(desk.store, call, auditor, reviewer, proposed)


def corrections_shown(connection: sa.Connection, call: int, user: User) -> list[tuple[Corrected, str | None]]:
    """The corrections that hold, with the words that each gave its turn, masked by the whole call as it is corrected. None for what gave no
    words, and for words that were corrected again: they stand in no dialogue that could tell what to mask.

    Raises InputError CA611 when there is no such call.
    """
    held = corrections_of(connection, call)
    if not held:
        return []
    redactor = mask_for(user)(corrected_call(connection, call))
    last = {made.turn: made.number for made in held if made.kind is Correction.TEXT}
    return [
        (made, redactor.turn(made.turn) if made.turn is not None and last.get(made.turn) == made.number else None)
        for made in held
    ]


def _context(desk: Desk, call: int, user: User) -> dict[str, Any]:
    with desk.store.reading() as connection:
        corrections = corrections_shown(connection, call, user)
        return {"number": call, "corrections": corrections, "waits": waits_for_audit(connection, call)}
