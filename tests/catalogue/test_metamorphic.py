"""The same call written down otherwise gives the same findings; other words around a threat take it away.

Over all turns of the rules' own examples, the sample calls, the development calls and one benchmark; by the rules alone and with
the learned models that read along by default.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from audit.model.call import Call, CallMetadata, Role, Source, Turn
from audit.model.finding import Finding
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy
from audit.rules.testing import example_call
from tests.calls import call
from tests.catalogue import transformations as write

ROOT = Path(__file__).parents[2]
PACK = load_pack()
ENGINE = Engine(PACK, load_policy(changes={"learned": "off"}))
JUDGES = {"rules": ENGINE, "rules and models": Engine(PACK, load_policy())}
# Kinds of rules that judge the record of a call, whoever speaks in it.
OF_THE_RECORD = {"off_hours", "contact_log", "recording"}
# So many of a hundred findings may differ.
MAY_DIFFER = 2.0

Key = tuple[int | None, str]


def transcripts() -> Iterator[Call]:
    """Sample calls, development calls, and the benchmark that may be read."""
    files = [*sorted((ROOT / "sample_calls/transcripts").glob("*.jsonl")), ROOT / "benchmarks/calls/a.jsonl"]
    for path in (*files, ROOT / "lexicons/corpus/c11_calls_dev.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            turns = tuple(Turn(turn["i"], Role(turn["role"]), turn["text"]) for turn in told["turns"])
            yield Call(told["call_id"], CallMetadata(), turns, Source(path.name, "", "jsonl"))


def examples() -> Iterator[Call]:
    """The examples of all rules, but for those that are rows of a log."""
    for rule in PACK.rules:
        for example in (*rule.examples.breaching, *rule.examples.near_misses):
            if isinstance(example, str) or not example.calls:
                yield example_call(example)


CALLS = [*transcripts(), *examples()]
TEXTS = [turn.text for spoken in CALLS for turn in spoken.turns]
WAYS: dict[str, write.Transformation] = {
    "without punctuation": write.by_turn(write.without_punctuation),
    "punctuation as spaces": write.by_turn(write.punctuation_as_spaces),
    "with fillers": write.by_turn(write.with_fillers),
    "in traditional characters": write.by_turn(write.in_traditional_characters),
    "marked words misheard": write.by_turn(write.misheard(PACK, TEXTS)),
    "with full-width digits": write.by_turn(write.with_full_width_digits),
    "turns split in two": write.split_in_two,
}


def found(spoken: Call, by: str = "rules") -> tuple[Finding, ...]:
    return JUDGES[by].findings(spoken)[0]


@cache
def usual(by: str) -> list[set[Key]]:
    return [{(finding.turn, finding.label) for finding in found(spoken, by)} for spoken in CALLS]


def test_the_calls_hold_enough_findings_to_speak_of_per_cents() -> None:
    assert sum(map(len, usual("rules"))) > 500


@pytest.mark.parametrize("by", JUDGES)
@pytest.mark.parametrize("way", WAYS)
def test_the_same_call_written_down_otherwise_gives_the_same_findings(way: str, by: str) -> None:
    changed: list[str] = []
    differing = 0
    for spoken, before in zip(CALLS, usual(by), strict=True):
        other, origins = WAYS[way](spoken)
        differing += other.turns != spoken.turns
        after = {(None if f.turn is None else origins[f.turn], f.label) for f in found(other, by)}
        changed += [f"-{label} {spoken.call_id}:{turn}" for turn, label in before - after]
        changed += [f"+{label} {spoken.call_id}:{turn}" for turn, label in after - before]
    assert differing > 20, "the transformation changes hardly anything"
    assert 100 * len(changed) <= MAY_DIFFER * sum(map(len, usual(by))), "\n".join(sorted(changed))


def test_a_debtor_commits_no_violation_whatever_is_said() -> None:
    violations: list[tuple[str, str]] = []
    for spoken in CALLS:
        turned = replace(spoken, turns=tuple(replace(turn, role=Role.DEBTOR) for turn in spoken.turns))
        rules = (finding.rule for finding in found(turned) if not finding.is_signal)
        violations += [(spoken.call_id, rule) for rule in rules if PACK.rule(rule).kind not in OF_THE_RECORD]
    assert violations == []


# Plain threats, each a clause that begins with what will be done: 我们绝对不会 before it denies all of it.
THREATS = [
    # violence
    "打断你的腿",
    "找人弄死你",
    "叫人砍死你",
    "叫几个兄弟打你一顿",
    "卸你一条胳膊",
    "让你躺进医院",
    "把你的手剁下来",
    # family
    "去学校找你女儿",
    "在放学路上堵你儿子",
    "去幼儿园接你孩子",
    "对你家人下手",
    "找你老婆孩子的麻烦",
    "让你爸妈不得安宁",
    # property
    "上门砸你家玻璃",
    "往你家门上泼红油漆",
    "用胶水灌你家锁眼",
    "带人砸了你的店",
    "把你的车拖走抵债",
    "在你家门口摆花圈",
    "带一帮人去你家坐着不走",
    "把你家的门锁堵死",
    # exposure
    "爆你的通讯录",
    "群发短信给你通讯录里所有人",
    "把你的照片发到业主群",
    "让你全村人都知道你欠钱",
    "在你小区门口拉横幅",
    "把你的身份证照片发到网上",
    "告诉你所有亲戚你欠钱不还",
    "挨个给你朋友打电话说你是老赖",
    # livelihood
    "让你丢了工作",
    "去你单位闹让你干不下去",
    "让你老板把你开除",
    "让你孩子考不了公务员",
    "叫你在这个行业混不下去",
    "去你公司拉横幅让领导都知道",
    # false_legal
    "今天就让警察来抓你",
    "让你坐牢",
    "叫公安把你带走拘留",
    "送你进去蹲监狱",
    "让你留一辈子案底",
    "派法院的人今天就去抓你",
    # vague
    "让你吃不了兜着走",
    "让你生不如死",
    "叫你没好果子吃",
]


def threats(text: str) -> list[str]:
    return [finding.rule for finding in found(call(f"A: {text}")) if finding.family == "threat"]


@pytest.mark.parametrize("threat", THREATS)
def test_a_plain_threat_is_found(threat: str) -> None:
    assert threats(f"我们{threat}")


@pytest.mark.parametrize("threat", THREATS)
def test_a_threat_that_is_denied_is_none(threat: str) -> None:
    assert threats(f"我们绝对不会{threat}") == []


@pytest.mark.parametrize("threat", THREATS)
def test_a_threat_repeated_as_the_debtors_words_is_none(threat: str) -> None:
    assert threats(f"您刚才说“{threat}”，是这样吗？") == []
