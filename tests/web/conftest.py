"""A desk with the sample calls in its store, and somebody signed in at it."""

import re
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from audit.i18n import set_language
from audit.model.review import UserRole
from audit.pipeline import Options
from audit.report import run_json
from audit.report.run import Run
from audit.report.summary import RunInfo
from audit.store.calls import import_run
from audit.store.database import Store, create
from audit.store.sessions import open_session
from audit.store.users import add_user
from audit.web.app import create_app
from audit.web.desk import Desk
from tests.clips.calls import sample_run

ADDRESS = "http://127.0.0.1"
NAMES = {role: f"{role.value}-1" for role in UserRole}


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    """Every test starts and ends in the default language."""
    set_language("zh")
    yield
    set_language("zh")


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite store with the sample calls (true words, real recordings) and a user of each role."""
    return Path(sample_desk(tmp_path_factory.mktemp("sample")))


def sample_desk(place: Path) -> str:
    """Make such a store in `place`; its address."""
    folder = sample_run(place / "run")
    moment = datetime(2026, 3, 20, 12, tzinfo=UTC)
    run = Run([], [], RunInfo(moment, moment.replace(minute=30)))
    run_json.write(run, folder / "run.json")
    run.close()
    path = place / "store.sqlite"
    create(str(path))
    with Store(str(path)) as store:
        imported = import_run(store, folder, sorted((folder / "calls").glob("*.json")), "test")
        assert not imported.failures
        for role, name in NAMES.items():
            add_user(store, name, role, "test")
    return str(path)


@pytest.fixture
def store_url(sample_store: Path, tmp_path: Path) -> str:
    """The address of a copy of the sample store."""
    return str(shutil.copy(sample_store, tmp_path / "store.sqlite"))


@pytest.fixture
def desk(store_url: str, tmp_path: Path) -> Iterator[Desk]:
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o700)
    with Store(store_url) as store:
        yield Desk(store, Options(), cache)


class Browser(TestClient):
    """A client that keeps cookies, as a browser does, and follows no redirect by itself. `csrf` is the session's token."""

    csrf: str = ""

    def post_form(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> Response:
        """Post a form as the pages do, with the session's token in it."""
        return self.post(path, data={"csrf": self.csrf} | (data or {}), **options)


@pytest.fixture
def anonymous(desk: Desk) -> Browser:
    """Somebody who is not signed in."""
    return Browser(create_app(desk), ADDRESS, follow_redirects=False)


@pytest.fixture
def client(desk: Desk) -> Callable[[UserRole], Browser]:
    """Makes a browser in which the user of a role is signed in."""

    def signed_in(role: UserRole = UserRole.OFFICER, name: str | None = None) -> Browser:
        browser = Browser(create_app(desk), ADDRESS, follow_redirects=False)
        name = name or NAMES[role]
        with desk.store.reading() as connection:
            number = connection.exec_driver_sql(f"SELECT id FROM users WHERE name = '{name}'").scalar_one()
        token, session = open_session(desk.store, number)
        browser.cookies.set("callaudit", token)
        browser.csrf = session.csrf
        return browser

    return signed_in


def links(answer: Response) -> list[str]:
    """The addresses that a page leads to."""
    return re.findall(r'href="([^"#]+)"', answer.text)


def timeless(text: str) -> str:
    """`text` without fractions of seconds: they hold any few digits by chance."""
    return re.sub(r"(:[0-9]{2})\.[0-9]{6}", r"\1", text)
