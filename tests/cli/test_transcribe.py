import json
import wave
from pathlib import Path

from tests.cli.command import here


def silence(path: Path, seconds: float = 1.0) -> Path:
    """A stereo telephone recording in which nobody speaks."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(4 * int(8000 * seconds)))
    return path


def test_silence_has_no_words(tmp_path: Path) -> None:
    done = here("transcribe", silence(tmp_path / "a.wav"))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"call_id": "a", "metadata": {}, "turns": []}


def test_each_call_gets_a_file_and_broken_ones_an_error(tmp_path: Path) -> None:
    silence(tmp_path / "a.wav")
    (tmp_path / "broken.wav").write_bytes(b"RIFF and nothing else")
    (tmp_path / "said.txt").write_text("坐席：您好\n客户：你好\n", "utf-8")
    names = [tmp_path / name for name in ("a.wav", "broken.wav", "said.txt")]
    done = here("transcribe", *names, "-o", tmp_path / "out", "--format", "txt")
    assert done.returncode == 3
    assert done.stdout == f"{tmp_path / 'out' / 'a.txt'}\n"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.txt"]
    assert "broken.wav" in done.stderr
    assert "[CA440]" in done.stderr


def test_a_transcript_that_is_there_is_not_replaced_unless_asked(tmp_path: Path) -> None:
    source, old = silence(tmp_path / "a.wav"), tmp_path / "out" / "a.jsonl"
    old.parent.mkdir()
    old.write_text("corrected by hand")
    done = here("transcribe", source, "-o", old.parent)
    assert (done.returncode, old.read_text()) == (3, "corrected by hand")
    assert "[CA441]" in done.stderr
    assert here("transcribe", source, "-o", old.parent, "--force").returncode == 0
    assert json.loads(old.read_text())["call_id"] == "a"
