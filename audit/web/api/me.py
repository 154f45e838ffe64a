"""Who a token acts for."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from audit.web.access import ROLES, User, allowed

router = APIRouter(tags=["me"])


class Me(BaseModel):
    """A user, and what the role may do."""

    number: int
    name: str
    role: str
    permissions: list[str]


@router.get("/me")
def me(user: Annotated[User, Depends(allowed(None))]) -> Me:
    """In whose name this request is made."""
    return Me(
        number=user.number,
        name=user.name,
        role=user.role.value,
        permissions=sorted(permission.value for permission in ROLES[user.role]),
    )
