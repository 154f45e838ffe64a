"""The page of a call in a real browser: what is heard, seen, pressed."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect

from audit.ingest.items import RECORDING
from audit.model.call import Role, Source, Turn
from audit.model.review import UserRole
from audit.model.span import TimeSpan
from audit.model.transcript import Word
from audit.store import tables as t
from audit.store.sessions import open_session
from audit.web.app import create_app
from audit.web.desk import Desk
from tests.clips.calls import SAMPLES
from tests.e2e.browser import launched, profile, until
from tests.store.runs import report, rows, take_in
from tests.web.conftest import NAMES

CALL = "sample-05"


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The desk behind a real port; its address."""
    server = uvicorn.Server(uvicorn.Config(create_app(desk), port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def opened(desk: Desk, started: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the page of a call for a user of a role; fails in the end when the console has shown an error."""
    complaints: list[str] = []
    with served(desk) as address, profile(started) as browser:
        browser.set_offline(False)

        def open_page(call: str = CALL, role: UserRole = UserRole.OFFICER, lang: str = "zh") -> Page:
            number = next(row["id"] for row in rows(desk.store, t.calls) if row["call_id"] == call)
            user = next(row["id"] for row in rows(desk.store, t.users) if row["name"] == NAMES[role])
            assert isinstance(user, int)
            token, _ = open_session(desk.store, user)
            cookies = {"callaudit": token, "lang": lang}
            browser.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
            page = browser.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on(
                "console",
                lambda said: complaints.append(f"{said.text} {said.location['url']}") if said.type == "error" else None,
            )
            page.goto(f"{address}/calls/{number}")
            return page

        yield open_page
    assert [said for said in complaints if "favicon" not in said] == []


def position(page: Page) -> float:
    return float(page.evaluate("document.getElementById('sound').currentTime"))


def slowly(page: Page) -> None:
    """Have the sound play slowly: a busy machine looks seldom, and is to see each second of it."""
    page.evaluate("document.getElementById('sound').playbackRate = 0.25")


def test_an_officer_hears_the_call_and_sees_it_pass(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(page.locator("#wave")).to_have_attribute("data-drawn", "2")
    drawn = """() => [...document.querySelector('#wave > div').shadowRoot.querySelectorAll('canvas')]
        .filter(c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)).length"""
    assert page.evaluate(drawn) >= 2
    styled = (
        "() => getComputedStyle(document.querySelector('#wave > div').shadowRoot.querySelector('.wrapper')).position"
    )
    assert page.evaluate(styled) == "relative", "the style in the shadow is refused"
    assert position(page) == 0
    page.locator("#content").focus()
    page.keyboard.press(" ")
    until(page, lambda: position(page) > 2)
    expect(page.locator("#turn-0")).to_have_class("turn turn-agent now")
    page.keyboard.press("]")
    assert page.evaluate("document.getElementById('sound').playbackRate") == 1.25
    page.keyboard.press(" ")
    assert page.evaluate("document.getElementById('sound').paused")
    before = position(page)
    page.keyboard.press("ArrowRight")
    assert position(page) == pytest.approx(before + 5, abs=0.5)


def test_the_next_finding_is_played_from_two_seconds_before_and_looped(opened: Callable[..., Page]) -> None:
    page = opened()
    expect(page.locator("#wave")).to_have_attribute("data-drawn", "2")
    slowly(page)
    page.locator("#content").focus()
    page.keyboard.press("n")
    expect(page.locator("#finding")).to_have_attribute("data-mark", "2")
    row = page.locator(".found li[data-mark='2']")
    start, end = (float(row.get_attribute(f"data-{edge}") or "nan") for edge in ("start", "end"))
    until(page, lambda: start - 2.1 < position(page) < start)
    page.keyboard.press("l")
    page.evaluate(f"document.getElementById('sound').currentTime = {end + 0.25}")
    until(page, lambda: position(page) < start + 1)
    page.keyboard.press("p")
    expect(page.locator("#finding")).to_have_attribute("data-mark", "1")


def test_a_word_is_played_by_a_click_and_followed(opened: Callable[..., Page], desk: Desk, tmp_path: Path) -> None:
    recording = SAMPLES / "recordings/2026-03-02/line1003_0002.wav"
    words = ("你", "他妈的", "少", "跟我", "装蒜")
    timed = tuple(Word(word, TimeSpan(10 + i, 11 + i)) for i, word in enumerate(words))
    turn = Turn(0, Role.AGENT, "".join(words), TimeSpan(10, 15), timed, channel=0, confidence=0.41)
    made = report("with-words", [])
    source = Source(str(recording), hashlib.sha256(recording.read_bytes()).hexdigest(), RECORDING)
    take_in(desk.store, tmp_path, replace(made, call=replace(made.call, turns=(turn,), source=source)), hour=23)
    page = opened("with-words")
    slowly(page)
    expect(page.locator("#turn-0")).to_contain_text("识别不清 0.41")
    page.get_by_text("跟我").click()
    until(page, lambda: 13 <= position(page) < 14)
    expect(page.locator(".word-now")).to_have_text("装蒜")
    page.locator("#turn-0 .play").click()
    until(page, lambda: 8 <= position(page) < 10)


def test_decisions_by_keys_are_told_and_taken_back(opened: Callable[..., Page], desk: Desk) -> None:
    page = opened()
    page.locator("#content").focus()
    page.keyboard.press("c")
    expect(page.locator("#finding")).to_have_attribute("data-mark", "2")
    expect(page.locator("#said")).to_contain_text("确认")
    expect(page.locator(".found li[data-mark='1']")).to_have_attribute("data-state", "confirmed")
    page.keyboard.press("z")
    expect(page.locator("#finding")).to_have_attribute("data-mark", "1")
    expect(page.locator(".found li[data-mark='1']")).to_have_attribute("data-state", "open")
    page.keyboard.press("d")
    page.keyboard.press("3")
    expect(page.locator(".found li[data-mark='1']")).to_have_attribute("data-state", "dismissed")
    assert [(row["verdict"], row["reason"]) for row in rows(desk.store, t.decisions)] == [
        ("confirm", ""), ("undo", ""), ("dismiss", "说话人标错"),
    ]  # fmt: skip


def test_chosen_words_are_added_as_a_missed_violation(opened: Callable[..., Page], desk: Desk) -> None:
    page = opened()
    words = page.locator("#turn-1 [data-c]").first
    words.select_text()
    page.keyboard.press("m")
    expect(page.locator("#missed-words")).to_have_value("怎么又是你们？今天都打了四次了。")
    page.locator("#missed-label").fill("频次超限")
    page.keyboard.press("Enter")
    expect(page.locator("#turn-1 ins")).to_have_text("怎么又是你们？今天都打了四次了。")
    expect(page.locator("#message")).to_contain_text("已补记")
    added = rows(desk.store, t.missed)
    assert [(row["label"], row["turn"], row["start_char"]) for row in added] == [("contact.frequency", 1, 0)]
    page.get_by_role("button", name="撤回补记：频次超限").click()
    expect(page.locator("ins")).to_have_count(0)


def test_what_is_masked_is_revealed_by_a_click_that_is_logged(opened: Callable[..., Page], desk: Desk) -> None:
    page = opened()
    expect(page.locator("#turn-0 .bubble")).not_to_contain_text("陈立强")
    page.locator("#turn-0 .masked").first.click()
    expect(page.locator("#turn-0 .bubble")).to_contain_text("陈立强")
    assert [row["action"] for row in rows(desk.store, t.log)][-1] == "reveal"


def test_swapped_roles_change_findings_and_dialogue_at_once(opened: Callable[..., Page]) -> None:
    page = opened()
    before = page.locator(".found li").count()
    page.locator("#correcting > summary").click()
    page.locator("#swap-roles").click()
    expect(page.locator("#change")).to_contain_text("已消失")
    expect(page.locator("#turn-0")).to_have_class("turn turn-debtor")
    assert page.locator(".found li").count() < before
    page.get_by_role("button", name="撤销这项更正").click()
    expect(page.locator("#turn-0")).to_have_class("turn turn-agent")
    expect(page.locator(".found li")).to_have_count(before)


def test_a_trainer_sees_no_button_that_decides_or_reveals(opened: Callable[..., Page]) -> None:
    page = opened(role=UserRole.TRAINER, lang="en")
    expect(page.locator("#play")).to_be_visible()
    expect(page.locator("#confirm, .masked, #add-missed, #swap-roles")).to_have_count(0)
    expect(page.locator("#turn-0 .bubble")).not_to_contain_text("陈立强")
