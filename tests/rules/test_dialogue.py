"""Who listens, who has said who they are, and what was heard before."""

from collections.abc import Mapping, Sequence
from functools import cache

import pytest

from audit.model.call import Call, CallMetadata, Role, Source, Turn
from audit.rules.dialogue import Cue, Dialogue, Heard, Listener, When
from audit.rules.loader import load_pack
from audit.text.normalise import Turns

_SPEAKERS = {"A": Role.AGENT, "D": Role.DEBTOR, "T": Role.THIRD_PARTY, "U": Role.UNKNOWN}


@cache
def cues() -> Mapping[str, Cue]:
    return load_pack().cues


def dialogue(turns: Sequence[str], **metadata: str) -> Dialogue:
    spoken = tuple(Turn(index, _SPEAKERS[turn[0]], turn[3:]) for index, turn in enumerate(turns))
    call = Call("c", CallMetadata(**metadata), spoken, Source("x", "", "x"))  # type: ignore[arg-type]
    return Dialogue(call, Turns([turn.text for turn in spoken]), cues())


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (["A: 请问是王强先生本人吗", "D: 是我", "A: 您好"], Listener.DEBTOR),
        (["A: 请问是王强吗", "T: 他不在", "A: 您好"], Listener.THIRD_PARTY),
        (["A: 请问是王强吗", "D: 我是他老婆，他洗澡呢", "A: 您好"], Listener.THIRD_PARTY),
        (["A: 请问是王强吗", "T: 他不在", "A: 好的", "D: 喂，我是王强", "A: 您好"], Listener.DEBTOR),
        (["A: 您是这笔借款的担保人吧", "T: 对", "A: 您好"], Listener.GUARANTOR),
        (["A: 您好", "T: 我给我表弟做的担保", "A: 您好"], Listener.GUARANTOR),
        (["A: 请问是王强吗", "T: 我不是担保人，我也没签过字", "A: 您好"], Listener.THIRD_PARTY),
        (["A: 请问是王强吗", "T: 我爸不在，我今年十岁", "A: 小朋友你好"], Listener.MINOR),
        (["U: 您拨打的用户暂时无法接通，请在滴声后留言", "A: 您好"], Listener.VOICEMAIL),
        (["A: 您好", "A: 有人吗"], Listener.UNKNOWN),
    ],
)
def test_listener_is_whoever_spoke_last_on_the_other_side(turns: list[str], expected: Listener) -> None:
    assert dialogue(turns).listener(len(turns) - 1) is expected


def test_listener_of_the_first_turn_is_whoever_answers_it() -> None:
    assert dialogue(["A: 你的贷款逾期了", "T: 我是他室友"]).listener(0) is Listener.THIRD_PARTY


def test_guarantor_by_the_call_record_needs_no_words() -> None:
    known = dialogue(["A: 您好", "T: 你好", "A: 借款逾期了"], callee_relation="担保人")
    assert known.listener(2) is Listener.GUARANTOR


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (["A: 请问是王强先生本人吗", "D: 是我", "A: 您好"], True),
        (["A: 喂王强吧", "D: 有什么事", "A: 您好"], True),
        (["A: 请问是王强吗", "D: 你哪位", "A: 您好"], False),
        (["A: 请问是王强吗", "D: 你哪位", "A: 东海银行的", "D: 哦你说", "A: 您好"], True),
        (["A: 您好", "D: 喂", "A: 您好"], False),
        (["A: 您好", "D: 我知道，我月底发工资就还", "A: 您好"], True),
        (["A: 请问是王强吗", "D: 打错了", "A: 您好"], False),
        (["A: 请问是王强吗", "D: 打错了", "A: 那请问您是", "D: 啊，什么", "A: 您好"], False),
        (["A: 请问是王强吗", "T: 他在洗澡，我叫他", "A: 好的", "D: 喂，我是王强", "A: 您好"], True),
        (
            ["A: 请问是王强吗", "T: 我是他老婆", "A: 麻烦叫一下他", "D: 喂", "A: 是王强先生本人吗", "D: 嗯", "A: 您好"],
            True,
        ),
        (["A: 请问是王强吗", "T: 我是他老婆", "A: 麻烦叫一下他", "D: 喂", "A: 您好"], False),
        (["A: 请问是王强吗", "T: 喂", "A: 您好"], False),
        (["A: 请问是王强吗", "T: 我是他姐", "A: 您好"], True),
        (["A: 你是王强的爸爸吧", "T: 喂", "A: 您好"], True),
    ],
)
def test_answerer_is_identified_once_they_or_the_agent_said_who_they_are(turns: list[str], expected: bool) -> None:
    assert dialogue(turns).identified(len(turns) - 1) is expected


def test_heard_looks_back_so_many_turns_at_the_roles_it_names() -> None:
    state = dialogue(["A: 喂", "T: 不要再打我电话了", "A: 您听我说", "T: 喂", "A: 这个钱"])
    assert state.heard(Heard(("refuses",), frozenset({Role.THIRD_PARTY})), 4)
    assert state.heard(Heard(("refuses",), within=3), 4)
    assert not state.heard(Heard(("refuses",), within=2), 4)
    assert not state.heard(Heard(("refuses",), frozenset({Role.DEBTOR})), 4)
    assert not state.heard(Heard(("refuses",)), 1)


def test_labels_are_heard_as_soon_as_they_are_noted() -> None:
    state = dialogue(["D: 我失业了", "A: 关我什么事"])
    condition = When(heard=Heard(("signal.hardship",), within=1))
    assert not state.holds(condition, 1)
    state.note(0, "signal.hardship")
    assert state.holds(condition, 1)


def test_a_cue_of_the_opening_is_none_later() -> None:
    opening = dialogue(["A: 喂，你是祁雨桐吧", "D: 嗯"])
    late = dialogue(["A: 喂", "D: 嗯", "A: 那个", "D: 嗯", "A: 你是祁雨桐吧"])
    assert opening.says("opens_by_name", 0)
    assert not late.says("opens_by_name", 4)


def test_first_gives_the_turn_and_the_place_of_a_cue() -> None:
    state = dialogue(["A: 您好", "D: 我贷款逾期了", "A: 您好，您的贷款逾期了"])
    assert state.first(["debt_told"]) == (2, 3)
    assert state.first(["voicemail"]) is None
