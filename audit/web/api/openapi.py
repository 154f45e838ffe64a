"""The description of the API that programs read."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from audit.web.access import User, allowed

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def openapi(request: Request, user: Annotated[User, Depends(allowed(None))]) -> dict[str, Any]:
    """OpenAPI 3.1, for who is signed in: it names what there is to attack."""
    described: dict[str, Any] = request.app.openapi()
    return described
