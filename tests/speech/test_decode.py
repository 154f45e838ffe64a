from pathlib import Path

import numpy as np
import pytest

from audit.errors import InputError
from audit.speech.decode import decode
from audit.speech.sound import SAMPLE_RATE
from tests.speech.conftest import recording
from tests.speech.sounds import encode, silence, tone, write_wav


def code_of(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        decode(path)
    assert caught.value.problem.where == str(path)
    return caught.value.problem.code


def dominant_hertz(sound: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound))) * SAMPLE_RATE / len(sound))


@pytest.mark.parametrize(
    ("day", "name", "codec", "channels"),
    [
        ("2026-03-02", "line1001_0001.wav", "pcm_s16le", 2),
        ("2026-03-02", "line1003_0001.wav", "pcm_alaw", 2),
        ("2026-03-02", "line1004_0001.wav", "pcm_mulaw", 2),
        ("2026-03-02", "line2001_0001.wav", "gsm_ms", 1),
        ("2026-03-02", "line1002_0001.amr", "amrnb", 1),
        ("2026-03-02", "line1005_0001.mp3", "mp3float", 2),
        ("2026-03-02", "line3001_0001.m4a", "aac", 2),
        ("2026-03-03", "line2002_0001.ogg", "opus", 2),
        ("2026-03-03", "line2003_0001.flac", "flac", 2),
    ],
)
def test_telephone_formats_decode_to_one_array_a_channel(day: str, name: str, codec: str, channels: int) -> None:
    decoded = decode(recording(day, name))
    assert (decoded.codec, len(decoded.channels), decoded.warnings) == (codec, channels, ())
    for channel in decoded.channels:
        assert channel.dtype == np.float32
        assert len(channel) == round(decoded.duration_s * SAMPLE_RATE)
        assert 0.1 < np.abs(channel).max() < 1.5


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_every_sample_rate_comes_out_at_sixteen_kilohertz(tmp_path: Path, rate: int) -> None:
    path = encode(tmp_path / "tone.wav", "pcm_s16le", rate, tone(2, 440))
    decoded = decode(path)
    assert decoded.sample_rate == rate
    assert decoded.duration_s == pytest.approx(2, abs=0.01)
    assert dominant_hertz(decoded.channels[0]) == pytest.approx(440, abs=1)


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.mp3", "libmp3lame", 22_050),
        ("a.m4a", "aac", 16_000),
        ("a.opus", "libopus", 48_000),
        ("a.flac", "flac", 8_000),
    ],
)
def test_channels_keep_their_places(tmp_path: Path, name: str, codec: str, rate: int) -> None:
    left, right = decode(encode(tmp_path / name, codec, rate, tone(2, 440), tone(2, 1000))).channels
    assert dominant_hertz(left) == pytest.approx(440, abs=2)
    assert dominant_hertz(right) == pytest.approx(1000, abs=2)


def test_fifth_of_a_second_decodes(tmp_path: Path) -> None:
    decoded = decode(write_wav(tmp_path / "short.wav", tone(0.2)))
    assert decoded.duration_s == pytest.approx(0.2)


def test_missing_file(tmp_path: Path) -> None:
    assert code_of(tmp_path / "none.wav") == "CA301"


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    path.touch()
    assert code_of(path) == "CA302"


@pytest.mark.parametrize("content", [b"hello " * 1000, bytes(range(256)) * 50, b"RIFF\x00\x00\x00\x00WAVE", b"\x00"])
def test_what_is_not_audio(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    assert code_of(path) == "CA303"


def test_a_picture_has_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "picture.bmp"
    path.write_bytes(
        b"BM" + (58).to_bytes(4, "little") + bytes(4) + (54).to_bytes(4, "little") + (40).to_bytes(4, "little")
        + (1).to_bytes(4, "little") * 2 + (1).to_bytes(2, "little") + (24).to_bytes(2, "little") + bytes(24) + bytes(4)
    )  # fmt: skip
    assert code_of(path) == "CA304"


def test_a_folder_cannot_be_read(tmp_path: Path) -> None:
    assert code_of(tmp_path) == "CA305"


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.wav", "pcm_s16le"), ("a.wav", "pcm_mulaw"), ("a.flac", "flac"), ("a.mp3", "libmp3lame")],
)
def test_half_a_file_is_an_error_that_gives_both_lengths(tmp_path: Path, name: str, codec: str) -> None:
    path = encode(tmp_path / name, codec, 16_000, tone(10))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError) as caught:
        decode(path)
    assert caught.value.problem.code == "CA306"
    assert caught.value.problem.facts["declared_s"] == pytest.approx(10, abs=0.2)
    assert caught.value.problem.facts["decoded_s"] == pytest.approx(5, abs=1)


def test_damaged_tail_gives_what_there_is_with_a_warning(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "cut.wav", tone(10))
    path.write_bytes(path.read_bytes()[: -2 * SAMPLE_RATE])
    decoded = decode(path)
    assert decoded.duration_s == pytest.approx(9, abs=0.01)
    assert [warning.code for warning in decoded.warnings] == ["CA307"]


def test_damage_in_the_middle_does_not_move_what_follows(tmp_path: Path) -> None:
    path = encode(tmp_path / "hole.m4a", "aac", 16_000, np.concatenate([tone(10, 300), tone(10, 900)]))
    data = bytearray(path.read_bytes())
    middle = len(data) // 4
    data[middle : middle + 1500] = b"\xff" * 1500
    path.write_bytes(data)
    (sound,) = decode(path).channels
    assert len(sound) == pytest.approx(20 * SAMPLE_RATE, abs=2000)
    assert dominant_hertz(sound[int(10.3 * SAMPLE_RATE) : int(11.3 * SAMPLE_RATE)]) == pytest.approx(900, abs=2)


def test_a_recorder_that_leaves_the_size_open_is_no_damage(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "stream.wav", tone(3))
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    decoded = decode(path)
    assert decoded.duration_s == pytest.approx(3, abs=0.01)
    assert decoded.warnings == ()


def test_identical_channels_are_mono_and_said_so(tmp_path: Path) -> None:
    decoded = decode(encode(tmp_path / "same.mp3", "libmp3lame", 16_000, tone(3), tone(3)))
    assert len(decoded.channels) == 1
    assert decoded.source_channels == 2
    assert [warning.code for warning in decoded.warnings] == ["CA308"]


def test_a_silent_channel_stays_a_channel(tmp_path: Path) -> None:
    decoded = decode(write_wav(tmp_path / "half.wav", tone(3), silence(3)))
    assert len(decoded.channels) == 2
    assert not decoded.channels[1].any()
