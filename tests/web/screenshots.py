"""Screenshots of every page in both languages, for docs/desk.md: `python -m tests.web.screenshots [NAME ...]`."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, ViewportSize, sync_playwright

from audit.model.review import UserRole
from tests.e2e.browser import patient
from tests.web.conftest import sample_desk
from tests.web.live import serving, sign_in
from tests.web.worked import work

FOLDER = Path(__file__).parents[2] / "docs" / "images" / "desk"

# Name of the picture and what it shows; `{call}` and `{finding}` stand for a call with violations and its first finding.
SHOWN: dict[str, str] = {
    "queue": "/queue",
    "call": "/calls/{call}",
    "search": "/search?q=还钱",
    "plans": "/plans",
    "plan": "/plans/1",
    "plan-new": "/plans/new",
    "appeals": "/appeals",
    "appeal": "/appeals/1",
    "appeal-new": "/findings/{finding}/appeal",
    "dashboards": "/dashboards",
    "playground": "/playground?call={call}",
    "packs": "/packs",
    "accounts": "/accounts",
    "log": "/log",
    "me": "/me",
    "api": "/api",
    "sign-in": "/sign-in",
    "error": "/calls/999999",
}
SIGNED_OUT = ("sign-in",)
CALL, FINDING = 5, 30


def path_of(name: str) -> str:
    """The path of a picture's page."""
    return SHOWN[name].format(call=CALL, finding=FINDING)


@contextmanager
def pages(bypass_csp: bool = False) -> Iterator[tuple[str, Page, Page]]:
    """The address of a desk at which people have worked, a browser in which its administrator is signed in, and one in which nobody is."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        store = sample_desk(Path(folder))
        work(store)
        with serving(store) as address:
            chromium = shutil.which("chromium")
            assert chromium, "apt-get install chromium"
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            viewport: ViewportSize = {"width": 1440, "height": 900}
            try:
                known, unknown = (
                    patient(browser.new_context(viewport=viewport, bypass_csp=bypass_csp)).new_page() for _ in range(2)
                )
                sign_in(known, address, UserRole.ADMIN)
                yield address, known, unknown
            finally:
                browser.close()


def main(names: list[str]) -> None:
    """Take the pictures that are named, or all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with pages() as (address, known, unknown):
        for lang in ("zh", "en"):
            for name in names or SHOWN:
                page = unknown if name in SIGNED_OUT else known
                page.goto(f"{address}/language/{lang}?next=/sign-in")
                answer = page.goto(address + path_of(name), wait_until="networkidle")
                assert answer is not None
                assert answer.ok or name == "error", name
                page.screenshot(path=FOLDER / f"{name}.{lang}.png")


if __name__ == "__main__":
    main(sys.argv[1:])
