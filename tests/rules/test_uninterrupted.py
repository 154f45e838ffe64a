"""Turns of one speaker that follow each other are heard as one; findings are about the turns as they were given."""

from dataclasses import replace

import pytest

from audit.model.call import Call, Role
from audit.model.span import TimeSpan
from audit.rules.engine import Engine
from audit.rules.loader import load_pack, load_policy
from audit.rules.uninterrupted import uninterrupted
from tests.calls import call

ENGINE = Engine(load_pack(), load_policy(changes={"learned": "off"}))


def threats(spoken: Call) -> list[tuple[int | None, str]]:
    return [(f.turn, f.quote) for f in ENGINE.findings(spoken)[0] if f.label == "threat.violence"]


def test_a_threat_over_two_turns_is_found_in_the_turn_that_holds_most_of_it() -> None:
    assert threats(call("A: 您好", "D: 你说", "A: 打断", "A: 你的两条腿")) == [(3, "你的两条腿")]


def test_an_answer_parts_speech() -> None:
    assert [len(pieces) for pieces in uninterrupted(call("A: 打断", "D: 嗯", "A: 你的腿")).pieces] == [1, 1, 1]


def test_speakers_of_unknown_role_may_be_several() -> None:
    assert len(uninterrupted(call("U: 打断", "U: 你的腿")).call.turns) == 2


@pytest.mark.parametrize(("silence_s", "turns"), [(0.5, 1), (10.0, 2)])
def test_a_long_silence_parts_speech(silence_s: float, turns: int) -> None:
    spoken = call("A: 打断", "A: 你的腿")
    first, second = spoken.turns
    timed = (replace(first, time=TimeSpan(0, 1)), replace(second, time=TimeSpan(1 + silence_s, 3 + silence_s)))
    assert len(uninterrupted(replace(spoken, turns=timed)).call.turns) == turns


def test_words_that_may_never_have_been_said_complete_nothing() -> None:
    spoken = call("A: 打断", "A: 你的腿")
    doubtful = (spoken.turns[0], replace(spoken.turns[1], doubts=("phantom",)))
    assert len(uninterrupted(replace(spoken, turns=doubtful)).call.turns) == 2


def test_one_sided_transcripts_do_not_run_together() -> None:
    joined = uninterrupted(call(*["A: " + "还款的事您考虑一下吧" * 4] * 20)).call
    assert len(joined.turns) == 4
    assert max(len(turn.text) for turn in joined.turns) <= 204


def test_numbers_of_turns_are_those_given() -> None:
    spoken = uninterrupted(call("A: 您好", "A: 请问", "D: 我是", "D: 你说", "A: 好"))
    assert [(spoken.first(i), spoken.last(i)) for i in range(3)] == [(0, 1), (2, 3), (4, 4)]
    assert [turn.role for turn in spoken.call.turns] == [Role.AGENT, Role.DEBTOR, Role.AGENT]
