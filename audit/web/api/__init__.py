"""The JSON API: each part is a module with a `router`, and one line below. What a page does, a program can do with a token."""

from fastapi import APIRouter

from audit.web.api import (
    appeals,
    calls,
    corrections,
    export,
    log,
    me,
    openapi,
    packs,
    plans,
    playground,
    queue,
    search,
    sound,
    statistics,
    tokens,
    users,
)

ROUTERS: tuple[APIRouter, ...] = (
    me.router,
    calls.router,
    tokens.router,
    users.router,
    log.router,
    queue.router,
    plans.router,
    search.router,
    appeals.router,
    packs.router,
    corrections.router,
    sound.router,
    statistics.router,
    export.router,
    playground.router,
    openapi.router,
)
