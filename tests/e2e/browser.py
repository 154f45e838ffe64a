"""A real browser: Debian's Chromium, driven by Playwright. Where there is none the tests fail, they do not skip."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import BrowserContext, expect, sync_playwright

# Five seconds, as Playwright has it, are few on a machine that runs all tests at once.
expect.set_options(timeout=30_000)
_FLAGS = ("--no-sandbox", "--disable-gpu", "--autoplay-policy=no-user-gesture-required")


@contextmanager
def chromium() -> Iterator[BrowserContext]:
    """A fresh profile of a headless Chromium, without a network."""
    path = shutil.which("chromium")
    assert path, "these tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser.new_context(offline=True, viewport={"width": 1100, "height": 900})
        finally:
            browser.close()
