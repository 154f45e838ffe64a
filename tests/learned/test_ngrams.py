import hashlib
import json
from importlib.resources import files
from pathlib import Path

import pytest

from audit.errors import ConfigError
from audit.learned.ngrams import CARD, WEIGHTS, Ngrams, shipped
from audit.learned.opinion import Opinion, Talk, mean
from audit.model.call import Role
from audit.text.normalise import normalise

ASSETS = files("audit.learned") / "assets"
CORPUS = Path(__file__).parents[2] / "lexicons" / "corpus"


def talk(*spoken: tuple[Role, str], third_party: bool = False) -> Talk:
    texts = "\n".join(normalise(text).text for _, text in spoken)
    return Talk(texts, [role for role, _ in spoken], [third_party] * len(spoken))


def opinion(text: str, role: Role = Role.AGENT) -> Opinion:
    return shipped().opinions(talk((role, text)), [0])[0]


def test_the_shipped_model_is_the_one_of_its_card() -> None:
    assert hashlib.sha256((ASSETS / WEIGHTS).read_bytes()).hexdigest() == shipped().sha256
    assert len((ASSETS / WEIGHTS).read_bytes()) < 3_000_000


def test_weights_that_are_not_those_of_the_card_are_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        Ngrams((ASSETS / WEIGHTS).read_bytes() + b"\0", (ASSETS / CARD).read_text(encoding="utf-8"))
    assert caught.value.problem.code == "CA231"


def test_the_card_names_every_file_of_the_corpus_as_it_is() -> None:
    named = json.loads((ASSETS / CARD).read_text(encoding="utf-8"))["trained_on"]
    shipped_files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in CORPUS.glob("*.jsonl")}
    assert {name: sha for name, sha in named.items() if not name.startswith("ordinary/")} == shipped_files


def test_a_turn_is_judged_alike_alone_and_among_others() -> None:
    threat = (Role.AGENT, "信不信我叫人去你家门口坐着不走")
    alone = shipped().opinions(talk((Role.DEBTOR, "我没钱"), threat), [1])[1]
    among = shipped().opinions(talk((Role.AGENT, "您好"), (Role.DEBTOR, "我没钱"), threat, (Role.DEBTOR, "啊")), [2])[2]
    assert among.any == pytest.approx(alone.any, abs=1e-6)
    assert among.labels == pytest.approx(alone.labels, abs=1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "您好请问需要帮您订位吗",
        "这家餐馆的评分是四点七分，人均八十元",
        "明天降温，多穿点衣服",
        "您的还款日是下个月五号",
        "喂",
        "",
    ],
)
def test_ordinary_talk_is_quiet(text: str) -> None:
    assert opinion(text).any < 0.3


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("你儿子长得挺精神，天天一个人走那条小路上学，我兄弟见过他好几回了", "threat.family"),
        ("我安排三五个人搬小马扎在你铺子门口晒太阳，看谁敢进去买东西", "threat.property"),
        ("这把年纪了还要靠老婆养，你也配当男人", "insult.demeaning"),
    ],
)
def test_a_breach_told_in_words_of_its_own_is_likely(text: str, label: str) -> None:
    assert opinion(text).any > 0.7
    assert opinion(text).labels[label] > 0.5


def test_only_the_other_side_gives_signals_and_only_the_agent_breaches() -> None:
    text = "我不想活了，再逼我我就从楼上跳下去"
    assert opinion(text, Role.DEBTOR).labels["signal.self_harm"] > 0.5
    assert "signal.self_harm" not in opinion(text).labels
    assert "threat.violence" not in opinion(text, Role.DEBTOR).labels
    assert {"signal.self_harm", "threat.violence"} <= set(opinion(text, Role.UNKNOWN).labels)


def test_who_listens_matters() -> None:
    said = (Role.AGENT, "他在我们这里借了两万多，逾期好几个月了")
    label = "privacy.third_party_disclosure"
    told = [shipped().opinions(talk(said, third_party=third), [0])[0].labels[label] for third in (False, True)]
    assert told[1] > told[0]


def test_reasons_stand_where_they_say_and_speak_for_the_label() -> None:
    text = normalise("你闺女几点放学我可清楚得很").text
    reasons = shipped().reasons(text, "threat.family")
    best = max(reasons, key=lambda reason: reason.weight)
    assert best.weight > 0
    assert best.span.of(text) in text and len(best.span.of(text)) <= 3


def test_the_mean_of_opinions_lies_between_them() -> None:
    both = mean([Opinion(0.2, {"threat.family": 0.1}), Opinion(0.8, {"threat.family": 0.9, "insult.curse": 0.5})])
    assert both.any == pytest.approx(0.5)
    assert both.labels["threat.family"] == pytest.approx(0.5)
    assert both.labels["insult.curse"] == pytest.approx(0.5)


def test_an_opinion_of_nobody_is_an_error() -> None:
    with pytest.raises(ValueError, match="no opinion"):
        mean([])


def test_the_turn_before_is_the_last_of_somebody_else() -> None:
    roles = [Role.AGENT, Role.DEBTOR, Role.DEBTOR, Role.AGENT, Role.AGENT]
    assert Talk("", roles, [False] * 5).previous() == [-1, 0, 0, 2, 2]
