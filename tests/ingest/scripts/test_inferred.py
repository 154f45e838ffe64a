"""Whose words they are where no known name says so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.ingest.scripts.inferred import in_mapping, is_answered, is_told_collectors, speakers
from audit.ingest.scripts.piece import Kind, Piece
from audit.ingest.scripts.words import words
from audit.model.script import Passage, Voice
from tests.ingest.scripts.test_assemble import script, voices

AGENT, OTHER, NOTE = Voice.AGENT, Voice.OTHER, Voice.NOTE


def dialogue(*lines: str) -> list[Piece]:
    return [Piece(Kind.TEXT, Passage.at(line, number, 1), ()) for number, line in enumerate(lines, start=1)]


def test_of_two_names_that_take_turns_the_politer_collects() -> None:
    said = dialogue(
        "小郭：您今天方便谈谈吗？", "朱女士：我没空，别烦我。", "小郭：那您定个时间。", "朱女士：你看着办。"
    )
    assert speakers(said, words()) == {"小郭": AGENT, "朱女士": OTHER}


def test_who_takes_turns_with_a_known_speaker_is_the_other_side() -> None:
    said = dialogue("坐席：方便谈谈吗？", "P：我没空，别烦我。", "坐席：那定个时间。", "P：你看着办。")
    assert speakers(said, words()) == {"p": OTHER}
    said = dialogue("客户：你谁啊，干嘛的？", "老段：我是客服，姓段。", "客户：有事说事。", "老段：想跟你聊聊。")
    assert speakers(said, words()) == {"老段": AGENT}


def test_two_ways_to_say_it_are_no_two_speakers() -> None:
    said = dialogue(
        "A 版：您看今天行吗？", "B 版：少废话，快还钱。", "A 版：您有难处请说。", "B 版：谁信你，装什么穷。"
    )
    assert speakers(said, words()) == {}


def test_names_that_are_as_polite_or_stand_once_are_no_speakers() -> None:
    once = dialogue("小郭：您今天方便谈谈吗？", "朱女士：我没空，别烦我。")
    assert speakers(once, words()) == {}
    alike = dialogue("一线：您好，请稍等。", "二线：您好，我来处理。", "一线：您还在吗？", "二线：您请说。")
    assert speakers(alike, words()) == {}


def test_the_inferred_speakers_hold_for_the_whole_script() -> None:
    text = (
        "# 对练\n\n小郭：您今天方便谈谈吗？\n\n朱女士：你再打我砍了你。\n\n小郭：您消消气。\n\n朱女士：我不跟你说。\n"
    )
    assert voices(text)[1] == ("你再打我砍了你。", OTHER)
    assert voices(text)[2] == ("您消消气。", AGENT)


@pytest.mark.parametrize(
    ("name", "text", "answered"),
    [
        ("邻居追问", "这个不方便跟您细说。", True),
        ("邻居追问", "他是不是欠钱了？", False),
        ("客户问", "我想知道利息怎么算", False),
        ("问", "他人在外地。", False),
        ("客户说", "跟您讲我没钱。", False),
    ],
)
def test_behind_a_name_of_asking_stands_a_question_or_its_answer(name: str, text: str, *, answered: bool) -> None:
    assert is_answered(name, text) is answered


def test_what_stands_before_an_answer_is_what_it_answers_unless_it_is_polite() -> None:
    assert in_mapping("你们敢来我就报警", answered=False) is OTHER
    assert in_mapping("您先别着急，慢慢说", answered=False) is AGENT
    assert in_mapping("你们敢来我就报警", answered=True) is AGENT
    assert in_mapping("催收", answered=False) is NOTE


def test_an_unknown_key_is_judged_by_whether_the_answer_stands_behind_it() -> None:
    before = "- 缘起: 你们敢来我就报警\n  应答: 我们不会上门。\n"
    assert dict(voices(before, "a.yaml"))["你们敢来我就报警"] is OTHER
    behind = "- 应答: 我们不会上门。\n  追加: 你再躲我们就报警\n"
    assert dict(voices(behind, "a.yaml"))["你再躲我们就报警"] is AGENT


@pytest.mark.parametrize(
    "text",
    [
        "客户情绪激动的，立刻转班长。",
        "讲师：老胡　学时：2 课时",
        "测算周期：四月上旬",
        "去年有个同行，对着人喊“明天去你家泼漆”，当天就被投诉。",
        "“你算不算男人”——辱骂，扣 20",
        "本课例句都在核身之后。",
    ],
)
def test_what_is_told_collectors_is_not_said(text: str) -> None:
    assert is_told_collectors(text, words(), (), third_party=False)
    assert all(voice is not AGENT for _, voice in voices(f"# 对话\n\n{text}"))


@pytest.mark.parametrize(
    "text",
    ["你这种客户我见多了。", "再不还就让全村都知道。", "还款人：请您今天处理。", "“客户”是我们对您的称呼。"],
)
def test_what_addresses_somebody_or_speaks_of_no_collectors_may_be_said(text: str) -> None:
    assert not is_told_collectors(text, words(), (), third_party=False)


def test_to_a_third_party_the_debtor_may_be_called_a_customer() -> None:
    said = "贵司员工是我们的客户，欠款三期了。"
    assert not is_told_collectors(said, words(), (), third_party=True)
    assert is_told_collectors("不得向家属提客户的欠款", words(), (), third_party=True)


def test_who_speaks_under_a_letter_is_no_field() -> None:
    assert is_told_collectors("学员乙：好的", words(), (), third_party=False)
    assert not is_told_collectors("学员乙：好的", words(), ("学员乙",), third_party=False)


def test_what_is_quoted_before_an_answer_is_the_other_sides() -> None:
    read = script('# 话术\n\n- 说"我跟他早断了来往"：那打扰您了。\n')
    assert [(line.words.text, line.voice) for line in read.lines] == [
        ("我跟他早断了来往", OTHER),
        ("那打扰您了。", AGENT),
    ]


@pytest.mark.parametrize("text", ['客户扬言"信不信我砸了你们店"', "用户又说：“你们敢来试试”。"])
def test_what_the_other_side_says_in_quotes_with_nothing_behind_it_is_theirs(text: str) -> None:
    assert [voice for _, voice in voices(f"# 对话\n\n{text}\n\n您消消气。\n")] == [OTHER, AGENT]


def test_what_collectors_are_to_say_in_quotes_is_said() -> None:
    assert voices('# 对话\n\n坐席说"您先别急。"')[0][1] is AGENT
    assert voices('# 对话\n\n客户哭穷的，就说"没钱去卖肾"')[0][1] is AGENT
    assert voices('# 对话\n\n客户哭穷的，不要说"没钱去卖肾"')[0][1] is NOTE


@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_lines_may_be_a_dialogue(lines: list[str]) -> None:
    pieces = [Piece(Kind.TEXT, Passage.at(line, number, 1), ()) for number, line in enumerate(lines, 1) if line]
    assert all(voice in (AGENT, OTHER) for voice in speakers(pieces, words()).values())
