"""Silencing, lowering, cutting and writing sound."""

from pathlib import Path

import numpy as np
import pytest

from audit.clips.sound import channels_of, covered, cut, mixed, write_mp3, write_wav
from audit.errors import InputError
from audit.model.span import TimeSpan
from audit.speech.decode import decode
from audit.speech.sound import SAMPLE_RATE, Samples
from tests.speech.sounds import ladder, noise, silence, tone
from tests.speech.sounds import write_mp3 as write_variable


def strongest_hz(samples: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * SAMPLE_RATE / len(samples))


def loudness(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))


@pytest.mark.parametrize("disguise", [False, True])
def test_a_silence_leaves_the_tone_and_nothing_of_what_was_there(disguise: bool) -> None:
    spoken = tone(3.0, 300.0)
    result = covered(spoken, [TimeSpan(1.0, 2.0)], disguise=disguise)
    inside = cut(result, TimeSpan(1.0, 2.0))
    assert len(result) == len(spoken)
    assert strongest_hz(inside) == pytest.approx(1000, abs=2)
    assert np.array_equal(inside, cut(covered(silence(3.0), [TimeSpan(1.0, 2.0)]), TimeSpan(1.0, 2.0)))
    assert np.array_equal(spoken, tone(3.0, 300.0)), "the original was changed"


def test_a_disguised_voice_is_lower_and_everything_is_when_it_was() -> None:
    spoken = np.concatenate([silence(2.0), tone(2.0, 300.0), silence(2.0)])
    result = covered(spoken, [], disguise=True)
    assert len(result) == len(spoken)
    assert strongest_hz(cut(result, TimeSpan(2.5, 3.5))) == pytest.approx(255, abs=4)
    loud = [loudness(cut(result, TimeSpan(at, at + 0.4))) for at in (1.4, 2.2, 3.4, 4.2)]
    assert loud[0] < 0.01 < loud[1] and loud[3] < 0.01 < loud[2]


def test_channels_are_mixed_without_clipping() -> None:
    both = mixed([tone(1.0, 300.0, 0.8), tone(1.0, 300.0, 0.8)])
    assert float(np.max(np.abs(both))) == pytest.approx(1.0)
    quiet = tone(1.0, 300.0, 0.2)
    assert np.array_equal(mixed([quiet, silence(1.0)]), quiet)


def test_a_silence_beyond_the_end_is_cut_there() -> None:
    assert len(covered(silence(1.0), [TimeSpan(0.5, 9.0), TimeSpan(5.0, 6.0)])) == SAMPLE_RATE


@pytest.mark.parametrize("header", [True, False])
def test_clips_of_an_mp3_of_variable_bit_rate_are_cut_where_they_should_be(tmp_path: Path, header: bool) -> None:
    path = write_variable(tmp_path / "call.mp3", ladder(60), variable=True, header=header)
    whole = mixed(channels_of(path, None, "call"))
    for second in (2, 19, 21, 40, 58):
        clip = cut(whole, TimeSpan(second + 0.2, second + 0.9))
        assert strongest_hz(clip) == pytest.approx(400 + 20 * second, abs=3)
    # Where no header says how much the encoder put before the sound, it stays: as in the words' times, which come from the same samples.
    assert len(whole) / SAMPLE_RATE == pytest.approx(60, abs=0.1)


def test_mp3_keeps_the_sound_and_the_same_sound_gives_the_same_bytes(tmp_path: Path) -> None:
    spoken = tone(2.0, 440.0) + noise(2.0, 0.01)
    for file in ("a.mp3", "b.mp3"):
        write_mp3(tmp_path / file, spoken)
    assert (tmp_path / "a.mp3").read_bytes() == (tmp_path / "b.mp3").read_bytes()
    read = decode(tmp_path / "a.mp3")
    assert read.duration_s == pytest.approx(2.0, abs=0.1)
    assert strongest_hz(read.channels[0]) == pytest.approx(440, abs=2)


def test_wav_keeps_the_channels_apart(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", [tone(1.0, 300.0), tone(1.0, 500.0)])
    left, right = decode(tmp_path / "a.wav").channels
    assert (strongest_hz(left), strongest_hz(right)) == (300, 500)


def test_a_recording_that_was_exchanged_is_refused(tmp_path: Path) -> None:
    write_wav(tmp_path / "13800138000.wav", [tone(1.0)])
    with pytest.raises(InputError) as raised:
        channels_of(tmp_path / "13800138000.wav", "0" * 64, "shown.wav")
    assert (raised.value.problem.code, raised.value.problem.where) == ("CA704", "shown.wav")


def test_a_recording_that_is_gone_is_named_as_it_is_shown(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        channels_of(tmp_path / "gone.wav", None, "shown.wav")
    assert (raised.value.problem.code, raised.value.problem.where) == ("CA301", "shown.wav")
