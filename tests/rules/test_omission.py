"""What should have been said: the window searched is the evidence."""

from dataclasses import replace
from functools import cache

import pytest

from audit.model.finding import Finding
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy
from tests.calls import call

OPENING = "A: 您好，我是东海银行的小李，工号1287，本次通话录音，请问是王强先生本人吗"


@cache
def engine() -> Engine:
    return Engine(load_pack(), load_policy())


def omissions(*turns: str) -> dict[str, Finding]:
    return {f.rule: f for f in engine().findings(call(*turns))[0] if f.label.startswith("process.")}


def test_a_proper_opening_omits_nothing() -> None:
    assert omissions(OPENING, "D: 是我", "A: 您的贷款逾期三天了", "D: 哦", "A: 请在App还款，再见", "D: 再见") == {}


def test_words_that_come_after_the_debt_are_too_late() -> None:
    found = omissions("A: 王强吗，你的贷款逾期了", "D: 你谁啊", "A: 我是东海银行的小李，工号1287", "D: 哦")
    assert "process.no_self_identification/institution" in found


def test_words_before_the_debt_in_the_same_turn_are_in_time() -> None:
    found = omissions("A: 王强吗我是东海银行的小李工号1287你的贷款逾期了", "D: 哦", "A: 你看什么时候还", "D: 明天")
    assert not [rule for rule in found if "self_identification" in rule]


@pytest.mark.parametrize(
    "turns",
    [
        ["A: 喂，王强吗", "D: 打错了", "A: 不好意思"],
        ["A: 喂，王强在吗", "T: 他不在", "A: 麻烦您请他回个电话", "T: 好"],
        ["A: 你那笔贷款", "D: 喂"],
    ],
)
def test_calls_that_never_came_to_the_debt_or_ended_at_once_are_not_judged(turns: list[str]) -> None:
    assert omissions(*turns) == {}


def test_evidence_names_the_window_and_what_was_missing() -> None:
    found = omissions("A: 王强吗", "D: 是", "A: 你欠的三千块什么时候还", "D: 明天", "A: 行")
    facts = found["process.no_self_identification/institution"].why.facts
    assert facts["searched"] == "0-2" and facts["missing"] == "institution"


def test_window_that_was_hardly_understood_is_for_a_person_to_judge() -> None:
    said = call("A: 王强吗", "D: 是", "A: 你欠的三千块什么时候还", "D: 明天", "A: 行")
    heard = replace(said, turns=tuple(replace(turn, confidence=0.3) for turn in said.turns))
    found = {f.rule: f for f in engine().findings(heard)[0]}
    assert "unable_to_determine" in found["process.no_self_identification/institution"].why.review
