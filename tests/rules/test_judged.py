"""What a report may speak of: labels looked for, duties met or not, windows searched, and who listened."""

from dataclasses import replace

import pytest

from audit.model.finding import Severity
from audit.model.report import DialogueState
from audit.rules.engine import Engine
from audit.rules.judged import judged_labels
from audit.rules.loader import load_pack, load_policy
from audit.rules.pack import RulePack
from tests.calls import call


@pytest.fixture(scope="module")
def pack() -> RulePack:
    return load_pack()


def test_every_label_that_a_stable_rule_looks_for_is_judged(pack: RulePack) -> None:
    judged = judged_labels(pack.rules, load_policy(), words=True)
    assert {"threat.violence", "insult.profanity", "contact.off_hours", "process.no_identity_check"} <= set(judged)
    assert list(judged) == sorted(set(judged))


def test_a_preview_rule_judges_nothing(pack: RulePack) -> None:
    rules = [replace(rule, status="preview") for rule in pack.rules if rule.label == "insult.curse"]
    assert rules and judged_labels(rules, load_policy(), words=True) == ()


def test_without_words_only_what_needs_none_is_judged(pack: RulePack) -> None:
    judged = judged_labels(pack.rules, load_policy(), words=False)
    assert {"contact.off_hours", "contact.frequency"} <= set(judged)
    assert not {"threat.violence", "process.no_recording_notice", "signal.self_harm"} & set(judged)


def test_a_limit_that_the_policy_has_off_is_not_judged(pack: RulePack) -> None:
    rules = [rule for rule in pack.rules if rule.label in ("contact.off_hours", "contact.third_party_early")]
    on = judged_labels(rules, load_policy(), words=False)
    assert on == ("contact.off_hours", "contact.third_party_early")
    policy = replace(load_policy(), quiet_hours=None, third_party_precondition=None)
    assert judged_labels(rules, policy, words=False) == ()


def test_the_state_of_the_dialogue_is_told_where_it_changes_for_the_agent(pack: RulePack) -> None:
    talk = call(
        "A: 您好，请问是王强先生本人吗",
        "D: 是我",
        "A: 你他妈今天必须还钱",
        "D: 你怎么骂人",
        "A: 傻逼",
    )
    judged = Engine(pack, load_policy()).judge(talk)
    assert judged.findings
    assert judged.states == (DialogueState(0, "debtor", False), DialogueState(2, "debtor", True))


def test_an_omission_says_in_both_languages_what_was_not_heard(pack: RulePack) -> None:
    talk = call("A: 喂，王强吗，你那笔钱什么时候还", "D: 你谁啊", "A: 别管我是谁，先还钱")
    findings, _ = Engine(pack, load_policy()).findings(talk)
    (found,) = [finding for finding in findings if finding.rule == "process.no_self_identification/institution"]
    assert found.why.absent == (
        {"zh": "坐席说出自己代表的机构。", "en": "The agent says which institution is calling."},
    )
    assert found.why.facts["searched"] == "0-0"
    assert found.why.advice["zh"]


def test_a_signal_nobody_answered_names_the_turns_without_an_answer_and_its_severity_before(pack: RulePack) -> None:
    talk = call("D: 我要投诉你们，打12378", "A: 钱什么时候到", "D: 随你", "A: 今天还是明天")
    findings, _ = Engine(pack, load_policy()).findings(talk)
    (found,) = [finding for finding in findings if finding.label == "signal.complaint"]
    assert found.severity is Severity.MAJOR
    assert dict(found.why.facts) == {"duty": "ignored", "replies": "1, 3", "raised_from": "info"}
    assert [words["zh"] for words in found.why.absent] == ["坐席告知投诉渠道，或者把投诉、反映登记上报。"]
