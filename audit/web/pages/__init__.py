"""The pages: each is a module with a `router`, and one line below."""

from dataclasses import dataclass

from fastapi import APIRouter

from audit.web.access import Permission
from audit.web.pages import (
    accounts,
    api_docs,
    call,
    decide,
    language,
    log,
    sign_in,
)


@dataclass(frozen=True, slots=True)
class Page:
    """An entry of the navigation: its title in both languages, where it leads, the permission it needs (None: only to be signed in)."""

    zh: str
    en: str
    path: str
    permission: Permission | None


# In the order of the navigation. A page that is not reached from there (a call) has only its router.
PAGES: tuple[Page, ...] = (
    Page("账号", "Accounts", "/accounts", Permission.ACCOUNTS),
    Page("日志", "Log", "/log", Permission.LOG),
)

ROUTERS: tuple[APIRouter, ...] = (
    language.router,
    sign_in.router,
    accounts.router,
    log.router,
    api_docs.router,
    call.router,
    decide.router,
)
