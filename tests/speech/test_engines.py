import subprocess
import sys
from pathlib import Path

import pytest

from audit.errors import ConfigError
from audit.speech.engines import ENGINES, Engine, load_engine


def test_engines_are_these() -> None:
    assert list(ENGINES) == ["faster-whisper", "whisper"]


def test_the_registry_and_roles_load_nothing_heavy() -> None:
    code = "import sys, audit.speech.engines, audit.speech.roles; print(sorted({'torch', 'av', 'numpy', 'onnxruntime'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_unknown_engine_lists_the_known() -> None:
    with pytest.raises(ConfigError) as caught:
        load_engine("wisper")
    assert caught.value.problem.code == "CA320"
    assert "faster-whisper" in str(caught.value)


def test_a_missing_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "engine_without_library.py").write_text("import no_such_library")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(ENGINES, "whisper", "engine_without_library:Engine")
    with pytest.raises(ConfigError) as caught:
        load_engine("whisper")
    assert caught.value.problem.code == "CA321"
    assert "no_such_library" in str(caught.value)
    assert "pip install 'callaudit[whisper]'" in str(caught.value)


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        load_engine(device="tpu")
    assert caught.value.problem.code == "CA323"


def test_weights_that_are_none_are_refused(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(ConfigError) as caught:
        load_engine(model=str(tmp_path))
    assert caught.value.problem.code == "CA322"


def test_the_info_tells_what_makes_the_transcript(engine: Engine) -> None:
    info = engine.info
    assert (info.engine, info.model) == ("faster-whisper", "base")
    assert info.model_sha256 == "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"
    assert dict(info.options) | {"language": "zh", "compute": "int8", "beam": "5"} == dict(info.options)
