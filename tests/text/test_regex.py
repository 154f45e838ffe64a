"""Regular expressions that wait until they are asked, and such as are kept compiled."""

import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.text.regex import Regex, lazily

SOURCES = [
    "还钱",
    "(?!)",
    "(?:是不是|是)(?:一下|[王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑]{1,3})",
    r"(?P<asked>.)不(?P=asked)|(?<![你您])[\u4e00-\u9fa5]{2,6}的?",
    r"[^,，。!?]{0,4}?(?:说|讲)(?=[,，])|\d+(?:\.\d+)?元",
    "(?i)sb|傻.?逼",
]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("text", ["是不是王小二", "去不去的", "您说,12.50元", "你个SB", "还钱还钱", ""])
def test_a_kept_expression_finds_what_the_written_one_does(source: str, text: str) -> None:
    kept = pickle.loads(pickle.dumps(Regex.compile(source)))
    assert kept.form is not None
    assert kept.pattern == re.compile(source)
    assert [found.regs for found in kept.pattern.finditer(text)] == [m.regs for m in re.finditer(source, text)]
    assert [found.groupdict() for found in kept.pattern.finditer(text)] == [
        m.groupdict() for m in re.finditer(source, text)
    ]


def test_an_expression_that_has_no_kept_form_is_compiled() -> None:
    assert Regex("还.?钱").pattern.search("不还点钱")
    assert Regex("还.?钱").pattern.search("不还一点钱") is None


def test_a_wrong_expression_is_refused_when_it_is_made() -> None:
    with pytest.raises(re.error):
        Regex.compile("(还钱")


@given(st.text(alphabet="ab还钱", max_size=12))
def test_a_lazy_expression_answers_as_one_compiled_at_once(text: str) -> None:
    lazy, at_once = lazily("(?P<x>a|还)+b?"), re.compile("(?P<x>a|还)+b?")
    for asked in ("search", "match", "fullmatch"):
        found, expected = getattr(lazy, asked)(text), getattr(at_once, asked)(text)
        assert (found and found.regs) == (expected and expected.regs)
    assert lazy.sub("-", text) == at_once.sub("-", text)
    assert [found["x"] for found in lazy.finditer(text)] == [found["x"] for found in at_once.finditer(text)]
