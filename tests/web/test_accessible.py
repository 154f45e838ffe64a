"""axe-core on every page: nothing serious stands between the desk and those who see, hear or move otherwise."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.web.screenshots import SHOWN, SIGNED_OUT, pages, path_of

_AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1.min.js").read_text(encoding="utf-8")
_GRAVE = ("serious", "critical")


@pytest.fixture(scope="module")
def opened() -> Iterator[tuple[str, Page, Page]]:
    # axe is put into the page by force: the page's own policy lets no foreign script in.
    with pages(bypass_csp=True) as made:
        yield made


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", SHOWN)
def test_axe_finds_nothing_serious(opened: tuple[str, Page, Page], name: str, lang: str) -> None:
    address, known, unknown = opened
    page = unknown if name in SIGNED_OUT else known
    page.goto(f"{address}/language/{lang}?next=/sign-in")
    answer = page.goto(address + path_of(name), wait_until="networkidle")
    assert answer is not None
    assert answer.status == (404 if name == "error" else 200)
    page.evaluate(_AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    # axe ran: a page on which nothing passes was not looked at.
    assert found["passes"]
    told = [
        {"rule": one["id"], "help": one["help"], "where": [node["target"] for node in one["nodes"][:5]]}
        for one in found["violations"]
        if one["impact"] in _GRAVE
    ]
    assert not told, json.dumps(told, ensure_ascii=False, indent=1)
