"""YAML scripts: the values ruamel reads, with the place of every character."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode

from audit.errors import InputError
from audit.ingest.scripts.tree import DEPTH
from audit.ingest.scripts.yaml import parse
from audit.model.script import Place
from tests.ingest.scripts.places import check_places, lines_of

WORDS = st.sampled_from(
    [
        "您好",
        "请还款",
        "再不还钱就上你家坐着",
        "22:00",
        "no",
        "12",
        "a'b",
        "{{客户姓名}}",
        "${逾期天数}",
        "#号",
        "😀",
        "『",
        "x: y",
    ]
)
# The scanner still breaks lines where YAML 1.1 did; the parser does not, as YAML 1.2 says.
PROSE = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x85\u2028\u2029\ufeff"), max_size=8)
    | WORDS
)
PLAIN = st.sampled_from(
    ["您好", "请还款", "22:00", "no", "~", "2026-01-02", "12", "请您今天之内还款", "a b", "-1", "x#y"]
)
FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *(
                "- ",
                "a: ",
                "键: ",
                "\n",
                "\r\n",
                "\r",
                "  ",
                "    ",
                '"',
                "'",
                "''",
                "|\n",
                ">\n",
                "|2\n",
                ">-\n",
                "|+ # x\n",
                ": ",
            ),
            *(
                " # callaudit: allow threat 例\n",
                "您好",
                "再见，请还款",
                "\\n",
                "\\u4f60",
                "\\x41",
                "\\\n",
                "\\ ",
                "[",
                "]",
                "{",
                "}",
            ),
            *(
                ", ",
                "? ",
                "&a ",
                "*a",
                "!!str ",
                "!<x> ",
                "---\n",
                "...\n",
                "\t",
                "😀",
                "%YAML 1.1\n",
                "12",
                "<<: ",
                "~",
                "\\UFFFFFFFF",
            ),
            *("\n  x", "\n  - x", "\n    y\n\n  z", "\ufeff", "\x85", "\u2028", "%", "@", "`", "\x07", "\x7f"),
        ]
    ),
    max_size=20,
).map("".join)


@st.composite
def scalars(draw: st.DrawFn, indent: str) -> str:
    style = draw(st.sampled_from(["plain", "double", "folded double", "single", "folded single", "|", ">", "tagged"]))
    match style:
        case "plain":
            return f"\n{indent}".join(draw(st.lists(PLAIN, min_size=1, max_size=3))) + draw(
                st.sampled_from(["", " # 注"])
            )
        case "double":
            return json.dumps(
                draw(PROSE) + draw(st.sampled_from(["", "\n", "\t"])) + draw(PROSE), ensure_ascii=draw(st.booleans())
            )
        case "folded double":
            joints = st.sampled_from(
                [f"\n{indent}", f" \n\n {indent}", f"\\\n{indent}", f"\\ \t\n{indent}\\ ", "\\u4f60", "\\x41"]
            )
            parts = draw(
                st.lists(PROSE.map(lambda text: json.dumps(text, ensure_ascii=False)[1:-1]), min_size=1, max_size=3)
            )
            return '"' + "".join(part + draw(joints) for part in parts) + '"'
        case "single":
            return "'" + draw(PROSE).replace("'", "''") + "'"
        case "folded single":
            joints = st.sampled_from([f"\n{indent}", f"  \n\n\n{indent}"])
            return (
                "'"
                + "".join(text.replace("'", "''") + draw(joints) for text in draw(st.lists(PROSE, max_size=3)))
                + "'"
            )
        case "tagged":
            return draw(st.sampled_from(["!!str ", "&x ", f"!<tag:a,b> &y # 注\n{indent}"])) + draw(PLAIN)
        case _:
            header = style + draw(st.sampled_from(["", "-", "+", " # 注"]))
            more = st.sampled_from(["", "", "  "])
            lines = [draw(more) + draw(PROSE | st.just("")) for _ in range(draw(st.integers(1, 5)))]
            return "\n".join([header, f"{indent}首", *(indent + line if line else "" for line in lines)])


@st.composite
def documents(draw: st.DrawFn, indent: str = "", depth: int = 3) -> str:
    inner = indent + draw(st.sampled_from(["  ", " ", "    "]))
    kind = draw(st.sampled_from(["mapping", "list", "scalar", "scalar"])) if depth else "scalar"
    if kind == "scalar" and indent:
        return " " + draw(scalars(inner))
    starts = ["- "] if kind == "list" else ["a:", "话术:", '"b":', "再不还钱就上你家坐着:"]
    items = [
        draw(st.sampled_from(starts)) + draw(documents(inner, max(depth - 1, 0)))
        for _ in range(draw(st.integers(1, 3)))
    ]
    return "".join(f"\n{indent}{item}" for item in items)


ENDS = st.sampled_from(["\n", "\r\n", "\r"])
DOCUMENTS = st.tuples(documents(), ENDS).map(lambda made: made[0].replace("\n", made[1]))


def composed(text: str) -> list[str] | None:
    """The lines of all pieces by ruamel's own nodes; None when it finds no YAML in the text."""
    try:
        roots = list(YAML(typ="safe", pure=True).compose_all(text))
    except (YAMLError, ValueError, OverflowError):
        return None
    seen: set[int] = set()
    return [line for root in roots if root for line in leaves(root, seen)]


