from audit.model.call import Role
from audit.model.span import TimeSpan
from audit.model.transcript import Segment, Word
from audit.speech.channels import Utterance, turns_of


def segment(text: str, start: float, end: float, *doubts: str, confidence: float | None = 0.9) -> Segment:
    step = (end - start) / len(text)
    words = tuple(Word(c, TimeSpan(start + i * step, start + (i + 1) * step)) for i, c in enumerate(text))
    return Segment(text, TimeSpan(start, end), words, confidence, doubts=doubts)


def agent(said: Segment) -> Utterance:
    return Utterance(said, 0, Role.AGENT, 1.0)


def debtor(said: Segment) -> Utterance:
    return Utterance(said, 1, Role.DEBTOR, 0.8)


def test_turns_follow_the_clock_and_join_what_one_party_says_in_a_row() -> None:
    turns = turns_of(
        [
            agent(segment("您好。", 0, 1)),
            agent(segment("请问", 1.5, 2)),
            agent(segment("再见", 6, 7)),
            debtor(segment("喂", 3, 4)),
        ]
    )
    assert [(turn.index, turn.role, turn.text) for turn in turns] == [
        (0, Role.AGENT, "您好。请问"),
        (1, Role.DEBTOR, "喂"),
        (2, Role.AGENT, "再见"),
    ]
    assert turns[0].time == TimeSpan(0, 2)
    assert turns[0].text == "".join(word.text for word in turns[0].words)


def test_a_long_pause_ends_a_turn() -> None:
    assert len(turns_of([agent(segment("您好", 0, 1)), agent(segment("在吗", 3.1, 4))])) == 2
    assert len(turns_of([agent(segment("您好", 0, 1)), agent(segment("在吗", 2.9, 4))])) == 1


def test_speaking_over_each_other_loses_nothing() -> None:
    turns = turns_of(
        [agent(segment("我跟你说", 0, 5)), debtor(segment("你别说了", 2, 3)), agent(segment("听我说", 5.1, 6))]
    )
    assert [turn.text for turn in turns] == ["我跟你说", "你别说了", "听我说"]


def test_doubts_do_not_spread_to_sure_words() -> None:
    turns = turns_of([agent(segment("您好", 0, 1)), agent(segment("谢谢观看", 1.2, 2, "phantom"))])
    assert [(turn.text, turn.doubts) for turn in turns] == [("您好", ()), ("谢谢观看", ("phantom",))]


def test_confidence_is_the_mean_over_characters() -> None:
    (turn,) = turns_of([agent(segment("您", 0, 1, confidence=0.5)), agent(segment("好好好", 1, 2, confidence=0.9))])
    assert turn.confidence == 0.8
