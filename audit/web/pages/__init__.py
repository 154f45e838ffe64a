"""The pages: each is a module with a `router`, and one line below."""

from dataclasses import dataclass

from fastapi import APIRouter

from audit.web.access import Permission
from audit.web.pages import (
    accounts,
    api_docs,
    appeals,
    audio,
    call,
    corrections,
    dashboards,
    decide,
    export,
    keys,
    language,
    log,
    packs,
    plans,
    playground,
    queue,
    reveal,
    search,
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
    Page("队列", "Queue", "/queue", Permission.READ),
    Page("搜索", "Search", "/search", Permission.READ),
    Page("抽样复查", "Second review", "/plans", Permission.DECIDE),
    Page("申诉", "Appeals", "/appeals", Permission.DECIDE),
    Page("统计", "Dashboards", "/dashboards", Permission.STATISTICS),
    Page("规则试验台", "Playground", "/playground", Permission.PLAYGROUND),
    Page("培训包", "Training packs", "/packs", Permission.PACKS),
    Page("账号", "Accounts", "/accounts", Permission.ACCOUNTS),
    Page("日志", "Log", "/log", Permission.LOG),
)

ROUTERS: tuple[APIRouter, ...] = (
    queue.router,
    language.router,
    keys.router,
    search.router,
    sign_in.router,
    accounts.router,
    log.router,
    packs.router,
    api_docs.router,
    call.router,
    decide.router,
    plans.router,
    appeals.router,
    audio.router,
    corrections.router,
    reveal.router,
    dashboards.router,
    export.router,
    playground.router,
)
