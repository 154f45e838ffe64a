import numpy as np
import pytest

from audit.speech.decode import decode
from audit.speech.sound import SAMPLE_RATE
from audit.speech.vad import WINDOW_S, windows
from tests.speech.conftest import reference
from tests.speech.sounds import noise, ring_back, silence


def test_windows_hold_the_agents_speech_and_little_else() -> None:
    path, turns = reference("sample-01")
    channel = decode(path).channels[0]
    found = windows(channel)
    assert all(len(window.cut(channel)) <= WINDOW_S * SAMPLE_RATE for window in found)
    speech = [(start / SAMPLE_RATE, end / SAMPLE_RATE) for window in found for start, end in window.speech]
    assert speech == sorted(speech)
    for turn in turns:
        begin, finish = float(turn["start_s"]), float(turn["end_s"])
        covered = sum(max(0.0, min(end, finish) - max(start, begin)) for start, end in speech)
        assert (covered > 0.7 * (finish - begin)) == (turn["role"] == "agent")


@pytest.mark.parametrize("sound", [silence(20), noise(20, 0.002), ring_back(20), silence(0.01)])
def test_no_speech_no_window(sound: np.ndarray) -> None:
    assert windows(sound) == []


def test_hours_go_through_in_parts_without_moving_what_is_said() -> None:
    path, _ = reference("sample-01")
    call = decode(path).channels[0]
    short, long = silence(30), silence(20 * 60 + 30)
    early = [stretch for window in windows(np.concatenate([short, call])) for stretch in window.speech]
    late = [stretch for window in windows(np.concatenate([long, call])) for stretch in window.speech]
    assert len(late) == len(early)
    for (start, end), (moved_start, moved_end) in zip(early, late, strict=True):
        assert moved_start - len(long) == pytest.approx(start - len(short), abs=1024)
        assert moved_end - len(long) == pytest.approx(end - len(short), abs=1024)
