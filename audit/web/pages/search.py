"""Search: calls by what was said in them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from audit.model.call import Role
from audit.store.queue import choices
from audit.store.search import FEW, LAST_PAGE, LONGEST, Filters, has_words, search
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.masks import cover_for
from audit.web.render import page as whole_page

router = APIRouter()


@router.get("/search")
def found(
    request: Request,
    user: Annotated[User, Depends(allowed(Permission.READ))],
    q: Annotated[str, Query(max_length=LONGEST)] = "",
    page: Annotated[int, Query(ge=1, le=LAST_PAGE)] = 1,
) -> Response:
    """The calls in which the words `q` were said, the newest first; without words, the empty form."""
    filters = Filters.from_query(request.query_params)
    with desk_of(request).store.reading() as connection:
        results = search(connection, q, filters, page, cover_for(user)) if has_words(q) else None
        choice = choices(connection)
    return whole_page(
        request,
        "search.html.j2",
        user=user,
        words=q,
        filters=filters,
        asked=filters.query() | {"q": q},
        results=results,
        number=page,
        choices=choice,
        roles=[role.value for role in Role],
        few=FEW,
        last_page=LAST_PAGE,
    )