def leaves(node: Any, seen: set[int]) -> Iterator[str]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, ScalarNode):
        # ruamel leaves the two halves of an escaped pair apart.
        yield from lines_of(node.value.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass"))
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            han = len(re.findall("[\u3400-\u9fff]", key.value)) if isinstance(key, ScalarNode) else 8
            yield from leaves(key, seen) if han >= 8 else []
            yield from leaves(value, seen)
    else:
        for item in node.value:
            yield from leaves(item, seen)


def refused(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        parse(text, "a.yaml")
    return caught.value


def said(text: str) -> list[tuple[str, int, int]]:
    return [(piece.words.text, *piece.words.place(0)) for piece in parse(text, "a.yaml").pieces]


def test_values_know_their_place_their_key_and_the_keys_above() -> None:
    parsed = parse("scenes:\n  - agent:\n      - 您好\n      - '再''见'\n    max: 3\n名: [x, {y: z}]\n", "a.yaml")
    assert [(p.words.text, p.words.place(0), p.path, p.name, p.names) for p in parsed.pieces] == [
        ("您好", Place(3, 9), ("scenes", "0", "agent"), "agent", ("scenes",)),
        ("再'见", Place(4, 10), ("scenes", "0", "agent"), "agent", ("scenes",)),
        ("3", Place(5, 10), ("scenes", "0"), "max", ("scenes",)),
        ("x", Place(6, 5), ("名",), "名", ()),
        ("z", Place(6, 12), ("名", "1"), "y", ("名",)),
    ]
    assert [parsed.pieces[1].words.place(i).column for i in range(3)] == [10, 11, 13]


def test_values_are_as_written() -> None:
    text = "a: 22:00\nb: no\nc: 012\nd: 2026-01-02\ne: ~\nf:\ng: !!int 3\n"
    assert [piece.words.text for piece in parse(text, "a.yaml").pieces] == [
        "22:00",
        "no",
        "012",
        "2026-01-02",
        "~",
        "3",
    ]


def test_each_line_of_a_literal_block_is_a_piece() -> None:
    assert said("a:\n  b: |-\n    您好\n\n      再见\n  c: x\n") == [("您好", 3, 5), ("再见", 5, 7), ("x", 6, 6)]


def test_each_paragraph_of_a_folded_block_is_a_piece() -> None:
    text = "a: >\n  您好\n  请问\n\n  再见\n    独行\n  末\n"
    assert said(text) == [("您好 请问", 2, 3), ("再见", 5, 3), ("独行", 6, 5), ("末", 7, 3)]
    words = parse(text, "a.yaml").pieces[0].words
    assert [words.place(offset) for offset in (2, 3)] == [Place(2, 5), Place(3, 3)]


def test_an_indentation_that_is_declared_is_taken_off() -> None:
    assert said("a: |2\n    您好\n  再见\n") == [("您好", 2, 5), ("再见", 3, 3)]


def test_escapes_stand_at_their_backslash_and_their_lines_are_pieces() -> None:
    (first, second) = (p.words for p in parse('a: "\\u4f60好\\n \\ud83d\\ude00再\\\n   见"\n', "a.yaml").pieces)
    assert (first.text, [first.place(i).column for i in range(2)]) == ("你好", [5, 11])
    assert (second.text, [second.place(i) for i in range(3)]) == ("😀再见", [Place(1, 15), Place(1, 27), Place(2, 4)])


def test_a_quoted_scalar_over_several_lines_is_folded() -> None:
    assert said('a: "您好  \n  请问\n\n  再见"\n') == [("您好 请问", 1, 5), ("再见", 4, 3)]


def test_anchored_words_are_read_where_they_are_written_and_aliases_cost_nothing() -> None:
    layers = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 40))
    assert said(f"l0: &l0 !!str\n  再见\n{layers}*l0 : 末\n") == [("再见", 2, 3), ("末", 42, 7)]


