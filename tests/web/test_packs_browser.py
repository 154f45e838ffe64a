"""The pages of training packs in a real browser, at a desk that is served as people serve it."""

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from audit.model.review import UserRole, Verdict
from audit.store import tables as t
from audit.store.database import Store
from audit.store.review import decide
from tests.e2e.browser import launched, profile, until
from tests.web.conftest import NAMES
from tests.web.live import serving, sign_in

_AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def started() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a desk whose threats were all reviewed."""
    url = str(shutil.copy(sample_store, tmp_path_factory.mktemp("reviewed") / "store.sqlite"))
    with Store(url) as store:
        with store.reading() as connection:
            query = sa.select(t.findings.c.id, t.findings.c.label).where(t.findings.c.label.startswith("threat."))
            threats = connection.execute(query.order_by(t.findings.c.id)).all()
        dismissed = [row.id for row in threats if row.label == "threat.exposure"][1]
        for row in threats:
            no = row.id == dismissed
            verdict, reason = (Verdict.DISMISS, "客户自己说的") if no else (Verdict.CONFIRM, "")
            decide(store, row.id, NAMES[UserRole.OFFICER], verdict, reason=reason)
    with serving(url) as served:
        yield served


@pytest.fixture
def page(address: str, started: Browser) -> Iterator[Page]:
    """A trainer's page at the desk, on which nothing may go wrong."""
    wrong: list[str] = []
    with profile(started) as browser:
        browser.set_offline(False)
        page = browser.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console",
            lambda said: wrong.append(f"{said.text} {said.location['url']}") if said.type == "error" else None,
        )
        sign_in(page, address, UserRole.TRAINER)
        yield page
        assert [said for said in wrong if "favicon" not in said] == []


def test_a_trainer_chooses_makes_hears_and_takes_away_a_pack(address: str, page: Page) -> None:
    page.goto(f"{address}/packs")
    page.locator("#limit").fill("2")
    page.locator("input[value=threat]").check()
    expect(page.locator("#preview dd").first).to_have_text("2")
    expect(page.locator("#preview .would li")).to_have_count(3)
    page.locator(".pack-wish .primary").click()
    expect(page.locator(".example").first).to_be_visible()
    assert page.locator("audio").first.evaluate("clip => clip.networkState !== 2 && clip.readyState === 0")
    page.locator(".example .play").first.click()
    until(page, lambda: page.locator("audio").first.evaluate("clip => clip.currentTime > 0.3 && !clip.paused"))
    page.locator(".example").nth(1).locator(".play").first.click()
    until(page, lambda: page.locator("audio").nth(1).evaluate("clip => clip.currentTime > 0.3"))
    assert page.locator("audio").first.evaluate("clip => clip.paused"), "two clips at once"
    with page.expect_download() as download:
        page.locator(".tools a[download]").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        assert "training-pack/index.html" in archive.namelist()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_serious_on_what_a_pack_would_hold_and_holds(address: str, page: Page, lang: str) -> None:
    page.goto(f"{address}/language/{lang}?next=/packs")
    page.locator("#limit").fill("3")
    page.locator("input[value=threat]").check()
    expect(page.locator("#preview .would")).to_be_visible()
    assert grave(page) == []
    page.locator(".pack-wish .primary").click()
    expect(page.locator(".example").first).to_be_visible()
    assert grave(page) == []


def grave(page: Page) -> list[str]:
    # The page's own policy lets no foreign script in; evaluated from outside it runs.
    page.evaluate(_AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert found["passes"], "axe ran"
    return [
        json.dumps({"rule": one["id"], "where": [node["target"] for node in one["nodes"][:5]]}, ensure_ascii=False)
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
