"""The log of who did what."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from audit.store.log_lines import PAGE, lines
from audit.store.soundness import verify
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.numbers import LARGEST

router = APIRouter(tags=["log"])
_Reader = Annotated[User, Depends(allowed(Permission.LOG))]


class Line(BaseModel):
    """A line of the log; `facts` is text exactly as it is hashed, JSON unless somebody changed it. While who asks owes a blind opinion, what
    others said of the sample is covered in it. `token`: the number of the token of the API that did it."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    facts: str
    token: int | None


class Fault(BaseModel):
    """Where the log does not hold; the kinds are in docs/store.md."""

    kind: str
    row: str
    detail: str


class Verified(BaseModel):
    """Whether the chain holds, its length and its last hash."""

    whole: bool
    lines: int
    last_hash: str
    faults: list[Fault]


@router.get("/log")
def log(
    request: Request,
    user: _Reader,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    actor: str = "",
    action: str = "",
    subject: str = "",
    token: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = PAGE,
) -> list[Line]:
    """The last lines first; `before` is the number of the last line seen. `subject` is whole (`call:17`) or a kind (`call`)."""
    asked = {"actor": actor, "action": action, "subject": subject}
    found = lines(desk_of(request).store, user.number, before=before, token=token, limit=limit, **asked)
    return [
        Line(
            number=line.number,
            at=line.at,
            actor=line.actor,
            action=line.action,
            subject=line.subject,
            facts=line.facts,
            token=line.token,
        )
        for line in found
    ]


@router.post("/log/verify")
def verify_log(request: Request, user: _Reader) -> Verified:
    """Compute the whole chain again, as `callaudit store verify` does."""
    faults, length, last = verify(desk_of(request).store)
    return Verified(
        whole=not faults,
        lines=length,
        last_hash=last,
        faults=[Fault(kind=fault.kind, row=fault.row, detail=fault.detail) for fault in faults],
    )
