"""The duty that a signal opens: answered, ignored, or nothing known (RULES.md section 3.13), on the built-in rules."""

import pytest

from audit.model.finding import Finding, Severity
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy
from tests.calls import call

ENGINE = Engine(load_pack(), load_policy())
OPENING = "A: 您好，我是汇诚信用的，工号5530，请问是王芳女士本人吗"


def signal(label: str, *turns: str) -> Finding:
    """The surest finding of `label` in the call."""
    return max((f for f in ENGINE.findings(call(*turns))[0] if f.label == label), key=lambda f: f.confidence)


# label, what is said, an answer that meets the duty, one that does not, the severity when it is ignored.
DUTIES = [
    (
        "signal.complaint",
        "D: 我要投诉你们",
        "A: 您的投诉我记录下来了，也可以拨打12378",
        "A: 你先把钱还了",
        Severity.MAJOR,
    ),
    ("signal.hardship", "D: 我失业三个月了", "A: 理解您的难处，可以帮您申请延期", "A: 那也得还", Severity.MINOR),
    ("signal.vulnerable", "D: 我确诊抑郁症在吃药", "A: 您先保重身体，情况我登记一下", "A: 今天几点还", Severity.MAJOR),
    ("signal.deceased", "T: 他去世了，上个月走的", "A: 请您节哀，我们停止催收", "A: 那你替他还", Severity.MAJOR),
    ("signal.self_harm", "D: 我不想活了", "A: 您千万别冲动，钱的事先不谈", "A: 今天先还两千", Severity.CRITICAL),
    ("signal.dispute", "D: 这不是我借的", "A: 我帮您登记异议，核实后答复您", "A: 今天几点还", Severity.MAJOR),
    ("signal.paid", "D: 我昨天转过了", "A: 您提供一下截图，我们核实", "A: 今天几点还", Severity.MINOR),
    ("signal.minor", "T: 我爸不在，我十岁", "A: 小朋友，让家里大人接一下电话", "A: 你爸欠我们钱", Severity.CRITICAL),
    ("signal.stop_contact", "D: 以后晚上别打", "A: 好的，我备注，改成下午联系", "A: 你先还钱", Severity.MAJOR),
    ("signal.deferral", "D: 能不能分60期", "A: 可以帮您提交分期申请", "A: 全额还清，没得商量", Severity.MINOR),
    (
        "signal.legal_representation",
        "D: 我委托律师了，你跟他谈",
        "A: 请问律师的电话是多少",
        "A: 我就找你",
        Severity.MAJOR,
    ),
    ("signal.abuse_reported", "D: 上次那个人说要弄死我", "A: 非常抱歉，我会上报核查", "A: 今天几点还", Severity.MAJOR),
    ("signal.wrong_person", "T: 你打错了，我不认识这个人", "A: 不好意思打扰了", "A: 那他在哪", Severity.MINOR),
]


@pytest.mark.parametrize(("label", "said", "good", "bad", "ignored"), DUTIES, ids=[duty[0] for duty in DUTIES])
def test_an_answer_meets_the_duty_and_silence_on_it_raises_the_signal(
    label: str, said: str, good: str, bad: str, ignored: Severity
) -> None:
    met, unmet = signal(label, OPENING, said, good), signal(label, OPENING, said, bad)
    assert (met.why.facts["duty"], met.why.facts["answered_in_turn"]) == ("answered", "2")
    assert unmet.why.facts["duty"] == "ignored"
    assert unmet.severity is ignored
    assert met.severity in (Severity.INFO, Severity.CRITICAL)


def test_nothing_is_said_of_a_duty_when_the_agent_speaks_no_more() -> None:
    last = signal("signal.complaint", OPENING, "D: 我要投诉你们")
    assert "duty" not in last.why.facts
    assert last.severity is Severity.INFO


def test_the_answer_must_come_in_time() -> None:
    late = ["A: 今天还", "D: 没钱", "A: 几点还", "D: 不知道", "A: 那你等着", "D: 随便", "A: 您可以拨打12378投诉"]
    assert signal("signal.complaint", "D: 我要投诉你们", *late).why.facts["duty"] == "ignored"


def test_daring_the_debtor_to_complain_answers_nothing() -> None:
    assert signal("signal.complaint", "D: 我要投诉你们", "A: 随便你投诉，打12378去").severity is Severity.MAJOR


def test_goading_is_no_calming() -> None:
    goaded = signal("signal.self_harm", "D: 我不想活了", "A: 你跳啊，冷静什么")
    assert goaded.why.facts["duty"] == "ignored"


def test_a_claim_to_have_paid_is_a_dispute_as_well_and_a_child_is_vulnerable() -> None:
    paid = {f.label for f in ENGINE.findings(call("A: 您逾期了", "D: 我上个月就还清了"))[0]}
    child = {f.label for f in ENGINE.findings(call("A: 喂您好", "T: 我在写作业，大人不在家"))[0]}
    assert {"signal.paid", "signal.dispute"} <= paid
    assert {"signal.minor", "signal.vulnerable"} <= child


def test_an_agents_words_raise_no_signal() -> None:
    spoken = call("A: 您可以投诉，渠道是12378，失业的情况可以申请延期，您别想不开，不想活了这种话别说")
    assert not [f for f in ENGINE.findings(spoken)[0] if f.is_signal]
