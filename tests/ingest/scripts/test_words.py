"""What the names in script templates mean, section by section of scripts.toml."""

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.ingest.scripts.words import LONGEST_NAME, Names, strip, with_own, words
from audit.model.script import Audience, Voice

DATA = tomllib.loads(files("audit.lexicons").joinpath("scripts.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "voice"),
    [
        ("话术", Voice.AGENT),
        ("坐席", Voice.AGENT),
        ("agent_reply", Voice.AGENT),
        ("建议话术", Voice.AGENT),
        ("客户", Voice.OTHER),
        ("customerQuestion", Voice.OTHER),
        ("備註", Voice.NOTE),
        ("备注", Voice.NOTE),
        ("客户类型", Voice.NOTE),
        ("触发条件", Voice.NOTE),
        ("禁用语", Voice.FORBIDDEN),
        ("禁用话术", Voice.FORBIDDEN),
        ("forbidden_phrases", Voice.FORBIDDEN),
        ("禁语替换为", Voice.AGENT),
        ("天气", None),
    ],
)
def test_a_name_means_what_the_word_that_ends_last_in_it_means(name: str, voice: Voice | None) -> None:
    assert words().voice(name) == voice


@pytest.mark.parametrize(
    ("name", "voice"),
    [
        ("客户怎么说", Voice.OTHER),
        ("用户咋讲", Voice.OTHER),
        ("家属常问", Voice.OTHER),
        ("user_says", Voice.OTHER),
        ("customer_line", Voice.OTHER),
        ("客", Voice.OTHER),
        ("坐席怎么答", Voice.AGENT),
        ("我们咋回", Voice.AGENT),
        ("对客户怎么说", Voice.AGENT),
        ("家属怎么回", Voice.AGENT),
        ("bot_says", Voice.AGENT),
        ("客户问题回答", Voice.AGENT),
        ("别这么讲", Voice.FORBIDDEN),
        ("千万不要这样接", Voice.FORBIDDEN),
        ("不该用", Voice.FORBIDDEN),
        ("扣分回复", Voice.FORBIDDEN),
        ("投诉回复", Voice.AGENT),
    ],
)
def test_a_name_that_says_who_says_something_means_whoever_says_it(name: str, voice: Voice) -> None:
    assert words().voice(name) == voice


@pytest.mark.parametrize("name", ["扣分情形", "本项满分", "评分", "权重"])
def test_a_column_of_scores_belongs_to_a_checklist(name: str) -> None:
    assert words().is_checklist(name)
    assert not words().is_checklist("分期")


@pytest.mark.parametrize("title", ["家人代还", "同事知情", "会不会影响老婆", "物业费催缴"])
def test_a_title_that_only_speaks_of_others_says_nothing_of_who_listens(title: str) -> None:
    assert words().titled(title) is not Audience.THIRD_PARTY


def test_handling_of_violations_is_no_list_of_them() -> None:
    assert words().voice("违规投诉受理") is not Voice.FORBIDDEN
    assert words().voice("违规用语") is Voice.FORBIDDEN


def test_a_word_of_one_character_counts_only_by_itself() -> None:
    names = Names({"answer": ["答"]})
    assert names.of("答") == "answer"
    assert names.of("解答") is None


def test_of_words_that_end_at_one_place_the_longest_counts() -> None:
    assert Names({"short": ["话术"], "long": ["客户话术"]}).last("2. 客户话术（试行）") == ("long", "客户话术")


@pytest.mark.parametrize("name", ["customer_examples", "customerExamples", "customer examples", "CUSTOMER-EXAMPLES"])
def test_latin_words_count_whole_however_they_are_parted(name: str) -> None:
    assert Names({"other": ["customer_examples"]}).of(name) == "other"
    assert Names({"other": ["custom"]}).of(name) is None


@pytest.mark.parametrize(
    ("written", "plain"),
    [("3. 禁用表述(严禁使用)", "禁用表述"), ("一、开场：", "开场"), ("（2）结束语", "结束语"), ("【开场】", "开场"), ("備註", "备注"), ("ＡＧＥＮＴ", "agent")],
)  # fmt: skip
def test_a_name_is_read_without_number_and_brackets_in_simplified_characters(written: str, plain: str) -> None:
    assert strip(written) == plain


@given(st.text())
def test_any_text_may_be_a_name(name: str) -> None:
    found = words().voice(name)
    assert found is None or found in Voice
    words().heading(name), words().titled(name), words().audience(name), words().opens(name)


def test_of_a_name_longer_than_names_are_the_end_counts() -> None:
    assert words().voice("（" * 10 * LONGEST_NAME + "客户") is Voice.OTHER


@pytest.mark.parametrize(
    ("value", "voice"), [("客户", Voice.OTHER), ("customer", Voice.OTHER), ("坐席", Voice.AGENT), ("其它", None)]
)
def test_the_value_of_a_field_says_who_speaks(value: str, voice: Voice | None) -> None:
    assert words().speaker(value) == voice
    assert words().speakers.of("角色") == "speaker"


@pytest.mark.parametrize(
    ("title", "voice"),
    [("注意事项", Voice.NOTE), ("客户原话", Voice.OTHER), ("员工守则", Voice.NOTE), ("禁用语", Voice.FORBIDDEN), ("开场", None)],
)  # fmt: skip
def test_a_title_says_what_stands_under_it(title: str, voice: Voice | None) -> None:
    assert words().heading(title) == voice


@pytest.mark.parametrize(
    ("value", "audience"),
    [("紧急联系人", Audience.THIRD_PARTY), ("relative", Audience.THIRD_PARTY), ("借款人", Audience.DEBTOR), ("担保人", Audience.DEBTOR), ("停止联系", None), ("夜班", None)],
)  # fmt: skip
def test_the_value_of_a_field_says_who_listens(value: str, audience: Audience | None) -> None:
    assert words().audience(value) == audience


@pytest.mark.parametrize(
    ("title", "audience"),
    [("联系人话术", Audience.THIRD_PARTY), ("本人接听", Audience.DEBTOR), ("非本人接听", None), ("联系人信息更新", None), ("还款提醒", None)],
)  # fmt: skip
def test_a_title_says_who_listens(title: str, audience: Audience | None) -> None:
    assert words().titled(title) == audience


@pytest.mark.parametrize(
    ("title", "opens"), [("开场白", True), ("首次联系", True), ("greeting", True), ("首次联系后未回电", False), ("结束", False)]
)  # fmt: skip
def test_a_title_says_that_a_conversation_begins(title: str, *, opens: bool) -> None:
    assert words().opens(title) is opens


@pytest.mark.parametrize("meaning", sorted(DATA["placeholders"]))
def test_every_name_of_a_placeholder_has_its_meaning_and_every_meaning_a_specimen(meaning: str) -> None:
    for name in DATA["placeholders"][meaning]:
        assert words().placeholders.of(name) == meaning, name
    assert words().specimens[meaning]


@pytest.mark.parametrize("kind", ["window", "from", "to", "count"])
def test_every_name_of_a_setting_has_its_kind(kind: str) -> None:
    for name in DATA["settings"][kind]:
        assert words().settings.of(name), name
    assert kind in {words().settings.of(name) for name in DATA["settings"][kind]}


def test_an_institutions_own_names_count_before_those_that_ship() -> None:
    own = with_own(words(), {Voice.NOTE: ["话术"], Voice.AGENT: ["念白"]}, {"户名": "name", "金额": "number"})
    assert own.voice("话术") is Voice.NOTE
    assert own.voice("念白") is Voice.AGENT
    assert own.voice("客户") is Voice.OTHER
    assert (own.placeholders.of("户名"), own.placeholders.of("金额")) == ("name", "number")
    assert words().voice("话术") is Voice.AGENT
    assert words().placeholders.of("金额") == "amount"


def test_without_own_names_the_words_are_those_that_ship() -> None:
    assert with_own(words(), {}, {}) is words()
