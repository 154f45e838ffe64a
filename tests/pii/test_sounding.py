"""A debtor's name in what a recogniser wrote."""

import pytest

from audit.pii.sounding import sounding_like


def found(name: str, text: str) -> list[str]:
    return [span.of(text) for span in sounding_like(name, text)]


@pytest.mark.parametrize(
    ("name", "text", "covered"),
    [
        ("陈立强", "您好请问是陈立强先生本人吗", ["陈立强"]),
        ("陈立强", "为臣力强势吧", ["臣力强"]),
        ("陈立强", "是陈立乔嘛", ["陈立乔"]),
        ("林秀芳", "你好是零秀方马", ["零秀方"]),
        ("周美玲", "请问是周美丽女是吗", ["周美丽"]),
        ("赵志鹏", "喂你是教制同的妈妈吧", ["教制同"]),
        ("徐慧", "维士徐慧吧", ["徐慧"]),
        ("李明", "李明说李明不在", ["李明", "李明"]),
        ("Li Ming", "this is Li Ming", ["Li Ming"]),
    ],
)
def test_a_name_is_found_also_where_other_characters_were_written(name: str, text: str, covered: list[str]) -> None:
    assert found(name, text) == covered


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("陈立强", "我们不会联系您的家人"),
        ("徐慧", "会不会影响征信"),
        ("陈", "陈先生您好"),
        ("陈立强", "陈立"),
        ("陈立强", ""),
    ],
)
def test_words_that_are_no_name_stay(name: str, text: str) -> None:
    assert found(name, text) == []
