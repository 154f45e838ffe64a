"""Deciding, taking back, adding what was missed: as forms, for htmx, and by the API."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from audit import web
from audit.errors import CATALOGUE
from audit.model.labels import LABELS
from audit.model.review import Ruling, UserRole, Verdict
from audit.model.span import CharSpan
from audit.store import tables as t
from audit.store.appeals import file_appeal, rule_on_appeal
from audit.store.review import decide
from audit.store.sampling import Draw, create_plan
from audit.store.soundness import check, verify
from audit.store.users import add_user
from audit.web.desk import Desk
from tests.store.runs import BAD, report, rows, take_in
from tests.web.conftest import NAMES, Browser
from tests.web.test_call import Client, findings_of, number_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def two(desk: Desk, tmp_path: Path) -> tuple[int, list[int]]:
    """A call with two findings: its number and theirs."""
    take_in(desk.store, tmp_path, report("two", [BAD, f"电话13800138000，{BAD}"]), hour=23)
    call = number_of(desk, "two")
    return call, findings_of(desk, call)


def states(desk: Desk, *numbers: int) -> list[object]:
    return [row["state"] for row in rows(desk.store, t.findings) if row["id"] in numbers]


def test_a_decision_leads_to_the_next_finding_of_the_call(
    client: Client, desk: Desk, two: tuple[int, list[int]]
) -> None:
    call, (first, second) = two
    answer = client().post_form(f"/findings/{first}/decisions", {"verdict": "confirm", "comment": "听过"})
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"/calls/{call}?finding={second}&made=")
    assert states(desk, first, second) == ["confirmed", "open"]
    assert check(desk.store) == [] and verify(desk.store)[0] == []


def test_the_last_decision_of_a_call_leads_to_the_next_call_of_the_queue(
    client: Client, desk: Desk, two: tuple[int, list[int]]
) -> None:
    call, (first, second) = two
    browser = client()
    browser.post_form(f"/findings/{first}/decisions", {"verdict": "confirm"})
    sent = {"verdict": "unsure", "queue": "severity=critical"}
    answer = browser.post_form(f"/findings/{second}/decisions", sent)
    where = answer.headers["Location"]
    assert where.startswith("/calls/") and f"/calls/{call}?" not in where and "severity=critical" in where
    page = browser.get(where).text
    assert "上一通" in page and f'action="/findings/{second}/decisions"' in page, (
        "what was done can be undone from there"
    )
    answer = browser.post_form(
        f"/findings/{second}/decisions", {"verdict": "unsure", "queue": "label=signal.none"}, headers=HTMX
    )
    assert "HX-Redirect" not in answer.headers and answer.status_code == 200, "the queue is empty: the reader stays"


def test_what_one_is_unsure_of_does_not_come_back_to_oneself_but_waits_for_others(
    client: Client, desk: Desk, two: tuple[int, list[int]]
) -> None:
    call, (first, second) = two
    officer, lead = client(), client(UserRole.LEAD)
    officer.post_form(f"/findings/{first}/decisions", {"verdict": "unsure"})
    answer = officer.post_form(f"/findings/{second}/decisions", {"verdict": "confirm"})
    assert f"/calls/{call}?" not in answer.headers["Location"]
    assert f'data-finding="{first}"' in lead.get(f"/calls/{call}").text


def test_htmx_gets_the_panel_of_the_next_finding_and_its_address(client: Client, two: tuple[int, list[int]]) -> None:
    call, (first, second) = two
    answer = client().post_form(f"/findings/{first}/decisions", {"verdict": "confirm"}, headers=HTMX)
    assert answer.status_code == 200
    assert f'data-finding="{second}"' in answer.text and 'data-say="确认' in answer.text
    assert answer.headers["HX-Push-Url"] == f"/calls/{call}?finding={second}"


def test_a_dismissal_needs_a_reason_of_ones_own_or_a_common_one(
    client: Client, desk: Desk, two: tuple[int, list[int]]
) -> None:
    _, (first, second) = two
    browser = client()
    assert browser.post_form(f"/findings/{first}/decisions", {"verdict": "dismiss", "reason": "  "}).status_code == 422
    assert states(desk, first) == ["open"]
    browser.post_form(f"/findings/{first}/decisions", {"verdict": "dismiss", "reason": "在唱歌"})
    browser.post_form(f"/findings/{second}/decisions", {"verdict": "dismiss", "reason": "", "common": "字词另有含义"})
    assert [row["reason"] for row in rows(desk.store, t.decisions)] == ["在唱歌", "字词另有含义"]


def test_undo_leads_back_and_only_takes_back_ones_own(client: Client, desk: Desk, two: tuple[int, list[int]]) -> None:
    call, (first, _) = two
    officer, lead = client(), client(UserRole.LEAD)
    officer.post_form(f"/findings/{first}/decisions", {"verdict": "confirm"})
    assert lead.post_form(f"/findings/{first}/decisions", {"verdict": "undo"}).status_code == 409
    answer = officer.post_form(f"/findings/{first}/decisions", {"verdict": "undo"})
    assert answer.headers["Location"] == f"/calls/{call}?finding={first}"
    assert states(desk, first) == ["open"]


def test_what_another_decided_meanwhile_is_told_and_nothing_is_lost(
    client: Client, desk: Desk, two: tuple[int, list[int]]
) -> None:
    call, (first, _) = two
    browser = client()
    assert 'name="seen" value="0"' in browser.get(f"/calls/{call}?finding={first}").text
    decide(desk.store, first, NAMES[UserRole.LEAD], Verdict.DISMISS, reason="说话人标错")
    sent = {"verdict": "confirm", "seen": "0"}
    answer = browser.post_form(f"/findings/{first}/decisions", sent, headers=HTMX)
    assert "他人也对本条作了决定" in answer.text and "lead-1" in answer.text and "意见不一" in answer.text
    assert states(desk, first) == ["disputed"]
    assert [row["verdict"] for row in rows(desk.store, t.decisions)] == ["dismiss", "confirm"]


def test_who_saw_the_others_decision_goes_on_undisturbed(
    client: Client, desk: Desk, two: tuple[int, list[int]]
) -> None:
    _, (first, second) = two
    decide(desk.store, first, NAMES[UserRole.LEAD], Verdict.CONFIRM)
    seen = str(rows(desk.store, t.decisions)[-1]["id"])
    answer = client().post_form(f"/findings/{first}/decisions", {"verdict": "confirm", "seen": seen}, headers=HTMX)
    assert "他人也对本条作了决定" not in answer.text and f'data-finding="{second}"' in answer.text


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"label": "威胁家人", "turn": "1", "start": "0", "end": "2"}, ("threat.family", 0, 0, 2, "打断")),
        ({"label": "threat.family", "turn": "1", "words": "的腿"}, ("threat.family", 0, 3, 5, "的腿")),
        ({"label": "Threat against family", "turn": "2"}, ("threat.family", 1, None, None, "")),
        ({"label": "频次超限"}, ("contact.frequency", None, None, None, "")),
        ({"label": "完整播报敏感信息", "turn": "2", "words": "＊＊＊＊＊＊＊8000"}, ("privacy.pii_readout", 1, 2, 13, "13800138000")),
    ],
)  # fmt: skip
def test_a_missed_violation_is_added_by_place_by_words_or_to_the_call(
    client: Client, desk: Desk, two: tuple[int, list[int]], sent: dict[str, str], stored: tuple[Any, ...]
) -> None:
    call, _ = two
    browser = client()
    answer = browser.post_form(f"/calls/{call}/missed", sent | {"comment": "漏了"})
    assert answer.status_code == 303 and answer.headers["Location"].startswith(f"/calls/{call}")
    (row,) = rows(desk.store, t.missed)
    assert tuple(row[key] for key in ("label", "turn", "start_char", "end_char", "quote")) == stored
    page = browser.get(f"/calls/{call}").text
    assert "漏了" in page and "13800138000" not in page


@pytest.mark.parametrize(
    "sent",
    [
        {"label": "没有这个标签", "turn": "1"},
        {"label": "威胁家人", "turn": "9"},
        {"label": "威胁家人", "turn": "x"},
        {"label": "威胁家人", "turn": "0"},
        {"label": "威胁家人", "turn": "1", "words": "没说过"},
        {"label": "威胁家人", "words": "打断"},
        {"label": "威胁家人", "turn": "1", "start": "3", "end": "99"},
        {"turn": "1"},
    ],
)
def test_what_is_not_in_the_call_cannot_be_added(
    client: Client, desk: Desk, two: tuple[int, list[int]], sent: dict[str, str]
) -> None:
    assert client().post_form(f"/calls/{two[0]}/missed", sent).status_code == 422
    assert rows(desk.store, t.missed) == []


def test_a_missed_violation_is_withdrawn_and_leaves_the_page(
    client: Client, desk: Desk, two: tuple[int, list[int]]
) -> None:
    call, _ = two
    browser = client()
    browser.post_form(f"/calls/{call}/missed", {"label": "威胁家人", "turn": "1", "start": "0", "end": "2"})
    assert "<ins>打断</ins>" in browser.get(f"/calls/{call}").text
    answer = browser.post_form("/missed/1/withdraw", {"call": str(call)}, headers=HTMX)
    assert 'id="dialogue"' in answer.text and "<ins>" not in answer.text
    assert browser.post_form("/missed/1/withdraw", {"call": str(call)}).status_code == 409


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_queue_leads_back_by_its_filters_and_the_sample_only(
    client: Client, desk: Desk, two: tuple[int, list[int]], headers: dict[str, str]
) -> None:
    call, (first, second) = two
    browser = client()
    many = ",".join(sorted(LABELS))
    odd = {
        "path": "//evil.example",
        "finding": "7",
        "made": "8",
        "query": "x",
        "severity": "major",
        "sample": "3",
        "label": many,
    }
    queue = urlencode(odd)
    place = {"turn": "1", "start": "0", "end": "2"}
    for path, sent in (
        (f"/findings/{first}/decisions", {"verdict": "confirm"}),
        (f"/findings/{first}/decisions", {"verdict": "undo"}),
        (f"/calls/{call}/missed", {"label": "威胁家人", "finding": str(first), **place}),
        ("/missed/1/withdraw", {"call": str(call), "finding": str(first)}),
    ):
        answer = browser.post_form(path, sent | {"queue": queue}, headers=headers)
        assert answer.status_code in (200, 303), answer.text
        where = answer.headers.get("Location") or answer.headers.get("HX-Push-Url") or answer.headers["HX-Redirect"]
        query = dict(parse_qsl(urlsplit(where).query))
        assert where.startswith(f"/calls/{call}?") and query["finding"] in (str(first), str(second))
        assert {"severity": "major", "sample": "3", "label": many}.items() <= query.items()
        assert query.keys() <= {"severity", "sample", "label", "finding", "made"}


def test_a_queue_or_number_that_cannot_be_is_refused_before_anything_is_done(
    client: Client, desk: Desk, two: tuple[int, list[int]]
) -> None:
    call, (first, _) = two
    browser = client()
    browser.post_form(f"/calls/{call}/missed", {"label": "威胁家人", "turn": "1", "start": "0", "end": "2"})
    before = rows(desk.store, t.log)
    for path, sent in (
        ("/missed/1/withdraw", {"call": str(10**30)}),
        ("/missed/1/withdraw", {"call": str(call), "finding": str(10**30)}),
        ("/missed/1/withdraw", {"call": str(call), "queue": "state=closed"}),
        (f"/findings/{first}/decisions", {"verdict": "confirm", "seen": str(10**30)}),
        (f"/findings/{first}/decisions", {"verdict": "confirm", "queue": "state=closed"}),
    ):
        assert browser.post_form(path, sent).status_code == 422
    assert rows(desk.store, t.log) == before and rows(desk.store, t.decisions) == []


PATHS = ("/findings/{first}/decisions", "/calls/{call}/missed", "/missed/1/withdraw")


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_done_without_permission_or_the_sessions_token(
    client: Client, anonymous: Browser, desk: Desk, two: tuple[int, list[int]], path: str
) -> None:
    where = path.format(call=two[0], first=two[1][0])
    sent = {"verdict": "confirm", "label": "威胁家人", "call": str(two[0])}
    assert anonymous.post(where, data=sent).status_code == 303
    assert client().post(where, data=sent).status_code == 403
    assert client().post(where, data=sent | {"csrf": client().csrf}).status_code == 403, "another session's token"
    for role in (UserRole.TRAINER, UserRole.VIEWER):
        assert client(role).post_form(where, sent).status_code == 403
    assert rows(desk.store, t.decisions) == [] and rows(desk.store, t.missed) == []


@pytest.mark.parametrize(
    ("path", "sent", "status"),
    [
        ("/findings/99999/decisions", {"verdict": "confirm"}, 404),
        ("/findings/{first}/decisions", {"verdict": "guilty"}, 422),
        ("/findings/{first}/decisions", {"verdict": "confirm", "comment": "长" * 2001}, 422),
        ("/findings/{first}/decisions", {"verdict": "confirm", "queue": "severity=none"}, 422),
        ("/calls/99999/missed", {"label": "威胁家人"}, 404),
        ("/missed/99/withdraw", {"call": "1"}, 409),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    client: Client, desk: Desk, two: tuple[int, list[int]], path: str, sent: dict[str, str], status: int
) -> None:
    assert client().post_form(path.format(first=two[1][0]), sent).status_code == status
    assert rows(desk.store, t.decisions) == []


def test_who_owes_a_blind_opinion_is_told_the_state_of_their_own_decisions_only(
    client: Client, desk: Desk, two: tuple[int, list[int]]
) -> None:
    _, (first, second) = two
    add_user(desk.store, "甲", UserRole.OFFICER, "test")
    create_plan(desk.store, "周检", Draw(findings=1.0), 2, True, NAMES[UserRole.LEAD])
    for number in (first, second):
        decide(desk.store, number, "甲", Verdict.DISMISS, reason="复述")
    filed = file_appeal(desk.store, second, "甲", "不是这样")
    rule_on_appeal(desk.store, filed, NAMES[UserRole.ADMIN], Ruling.OVERTURNED, "确为复述")
    officer = client()
    for number in (first, second):
        answers = [
            officer.post(f"/api/v1/findings/{number}/{what}", json=sent, headers={"X-CSRF-Token": officer.csrf})
            for what, sent in (("decisions", {"verdict": "confirm"}), ("undo", {}))
        ]
        assert [answer.json() for answer in answers] == [{"state": "confirmed"}, {"state": "open"}]
    assert states(desk, first, second) == ["dismissed", "dismissed"]


def test_where_a_ruling_holds_it_is_shown_and_nothing_is_decided(
    client: Client, desk: Desk, two: tuple[int, list[int]]
) -> None:
    call, (first, _) = two
    officer, path = client(), f"/findings/{two[1][0]}/decisions"
    add_user(desk.store, "甲", UserRole.OFFICER, "test")
    officer.post_form(path, {"verdict": "confirm"})
    assert 'id="confirm"' in officer.get(f"/calls/{call}?finding={first}").text
    filed = file_appeal(desk.store, first, NAMES[UserRole.OFFICER], "不是这样")
    rule_on_appeal(desk.store, filed, "甲", Ruling.OVERTURNED, "确为复述")
    page = officer.get(f"/calls/{call}?finding={first}").text
    ruled = page.partition('class="ruled"')[2].partition("</section>")[0]
    assert "甲" in ruled and "裁定：违规不成立" in ruled and "裁定有效" in ruled
    assert not any(f'id="{button}"' in page for button in ("confirm", "unsure", "dismissing", "undo-own"))
    assert f'href="/findings/{first}/appeal"' in page
    before = len(rows(desk.store, t.decisions))
    answers = [officer.post_form(path, {"verdict": verdict}) for verdict in ("confirm", "undo")]
    answers.append(officer.post(f"/api/v1{path}", json={"verdict": "confirm"}, headers={"X-CSRF-Token": officer.csrf}))
    assert [answer.status_code for answer in answers] == [409] * 3 and all("CA631" in one.text for one in answers)
    assert len(rows(desk.store, t.decisions)) == before and states(desk, first) == ["dismissed"]


def test_a_sample_that_was_ruled_on_still_takes_an_opinion(
    client: Client, desk: Desk, two: tuple[int, list[int]]
) -> None:
    call, (first, _) = two
    filed = file_appeal(desk.store, first, NAMES[UserRole.LEAD], "不是这样")
    rule_on_appeal(desk.store, filed, NAMES[UserRole.ADMIN], Ruling.OVERTURNED, "确为复述")
    create_plan(desk.store, "周检", Draw(findings=1.0), 1, False, NAMES[UserRole.LEAD])
    sample = next(row["id"] for row in rows(desk.store, t.samples) if row["finding"] == first)
    officer = client()
    assert f'action="/samples/{sample}/opinion"' in officer.get(f"/calls/{call}?finding={first}&sample={sample}").text
    assert officer.post_form(f"/samples/{sample}/opinion", {"verdict": "confirm"}).status_code == 303
    assert states(desk, first) == ["dismissed"] and check(desk.store) == []


def test_programs_decide_take_back_and_add(client: Client, desk: Desk, two: tuple[int, list[int]]) -> None:
    call, (first, _) = two
    browser = client()
    token = {"X-CSRF-Token": browser.csrf}

    def post(path: str, sent: dict[str, object] | None = None) -> Any:
        return browser.post(f"/api/v1{path}", json=sent, headers=token)

    assert post(f"/findings/{first}/decisions", {"verdict": "confirm"}).json() == {"state": "confirmed"}
    assert post(f"/findings/{first}/undo").json() == {"state": "open"}
    assert post(f"/findings/{first}/undo").status_code == 409
    assert post(f"/findings/{first}/decisions", {"verdict": "dismiss"}).json()["error"]["code"] == "CA614"
    place = {"label": "threat.family", "turn": 0, "start_char": 0, "end_char": 2}
    added = post(f"/calls/{call}/missed", place)
    assert added.status_code == 201
    assert post(f"/calls/{call}/missed", place | {"end_char": None}).status_code == 422
    assert post(f"/calls/{call}/missed", place | {"start_char": 2}).status_code == 422
    told = browser.get(f"/api/v1/calls/{call}").json()
    assert [(one["label"], one["quote"]) for one in told["missed"]] == [("threat.family", "打断")]
    assert [one["verdict"] for one in told["findings"][0]["decisions"]] == ["confirm", "undo"]
    assert post(f"/missed/{added.json()['number']}/withdraw").status_code == 204
    assert browser.get(f"/api/v1/calls/{call}").json()["missed"] == []
    assert browser.post(f"/api/v1/findings/{first}/decisions", json={"verdict": "confirm"}).status_code == 403
    trainer = client(UserRole.TRAINER)
    refused = trainer.post(
        f"/api/v1/findings/{first}/decisions", json={"verdict": "confirm"}, headers={"X-CSRF-Token": trainer.csrf}
    )
    assert refused.status_code == 403


def test_part_of_a_number_that_was_added_by_hand_is_masked_by_its_whole_turn(
    client: Client, desk: Desk, two: tuple[int, list[int]], tmp_path: Path
) -> None:
    call, _ = two
    browser = client()
    browser.post_form(f"/calls/{call}/missed", {"label": "完整播报敏感信息", "turn": "2", "start": "2", "end": "9"})
    (row,) = rows(desk.store, t.missed)
    assert row["quote"] == "1380013"

    def shown() -> list[str]:
        pages = [client(role).get(f"/calls/{call}").text for role in UserRole]
        return [
            *pages,
            browser.get(f"/api/v1/calls/{call}").text,
            client(UserRole.TRAINER).get(f"/api/v1/calls/{call}").text,
        ]

    assert all("＊＊＊＊＊＊＊" in text and "1380013" not in text for text in shown())
    # The turn is another one now: what was added is masked by the one it was added in.
    take_in(desk.store, tmp_path / "again", report("two", [BAD, "喂"]), hour=23)
    told = browser.get(f"/api/v1/calls/{call}").json()
    assert [(one["turn"], one["quote"]) for one in told["missed"]] == [(None, "＊" * 7)]
    assert all("＊＊＊＊＊＊＊" in text and "1380013" not in text for text in shown())


def test_part_of_a_number_in_a_finding_of_an_earlier_audit_is_masked_by_its_whole_turn(
    client: Client, desk: Desk, tmp_path: Path
) -> None:
    made = report("gone", [f"电话13800138000，{BAD}"])
    part = replace(
        made.findings[0], quote="1380013", span=CharSpan(2, 9), why=replace(made.findings[0].why, matched=())
    )
    take_in(desk.store, tmp_path / "one", replace(made, findings=(part,)), hour=22)
    take_in(desk.store, tmp_path / "two", report("gone", ["喂"]), hour=23)
    call = number_of(desk, "gone")
    pages = [client().get(f"{api}/calls/{call}").text for api in ("", "/api/v1")]
    assert all("＊＊＊＊＊＊＊" in text and "1380013" not in text for text in pages)


def test_one_word_is_used_for_a_dismissal_and_one_for_a_ruling_that_overturns() -> None:
    texts = [path.read_text("utf-8") for path in Path(web.__file__).parent.rglob("*") if path.suffix in (".py", ".j2")]
    texts += [f"{entry}" for entry in CATALOGUE.values()]
    assert any("排除" in text for text in texts) and any("裁定：违规不成立" in text for text in texts)
    assert not [text for text in texts for word in ("驳回", "裁定撤销", "裁定：撤销") if word in text]