def test_each_document_has_a_path_of_its_own() -> None:
    pieces = parse("say: 您好\n---\nsay: [再见]\n", "a.yaml").pieces
    assert [(piece.words.text, piece.path) for piece in pieces] == [("您好", ("d1",)), ("再见", ("d2", "say"))]


def test_a_key_that_is_a_sentence_is_linted() -> None:
    pieces = parse("再不还钱就上你家坐着: 1\n短: 2\n? [您好, 再见]\n: 3\n", "a.yaml").pieces
    assert [(piece.words.text, piece.name) for piece in pieces] == [
        ("再不还钱就上你家坐着", ""),
        ("1", "再不还钱就上你家坐着"),
        ("2", "短"),
        ("您好", ""),
        ("再见", ""),
        ("3", ""),
    ]


def test_comments_to_the_linter_are_directives_also_in_a_block() -> None:
    text = "a: 您好 # callaudit: allow threat.exposure 例\nb: |\n  再见  # callaudit: allow insult 例\n  # callaudit: x\n  末 # 号\n"
    parsed = parse(text, "a.yaml")
    assert [(d.words.text, d.words.place(0).line) for d in parsed.directives] == [
        ("allow threat.exposure 例", 1),
        ("allow insult 例", 3),
        ("x", 4),
    ]
    assert [piece.words.text for piece in parsed.pieces] == ["您好", "再见", "末 # 号"]


def test_a_comment_in_a_folded_block_does_not_part_the_paragraph() -> None:
    assert said("a: >\n  您好 # callaudit: allow insult 例\n  # callaudit: x\n  再见\n") == [("您好 再见", 2, 3)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: b: c\n", ":1:5"),
        ("a:\n\t- x\n", ":2:1"),
        ('a: "您好\n', ":2:1"),
        ("a: {{客户姓名}}您好\n", ":1:12"),
        ("a: x\x07\n", ":1:5"),
        ("a: [x\n", ":2:1"),
        ('a: "\\UFFFFFFFF"\n', ""),
        ("a: *\n", ":1:5"),
    ],
)
def test_what_is_no_yaml_is_refused_at_its_place(text: str, place: str) -> None:
    problem = refused(text).problem
    assert (problem.code, problem.where) == ("CA515", f"a.yaml{place}")
    assert problem.line("zh")
    assert problem.line("en")


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_depth_is_bounded(opening: str) -> None:
    assert refused(opening * 100_000).problem.code == "CA516"
    assert parse("[" * DEPTH + "1" + "]" * DEPTH, "a.yaml").pieces[0].words.text == "1"


@pytest.mark.filterwarnings("ignore::ruamel.yaml.error.ReusedAnchorWarning")
@given(DOCUMENTS)
def test_pieces_are_the_values_of_ruamel(text: str) -> None:
    expected = composed(text)
    try:
        pieces = parse(text, "a.yaml").pieces
    except InputError as error:
        assert error.problem.code == "CA515"
        assert expected is None
    else:
        if expected is not None:
            assert [piece.words.text for piece in pieces] == expected
        check_places(text, pieces, folds=True)


@pytest.mark.filterwarnings("ignore::ruamel.yaml.error.ReusedAnchorWarning")
@given(st.text() | FRAGMENTS)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        pieces = parse(text, "a.yaml").pieces
    except InputError as error:
        assert error.problem.code == "CA515"
        assert error.problem.line()
        return
    check_places(text, pieces, folds=True)
    expected = composed(text)
    if expected is not None and not re.search("(?i)[\x85\u2028\u2029]|callaudit", text):
        assert [piece.words.text for piece in pieces] == expected
