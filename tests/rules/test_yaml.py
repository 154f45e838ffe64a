"""What is wrong with a file is said in the reader's language."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from audit.errors import ConfigError
from audit.i18n import set_language
from audit.rules.schema import HoursSpec, PolicySpec, WordFile
from audit.rules.yaml import check


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    set_language("zh")
    yield
    set_language("zh")


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")

    must: int = 1
    text: str = Field(default="a", min_length=1, pattern="^[a-z]*$")
    colour: Colour = Colour.RED
    kind: Literal["say", "omission"] = "say"
    share: float = Field(default=0.5, gt=0, le=1)
    flag: bool = True
    many: list[int] = Field(default=[1], min_length=1)
    table: dict[str, int] = {}


def problem(model: type[BaseModel], text: str) -> str:
    with pytest.raises(ConfigError) as error:
        check(model, text, "a.yaml")
    return str(error.value.problem.facts["problem"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("must: x", "应为整数"),
        ("must: 1.5", "应为整数"),
        ("text: 1", "应为文字（数字和 true、false 请加引号）"),
        ("text: A", "不符合格式 ^[a-z]*$"),
        ("text: ''", "至少要有 1 个字符"),
        ("colour: rad", "应为 'red' 或 'blue' 是否想写 'red'？"),
        ("kind: sey", "应为 'say' 或 'omission' 是否想写 'say'？"),
        ("share: 2", "不得大于 1.0"),
        ("share: 0", "应大于 0.0"),
        ("share: [1]", "应为数字"),
        ("flag: perhaps", "应为 true 或 false"),
        ("many: []", "至少要有 1 项"),
        ("many: 1", "应为列表"),
        ("table: [1]", "应为“名称: 值”的形式"),
        ("tabel: {}", "没有这一项 是否想写 'table'？"),
        ("[1]", "应为“名称: 值”的形式"),
    ],
)
def test_each_kind_of_mistake_is_named_in_chinese(text: str, words: str) -> None:
    assert problem(Form, text) == words


def test_a_missing_entry_and_our_own_checks_are_chinese_too() -> None:
    assert problem(HoursSpec, "from: '22:00'") == "缺少这一项"
    assert problem(WordFile, "concepts: {a: {words: [1]}}") == "1 不是文字，请加引号"
    assert problem(PolicySpec, "name: {zh: a, en: b}\ntimezone: Mars") == "没有时区 'Mars'，请写成 Asia/Shanghai 这样"


def test_english_readers_get_english() -> None:
    set_language("en")
    assert problem(Form, "kind: sey") == "Input should be 'say' or 'omission' Did you mean 'say'?"
    assert problem(Form, "must: x").startswith("Input should be a valid integer")
