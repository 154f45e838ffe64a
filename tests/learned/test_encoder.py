import hashlib
import json
from importlib.resources import files

import numpy as np
import pytest

from audit.errors import ConfigError
from audit.learned.encoder import DESCRIPTION, MODEL, Encoder, shipped
from audit.learned.opinion import Talk
from audit.model.call import Role

ASSETS = files("audit.learned") / "assets"


def any_breach(text: str, previous: str = "", listener: str = "debtor") -> float:
    return float(shipped().scores([text], [previous], [listener])[0, shipped().units.index("any")])


def likely(label: str, text: str, previous: str = "", listener: str = "debtor", speaker: str = "agent") -> float:
    return float(shipped().scores([text], [previous], [listener], [speaker])[0, shipped().units.index(label)])


def test_the_shipped_model_is_the_described_one() -> None:
    sha256 = hashlib.sha256((ASSETS / MODEL).read_bytes()).hexdigest()
    assert json.loads((ASSETS / DESCRIPTION).read_text(encoding="utf-8"))["sha256"] == sha256 == shipped().sha256


def test_a_damaged_model_is_refused_by_name() -> None:
    damaged = (ASSETS / MODEL).read_bytes()[:-1] + b"\0\0"
    with pytest.raises(ConfigError) as caught:
        Encoder(damaged, (ASSETS / DESCRIPTION).read_text(encoding="utf-8"))
    assert (caught.value.problem.code, caught.value.problem.where) == ("CA231", MODEL)


@pytest.mark.parametrize(
    ("breaching", "harmless"),
    [
        ("今晚你要是不打钱，出门可得把眼睛擦亮点，摔断腿别怨人", "今晚要是下雨，您出门走慢点，别摔着"),
        ("你那点破事我让你们村的人都看看，看你老脸往哪搁", "您村里要是信号不好，我改天再打给您"),
        ("你活得跟条虫一样，也配跟我讲条件", "您提的条件我记下来了，回头给您答复"),
        ("我是市局经侦大队的，你这个案子归我管", "我是瑞和消费金融的客服，工号三零二，您的账单归我跟进"),
        ("你转我微信上就行，我帮你销账", "您在官方应用里还款就行，到账会自动销账"),
        ("找你朋友借点，实在不行再办张卡套出来", "您可以和家里商量一下，能还多少再告诉我们"),
    ],
)
def test_a_breach_is_more_suspicious_than_the_like_said_harmlessly(breaching: str, harmless: str) -> None:
    assert any_breach(breaching) > any_breach(harmless) + 0.3


def test_what_a_third_party_hears_weighs_otherwise() -> None:
    text = "他在我们这里有一笔贷款两个多月没还了"
    label = "privacy.third_party_disclosure"
    assert likely(label, text, "我是他同事", "third_party") > likely(label, text, "是我本人", "debtor")


def test_the_other_side_gives_signals() -> None:
    said = likely("signal.self_harm", "我真的撑不下去了，活着没什么盼头", listener="agent", speaker="debtor")
    other = likely("signal.self_harm", "我下周三发工资，到时候转过去", listener="agent", speaker="debtor")
    assert said > other + 0.3


def test_scores_do_not_depend_on_the_other_turns_asked_about() -> None:
    texts = ["信不信我带人堵你家门口", "您好，请问是李女士吗", "下周三之前能处理吗"]
    together = shipped().scores(texts, [""] * 3, ["debtor"] * 3)
    alone = [shipped().scores([text], [""], ["debtor"])[0] for text in reversed(texts)]
    assert np.array_equal(together, np.array(alone[::-1]))
    assert np.array_equal(together, shipped().scores(texts, [""] * 3, ["debtor"] * 3))


def test_no_turns_give_no_scores() -> None:
    assert shipped().scores([], [], []).shape == (0, len(shipped().units))


def test_width_case_and_traditional_characters_change_nothing() -> None:
    plain, other = "你这个sb，信不信我报复你全家", "你這個ＳＢ，信不信我報復你全家"
    assert any_breach(plain) == any_breach(other)


def test_a_breach_at_the_end_of_a_long_turn_is_heard() -> None:
    long = (
        "您好，这里是瑞和消费金融客户服务中心，我的工号是三零二六，本次通话会录音。您的账单三月十五号到期，目前还没有收到款项，"
        "想跟您核实一下是不是忘记了，如果手头不方便的话，可以在应用里申请分期，最长能分十二期，每期多少钱页面上会显示，"
    )
    assert any_breach(long + "再不还我带人去把你家砸了") > any_breach(long) + 0.5


def test_opinions_name_the_labels_a_speaker_can_earn() -> None:
    talk = Talk(
        "你再说一遍\n我不想活了\n那你跳啊我听着呢", [Role.AGENT, Role.DEBTOR, Role.AGENT], [False, False, False]
    )
    found = shipped().opinions(talk, [1, 2])
    assert set(found) == {1, 2}
    assert all(label.startswith("signal.") for label in found[1].labels)
    assert not any(label.startswith("signal.") for label in found[2].labels)
    assert found[2].any > 0.5 > found[2].labels["money.private_account"]
    assert found[1].labels["signal.self_harm"] > 0.5
