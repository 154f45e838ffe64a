"""A real browser: Debian's Chromium, driven by Playwright. Where there is none the tests fail, they do not skip."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

# Five seconds, as Playwright has it, are few on a machine that runs all tests at once. What comes is waited for no longer than it takes.
PATIENCE_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)
_FLAGS = ("--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required")


@contextmanager
def launched() -> Iterator[Browser]:
    """A headless Chromium."""
    path = shutil.which("chromium")
    assert path, "these tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def chromium() -> Iterator[BrowserContext]:
    """A fresh profile of a Chromium of its own, without a network."""
    with launched() as browser:
        yield profile(browser)


def profile(browser: Browser) -> BrowserContext:
    """A fresh profile, without a network."""
    return patient(browser.new_context(offline=True, viewport={"width": 1100, "height": 900}))


def patient(context: BrowserContext) -> BrowserContext:
    """Let its pages take their time, too, to load and to be ready for clicks."""
    context.set_default_timeout(PATIENCE_MS)
    return context


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait from outside until it holds: the policy of the pages forbids Playwright's own waiting, which evaluates a text inside."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        assert time.monotonic() < deadline, "it does not come to hold"
        page.wait_for_timeout(50)
