"""A desk as it is used: `callaudit serve` in a process of its own, people signed in to it in a real browser."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from urllib.request import urlopen

from playwright.sync_api import Page

from audit.model.review import UserRole
from audit.store.database import Store
from audit.store.users import change_password, named
from audit.web.passwords import hashed
from tests.web.conftest import NAMES

PASSWORD = "一二三四五六七八九十-desk"
_RUN = "import sys; from audit.cli.main import main; sys.exit(main())"


@contextmanager
def serving(store: str) -> Iterator[str]:
    """Serve the store and yield the address; everybody in it may sign in with `PASSWORD`."""
    give_passwords(store)
    command = [sys.executable, "-c", _RUN, "serve", "--store", store, "--port", "0"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        try:
            assert server.stdout is not None
            said = server.stdout.readline()
            address = re.search(r"http://127\.0\.0\.1:[0-9]+", said)
            assert address, said
            with urlopen(f"{address[0]}/sign-in") as answer:  # waits until requests are taken
                assert answer.status == 200
            yield address[0]
        finally:
            server.terminate()
            server.wait(timeout=30)


def give_passwords(store: str) -> None:
    """Let the users of the sample store sign in."""
    with Store(store) as opened:
        for name in NAMES.values():
            change_password(opened, named(opened, name).number, _hash(), "test")


@cache
def _hash() -> str:
    """Of `PASSWORD`, worked out once: it takes long, as it should."""
    return hashed(PASSWORD, "")


def sign_in(page: Page, address: str, role: UserRole) -> None:
    """Sign in as the user of a role, as people do."""
    page.goto(f"{address}/sign-in")
    page.locator("#name").fill(NAMES[role])
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
