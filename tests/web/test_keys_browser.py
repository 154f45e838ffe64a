"""Keys of one character, which the reader can switch off, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from audit.model.review import UserRole
from tests.e2e.browser import chromium
from tests.web.live import serving, sign_in


@pytest.fixture
def address(store_url: str) -> Iterator[str]:
    with serving(store_url) as served:
        yield served


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """An officer's page; the test fails in the end when its console has shown an error."""
    complaints: list[str] = []
    with chromium() as browser:
        browser.set_offline(False)
        opened = browser.new_page()
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        sign_in(opened, address, UserRole.OFFICER)
        yield opened
    assert complaints == []


def chosen_by_key(page: Page) -> int:
    """How many rows of the queue are chosen after `j`."""
    page.locator("#content").focus()
    page.keyboard.press("j")
    return page.locator("#queue tr.at").count()


def test_keys_of_one_character_are_switched_off_and_on(page: Page, address: str) -> None:
    page.goto(f"{address}/queue")
    assert chosen_by_key(page) == 1
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert page.evaluate("document.activeElement.closest('form').method") == "dialog", "Enter closes the list"
    page.get_by_role("button", name="关闭快捷键").click()

    # Back in the queue no key does anything, not even with a box of the filters in the focus.
    expect(page.locator("body[data-keys=off]")).to_be_visible()
    assert page.url == f"{address}/queue"
    page.locator("#content").focus()
    for key in ("?", "j", "k", "n", "/", "f"):
        page.keyboard.press(key)
    page.locator("input[name=severity]").first.focus()
    page.keyboard.press("j")
    assert page.locator("#queue tr.at").count() == 0
    expect(page.locator("#keys")).to_be_hidden()
    assert page.evaluate("document.activeElement.name") == "severity"

    # The page of a call neither: nothing is decided, opened or played.
    page.locator("#queue tbody tr a").first.click()
    page.wait_for_url("**/calls/**")
    expect(page.locator("#wave")).to_have_attribute("data-drawn", "2")
    where, mark = page.url, page.locator("#finding").get_attribute("data-mark")
    page.locator("#content").focus()
    for key in ("c", "u", "d", "m", "n", "l", "z", "[", " ", "?"):
        page.keyboard.press(key)
    assert page.url == where and page.locator("#finding").get_attribute("data-mark") == mark
    assert page.locator("details[open]:is(#dismissing, #add-missed)").count() == 0
    assert page.evaluate("document.getElementById('sound').paused")
    expect(page.locator("#confirm kbd")).to_be_hidden()
    page.locator("#show-keys").click()
    expect(page.locator("#keys")).to_contain_text("快捷键已在这个浏览器里关闭")
    page.keyboard.press("Escape")

    # Switched on again where it stands in one's own account.
    page.goto(f"{address}/me")
    page.locator("main").get_by_role("button", name="启用快捷键").click()
    expect(page.locator("body:not([data-keys])")).to_be_visible()
    page.goto(f"{address}/queue")
    assert chosen_by_key(page) == 1
