import re
from collections.abc import Callable

import pytest

from audit.model.review import UserRole
from tests.web.conftest import Browser

Client = Callable[..., Browser]


def test_a_word_leads_to_the_turns_in_which_it_was_said(client: Client) -> None:
    browser = client(UserRole.OFFICER)
    answer = browser.get("/search", params={"q": "还款"})
    assert answer.status_code == 200 and "<mark>还款</mark>" in answer.text
    call, turn = re.findall(r'href="/calls/([0-9]+)#(turn-[0-9]+)"', answer.text)[0]
    assert f'id="{turn}"' in browser.get(f"/calls/{call}").text


def test_the_page_and_the_api_find_the_same(client: Client) -> None:
    browser = client(UserRole.VIEWER)
    page, api = (browser.get(path, params={"q": "您", "role": "agent"}) for path in ("/search", "/api/v1/search"))
    calls = api.json()["calls"]
    assert calls and [call["number"] for call in calls] == [
        int(number) for number in re.findall(r'to-call" href="/calls/([0-9]+)#', page.text)
    ]
    for turn in (turn for call in calls for turn in call["turns"]):
        assert turn["role"] == "agent"
        assert {turn["text"][mark["start"] : mark["end"]] for mark in turn["marks"]} == {"您"}


@pytest.mark.parametrize("role", list(UserRole))
def test_everybody_who_may_read_may_search(client: Client, role: UserRole) -> None:
    assert client(role).get("/search", params={"q": "您好"}).status_code == 200
    assert client(role).get("/api/v1/search", params={"q": "您好"}).status_code == 200


def test_nobody_else_does(anonymous: Browser) -> None:
    assert anonymous.get("/search", params={"q": "您好"}).headers["location"].startswith("/sign-in")
    assert anonymous.get("/api/v1/search", params={"q": "您好"}).status_code == 401


@pytest.mark.parametrize("words", ["", "，", "%", "<script>alert(1)</script>", '" OR 1=1 --', "\x00", "🙂", "不" * 200])
def test_whatever_is_typed_is_answered_and_shown_as_text(client: Client, words: str) -> None:
    answer = client().get("/search", params={"q": words})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert client().get("/api/v1/search", params={"q": words}).status_code == 200


@pytest.mark.parametrize(
    "query", [{"q": "不" * 201}, {"q": "您", "from": "2026-13-01"}, {"q": "您", "role": "boss"}, {"q": "您", "page": "0"},
              {"q": "您", "page": "9999999999"}]
)  # fmt: skip
def test_what_cannot_be_asked_for_is_refused(client: Client, query: dict[str, str]) -> None:
    assert client().get("/search", params=query).status_code == 422
    assert client().get("/api/v1/search", params=query).status_code == 422


def test_an_empty_form_asks_for_nothing(client: Client) -> None:
    answer = client().get("/search?q=%E6%82%A8&role=&from=&to=&team=&agent=")
    assert answer.status_code == 200 and "<mark>您</mark>" in answer.text


def test_filters_stay_when_the_page_is_turned(client: Client) -> None:
    answer = client().get("/search", params={"q": "您好", "team": "没有这个组", "page": "2"})
    assert "/search?team=%E6%B2%A1" in answer.text and "没有这个组</option>" in answer.text
