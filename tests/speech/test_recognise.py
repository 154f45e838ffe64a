"""The real model on the sample calls."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from audit.errors import ConfigError, InputError
from audit.model.call import CallMetadata
from audit.model.transcript import Segment, Transcript
from audit.speech.decode import decode
from audit.speech.engines import Engine
from audit.speech.recognise import Recogniser
from audit.speech.roles import assign_roles
from audit.speech.sound import SAMPLE_RATE, Samples
from tests.speech.cer import cer
from tests.speech.conftest import reference
from tests.speech.sounds import music, noise, ring_back, silence, tone, write_wav

Transcribed = Callable[[Path], Transcript]
# Stereo a-law, stereo m4a, mono amr, mono gsm.
CALLS = ["sample-03", "sample-07", "sample-02", "sample-06"]


def text_of(turns: list[tuple[bool, str]], agent: bool) -> str:
    return "".join(text for is_agent, text in turns if is_agent == agent)


@pytest.mark.parametrize("call_id", CALLS)
def test_both_sides_of_a_telephone_call_are_recognised(call_id: str, transcribed: Transcribed) -> None:
    path, turns = reference(call_id)
    said = [(turn["role"] == "agent", str(turn["text"])) for turn in turns]
    # The record names neither channel nor person: sides are told by words and voices.
    heard = [(turn.role == "agent", turn.text) for turn in assign_roles(transcribed(path), CallMetadata())]
    assert cer([(text_of(said, side), text_of(heard, side)) for side in (True, False)]) < 20


@pytest.mark.parametrize("call_id", CALLS)
def test_turns_start_within_a_second_of_the_words(call_id: str, transcribed: Transcribed) -> None:
    path, turns = reference(call_id)
    words = [
        (turn.role == "agent", word.time.start_s)
        for turn in assign_roles(transcribed(path), CallMetadata())
        for word in turn.words
    ]
    for turn in turns:
        starts = [start for agent, start in words if agent == (turn["role"] == "agent")]
        assert min(abs(start - float(turn["start_s"])) for start in starts) < 1


@pytest.mark.parametrize("call_id", CALLS)
def test_segments_are_in_order_and_made_of_their_words(call_id: str, transcribed: Transcribed) -> None:
    path, _ = reference(call_id)
    transcript = transcribed(path)
    for segments in transcript.channels:
        assert [s.time.start_s for s in segments] == sorted(s.time.start_s for s in segments)
        for segment in segments:
            assert segment.text == "".join(word.text for word in segment.words)
            assert segment.confidence is not None
            assert 0 < segment.confidence <= 1
            assert segment.doubts == ()
            assert segment.time.end_s <= transcript.duration_s + 0.01


@pytest.fixture(scope="module")
def left(engine: Engine) -> tuple[Samples, tuple[Segment, ...]]:
    """The first 20 s of an agent's channel, and what is heard there."""
    channel = decode(reference("sample-03")[0]).channels[0][: 20 * SAMPLE_RATE]
    return channel, engine.transcribe([channel])[0]


def test_the_same_sound_gives_the_same_transcript(engine: Engine, left: tuple[Samples, tuple[Segment, ...]]) -> None:
    channel, heard = left
    assert engine.transcribe([channel]) == (heard,)


def test_a_channel_is_heard_alike_whatever_the_other_carries(
    engine: Engine, left: tuple[Samples, tuple[Segment, ...]]
) -> None:
    channel, heard = left
    assert heard
    assert engine.transcribe([np.zeros_like(channel), channel]) == ((), heard)


@pytest.mark.parametrize(
    "sound",
    [
        silence(20),
        noise(20, 0.001),
        noise(20, 0.05),
        noise(20, 0.3),
        ring_back(20),
        tone(20),
        music(20),
        (noise(20, 0.01) + ring_back(20)).astype(np.float32),
    ],
    ids=["silence", "hiss", "noise", "loud noise", "ring-back tone", "tone", "music", "tone in noise"],
)
def test_no_speech_gives_no_words_that_are_not_doubted(sound: Samples, engine: Engine) -> None:
    (segments,) = engine.transcribe([sound])
    assert [segment.text for segment in segments if not segment.doubts] == []


def test_a_fifth_of_a_second_is_transcribed(transcribed: Transcribed, tmp_path: Path) -> None:
    speech = decode(reference("sample-03")[0]).channels[0][2 * SAMPLE_RATE : 2 * SAMPLE_RATE + 3200]
    transcript = transcribed(write_wav(tmp_path / "short.wav", speech))
    assert transcript.duration_s == pytest.approx(0.2)
    assert len(transcript.channels) == 1


def test_a_broken_recording_is_an_input_error_and_the_next_one_goes_on(
    transcribed: Transcribed, tmp_path: Path
) -> None:
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    with pytest.raises(InputError):
        transcribed(tmp_path / "broken.wav")
    assert transcribed(write_wav(tmp_path / "silent.wav", silence(1), tone(1))).channels == ((), ())


def test_mended_damage_is_logged(transcribed: Transcribed, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    transcribed(write_wav(tmp_path / "same.wav", tone(1), tone(1)))
    assert "CA308" in caplog.text


def test_the_weights_load_with_the_first_recording_only() -> None:
    recogniser = Recogniser("faster-whisper", model="no-such-model")
    with pytest.raises(ConfigError) as caught:
        recogniser.transcribe(reference("sample-03")[0])
    assert caught.value.problem.code == "CA312"
