"""What the rules say of whole scripts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.model.finding import Severity
from audit.model.labels import LABELS
from audit.model.script import Audience
from audit.rules.loader import load_pack
from audit.rules.pack import describe
from tests.ingest.scripts.places import BREAK
from tests.lint.linting import findings, labels, rules

THREAT = "再拖我找人卸你一条腿"
VIOLENCE = "threat.violence"
TOLD = "privacy.third_party_disclosure/debt-told"
READ_OUT = "privacy.pii_readout/full-identifiers"
BLIND = "privacy.unverified_disclosure/before-verify"
WHO, ASKED, RECORDED = "process.no_self_identification", "process.no_identity_check", "process.no_recording_notice"
OPENING = "您好，我是安信金融公司的王芳，工号8021，本次通话会录音。请问是张伟先生本人吗？"
OWED = "您在我司的贷款逾期{{天数}}天，欠款{{金额}}元，请您尽快安排还款。"


def test_a_breach_is_told_at_its_words_with_reason_advice_and_clause() -> None:
    (found,) = findings(f"# 催告\n\n坐席：{THREAT}\n")
    assert (found.label, found.start.line, found.quote) == (VIOLENCE, 3, THREAT)
    assert found.start.column == 4
    assert found.severity is Severity.CRITICAL
    assert found.clauses
    assert found.source == f"坐席：{THREAT}"
    for texts in (found.name, found.message, found.suggestion):
        assert texts["zh"]
        assert texts["en"]


def test_nobody_is_asked_to_listen_to_a_script() -> None:
    learned = [rule for rule in load_pack().rules if rule.kind == "learned"]
    said = "\n\n".join(f"坐席：{describe(example)}" for rule in learned for example in rule.examples.breaching)
    told = [one for one in findings(said) if one.rule in {rule.id for rule in learned}]
    assert told
    for one in told:
        assert "听" not in one.message["zh"] and "listen" not in one.message["en"]
        assert LABELS[one.label][0] in one.message["zh"] and LABELS[one.label][1] in one.message["en"]


@pytest.mark.parametrize(
    "text",
    [
        f"客户：{THREAT}",
        f"## 禁用表述\n\n- {THREAT}",
        f"严禁：{THREAT}",
        f"备注：{THREAT}",
        f"# 客户原话\n\n- {THREAT}",
        f"禁用話術：{THREAT}",
    ],
)
def test_words_of_customers_notes_and_forbidden_lists_are_no_findings(text: str) -> None:
    assert labels(text) == set()


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (f"话术: {THREAT}\n", "a.yaml"),
        (f'{{"reply": "{THREAT}"}}', "a.json"),
        (f"场景,话术\n催告,{THREAT}\n", "a.csv"),
        (f"| 角色 | 话术 |\n|---|---|\n| 坐席 | {THREAT} |\n", "a.md"),
        (f"坐席：“{THREAT}”", "a.txt"),
        ("坐席：再拖我找人，\n卸你一条腿", "a.txt"),
        (f"坐席：（停顿）{THREAT}", "a.txt"),
    ],
)
def test_a_breach_is_found_in_each_format(text: str, path: str) -> None:
    assert VIOLENCE in labels(text, path)


@pytest.mark.parametrize("written", ["{{金额}}", "{欠款金额}", "${逾期天数}", "<金额>", "欠款XX元"])
def test_what_is_owed_spoken_to_a_third_party_is_a_disclosure(written: str) -> None:
    text = f"请他联系我们，{written}。"
    assert TOLD in rules(f"# 联系人话术\n\n{text}")
    assert TOLD not in rules(f"# 本人接听\n\n{text}")


def test_who_listens_may_be_said_by_the_configuration() -> None:
    text = "请联系我们，{{金额}}。"
    assert TOLD in rules(text, audience={"*.md": Audience.THIRD_PARTY})
    assert TOLD not in rules(text, audience={"*.md": Audience.DEBTOR})


@pytest.mark.parametrize("name", ["身份证号", "手机号", "银行卡号", "家庭住址"])
def test_a_full_number_is_a_read_out(name: str) -> None:
    (found,) = [one for one in findings(f"跟您核对一下，您的{{{{{name}}}}}，对吗？") if one.rule == READ_OUT]
    assert found.quote == f"您的{{{{{name}}}}}"


@pytest.mark.parametrize("text", ["尾号{{尾号}}，对吗？", "请拨打我司客服{{电话}}。", "我司热线{{客服热线}}。"])
def test_the_end_of_a_number_and_the_institutions_own_are_none(text: str) -> None:
    assert READ_OUT not in rules(text)


def test_a_message_signed_for_an_authority_is_an_impersonation() -> None:
    assert "identity.impersonation" in labels("【海州市法院】请您尽快处理。")
    assert "identity.impersonation" not in labels("【安信金融】请您尽快处理。")


def opening(*lines: str) -> str:
    return "# 开场白\n\n" + "\n\n".join(lines)


def test_a_whole_opening_lacks_nothing() -> None:
    assert labels(opening(OPENING, "客户：是我。", OWED)) == set()


@pytest.mark.parametrize(
    ("first", "missing"),
    [
        ("您好，本次通话会录音。请问是张伟先生本人吗？", WHO),
        ("您好，我是安信金融公司的王芳，工号8021。请问是张伟先生本人吗？", RECORDED),
        ("您好，我是安信金融公司的王芳，工号8021，本次通话会录音。", ASKED),
    ],
)
def test_what_an_opening_lacks_is_told(first: str, missing: str) -> None:
    assert missing in labels(opening(first, OWED))


def test_placeholders_of_institution_and_staff_are_a_self_identification() -> None:
    said = "您好，我是{{机构名称}}的{{坐席姓名}}，工号{{工号}}，本次通话会录音。请问是{{客户姓名}}先生本人吗？"
    assert WHO not in labels(opening(said, "客户：是我。", OWED))


def test_what_is_owed_before_anybody_is_asked_is_told_blind() -> None:
    (found,) = [one for one in findings(opening("您好，您欠款{{金额}}元。", OPENING)) if one.rule == BLIND]
    assert "{{金额}}" in found.quote


def test_an_opening_is_known_by_title_greeting_or_configuration() -> None:
    lacking = "您是张伟本人吗？您欠款3000元，请今天还款。"
    assert RECORDED in labels(f"# 首次联系\n\n{lacking}")
    assert RECORDED in labels(f"您好，{lacking}")
    assert RECORDED not in labels(f"# 催告\n\n{lacking}")
    assert RECORDED in labels(f"# 催告\n\n{lacking}", openings=("*.md",))
    assert RECORDED not in labels(f"# 首次联系\n\n{lacking}", not_openings=("*.md",))


def test_each_opening_of_a_file_is_judged() -> None:
    whole, lacking = opening(OPENING, "客户：是我。", OWED), "您好，请问您是张伟吗？\n\n客户：是。\n\n" + OWED
    text = f"{whole}\n\n# 开场白二\n\n{lacking}"
    found = [one.start.line for one in findings(text) if one.label == RECORDED]
    assert found
    assert min(found) > whole.count("\n") + 1


@pytest.mark.parametrize(
    ("title", "settled"),
    [("已告知录音", RECORDED), ("已自报家门", WHO), ("已核身", ASKED)],
)
def test_what_titles_say_has_happened_is_not_missed(title: str, settled: str) -> None:
    text = "您好，您欠款3000元，请今天还款。"
    assert settled in labels(f"# 首次联系\n\n{text}")
    assert settled not in labels(f"# 首次联系（{title}）\n\n{text}")


def test_settings_beyond_the_policy_are_findings_with_both_numbers() -> None:
    (found,) = findings("外呼时段: '07:00-22:00'\n", "a.yaml")
    assert (found.label, found.quote) == ("contact.off_hours", "07:00-22:00")
    assert "08:00" in found.message["zh"]
    assert "08:00" in found.message["en"]
    assert labels("外呼时段: '07:00-22:00'\n", "a.yaml", policy="hk-cobp") == set()


def test_a_rule_is_told_once_at_one_place() -> None:
    found = findings(opening("您好，" + THREAT, OWED))
    places = [(one.rule, one.start, one.end) for one in found]
    assert len(places) == len(set(places))
    assert len([one for one in found if one.label == VIOLENCE]) == 1


def test_thousands_of_findings_on_one_line_are_each_told() -> None:
    assert len(findings("身份证{{身份证号}}，" * 1000, "a.txt")) == 1000


BITS = st.sampled_from([THREAT, OPENING, OWED, "坐席：", "客户：", "# 开场\n\n", "\n", "（停顿）", "{{身份证号}}", "每天最多拨打9次", "“", "”", "，", "【法院】"])  # fmt: skip


@given(st.lists(BITS | st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=4), max_size=12).map("".join))
def test_every_quote_stands_in_the_file_from_its_start_to_its_end(text: str) -> None:
    lines = BREAK.split(text)
    for found in findings(text, "a.txt"):
        if found.start.line == found.end.line:
            written = lines[found.start.line - 1][found.start.column - 1 : found.end.column - 1]
        else:
            between = lines[found.start.line : found.end.line - 1]
            written = lines[found.start.line - 1][found.start.column - 1 :] + "".join(between)
            written += lines[found.end.line - 1][: found.end.column - 1]
        assert "".join(found.quote.split()) == "".join(written.split())


def test_the_steps_of_a_flow_are_one_conversation() -> None:
    steps = [
        "您好，我是安信金融公司的语音助理小安，编号AI-12，本次通话会录音。",
        "请问您是张伟先生本人吗？",
        "谢谢，请说一下身份证后四位。",
        "您有一笔3000元的账单昨天到期了，请您留意。",
    ]
    flow = "flow:\n" + "".join(f"  - node: n{number}\n    say: {step}\n" for number, step in enumerate(steps))
    assert findings(flow, "flow.yaml") == ()


def test_somebody_is_asked_for_once_more_where_another_conversation_begins() -> None:
    text = f"# 首次联系\n\n{OPENING}\n\n{OWED}\n\n# 再次联系\n\n请问是李娜吗？你那笔贷款逾期了，还款3000元。\n"
    assert {found.label for found in findings(text) if found.start.line == 9} >= {WHO}


@pytest.mark.parametrize(
    "who", ["鹏飞信息的[HM]，座席[GH]", "安信金融公司的小林，分机[GH]", "安信金融公司智能助理“小贝”"]
)
def test_who_speaks_is_understood_however_teams_shorten_it(who: str) -> None:
    text = f"您好，{who}，受[WTF]委托，通话有录音。我找的是[XM]，是您吧？\n\n您的[JE]元已经逾期[TS]天了，请尽快还款。\n"
    assert {found.label for found in findings(text)} == set()


def test_a_corporate_account_is_no_read_out() -> None:
    assert findings("坐席：收款账户是{{资金方}}的对公账户，请您核对户名。") == ()


def test_whoever_was_identified_by_a_colleague_is_identified() -> None:
    assert BLIND not in rules(
        "# 接手\n\n您好，刚才同事跟您核过身份了，我是安信金融公司的小林，您有3000元账单到期了。\n"
    )


def test_hallo_and_the_debt_are_an_opening() -> None:
    assert WHO in labels("喂，在吗？你借的那笔钱到底打算怎么还？\n\n好的，再见。\n")


def test_a_sample_for_reviewers_is_no_count_of_calls() -> None:
    assert findings("review:\n  daily_sample: 200\n", "guard.yaml") == ()


def test_those_who_collect_fees_for_property_speak_to_the_debtor() -> None:
    text = "# 物业费沟通\n\n您好，我是金谷物业的管家小覃，胸牌11，通话有录音。请问您是张伟先生本人吗？\n\n您家的物业费一共300元还没交。\n"
    assert "privacy.third_party_disclosure" not in labels(text)


def test_placeholders_stand_in_wide_brackets() -> None:
    assert TOLD in rules("# 紧急联系人\n\n他在我们这边还差［金额］元。\n")


def test_steps_that_are_taken_as_done_are_done() -> None:
    assert (
        findings(
            "common: 核身、录音、工号按标准流程，以下是补充\ngreet: 您好，您的账单{{金额}}元昨天到期了。\n", "a.yaml"
        )
        == ()
    )


def test_a_law_firm_may_call_itself_so_and_nobody_else_may() -> None:
    said = "坐席：您好，我是衡岳律师事务所的王律师。\n"
    assert "identity.impersonation" not in labels(f"# 衡岳律师事务所 回访用语\n\n{said}")
    assert "identity.impersonation" in labels(f"# 分期回访用语\n\n{said}")


def test_a_complaint_that_was_accepted_is_no_false_document() -> None:
    assert findings("坐席：您的异议已受理，核实期间不会再有提醒。\n") == ()


def test_what_a_debtor_has_met_with_is_no_name_that_opens_a_call() -> None:
    said = f"请问您这期没有处理，是遇到什么情况了？\n\n{OWED}"
    assert {WHO, ASKED}.isdisjoint(labels(f"# 协商\n\n{said}"))


def test_a_greeting_that_names_who_answers_for_what_is_a_whole_opening() -> None:
    said = f"您好，这里是远山金服，我姓白，工号3301，通话有录音。请问是福满楼的业主吗？\n\n客户：是。\n\n坐席：{OWED}"
    assert {WHO, ASKED, RECORDED}.isdisjoint(labels(f"# 开场\n\n{said}"))


def test_whoever_is_asked_for_at_the_door_is_asked_who_they_are() -> None:
    text = f"# 外访话术\n\n坐席：您好，我是安信金融公司的王芳，工号8021，全程录音录像。请问{{{{客户姓名}}}}在家吗？\n\n客户：我是。\n\n坐席：{OWED}\n"
    assert findings(text) == ()


def test_whoever_is_asked_to_pass_it_on_is_another() -> None:
    assert TOLD in rules("坐席：不是本人也没关系，他欠了{{金额}}，麻烦您转告一下。\n")


def test_a_law_firm_in_a_signature_poses_as_a_lawyer_not_as_the_police() -> None:
    assert rules("【衡岳律所】您的案件请尽快处理。\n") == {"identity.impersonation/lawyer"}


def test_a_row_that_is_marked_as_forbidden_is_not_said() -> None:
    assert findings(f"话术,备注\n{THREAT},严禁\n", "a.csv") == ()
    assert VIOLENCE in labels(f"话术,客户状态\n{THREAT},拒绝\n", "a.csv")


def test_a_law_firm_may_not_call_itself_the_police() -> None:
    said = "坐席：您好，衡岳律师事务所，我是市公安局经侦支队的。\n"
    assert "identity.impersonation/authority" in rules(f"# 衡岳律师事务所 回访用语\n\n{said}")
