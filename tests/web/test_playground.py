"""The playground: rules tried on a dialogue and on stored calls, with what came of it and why."""

from collections.abc import Callable

import pytest
from httpx2 import Response

from audit.model.review import UserRole
from audit.pipeline import Options
from audit.store import tables as t
from audit.web.desk import Desk
from audit.web.playground import pasted_call, rule_text
from tests.store.runs import rows
from tests.web.conftest import Browser

RULE = "threat.violence/bodily-harm"
THREAT = "坐席：再不还钱我就打断你的腿。\n客户：你是谁？"
OWN = """
id: conduct.pressure/today
name: {zh: 当天必须还, en: Pay today}
reason: {zh: 例, en: Example}
advice: {zh: 例, en: Example}
severity: major
status: stable
roles: [agent]
clauses: []
no_clause: {zh: 例, en: example}
match:
  - say: ["今天打了四次"]
    confidence: 0.95
examples:
  breaching: [今天打了四次]
  near_misses: [今天打了五次]
"""


@pytest.fixture
def officer(client: Callable[..., Browser]) -> Browser:
    return client(UserRole.OFFICER)


def tried(browser: Browser, **fields: object) -> Response:
    return browser.post_form("/playground/try", fields, headers={"HX-Request": "true"})


def test_a_pasted_dialogue_is_judged_and_the_rule_says_where_it_matched(officer: Browser) -> None:
    said = tried(officer, dialogue=THREAT, rule=RULE)
    assert said.status_code == 200
    assert "暴力威胁" in said.text
    assert "得出 1 条发现" in said.text


def test_a_rule_that_did_not_match_names_the_context_that_kept_it_from_it(officer: Browser) -> None:
    said = tried(officer, dialogue="坐席：您放心，我们不会打断您的腿。", rule=RULE)
    assert "没有命中" in said.text
    assert "<code>negated</code>" in said.text
    assert "{maim}" in said.text


def test_an_edited_rule_is_proved_on_its_own_examples_and_loses_what_it_no_longer_says(
    officer: Browser, desk: Desk
) -> None:
    edited = rule_text(desk.options, RULE)
    kept = edited[: edited.index("match:")]
    emptied = f'{kept}match:\n  - say: ["从不说的话"]\n    confidence: 0.9\n{edited[edited.index("examples:") :]}'
    assert "个不成立" in tried(officer, dialogue=THREAT, edited=emptied, rule=RULE).text
    said = officer.post_form("/playground/compare", {"edited": emptied, "rule": RULE}, headers={"HX-Request": "true"})
    # The rule finds it no more; the learned model still sends it to a listener.
    assert "级别有变" in said.text
    assert "待听音" in said.text
    assert "暴力威胁" in said.text
    assert "待处理" in said.text


def test_a_rule_of_ones_own_says_what_would_appear_in_stored_calls(client: Callable[..., Browser]) -> None:
    lead = client(UserRole.LEAD)
    answer = lead.post(
        "/api/v1/playground/compare",
        json={"edited": OWN, "rule": "conduct.pressure/today"},
        headers={"X-CSRF-Token": lead.csrf},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["failed"] == []
    # The debtor says so in a sample call, and the rule is about agents: nothing appears there.
    assert answer.json()["changes"] == []
    loose = (
        OWN.replace("roles: [agent]", "roles: [debtor]")
        .replace("[今天打了四次]\n", "[{role: debtor, text: 今天打了四次}]\n")
        .replace('["今天打了四次"]', '["(打了四次|四次)"]')
    )
    changed = lead.post(
        "/api/v1/playground/compare", json={"edited": loose}, headers={"X-CSRF-Token": lead.csrf}
    ).json()["changes"]
    assert [(one["label"], one["before"], one["after"]) for one in changed] == [("conduct.pressure", None, "major")]


def test_a_fault_is_told_with_its_line(officer: Browser, desk: Desk) -> None:
    said = tried(officer, dialogue=THREAT, edited=rule_text(desk.options, RULE).replace("match:", "macht:"))
    assert said.status_code == 422
    assert "CA203" in said.text
    assert "playground.yaml:" in said.text


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"dialogue": ""}, "CA824"),
        ({"dialogue": THREAT, "started_at": "gestern"}, "CA825"),
        ({"dialogue": THREAT, "rule": "threat.violence/none"}, "CA823"),
        ({"call": 999999}, "CA611"),
    ],
)
def test_what_cannot_be_tried_says_why(officer: Browser, fields: dict[str, object], code: str) -> None:
    assert code in tried(officer, **fields).text


def test_identifiers_of_a_pasted_dialogue_come_back_masked(client: Callable[..., Browser]) -> None:
    lead = client(UserRole.LEAD)
    said = tried(lead, dialogue="坐席：你的电话是13800138000，身份证110101199003074397，不还就打断你的腿。")
    assert "13800138000" not in said.text
    assert "110101199003074397" not in said.text
    answer = lead.post(
        "/api/v1/playground/audit",
        json={"dialogue": "坐席：你的身份证110101199003074397对吧。"},
        headers={"X-CSRF-Token": lead.csrf},
    )
    assert answer.json()["findings"]
    assert "110101199003074397" not in answer.text


def test_a_rule_reads_no_number_out_of_a_stored_call_and_its_trial_is_logged(
    client: Callable[..., Browser], desk: Desk
) -> None:
    lead = client(UserRole.LEAD)
    digits = "|".join(f"{number:03}" for number in range(1000))
    spy = OWN.replace('["今天打了四次"]', f'["({digits})"]').replace("conduct.pressure/today", "conduct.pressure/spy")
    number = "13912348000"
    said = tried(lead, dialogue=f"坐席：你电话是{number}对吧。", edited=spy, rule="conduct.pressure/spy")
    assert said.status_code == 200, said.text
    assert "命中" in said.text
    assert not [piece for piece in (number[:6], "234", "348") if piece in said.text]
    before = len(rows(desk.store, t.log))
    assert tried(lead, call=5, rule=RULE).status_code == 200
    assert [(row["action"], row["subject"]) for row in rows(desk.store, t.log)][before:] == [("try_rule", "call:5")]


def test_the_page_without_scripts_shows_what_came_of_it_and_keeps_what_was_typed(officer: Browser) -> None:
    said = officer.post_form("/playground/try", {"dialogue": THREAT, "rule": RULE})
    assert "<textarea" in said.text
    assert "再不还钱我就打断你的腿" in said.text
    assert "暴力威胁" in said.text


def test_the_edited_rule_is_taken_away_as_a_file(officer: Browser) -> None:
    answer = officer.post_form("/playground/rule.yaml", {"edited": OWN.replace("\n", "\r\n")})
    assert answer.text == OWN
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("role", [UserRole.TRAINER, UserRole.VIEWER])
def test_who_does_not_write_rules_does_not_play(client: Callable[..., Browser], role: UserRole) -> None:
    assert client(role).get("/playground").status_code == 403


def test_a_pasted_call_has_the_time_and_people_that_are_known() -> None:
    call = pasted_call(THREAT, "2026-03-02 19:40", "spouse", "陈立强")
    assert [turn.role.value for turn in call.turns] == ["agent", "debtor"]
    assert call.metadata.started_at is not None
    assert call.metadata.started_at.isoformat() == "2026-03-02T19:40:00+08:00"
    assert rule_text(Options(), RULE).startswith(f"id: {RULE}")
