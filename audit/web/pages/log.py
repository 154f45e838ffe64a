"""The log of who did what, and whether it is whole."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from audit.store.log_lines import PAGE, Line, lines
from audit.store.soundness import FAULTS, verify
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.log_words import ACTIONS, fact_words, subject_of, subject_words
from audit.web.render import page

router = APIRouter()
_Reader = Annotated[User, Depends(allowed(Permission.LOG))]


@router.get("/log")
def log(
    request: Request,
    user: _Reader,
    before: str = "",
    actor: str = "",
    action: str = "",
    subject: str = "",
    token: str = "",
) -> Response:
    """The last lines first; a filter finds whole names, actions, subjects (`call:17`, or `call` for all calls) and numbers of tokens."""
    return _log(request, user, before, actor, action, subject, token)


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
    token: str = "",
    verified: dict[str, object] | None = None,
) -> Response:
    # A token that is no number acts for nobody: nothing is found.
    by_token = (_number(token.strip()) or 0) if token.strip() else None
    first = _number(before)
    found = lines(
        desk_of(request).store,
        user.number,
        before=first,
        actor=actor.strip(),
        action=action.strip(),
        subject=subject_of(subject),
        token=by_token,
    )
    older = found[-1].number if len(found) == PAGE else None
    return page(
        request,
        "log.html.j2",
        user=user,
        lines=[(line, subject_words(line.subject), _facts(line)) for line in found],
        older=older,
        actor=actor,
        action=action,
        subject=subject,
        token=token,
        before=first,
        actions=ACTIONS,
        fault_names=FAULTS,
        verified=verified,
    )


def _number(given: str) -> int | None:
    """A number in the address. What a browser sends of an empty field is "", not nothing."""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


def _facts(line: Line) -> dict[str, str]:
    """The facts, in words, of a line but its token, which stands beside who did it; what is no JSON (somebody changed it) is shown as it is."""
    try:
        facts = json.loads(line.facts)
    except ValueError:
        return {"": line.facts}
    if not isinstance(facts, dict):
        return {"": line.facts}
    shown = {key: value for key, value in facts.items() if value is not None and (key != "token" or line.token is None)}
    return dict(fact_words(key, value) for key, value in shown.items())
