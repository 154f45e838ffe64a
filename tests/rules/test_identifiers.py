"""Identifiers in the agent's speech: whose they are, and where they are found when several turns hold them. All are invented."""

import pytest

from audit.model.finding import Finding
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy
from tests.calls import call

ENGINE = Engine(load_pack(), load_policy(changes={"learned": "off"}))


def readouts(*turns: str) -> list[Finding]:
    return [f for f in ENGINE.findings(call(*turns))[0] if f.label == "privacy.pii_readout"]


def test_an_identifier_over_the_listeners_answer_is_found_in_the_turn_that_completes_it() -> None:
    (finding,) = readouts("A: 我核对一下，身份证四二零一零六一九", "D: 嗯", "A: 八六一一零三二零四九，对吧")
    assert (finding.turn, finding.quote) == (2, "八六一一零三二零四九")
    assert finding.why.matched == ("四二零一零六一九 八六一一零三二零四九",)
    assert finding.why.facts["began_in_turn"] == "0"


def test_an_identifier_over_two_turns_without_an_answer_is_found_in_the_second() -> None:
    (finding,) = readouts("A: 您好", "D: 你说", "A: 您手机号是一三八零零", "A: 零零一二三四，对吧")
    assert (finding.turn, finding.quote) == (3, "零零一二三四")
    assert finding.why.facts["began_in_turn"] == "2"


@pytest.mark.parametrize(
    "turns",
    [
        ("D: 我身份证四二零一零六一九", "A: 嗯", "D: 八六一一零三二零四九"),
        ("A: 您打我的电话一三八零零", "D: 对", "A: 零零一二三四"),
        ("A: 您身份证四二零一零六", "D: 你说这个干嘛", "A: 一九八六一一零三二零四九是吧"),
        ("A: 您身份证后四位", "D: 嗯", "A: 二零四九"),
    ],
)
def test_what_the_debtor_reads_or_belongs_to_the_agent_is_no_readout(turns: tuple[str, ...]) -> None:
    assert readouts(*turns) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("您预留的手机号一三九零零零零幺幺三幺还在用吧", True),
        ("您住在花园路18号3栋402是吗", True),
        ("他的号我有，幺三八 哎 不对 幺三九零零零零幺二三四", True),
        ("证件是六二零四二一啊一九八六零五零三啊九一五八吧", True),
        ("电话是13800001234，景点八点开门", False),
        ("您记一下，专员的手机13800001234", False),
        ("您的订单已确认，地址是幸福小区12栋3单元402，电话13800001234", False),
        ("好的，我的地址是光明路123号5号楼2单元1202室", False),
        ("我们公司电话是13800001234您存一下", False),
        ("请转到对公账户6222080200012345678", False),
        ("您的号是138****1234对吧", False),
        ("身份证号430***********1234是您吧", False),
        ("客服热线4008001234或者95588，投诉打12378", False),
    ],
)
def test_whose_number_it_is_shows_in_the_words_around_it(text: str, expected: bool) -> None:
    assert bool(readouts(f"A: {text}")) is expected


@pytest.mark.parametrize(("question", "expected"), [("你打我哪个号码了", True), ("", False)])
def test_a_bare_number_belongs_to_whom_the_question_was_about(question: str, expected: bool) -> None:
    turns = (f"D: {question}", "A: 幺三九零零零零幺幺三幺") if question else ("A: 幺三九零零零零幺幺三幺",)
    assert bool(readouts(*turns)) is expected
