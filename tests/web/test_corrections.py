"""Corrections on the desk: the call is audited again at once, what changed is told, and nothing private is."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from audit.model.review import UserRole
from audit.report.redaction import Redactor
from audit.store import tables as t
from audit.store.calls import stored_report
from audit.store.soundness import check, verify
from audit.store.tokens import make
from audit.web.desk import Desk
from tests.store.runs import report as report_of
from tests.store.runs import take_in
from tests.store.test_elsewhere import TALK
from tests.store.test_elsewhere import call as called
from tests.web.conftest import NAMES, Browser, links, timeless

Client = Callable[..., Browser]
HX = {"HX-Request": "true"}


@pytest.fixture
def call(desk: Desk) -> int:
    """The call in which the agent threatens (sample-05)."""
    with desk.store.reading() as connection:
        return int(connection.execute(sa.select(t.calls.c.id).where(t.calls.c.call_id == "sample-05")).scalar_one())


def spoken(desk: Desk, call: int) -> list[tuple[str, str]]:
    with desk.store.reading() as connection:
        return [(turn.role.value, turn.text) for turn in stored_report(connection, call).call.turns]


def rows(desk: Desk, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    with desk.store.reading() as connection:
        return list(connection.execute(sa.select(table).order_by(table.c.id)).all())


def threats(desk: Desk, call: int) -> set[int]:
    of_call = sa.and_(t.findings.c.call == call, t.findings.c.superseded_by.is_(None))
    with desk.store.reading() as connection:
        query = sa.select(t.findings.c.id).where(of_call, t.findings.c.label.like("threat.%"))
        return set(connection.execute(query).scalars())


def test_swapping_roles_shows_at_once_what_vanished_and_taking_it_back_what_came_again(
    client: Client, desk: Desk, call: int
) -> None:
    before, officer = threats(desk, call), client()
    assert before
    answer = officer.post_form(f"/calls/{call}/corrections", {"kind": "swap_roles"}, headers=HX)
    assert answer.status_code == 200 and answer.headers["hx-trigger"] == "corrected"
    assert "<html" not in answer.text and 'id="change"' in answer.text
    assert "已消失" in answer.text and "整通对换坐席与债务人" in answer.text
    assert threats(desk, call).isdisjoint(before)
    assert {f"/findings/{number}" for number in threats(desk, call)} <= set(links(answer))
    back = officer.post_form(f"/calls/{call}/corrections", {"kind": "undo", "undoes": "1"}, headers=HX)
    assert "新出现" in back.text
    assert {f"/findings/{number}" for number in before} <= set(links(back))
    assert threats(desk, call) == before
    assert check(desk.store) == [] and verify(desk.store)[0] == []


def test_without_script_the_way_leads_to_a_page_that_tells_the_same(client: Client, desk: Desk, call: int) -> None:
    officer = client()
    answer = officer.post_form(f"/calls/{call}/corrections", {"kind": "role", "turn": "0", "value": "third_party"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/calls/{call}/corrections")
    page = officer.get(f"/calls/{call}/corrections")
    assert "第 1 轮的说话人" in page.text and f"/calls/{call}" in links(page)
    assert spoken(desk, call)[0][0] == "third_party"
    officer.cookies.set("lang", "en")
    assert "Turn 1 is spoken by" in officer.get(f"/calls/{call}/corrections").text


def test_the_page_says_for_which_calls_a_correction_changes_how_often_somebody_was_called(
    client: Client, desk: Desk, tmp_path: Path
) -> None:
    with desk.auditing() as auditor:
        take_in(desk.store, tmp_path, *(auditor.report(called(number, TALK)) for number in (1, 2, 3, 4)))
    with desk.store.reading() as connection:
        query = sa.select(t.calls.c.call_id, t.calls.c.id)
        numbers = {row.call_id: row.id for row in connection.execute(query)}
    corrected, fourth, officer = numbers["c2"], numbers["c4"], client()
    data = {"kind": "role", "turn": "1", "value": "agent"}
    answer = officer.post_form(f"/calls/{corrected}/corrections", data, headers=HX)
    for page in (answer, officer.get(f"/calls/{corrected}/corrections")):
        assert "会影响的频次判定" in page.text and "<s>频次超限</s>" in page.text
        assert f"/calls/{fourth}" in links(page)
    headers = bearer(desk, UserRole.OFFICER)
    undone = client().post(f"/api/v1/calls/{corrected}/corrections", json={"kind": "undo"}, headers=headers).json()
    assert undone["elsewhere"] == []
    told = client().post(f"/api/v1/calls/{corrected}/corrections", json=data | {"turn": 1}, headers=headers).json()
    assert told["elsewhere"] == [{"call": fourth, "appears": [], "vanishes": ["contact.frequency"]}]


def test_a_call_that_nobody_corrected_says_so(client: Client, call: int) -> None:
    page = client(UserRole.VIEWER).get(f"/calls/{call}/corrections")
    assert page.status_code == 200 and "对话就是识别（或导入）的原话" in page.text
    assert "<form" not in page.text.partition('id="change"')[2].partition("</section>")[0]


def test_pasted_words_are_one_line_and_hostile_ones_are_words(client: Client, desk: Desk, call: int) -> None:
    hostile = "<script>alert(1)</script>\r\n  {{ 1234577*7654321 }} \"x' 13800138000"
    data = {"kind": "text", "turn": "1", "value": hostile}
    answer = client().post_form(f"/calls/{call}/corrections", data, headers=HX)
    assert answer.status_code == 200
    assert spoken(desk, call)[1][1] == " ".join(hostile.split())
    assert "<script>" not in answer.text and "9449848657217" not in answer.text
    assert "13800138000" not in answer.text and "8000" in answer.text


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        ({"kind": "text", "turn": "99", "value": "x"}, 422, "CA615"),
        ({"kind": "text", "value": "x"}, 422, "CA615"),
        ({"kind": "text", "turn": "x", "value": "x"}, 422, "CA835"),
        ({"kind": "text", "turn": "9" * 30, "value": "x"}, 422, "CA615"),
        ({"kind": "text", "turn": "0", "value": "话" * 2001}, 422, "CA843"),
        ({"kind": "role", "turn": "0", "value": "boss"}, 422, "CA615"),
        ({"kind": "role", "turn": "0", "value": "agent"}, 422, "CA845"),
        ({"kind": "undo"}, 409, "CA613"),
        ({"kind": "drop"}, 422, "CA835"),
        ({}, 422, "CA835"),
    ],
)
def test_what_cannot_be_corrected_is_told_and_changes_nothing(
    client: Client, desk: Desk, call: int, data: dict[str, str], status: int, code: str
) -> None:
    officer = client()
    before = rows(desk, t.audits), rows(desk, t.corrections), rows(desk, t.log)
    answer = officer.post_form(f"/calls/{call}/corrections", data)
    assert answer.status_code == status and code in answer.text
    assert (rows(desk, t.audits), rows(desk, t.corrections), rows(desk, t.log)) == before


def test_somebody_elses_correction_is_not_taken_back_by_mistake(client: Client, desk: Desk, call: int) -> None:
    officer, lead = client(), client(UserRole.LEAD)
    officer.post_form(f"/calls/{call}/corrections", {"kind": "role", "turn": "0", "value": "debtor"})
    lead.post_form(f"/calls/{call}/corrections", {"kind": "role", "turn": "1", "value": "third_party"})
    answer = officer.post_form(f"/calls/{call}/corrections", {"kind": "undo", "undoes": "1"})
    assert answer.status_code == 409 and "CA840" in answer.text
    assert [role for role, _ in spoken(desk, call)[:2]] == ["debtor", "third_party"]


def test_only_reviewers_correct_and_only_from_our_own_pages(
    client: Client, anonymous: Browser, desk: Desk, call: int
) -> None:
    where = f"/calls/{call}/corrections"
    assert anonymous.post(where, data={"kind": "swap_roles"}).status_code == 303
    assert anonymous.get(where).status_code == 303
    for role in (UserRole.TRAINER, UserRole.VIEWER):
        assert client(role).post_form(where, {"kind": "swap_roles"}).status_code == 403
    assert client().post(where, data={"kind": "swap_roles"}).status_code == 403
    assert client().post(where, data={"kind": "swap_roles", "csrf": "x"}).status_code == 403
    officer = client()
    for nowhere in (999, 99999999999999999999):
        assert officer.post_form(f"/calls/{nowhere}/corrections", {"kind": "swap_roles"}).status_code == 404
        assert officer.get(f"/calls/{nowhere}/corrections").status_code == 404
    assert rows(desk, t.corrections) == []


def test_a_program_corrects_and_is_told_what_changed(client: Client, desk: Desk, call: int, anonymous: Browser) -> None:
    where = f"/api/v1/calls/{call}/corrections"
    assert anonymous.post(where, json={"kind": "swap_roles"}).status_code == 401
    headers = bearer(desk, UserRole.OFFICER)
    before = threats(desk, call)
    changed = anonymous.post(where, json={"kind": "swap_roles"}, headers=headers)
    assert changed.status_code == 200
    told = changed.json()
    assert before <= {one["number"] for one in told["vanished"]}
    assert told["same_rules"] and told["verdict_before"] == "violation" and told["score"] < told["score_before"]
    held = anonymous.get(where, headers=headers).json()
    assert [(one["kind"], one["reviewer"]) for one in held] == [("swap_roles", NAMES[UserRole.OFFICER])]
    back = anonymous.post(where, json={"kind": "undo", "undoes": held[0]["number"]}, headers=headers).json()
    assert before <= {one["number"] for one in back["appeared"]}
    for wrong, status in (({"kind": "undo"}, 409), ({"kind": "drop"}, 422), ({}, 422)):
        answer = anonymous.post(where, json=wrong, headers=headers)
        assert answer.status_code == status and answer.json()["error"]["code"]
    trainer = bearer(desk, UserRole.TRAINER)
    assert anonymous.post(where, json={"kind": "swap_roles"}, headers=trainer).status_code == 403


def test_no_number_is_told_of_a_finding_or_a_correction(client: Client, desk: Desk, anonymous: Browser) -> None:
    with desk.store.reading() as connection:
        numbers = list(connection.execute(sa.select(t.calls.c.id)).scalars())
        told = {number: stored_report(connection, number) for number in numbers}
    officer, headers = client(), bearer(desk, UserRole.OFFICER)
    checked = 0
    for number, report in told.items():
        redactor = Redactor(report.call)
        private = [
            turn.text for turn in report.call.turns if redactor.turn(turn.index) != turn.text and len(turn.text) > 8
        ]
        if not private:
            continue
        checked += 1
        fragment = officer.post_form(f"/calls/{number}/corrections", {"kind": "swap_roles"}, headers=HX).text
        record = anonymous.post(f"/api/v1/calls/{number}/corrections", json={"kind": "undo"}, headers=headers).text
        assert not [words for words in private if words in fragment or words in record]
    assert checked


def test_corrections_wait_where_a_later_run_brought_the_words_as_heard(client: Client, desk: Desk, call: int) -> None:
    officer = client()
    officer.post_form(f"/calls/{call}/corrections", {"kind": "role", "turn": "0", "value": "debtor"})
    with desk.store.writing() as connection:
        # As an import does: the first audit is in force again.
        first = sa.and_(t.audits.c.call == call, t.audits.c.run == 1)
        connection.execute(t.audits.update().where(t.audits.c.call == call).values(current=False))
        connection.execute(t.audits.update().where(first).values(current=True))
    page = officer.get(f"/calls/{call}/corrections")
    assert "这些更正尚未用上" in page.text
    answer = officer.post_form(f"/calls/{call}/corrections", {"kind": "again"}, headers=HX)
    assert "这些更正尚未用上" not in answer.text
    assert spoken(desk, call)[0][0] == "debtor"


def test_a_call_without_waiting_corrections_is_not_audited_again(client: Client, desk: Desk, call: int) -> None:
    officer, before = client(), len(rows(desk, t.audits))
    answers = [officer.post_form(f"/calls/{call}/corrections", {"kind": "again"})]
    answers.append(
        officer.post(
            f"/api/v1/calls/{call}/corrections", json={"kind": "again"}, headers={"X-CSRF-Token": officer.csrf}
        )
    )
    assert [answer.status_code for answer in answers] == [409, 409]
    assert all("CA847" in answer.text for answer in answers)
    assert len(rows(desk, t.audits)) == before


def test_words_of_a_number_that_is_read_over_several_turns_are_masked_as_in_the_dialogue(
    client: Client, desk: Desk, tmp_path: Path
) -> None:
    take_in(desk.store, tmp_path, report_of("read", ["一三八零零", "喂喂"]), hour=23)
    with desk.store.reading() as connection:
        call = connection.execute(sa.select(t.calls.c.id).where(t.calls.c.call_id == "read")).scalar_one()
    officer = client()
    for value in ("零零七七八八九九", "零零一二三四"):
        answer = officer.post_form(
            f"/calls/{call}/corrections", {"kind": "text", "turn": "1", "value": value}, headers=HX
        )
        assert answer.status_code == 200
    told = officer.get(f"/api/v1/calls/{call}/corrections").json()
    assert [one["value"] for one in told] == [None, "＊＊一二三四"], "words corrected again stand in no dialogue"
    assert answer.text.count("之后又更正") == 1
    pages = [answer.text, *(officer.get(f"/calls/{call}{page}").text for page in ("", "/corrections"))]
    assert all("＊＊一二三四" in text for text in pages)
    assert all("零零一二" not in text and "零零七" not in text for text in (*pages, str(told)))
    strict = client(UserRole.TRAINER)
    assert strict.get(f"/api/v1/calls/{call}/corrections").json()[1]["value"] == "＊" * 6
    assert "一二三四" not in strict.get(f"/calls/{call}/corrections").text


def test_what_a_correction_changed_is_told_under_the_readers_masks(client: Client, desk: Desk, call: int) -> None:
    said = "您尾号2345的卡再不还钱，我打断你的两条腿"
    client().post_form(f"/calls/{call}/corrections", {"kind": "text", "turn": "4", "value": said})
    client().post_form(f"/calls/{call}/corrections", {"kind": "text", "turn": "4", "value": "好的"})
    pages = {role: timeless(client(role).get(f"/calls/{call}/corrections").text) for role in UserRole}
    assert all("打断你的两条腿" in text for text in pages.values())
    seen = {role for role, text in pages.items() if "2345" in text}
    assert seen.isdisjoint({UserRole.TRAINER, UserRole.VIEWER})


def test_the_log_tells_who_corrected_and_no_words(client: Client, desk: Desk, call: int) -> None:
    client().post_form(f"/calls/{call}/corrections", {"kind": "text", "turn": "1", "value": "秘密的话"})
    lines = [line for line in rows(desk, t.log) if line.action in ("correct", "reaudit")]
    assert [(line.actor, line.action, line.subject) for line in lines] == [
        (NAMES[UserRole.OFFICER], "correct", f"call:{call}"),
        (NAMES[UserRole.OFFICER], "reaudit", f"call:{call}"),
    ]
    assert {key for line in lines for key in json.loads(line.facts)} == {
        "correction", "kind", "turn", "audit", "appeared", "vanished", "regraded",
    }  # fmt: skip
    assert "秘密" not in str(rows(desk, t.log))


def bearer(desk: Desk, role: UserRole) -> dict[str, str]:
    with desk.store.reading() as connection:
        user = connection.execute(sa.select(t.users.c.id).where(t.users.c.name == NAMES[role])).scalar_one()
    return {"Authorization": f"Bearer {make(desk.store, user, 'test')}"}
