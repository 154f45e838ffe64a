import pytest

from audit.model.call import CallMetadata, Role, Turn
from audit.model.span import TimeSpan
from audit.model.transcript import EngineInfo, Segment, Transcript
from audit.speech.roles import agent_score, assign_roles, swap_roles, uncertain_roles

ENGINE = EngineInfo("faster-whisper", "0", "base", "0" * 64)
AGENT = ("您好，请问是张先生本人吗？", "我是望舒信用管理公司的，工号二零一六，您的贷款已经逾期三十天了。")
DEBTOR = ("对，你是哪里？", "我失业了，现在还不上，你们别再打了。")


def said(texts: tuple[str, ...], first_s: float, speaker: str | None = None) -> tuple[Segment, ...]:
    return tuple(
        Segment(text, TimeSpan(first_s + 10 * i, first_s + 10 * i + 4), speaker=speaker) for i, text in enumerate(texts)
    )


def transcript(*channels: tuple[Segment, ...]) -> Transcript:
    return Transcript(60.0, channels, ENGINE)


def roles(turns: tuple[Turn, ...]) -> list[str]:
    return [turn.role.value for turn in turns]


def test_the_record_says_which_channel_is_the_agents() -> None:
    turns = assign_roles(transcript(said(AGENT, 0), said(DEBTOR, 5)), CallMetadata(agent_channel=1))
    assert roles(turns) == ["debtor", "agent", "debtor", "agent"]
    assert {turn.role_confidence for turn in turns} == {1.0}
    assert uncertain_roles(turns, "a.wav") is None


@pytest.mark.parametrize("agent_first", [True, False])
def test_without_a_record_the_one_who_names_the_company_is_the_agent(agent_first: bool) -> None:
    left, right = (said(AGENT, 0), said(DEBTOR, 5)) if agent_first else (said(DEBTOR, 5), said(AGENT, 0))
    turns = assign_roles(transcript(left, right), CallMetadata())
    assert roles(turns) == ["agent", "debtor", "agent", "debtor"]
    assert all(0.8 < turn.role_confidence < 1 for turn in turns)


def test_when_words_tell_nothing_the_roles_are_uncertain() -> None:
    turns = assign_roles(transcript(said(("喂",), 0), said(("哎",), 5)), CallMetadata())
    warning = uncertain_roles(turns, "a.wav")
    assert warning is not None
    assert (warning.code, warning.where) == ("CA330", "a.wav")


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (CallMetadata(callee_role=Role.THIRD_PARTY), "third_party"),
        (CallMetadata(callee_relation="mother"), "third_party"),
        (CallMetadata(callee_relation="同事"), "third_party"),
        (CallMetadata(callee_relation="self"), "debtor"),
        (CallMetadata(callee_relation="担保人"), "debtor"),
        (CallMetadata(callee_role=Role.DEBTOR, callee_relation="mother"), "debtor"),
        (CallMetadata(), "debtor"),
    ],
)
def test_the_record_says_who_answers(metadata: CallMetadata, expected: str) -> None:
    assert roles(assign_roles(transcript(said(AGENT, 0), said(DEBTOR, 5)), metadata))[1] == expected


def test_who_says_wrong_number_is_a_third_party_less_surely() -> None:
    turns = assign_roles(transcript(said(AGENT, 0), said(("你打错了，我不认识。",), 5)), CallMetadata(agent_channel=0))
    assert [(turn.role.value, turn.role_confidence) for turn in turns if turn.channel == 1] == [("third_party", 0.7)]


def test_an_agent_who_asks_about_a_wrong_number_stays_the_agent() -> None:
    agent = (*AGENT, "请问是打错了吗？")
    assert (
        roles(assign_roles(transcript(said(agent, 0), said(("对",), 5)), CallMetadata(agent_channel=0)))[1] == "debtor"
    )


def test_an_agent_alone_leaves_the_silent_channel_without_turns() -> None:
    turns = assign_roles(transcript(said(AGENT, 0), ()), CallMetadata())
    assert roles(turns) == ["agent"] * 2


def test_a_debtor_alone_is_not_taken_for_the_agent() -> None:
    assert roles(assign_roles(transcript((), said(DEBTOR, 0)), CallMetadata())) == ["debtor"] * 2


def test_voices_on_one_channel_get_roles_by_what_they_say() -> None:
    mono = tuple(sorted((*said(DEBTOR, 5, "B"), *said(AGENT, 0, "A")), key=lambda s: s.time))
    turns = assign_roles(transcript(mono), CallMetadata())
    assert roles(turns) == ["agent", "debtor", "agent", "debtor"]
    assert all(0.5 < turn.role_confidence <= 0.9 for turn in turns)


def test_the_channel_of_the_record_means_nothing_on_a_mono_recording() -> None:
    mono = tuple(sorted((*said(AGENT, 5, "B"), *said(DEBTOR, 0, "A")), key=lambda s: s.time))
    assert roles(assign_roles(transcript(mono), CallMetadata(agent_channel=0))) == ["debtor", "agent"] * 2


def test_one_channel_without_voices_falls_back_to_words_and_turn_taking_and_says_so() -> None:
    mono = tuple(sorted((*said(AGENT, 0), *said(DEBTOR, 5)), key=lambda s: s.time))
    turns = assign_roles(transcript(mono), CallMetadata())
    assert roles(turns) == ["agent", "debtor", "agent", "debtor"]
    assert all(turn.role_confidence <= 0.5 for turn in turns)
    assert uncertain_roles(turns, "a.wav") is not None


def test_nothing_said_no_turns() -> None:
    assert assign_roles(transcript((), ()), CallMetadata()) == ()
    assert assign_roles(transcript(()), CallMetadata()) == ()
    assert uncertain_roles((), "a.wav") is None


def test_every_segment_ends_in_exactly_one_turn() -> None:
    turns = assign_roles(transcript(said(AGENT, 0), said(DEBTOR, 1)), CallMetadata())
    assert sorted("".join(turn.text for turn in turns)) == sorted("".join((*AGENT, *DEBTOR)))


def test_swapping_exchanges_the_two_sides_for_certain() -> None:
    turns = assign_roles(transcript(said(AGENT, 0), said(DEBTOR, 5)), CallMetadata(callee_relation="mother"))
    swapped = swap_roles(turns)
    assert roles(swapped) == ["third_party", "agent"] * 2
    assert {turn.role_confidence for turn in swapped} == {1.0}
    assert roles(swap_roles(swapped)) == roles(turns)


def test_cues_lean_to_the_side_that_says_them() -> None:
    assert agent_score("".join(AGENT)) > 3
    assert agent_score("".join(DEBTOR)) < -3
    assert agent_score("嗯") == 0
