import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.speech.quality import PROMPT, Scores, doubts

HEARD = Scores(avg_logprob=-0.3, no_speech=0.05)


@pytest.mark.parametrize(
    "text",
    [
        "字幕由Amara.org社区提供",
        "字幕由 Amara.org 社区提供。",
        "好的，请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "优优独播剧场——YoYo Television Series Exclusive",
        "谢谢观看",
        "谢谢大家观看!",
        "Ｔｈａｎｋｓ for watching",
    ],
)
def test_phantom_phrases_are_doubted_however_they_are_written(text: str) -> None:
    assert doubts(text, HEARD) == ("phantom",)


@pytest.mark.parametrize(
    "text",
    [
        "谢谢您的配合，再见。",
        "你再不还钱我就带人上门",
        "好的好的好的，我知道了",
        "喂喂喂，听得到吗？",
        "您的借款本金三千元，利息三百元，合计三千三百元。",
        "逾期的话，请您收看我们发的短信，完了以后给我回电话",
        "一三八零零零零零零零零",
    ],
)
def test_ordinary_speech_is_not_doubted(text: str) -> None:
    assert doubts(text, HEARD) == ()


@pytest.mark.parametrize("text", ["谢谢" * 8, "我不知道" * 6, "好" * 30, "对不起我不能帮你处理这件事，" * 5])
def test_words_without_end_are_a_loop(text: str) -> None:
    assert doubts(text, HEARD) == ("loop",)


@pytest.mark.parametrize("text", [PROMPT, "以下是普通话的句子", "普通话的句子"])
def test_the_prompt_come_back_is_an_echo(text: str) -> None:
    assert doubts(text, HEARD) == ("prompt_echo",)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        (Scores(-1.5, 0.9), ("no_speech",)),
        (Scores(-1.5, 0.1), ()),
        (Scores(-0.2, 0.9), ()),
    ],
)
def test_no_speech_needs_both_a_silent_and_an_unsure_recogniser(scores: Scores, expected: tuple[str, ...]) -> None:
    assert doubts("还钱", scores) == expected


@given(st.text(max_size=200))
def test_any_text_can_be_judged(text: str) -> None:
    assert set(doubts(text, HEARD)) <= {"phantom", "loop", "prompt_echo"}
