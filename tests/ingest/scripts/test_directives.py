"""Directives to the linter in comments, whatever the format."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.ingest.scripts.directives import Style, find
from audit.model.script import Place
from tests.ingest.scripts.places import BREAK

TEXTS = st.lists(
    st.sampled_from(
        [
            "<!--",
            "-->",
            "#",
            "//",
            " ",
            "callaudit",
            "Callaudit:",
            "：",
            "allow a.b 理由",
            "\n",
            "\r",
            "\r\n",
            "\u2028",
            "您好",
        ]
    ),
    max_size=25,
).map("".join)


@pytest.mark.parametrize(
    ("text", "words", "column"),
    [
        ("<!-- callaudit: allow threat.exposure 培训反例 -->", "allow threat.exposure 培训反例", 17),
        ("<!--callaudit:allow threat.exposure 培训反例-->", "allow threat.exposure 培训反例", 15),
        ("# callaudit: allow a.b 理由", "allow a.b 理由", 14),
        ("#callaudit： allow a.b 理由", "allow a.b 理由", 13),
        ("// callaudit : allow a.b 理由", "allow a.b 理由", 16),
        ("\u3000## CallAudit:\tallow a.b 理由 \t", "allow a.b 理由", 16),
        ("<!-- callaudit: allow a.b 理由", "allow a.b 理由", 17),
    ],
)
def test_directive_is_found_with_its_place_however_it_is_spaced(text: str, words: str, column: int) -> None:
    (directive,), rest = find(text, set(Style))
    assert directive.words.text == words
    assert directive.words.place(0) == Place(1, column)
    assert directive.alone
    assert not rest.strip()


@pytest.mark.parametrize(
    "text",
    [
        "https://example.cn/#callaudit: allow a.b 理由",
        "a//callaudit: allow",
        "# callaudit allow a.b",
        "<!-- 见 callaudit: 文档 -->",
        "callaudit: allow",
    ],
)
def test_other_mentions_are_no_directive(text: str) -> None:
    assert find(text, set(Style)) == ((), text)


def test_only_the_styles_asked_for_are_comments() -> None:
    text = "# callaudit: allow a.b 理由"
    assert find(text, {Style.HTML, Style.SLASH}) == ((), text)


def test_directive_behind_words_is_not_alone_and_leaves_the_words_where_they_were() -> None:
    (directive,), rest = find("一\r\n您好 <!-- callaudit: allow a.b 理由 --> 再见", {Style.HTML})
    assert not directive.alone
    assert directive.words.place(0) == Place(2, 20)
    assert rest == "一\r\n您好 " + " " * len("<!-- callaudit: allow a.b 理由 -->") + " 再见"


def test_two_directives_in_a_line_of_their_own_are_alone() -> None:
    directives, _ = find("<!-- callaudit: allow a 一 --> <!-- callaudit: allow b 二 -->", {Style.HTML})
    assert [directive.words.text for directive in directives] == ["allow a 一", "allow b 二"]
    assert all(directive.alone for directive in directives)


def test_directive_over_several_lines_keeps_its_places() -> None:
    (directive,), rest = find("<!--\ncallaudit: allow a.b\n  理由 -->\n您好", {Style.HTML})
    assert directive.words.text == "allow a.b   理由"
    assert directive.words.place(directive.words.text.index("理")) == Place(3, 3)
    assert directive.alone
    assert rest.endswith("\n您好")


def test_directive_without_words_is_given_for_the_linter_to_complain_of() -> None:
    (directive,), _ = find("# callaudit:", {Style.HASH})
    assert directive.words.text == ""
    assert directive.words.place(0) == Place(1, 13)


@given(TEXTS)
def test_everything_outside_directives_stays_and_words_stand_where_they_are_said_to(text: str) -> None:
    directives, rest = find(text, set(Style), "\x1f")
    assert len(rest) == len(text)
    assert all(left in (char, "\x1f") for char, left in zip(text, rest, strict=True))
    lines = BREAK.split(text)
    for directive in directives:
        for offset, char in enumerate(directive.words.text):
            line, column = directive.words.place(offset)
            assert (lines[line - 1] + " ")[column - 1] == char


def test_many_comments_that_are_never_closed_take_no_longer_than_their_length() -> None:
    directives, _ = find("<!-- callaudit: allow a\n" * 20_000 + "<!--" + " " * 50_000, set(Style))
    assert len(directives) == 20_000
