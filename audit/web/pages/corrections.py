"""What officers correct in the words of a call: who spoke, what was said. The call is audited again at once, and what changed is shown."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from audit.report.redaction import Redactor, masked_id
from audit.store.calls import stored_report
from audit.store.reaudit import Change, correct_and_audit, last_change, reaudit, waits_for_audit
from audit.store.review import Correction, Proposal, corrections_of
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.desk import Desk
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
    answer = part(request, "change.html.j2", user=user, **_context(desk_of(request), number), change=change)
    answer.headers["HX-Trigger"] = "corrected"
    return answer


@router.get("/calls/{number}/corrections")
def show(request: Request, number: Number, user: Annotated[User, Depends(allowed(Permission.READ))]) -> Response:
    """The corrections that hold, and what the last audit changed."""
    desk = desk_of(request)
    with desk.store.reading() as connection:
        change = last_change(connection, number)
        shown = masked_id(stored_report(connection, number).call.call_id)
    context = _context(desk, number) | {"change": change, "shown_id": shown}
    return page(request, "corrections.html.j2", user=user, **context)


def corrected(
    desk: Desk, call: int, reviewer: str, kind: Kind, turn: int | None, value: str, undoes: int | None
) -> Change:
    """Correct a call and audit it again, or (`again`) only audit it; what changed.

    Raises InputError as `correct_and_audit` and `reaudit`, ConfigError when the rules cannot be loaded.
    """
    with desk.auditing() as auditor:
        if kind == "again":
            return reaudit(desk.store, call, auditor, reviewer)
        # A turn is one line, whatever was pasted.
        proposed = Proposal(Correction(kind), turn, " ".join(value.split()), undoes)
        return correct_and_audit(desk.store, call, auditor, reviewer, proposed)


def _context(desk: Desk, call: int) -> dict[str, Any]:
    with desk.store.reading() as connection:
        redactor = Redactor(stored_report(connection, call).call)
        held = corrections_of(connection, call)
        waits = waits_for_audit(connection, call)
    return {"number": call, "corrections": [(made, redactor.text(made.value)) for made in held], "waits": waits}
