"""JSON scripts: the same values as json.loads, with the place of every character."""

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import InputError
from audit.ingest.scripts.json import parse
from audit.ingest.scripts.tree import DEPTH
from audit.model.script import Place
from tests.ingest.scripts.places import check_places, lines_of

TEXTS = st.text(max_size=10) | st.sampled_from(
    ["您好\n再见", "\\", '"', "😀", "\r\n", "请您今天之内务必还款", " 前后 "]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
TOKENS = st.lists(
    st.sampled_from(
        [
            *'{}[],:"',
            "\n",
            "\r\n",
            " ",
            "//",
            "/*",
            "null",
            "true",
            "-1.5e3",
            "01",
            '"话术"',
            '"\\n"',
            '"\\ud83d\\ude00"',
        ]
    ),
    max_size=25,
).map("".join)
BROKEN = st.tuples(VALUES, st.integers(0, 200), st.text(max_size=2)).map(
    lambda made: (text := json.dumps(made[0], ensure_ascii=False))[: made[1]] + made[2] + text[made[1] + 1 :]
)


def leaves(value: object) -> Iterator[str]:
    """The lines of all pieces of a value, in order; long keys are pieces, too."""
    match value:
        case dict():
            for key, inner in value.items():
                words = " ".join(lines_of(key))
                yield from lines_of(key) if len(re.findall("[\u3400-\u9fff]", words)) >= 8 else []
                yield from leaves(inner)
        case list():
            for inner in value:
                yield from leaves(inner)
        case str():
            yield from lines_of(value)
        case _:
            yield json.dumps(value)


def refused(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        parse(text, "a.json")
    return caught.value


def test_values_know_their_place_their_key_and_the_keys_above() -> None:
    parsed = parse('{"scenes": [{"agent": ["您好", "再见"],\n  "max": 3}], "名": "x"}', "a.json")
    assert [(p.words.text, p.words.place(0), p.path, p.name, p.names) for p in parsed.pieces] == [
        ("您好", Place(1, 25), ("scenes", "0", "agent"), "agent", ("scenes",)),
        ("再见", Place(1, 31), ("scenes", "0", "agent"), "agent", ("scenes",)),
        ("3", Place(2, 10), ("scenes", "0"), "max", ("scenes",)),
        ("x", Place(2, 21), (), "名", ()),
    ]


def test_escapes_stand_at_their_backslash_and_lines_are_pieces() -> None:
    parsed = parse(r'["\u4f60好\n \ud83d\ude00再\t见"]', "a.json")
    first, second = (piece.words for piece in parsed.pieces)
    assert (first.text, [first.place(i).column for i in range(3)]) == ("你好", [3, 9, 10])
    assert second.text == "😀再\t见"
    assert [second.place(i).column for i in range(4)] == [13, 25, 26, 28]


def test_a_key_that_is_a_sentence_is_linted() -> None:
    parsed = parse('{"再不还钱就上你家坐着": 1}', "a.json")
    assert [(p.words.text, p.name, p.path) for p in parsed.pieces] == [
        ("再不还钱就上你家坐着", "", ()),
        ("1", "再不还钱就上你家坐着", ()),
    ]


def test_a_line_of_json_lines_is_a_document_under_a_path_of_its_own() -> None:
    parsed = parse('{"say": "您好"}\n\n{"say": ["再见"]}\n', "a.jsonl")
    assert [(p.words.text, p.words.place(0).line, p.path) for p in parsed.pieces] == [
        ("您好", 1, ("d1",)),
        ("再见", 3, ("d2", "say")),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "1:1"),
        ('{"a": 1,\n "b" 2}', "2:6"),
        ('["您好', "1:2"),
        ('{"a": 1} {"b": 2}', "1:10"),
        ("[1, // 注\n2]", "1:5"),
        ("[NaN]", "1:2"),
        ("[1,]", "1:4"),
        ("{,}", "1:2"),
        ('["\\x"]', "1:3"),
        ("]", "1:1"),
    ],
)
def test_what_is_no_json_is_refused_at_its_place(text: str, place: str) -> None:
    problem = refused(text).problem
    assert (problem.code, problem.where) == ("CA517", f"a.json:{place}")
    assert problem.line("zh")
    assert problem.line("en")


def test_depth_is_bounded() -> None:
    assert parse("[" * DEPTH + "1" + "]" * DEPTH, "a.json").pieces[0].words.text == "1"
    assert refused('{"a":[' * 100_000).problem.code == "CA516"


@given(VALUES, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_pieces_are_the_values_of_the_standard_reader(
    value: object, ascii_only: bool, indent: int | str | None
) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    pieces = parse(text, "a.json").pieces
    assert [piece.words.text for piece in pieces] == list(leaves(json.loads(text)))
    check_places(text, pieces)


@given(st.text() | TOKENS | BROKEN)
def test_any_text_is_read_as_the_standard_reader_does_or_refused(text: str) -> None:
    def never(constant: str) -> object:
        raise ValueError(constant)

    try:
        value = json.loads(text, parse_constant=never, object_pairs_hook=lambda pairs: [*pairs])
    except ValueError:
        value = ...
    try:
        pieces = parse(text, "a.json").pieces
    except InputError as error:
        assert value is ...
        assert error.problem.code == "CA517"
        assert error.problem.line()
    else:
        assert value is not ... or len(re.split("\r\n|\r|\n", text.strip(" \t\r\n"))) > 1
        check_places(text, pieces)
