"""The description of the API that programs read."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from audit.web.access import User, allowed
from audit.web.described import described

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def openapi(request: Request, user: Annotated[User, Depends(allowed(None))]) -> dict[str, Any]:
    """OpenAPI 3.1, for who is signed in: it names what there is to attack. In the reader's language."""
    return described(request.app)
