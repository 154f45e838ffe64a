"""The page of a call: what it shows to whom."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from audit.model.call import Role, Turn
from audit.model.review import Ruling, UserRole, Verdict
from audit.model.span import CharSpan, TimeSpan
from audit.model.transcript import Word
from audit.report.redaction import Redactor
from audit.store import tables as t
from audit.store.appeals import file_appeal, rule_on_appeal
from audit.store.dossier import dossier
from audit.store.review import add_missed, decide
from audit.store.sampling import Draw, create_plan
from audit.store.users import add_user
from audit.web.desk import Desk
from audit.web.dialogue import Spoken, spoken
from tests.calls import call as call_of
from tests.store.runs import BAD, RULES, report, rows, take_in
from tests.web.conftest import NAMES, Browser, timeless

Client = Callable[..., Browser]
HOSTILE = "<img src=x onerror=alert(1)>\"'</mark><script>alert(2)</script>{{ 1234577*7654321 }}"


def number_of(desk: Desk, call_id: str) -> int:
    with desk.store.reading() as connection:
        return int(connection.execute(sa.select(t.calls.c.id).where(t.calls.c.call_id == call_id)).scalar_one())


def findings_of(desk: Desk, call: int) -> list[int]:
    with desk.store.reading() as connection:
        return [filed.number for filed in dossier(connection, call, 1).findings]


def plain(page: str) -> str:
    return re.sub(r"<[^>]+>", "", page)


@pytest.mark.parametrize("role", list(UserRole))
def test_everybody_who_reads_sees_verdict_dialogue_and_findings_masked(
    client: Client, desk: Desk, role: UserRole
) -> None:
    page = client(role).get(f"/calls/{number_of(desk, 'sample-05')}").text
    assert "sample-05" in page and "违规" in page and "风险分" in page
    assert "暴力威胁" in page and "打断你的两条腿" in plain(page)
    assert "南屏银行" in page
    assert "陈立强" not in page


def test_the_page_speaks_english_to_who_asked_for_it(client: Client, desk: Desk) -> None:
    browser = client()
    browser.cookies.set("lang", "en")
    page = browser.get(f"/calls/{number_of(desk, 'sample-05')}").text
    assert "Threat of violence" in page and "Listener: debtor" in page and "Confirm" in page


@pytest.mark.parametrize(
    ("role", "plays", "decides", "reveals"),
    [
        (UserRole.OFFICER, True, True, True),
        (UserRole.TRAINER, True, False, False),
        (UserRole.VIEWER, False, False, False),
    ],
)
def test_what_a_role_may_not_do_is_not_on_its_page(
    client: Client, desk: Desk, role: UserRole, plays: bool, decides: bool, reveals: bool
) -> None:
    page = client(role).get(f"/calls/{number_of(desk, 'sample-05')}").text
    assert ('id="sound"' in page) is plays
    assert ('id="confirm"' in page) is decides
    assert ('class="masked"' in page) is reveals
    assert plays or "您的角色不能听录音" in page


def test_nobody_who_is_not_signed_in_sees_a_call(anonymous: Browser, desk: Desk) -> None:
    for path in (f"/calls/{number_of(desk, 'sample-05')}", "/findings/1"):
        answer = anonymous.get(path)
        assert answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "path", ["/calls/999", "/calls/0", "/calls/x", "/findings/99999", "/calls/99999999999999999999"]
)
def test_what_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client().get(path).status_code == 404


def test_the_number_of_a_finding_leads_to_its_call(client: Client, desk: Desk) -> None:
    call = number_of(desk, "sample-05")
    finding = findings_of(desk, call)[0]
    assert client().get(f"/findings/{finding}").headers["Location"] == f"/calls/{call}?finding={finding}"


def test_the_panel_says_why_with_rule_words_clauses_and_history(client: Client, desk: Desk) -> None:
    call = number_of(desk, "sample-05")
    with desk.store.reading() as connection:
        known = dossier(connection, call, 1)
    filed = next(one for one in known.findings if one.finding.label == "threat.violence")
    decide(desk.store, filed.number, NAMES[UserRole.LEAD], Verdict.DISMISS, reason="说话人标错", comment="听了两遍")
    page = client().get(f"/calls/{call}?finding={filed.number}").text
    assert filed.finding.rule in page and filed.finding.fingerprint not in page
    assert all(word in plain(page) for word in filed.finding.why.matched)
    assert "大意，非原文" in page and filed.finding.why.advice["zh"][:6] in page
    assert "lead-1" in page and "听了两遍" in page and "说话人标错" in page
    assert "角色置信度" in page


def test_an_urgent_call_says_so_before_anything_else(client: Client, desk: Desk, tmp_path: Path) -> None:
    calm = report("calm")
    urgent = replace(calm.findings[0], call_id="urgent", label="signal.self_harm", rule="signal.self_harm/example")
    made = replace(calm, call=replace(calm.call, call_id="urgent"), findings=(urgent,))
    take_in(desk.store, tmp_path, calm, made, hour=23)
    assert "call-urgent" not in client().get(f"/calls/{number_of(desk, 'calm')}").text
    content = client().get(f"/calls/{number_of(desk, 'urgent')}").text.partition("<main")[2]
    assert content.index("立即通知专人") < content.index("12356") < content.index("call-head")


@pytest.mark.parametrize(("damage", "said"), [("changed", "与审核时不一致"), ("missing", "找不到录音文件")])
def test_a_recording_that_is_another_one_is_not_played_and_it_is_said_why(
    client: Client, desk: Desk, tmp_path: Path, damage: str, said: str
) -> None:
    call = number_of(desk, "sample-05")
    other = tmp_path / "other.wav"
    if damage == "changed":
        other.write_bytes(b"RIFF")
    with desk.store.writing() as connection:
        connection.execute(t.calls.update().where(t.calls.c.id == call).values(audio_path=str(other)))
    page = client().get(f"/calls/{call}").text
    assert said in page and 'id="sound"' not in page
    assert 'id="confirm"' in page, "decisions need no sound"
    assert rows(desk.store, t.calls)[call - 1]["audio_state"] == damage


def test_a_call_from_a_transcript_works_without_sound(client: Client, desk: Desk, tmp_path: Path) -> None:
    take_in(desk.store, tmp_path, report("text-only"), hour=23)
    page = client().get(f"/calls/{number_of(desk, 'text-only')}").text
    assert "没有录音" in page and 'id="confirm"' in page and 'class="play"' not in page


def test_words_of_a_call_are_never_markup(client: Client, desk: Desk, tmp_path: Path) -> None:
    made = report("<b>id</b>", [f"打断你的腿{HOSTILE}"])
    metadata = replace(made.call.metadata, agent_id=HOSTILE, team=HOSTILE, extra={HOSTILE: HOSTILE})
    take_in(desk.store, tmp_path, replace(made, call=replace(made.call, metadata=metadata)), hour=23)
    call = number_of(desk, "<b>id</b>")
    decide(
        desk.store, findings_of(desk, call)[0], NAMES[UserRole.LEAD], Verdict.DISMISS, reason=HOSTILE, comment=HOSTILE
    )
    page = client().get(f"/calls/{call}").text
    assert "<img" not in page and "alert(1)" in page
    assert "<script>" not in page and "<b>id" not in page and "9449848657217" not in page


def test_the_filters_of_the_queue_stay_with_the_reader_and_nothing_else_does(client: Client, desk: Desk) -> None:
    call = number_of(desk, "sample-05")
    page = client().get(f"/calls/{call}?severity=critical&evil=1&finding={findings_of(desk, call)[0]}").text
    assert 'href="/queue?severity=critical"' in page
    assert 'name="queue" value="severity=critical"' in page
    assert "evil" not in page.partition("<main")[2].partition("</main>")[0]
    assert client().get(f"/calls/{call}?severity=none").status_code == 422


def test_who_owes_a_blind_opinion_is_not_shown_what_others_said(client: Client, desk: Desk) -> None:
    call = number_of(desk, "sample-05")
    finding = findings_of(desk, call)[0]
    add_user(desk.store, "甲", UserRole.OFFICER, "test")
    create_plan(desk.store, "周检", Draw(findings=1.0), 2, True, NAMES[UserRole.LEAD])
    decide(desk.store, finding, "甲", Verdict.CONFIRM, comment="听过三遍")
    page = client().get(f"/calls/{call}?finding={finding}").text
    assert "盲审" in page and "听过三遍" not in page and "甲" not in page
    told = client().get(f"/api/v1/calls/{call}").json()["findings"][0]
    assert (told["blind"], told["state"], told["decisions"]) == (True, "open", [])
    told = client(UserRole.TRAINER).get(f"/calls/{call}?finding={finding}").text
    assert "<b>甲</b> 确认" in told, "who reviews nothing owes nothing"


def test_htmx_gets_the_panel_alone_but_not_when_it_restores_a_page(client: Client, desk: Desk) -> None:
    browser, path = client(), f"/calls/{number_of(desk, 'sample-05')}"
    part = browser.get(path, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<aside id="panel"') and "<html" not in part and 'id="dialogue"' not in part
    whole = browser.get(f"{path}?whole=1", headers={"HX-Request": "true"}).text
    assert 'id="dialogue"' in whole and 'hx-swap-oob="true"' in whole and "<html" not in whole
    restored = browser.get(path, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}).text
    assert "<html" in restored


def test_findings_that_an_audit_no_longer_makes_are_told_with_their_history(
    client: Client, desk: Desk, tmp_path: Path
) -> None:
    take_in(desk.store, tmp_path / "one", report("again"), hour=21)
    call = number_of(desk, "again")
    decide(desk.store, findings_of(desk, call)[0], NAMES[UserRole.LEAD], Verdict.CONFIRM)
    gone = replace(report("again"), findings=(), audit=replace(RULES, rules_sha256="77ab" * 16))
    take_in(desk.store, tmp_path / "two", gone, hour=22)
    page = client().get(f"/calls/{call}").text
    assert "现已不再判定" in page and "不再判定自" in page and "lead-1" in page
    assert 'id="confirm"' not in page


def test_a_token_reads_the_call_masked(client: Client, desk: Desk) -> None:
    call = number_of(desk, "sample-05")
    told = client(UserRole.VIEWER).get(f"/api/v1/calls/{call}")
    assert told.status_code == 200 and "陈立强" not in told.text
    known = told.json()
    assert known["verdict"] == "violation" and known["call_id"] == "sample-05"
    assert [one["number"] for one in known["findings"]] == findings_of(desk, call)
    for found in known["findings"]:
        if found["turn"] is not None and found["start_char"] is not None:
            text = known["turns"][found["turn"]]["text"]
            assert text[found["start_char"] : found["end_char"]] == found["quote"]


@pytest.fixture
def private(desk: Desk, tmp_path: Path) -> int:
    """A call with what tells who somebody is in its words and its record."""
    made = report("13912345678", [f"您尾号2345，工号77，欧阳晓明先生，{BAD}"])
    metadata = replace(
        made.call.metadata, debtor_id="D-556677", case_no="案2024-9", extra={"备注列": "客户妻子在南屏小学"}
    )
    take_in(desk.store, tmp_path / "own", replace(made, call=replace(made.call, metadata=metadata)), hour=23)
    return number_of(desk, "13912345678")


@pytest.mark.parametrize("role", list(UserRole))
def test_who_may_lift_no_mask_sees_no_more_than_may_leave_the_desk(
    client: Client, private: int, role: UserRole
) -> None:
    browser = client(role)
    page, api = (timeless(browser.get(f"{path}/calls/{private}").text) for path in ("", "/api/v1"))
    strict = role in (UserRole.TRAINER, UserRole.VIEWER)
    for text in (plain(page), api):
        assert BAD in text
        assert ("2345" not in text and "工号77" not in text and "晓明" not in text) is strict
    for column in ("D-556677", "案2024-9", "备注列", "南屏小学"):
        assert (column not in page) is strict


def test_what_people_wrote_is_told_to_reviewers_only(client: Client, desk: Desk, private: int) -> None:
    (finding,) = findings_of(desk, private)
    decide(desk.store, finding, NAMES[UserRole.OFFICER], Verdict.DISMISS, reason="自写理由", comment="自写备注")
    decide(desk.store, finding, NAMES[UserRole.OFFICER], Verdict.CONFIRM)
    appeal = file_appeal(desk.store, finding, NAMES[UserRole.OFFICER], "坐席陈述")
    rule_on_appeal(desk.store, appeal, NAMES[UserRole.ADMIN], Ruling.OVERTURNED, "裁定理由")
    add_missed(
        desk.store, private, NAMES[UserRole.OFFICER], "conduct.pressure", turn=None, span=None, comment="漏判说明"
    )
    page, api = (
        {role: client(role).get(f"{path}/calls/{private}").text for role in UserRole} for path in ("", "/api/v1")
    )
    for role in UserRole:
        told = role not in (UserRole.TRAINER, UserRole.VIEWER)
        assert all(
            (text in page[role]) is told for text in ("自写理由", "自写备注", "坐席陈述", "裁定理由", "漏判说明")
        )
        assert all((text in api[role]) is told for text in ("自写理由", "自写备注", "漏判说明"))
        assert all(
            text in plain(page[role]) for text in ("officer-1 排除", "officer-1 提交申诉", "admin-1 裁定：违规不成立")
        )
        assert '"verdict":"dismiss"' in api[role]


def dialogue(*words: str, name: str | None = None) -> Spoken:
    made = call_of("A: " + "".join(words))
    timed = tuple(Word(word, TimeSpan(i, i + 1)) for i, word in enumerate(words))
    turn = Turn(0, Role.AGENT, "".join(words), TimeSpan(0, len(words)), timed)
    made = replace(made, turns=(turn,), metadata=replace(made.metadata, debtor_name=name))
    return spoken(replace(report("c"), call=made, findings=()), [], [], Redactor(made))[0]


def test_each_recognised_word_has_its_time() -> None:
    (_, bits), *_ = dialogue("今天", "不", "还", "试试").bits
    assert [(bit.text, bit.time and bit.time.start_s) for bit in bits] == [
        ("今天", 0),
        ("不", 1),
        ("还", 2),
        ("试试", 3),
    ]


def test_a_masked_number_is_one_piece_however_many_words_it_was_heard_as() -> None:
    (_, bits), *_ = dialogue("电话", "138", "0013", "8000", "对吧").bits
    hidden = [bit for bit in bits if bit.hidden]
    assert len(hidden) == 1
    assert hidden[0].hidden == CharSpan(2, 9) and hidden[0].text == "＊" * 7
    assert "".join(bit.text for bit in bits) == "电话＊＊＊＊＊＊＊8000对吧"
    assert [bit.span.start for bit in bits] == sorted(bit.span.start for bit in bits)


def test_stars_that_somebody_wrote_hide_nothing() -> None:
    (_, bits), *_ = dialogue("密码＊＊＊").bits
    assert not any(bit.hidden for bit in bits)


@pytest.mark.parametrize("role", list(UserRole))
def test_the_queue_and_the_search_show_words_under_the_masks_of_the_reader(
    client: Client, private: int, role: UserRole
) -> None:
    browser, strict = client(role), role in (UserRole.TRAINER, UserRole.VIEWER)
    asked = {"q": "打断"}
    for path in ("/queue", "/api/v1/findings", "/search", "/api/v1/search"):
        answer = browser.get(path, params=asked)
        shown = plain(answer.text)
        assert answer.status_code == 200 and BAD in shown, path
        assert ("工号77" not in shown and "晓明" not in shown) is strict, path
    assert browser.get("/search", params={"q": "欧阳晓明"}).status_code == 200
    assert (browser.get("/api/v1/search", params={"q": "欧阳晓明"}).json()["calls"] == []) is strict
