"""An officer's day in a real browser, at a desk that `callaudit serve` opened: from signing in to signing out."""

import csv
import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Download, Page, expect

from audit.model.review import UserRole
from audit.store import tables as t
from audit.store.database import Store
from audit.store.soundness import check, verify
from tests.e2e.browser import chromium, until
from tests.store.runs import rows
from tests.web.live import serving, sign_in


@pytest.fixture
def address(store_url: str) -> Iterator[str]:
    with serving(store_url) as served:
        yield served


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """A browser's page; the test fails in the end when its console has shown an error."""
    complaints: list[str] = []
    with chromium() as browser:
        browser.set_offline(False)
        opened = browser.new_page()
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        yield opened
    assert complaints == []


def taken(page: Page, name: str) -> Download:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).click()
    return download.value


def test_an_officers_day(page: Page, address: str, store_url: str) -> None:
    sign_in(page, address, UserRole.OFFICER)

    # Filter: only what is critical and about violence.
    page.goto(f"{address}/queue")
    everything = page.locator("#queue tbody tr").count()
    page.locator("input[name=severity][value=critical]").check()
    expect(page.locator("#queue .chips")).to_contain_text("严重")
    page.locator("summary", has_text="威胁").click()
    page.locator("input[name=label][value='threat.violence']").check()
    expect(page.locator("#queue .chips")).to_contain_text("暴力威胁")
    assert 0 < page.locator("#queue tbody tr").count() < everything

    # Open a call, by keys.
    page.locator("#content").focus()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/calls/**")
    call = int(page.url.partition("/calls/")[2].partition("?")[0])
    expect(page.locator("#finding-title")).to_have_text("暴力威胁")

    # Hear it: peaks are drawn, time passes.
    expect(page.locator("#wave")).to_have_attribute("data-drawn", "2")
    drawn = """[...document.querySelector('#wave > div').shadowRoot.querySelectorAll('canvas')]
        .filter(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)).length"""
    assert page.evaluate(drawn) >= 2
    page.locator("#play").click()
    until(page, lambda: page.evaluate("document.getElementById('sound').currentTime > 1"))
    page.locator("#play").click()

    # Confirm one, dismiss the next, take that back.
    first = page.locator("#finding").get_attribute("data-mark")
    page.locator("#confirm").click()
    expect(page.locator(f".found li[data-mark='{first}']")).to_have_attribute("data-state", "confirmed")
    second = page.locator(".found li[data-state=open]").first.get_attribute("data-mark")
    page.locator(f".found li[data-mark='{second}'] a").click()
    expect(page.locator("#finding")).to_have_attribute("data-mark", second or "")
    page.keyboard.press("d")
    page.locator("#reason").fill("转述客户的话")
    page.locator("#dismiss-free").click()
    expect(page.locator(f".found li[data-mark='{second}']")).to_have_attribute("data-state", "dismissed")
    page.locator("#content").focus()
    page.keyboard.press("z")
    expect(page.locator(f".found li[data-mark='{second}']")).to_have_attribute("data-state", "open")

    # Add one that was missed.
    page.locator(".turn-agent [data-c]").first.select_text()
    page.keyboard.press("m")
    page.locator("#missed-label").fill("不当施压")
    page.keyboard.press("Enter")
    expect(page.locator(".added-one")).to_contain_text("不当施压")

    # Swap roles and see findings change; swap them back.
    before = page.locator(".found li").count()
    page.locator("#correcting > summary").click()
    page.locator("#swap-roles").click()
    expect(page.locator("#change")).to_contain_text("已消失")
    expect(page.locator(".found li")).not_to_have_count(before)
    page.get_by_role("button", name="撤销这项更正").click()
    expect(page.locator(".found li")).to_have_count(before)
    expect(page.locator(f".found li[data-mark='{first}']")).to_have_attribute("data-state", "confirmed")

    # The agent appeals.
    page.locator(f".found li[data-mark='{first}'] a").click()
    expect(page.locator("#finding")).to_have_attribute("data-mark", first or "")
    page.get_by_role("link", name="坐席申诉").click()
    page.locator("#statement").fill("当时在复述客户的话。")
    page.get_by_role("button", name="提交").click()
    page.goto(f"{address}/appeals")
    expect(page.locator("main")).to_contain_text("暴力威胁")

    # Take the call and the queue away.
    page.goto(f"{address}/calls/{call}")
    report = json.loads(taken(page, "导出 JSON").path().read_text(encoding="utf-8"))
    assert report["findings"]
    assert "13800138000" not in json.dumps(report)
    page.goto(f"{address}/queue?label=threat.violence")
    with taken(page, "csv").path().open(encoding="utf-8-sig", newline="") as file:
        assert {"已确认"} & {value for row in csv.DictReader(file) for value in row.values()}

    # And home. What was open is closed.
    page.get_by_role("button", name="退出").click()
    page.wait_for_url("**/sign-in*")
    page.goto(f"{address}/calls/{call}")
    assert "/sign-in" in page.url

    with Store(store_url) as store:
        did = [row["action"] for row in rows(store, t.log)]
        assert check(store) == []
        assert verify(store)[0] == []
    for action in ("sign_in", "listen", "decide", "add_missed", "correct", "appeal", "export", "sign_out"):
        assert action in did, action
