"""The JSON API: each part is a module with a `router`, and one line below. What a page does, a program can do with a token."""

from fastapi import APIRouter

from audit.web.api import (
    appeals,
    corrections,
    log,
    me,
    openapi,
    packs,
    plans,
    sound,
    tokens,
    users,
)

ROUTERS: tuple[APIRouter, ...] = (
    me.router,
    tokens.router,
    users.router,
    log.router,
    plans.router,
    appeals.router,
    packs.router,
    corrections.router,
    sound.router,
    openapi.router,
)
