"""What comes between people and their work, in a real browser: sessions that end, small screens, answers that take a while."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from audit.model.review import UserRole
from tests.e2e.browser import chromium
from tests.web.conftest import NAMES
from tests.web.live import PASSWORD, serving, sign_in

CALL = "/calls/5"
COMMENT = "录音第 20 秒起语气激烈，建议约谈。"


@pytest.fixture
def address(store_url: str) -> Iterator[str]:
    with serving(store_url) as served:
        yield served


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """An officer's page; no script of ours may fail in it."""
    complaints: list[str] = []
    with chromium() as browser:
        browser.set_offline(False)
        opened = browser.new_page()
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        sign_in(opened, address, UserRole.OFFICER)
        yield opened
    assert complaints == []


def lose_session(page: Page) -> None:
    page.context.clear_cookies()


def sign_in_here(page: Page, role: UserRole = UserRole.OFFICER) -> None:
    """Sign in on the page that the browser was led to."""
    page.wait_for_url("**/sign-in*")
    page.locator("#name").fill(NAMES[role])
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def start_comment(page: Page, address: str) -> str:
    """Write a comment on a finding; the page's address."""
    page.goto(f"{address}{CALL}?tab=breaches&state=open")
    page.locator(".found li a").nth(1).click()
    page.wait_for_url("**finding=*")
    page.locator(".commenting summary").click()
    page.locator("#comment").fill(COMMENT)
    return page.url


def test_a_comment_is_there_again_after_the_session_ended_meanwhile(page: Page, address: str) -> None:
    before = start_comment(page, address)
    lose_session(page)
    page.locator("#confirm").click()
    sign_in_here(page)
    assert page.url == before
    expect(page.locator("#comment")).to_be_visible()
    expect(page.locator("#comment")).to_have_value(COMMENT)
    expect(page.locator("#message")).to_contain_text("还没有提交")
    page.locator("#confirm").click()
    expect(page.locator(".just-made")).to_contain_text("确认")
    page.reload()
    expect(page.locator("#comment")).to_have_value("")


def test_what_somebody_wrote_is_not_put_before_the_next_who_signs_in(page: Page, address: str) -> None:
    start_comment(page, address)
    lose_session(page)
    page.locator("#confirm").click()
    sign_in_here(page, UserRole.LEAD)
    expect(page.locator("#comment")).to_have_value("")
    assert page.evaluate("sessionStorage.getItem('callaudit-unsent')") is None


def test_a_statement_on_a_page_of_its_own_is_kept_too_and_forgotten_once_it_is_filed(page: Page, address: str) -> None:
    page.goto(f"{address}{CALL}")
    page.get_by_role("link", name="坐席申诉").click()
    page.wait_for_url("**/appeal")
    page.locator("#statement").fill(COMMENT)
    lose_session(page)
    page.get_by_role("button", name="提交").click()
    sign_in_here(page)
    assert page.url.endswith("/appeal")
    expect(page.locator("#statement")).to_have_value(COMMENT)
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/appeals/*")
    expect(page.locator("main")).to_contain_text(COMMENT)
    assert page.evaluate("sessionStorage.getItem('callaudit-unsent')") is None


def test_a_laptop_shows_where_to_decide_and_a_narrow_window_the_words_of_findings(page: Page, address: str) -> None:
    page.goto(f"{address}{CALL}")
    many = page.locator(".found li")
    assert many.count() > 8
    for width, height in ((1366, 768), (1280, 720)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{address}{CALL}")
        many.last.locator("a").click()
        expect(page.locator(".found li").last.locator("a[aria-current]")).to_be_in_viewport()
        page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
        expect(page.locator("#confirm")).to_be_in_viewport()

    page.goto(f"{address}/queue")
    row = page.locator("#queue tbody tr").first
    for width in (683, 768, 960, 1024):
        page.set_viewport_size({"width": width, "height": 700})
        expect(row).to_be_in_viewport()
        words = row.locator(".said").bounding_box()
        assert words is not None
        assert words["width"] > 0.18 * width, width


def test_one_correction_at_a_time_and_the_page_says_that_it_audits(page: Page, address: str) -> None:
    page.goto(f"{address}{CALL}")
    page.locator("#correcting > summary").click()
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    page.locator("#swap-roles").evaluate("button => { button.click(); button.click(); }")
    expect(page.locator(".auditing")).to_be_visible()
    expect(page.locator("#change")).to_contain_text("已消失")
    expect(page.locator(".auditing")).to_be_hidden()
    assert len(sent) == 1
