import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.model.span import TimeSpan
from audit.speech.quality import Scores
from audit.speech.segments import HeardWord, segments_of, simplified
from audit.speech.sound import SAMPLE_RATE
from audit.speech.vad import Window

HEARD = Scores(-0.3, 0.05)


def window(*speech: tuple[float, float]) -> Window:
    """A window of stretches of speech in seconds, with 0.4 s of padding around each."""
    pieces = [(round((start - 0.4) * SAMPLE_RATE), round((end + 0.4) * SAMPLE_RATE)) for start, end in speech]
    return Window(tuple(pieces), tuple((round(a * SAMPLE_RATE), round(b * SAMPLE_RATE)) for a, b in speech))


def words(*heard: tuple[str, float, float]) -> list[HeardWord]:
    return [HeardWord(text, start, end, 0.9) for text, start, end in heard]


def test_times_are_those_of_the_recording_not_of_the_window() -> None:
    # The second stretch starts 2.8 s into the window and 63 s into the recording.
    heard = words(("还", 0.4, 1.0), ("钱", 1.0, 2.4), ("上门", 3.2, 4.0))
    first, second = segments_of(window((10, 12), (63.4, 65)), heard, HEARD)
    assert first.time == TimeSpan(10, 12)
    assert second.time == TimeSpan(63.4, 64.2)


def test_a_pause_is_not_counted_to_the_word_before_it() -> None:
    (segment,) = segments_of(window((10, 10.5)), words(("喂", 0.0, 1.3)), HEARD)
    assert segment.time == TimeSpan(10, 10.5)


def test_segments_end_with_a_sentence_and_at_a_pause() -> None:
    heard = words(("您好。", 0.4, 1.0), ("请", 1.0, 1.2), ("问", 1.2, 1.4), ("您是", 2.2, 2.5))
    assert [s.text for s in segments_of(window((10, 13)), heard, HEARD)] == ["您好。", "请问", "您是"]


def test_text_is_the_words_joined_in_simplified_chinese() -> None:
    heard = words((" 你們", 0.4, 0.8), ("欠錢,", 0.8, 1.2), (" ", 1.2, 1.3), ("還錢", 1.3, 1.8))
    (segment,) = segments_of(window((10, 13)), heard, HEARD)
    assert segment.text == "你们欠钱,还钱" == "".join(word.text for word in segment.words)
    assert [word.text for word in segment.words] == ["你们", "欠钱,", "还钱"]


def test_doubts_come_with_the_segment() -> None:
    (segment,) = segments_of(window((10, 13)), words(("谢谢", 0.4, 1.0), ("观看", 1.0, 2.0)), HEARD)
    assert segment.doubts == ("phantom",)


def test_no_words_no_segment() -> None:
    assert segments_of(window((10, 13)), [], HEARD) == ()


@pytest.mark.parametrize(
    ("traditional", "expected"), [("還錢", "还钱"), ("臺灣銀行", "台湾银行"), ("2016 號", "2016 号")]
)
def test_traditional_turns_simplified(traditional: str, expected: str) -> None:
    assert simplified(traditional) == expected


@given(st.text(max_size=50))
def test_simplifying_keeps_the_length(text: str) -> None:
    assert len(simplified(text)) == len(text)


@given(
    st.lists(st.tuples(st.floats(0, 30), st.floats(0, 5)), max_size=30),
)
def test_times_never_leave_the_speech(stretches: list[tuple[float, float]]) -> None:
    spoken = window((5, 9), (20, 21), (100, 110))
    heard = [HeardWord("字", start, start + length, 0.5) for start, length in stretches]
    for segment in segments_of(spoken, heard, HEARD):
        for word in segment.words:
            inside = [
                (a, b) for a, b in ((5, 9), (20, 21), (100, 110)) if a <= word.time.start_s <= word.time.end_s <= b
            ]
            assert inside
