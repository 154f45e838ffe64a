"""The log of who did what, and whether it is whole."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from audit.store.log_lines import PAGE, Line, lines
from audit.store.soundness import FAULTS, verify
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.log_words import ACTIONS
from audit.web.render import page

router = APIRouter()
_Reader = Annotated[User, Depends(allowed(Permission.LOG))]


@router.get("/log")
def log(
    request: Request, user: _Reader, before: str = "", actor: str = "", action: str = "", subject: str = ""
) -> Response:
    """The last lines first; a filter finds whole names, actions and subjects (`call:17`, or `call` for all calls)."""
    return _log(request, user, before, actor, action, subject)


@router.post("/log/verify")
def check(request: Request, user: _Reader) -> Response:
    """Compute the whole chain again, as `callaudit store verify` does."""
    faults, length, last = verify(desk_of(request).store)
    return _log(request, user, verified={"faults": faults, "length": length, "last": last})


def _log(
    request: Request,
    user: User,
    before: str = "",
    actor: str = "",
    action: str = "",
    subject: str = "",
    verified: dict[str, object] | None = None,
) -> Response:
    # What a browser sends of an empty field is "", not nothing.
    first = int(before) if before.isascii() and before.isdigit() and len(before) < 10 else None
    found = lines(
        desk_of(request).store,
        user.number,
        before=first,
        actor=actor.strip(),
        action=action.strip(),
        subject=subject.strip(),
    )
    older = found[-1].number if len(found) == PAGE else None
    return page(
        request,
        "log.html.j2",
        user=user,
        lines=[(line, _facts(line)) for line in found],
        older=older,
        actor=actor,
        action=action,
        subject=subject,
        before=first,
        actions=ACTIONS,
        fault_names=FAULTS,
        verified=verified,
    )


def _facts(line: Line) -> dict[str, object]:
    """The facts of a line; what is no JSON (somebody changed it) is shown as it is."""
    try:
        facts = json.loads(line.facts)
    except ValueError:
        return {"": line.facts}
    return facts if isinstance(facts, dict) else {"": line.facts}
