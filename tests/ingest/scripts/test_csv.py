"""CSV scripts: cells as csv.reader reads them, with their places."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.ingest.scripts.csv import parse, records
from audit.ingest.scripts.piece import Kind
from audit.model.script import Place
from tests.ingest.scripts.places import check_places

CELLS = st.text(max_size=8) | st.sampled_from(["话术", "您好，请还款", 'a"b', "一\n二", "\r", " ", "1;2\t3", '"', ","])
SHEETS = st.tuples(
    st.lists(st.lists(CELLS, max_size=5), max_size=6), st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n", "\r"])
)
MARKS = st.lists(
    st.sampled_from(['"', '""', ",", ";", "\t", "\n", "\r", "\r\n", "话术", "您好。", " ", "x", "\0", "\x85"]),
    max_size=30,
)


def written(sheet: tuple[list[list[str]], str, str]) -> str:
    rows, delimiter, end = sheet
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(rows)
    return stream.getvalue()


TEXTS = st.text() | MARKS.map("".join) | SHEETS.map(written)


def test_cells_are_named_by_their_column_and_stand_where_they_are_written() -> None:
    parsed = parse('编号,话术,备注\r\n7,"您好，请还款。",\r\n8,再见,末\r\n', "a.csv")
    assert [(p.words.text, p.words.place(0), p.path, p.name, p.kind) for p in parsed.pieces] == [
        ("7", Place(2, 1), ("r2",), "编号", Kind.TEXT),
        ("您好，请还款。", Place(2, 4), ("r2",), "话术", Kind.TEXT),
        ("8", Place(3, 1), ("r3",), "编号", Kind.TEXT),
        ("再见", Place(3, 3), ("r3",), "话术", Kind.TEXT),
        ("末", Place(3, 6), ("r3",), "备注", Kind.TEXT),
    ]
    assert parsed.directives == ()


def test_each_line_of_a_cell_is_a_piece_of_its_row() -> None:
    parsed = parse('编号,话术\n1,"您好\n  我说""不""字\n\n再见"\n2,好\n', "a.csv")
    assert [(p.words.text, p.words.place(0), p.path) for p in parsed.pieces if p.name == "话术"] == [
        ("您好", Place(2, 4), ("r2",)),
        ('我说"不"字', Place(3, 3), ("r2",)),
        ("再见", Place(5, 1), ("r2",)),
        ("好", Place(6, 3), ("r3",)),
    ]
    quoted = next(p.words for p in parsed.pieces if p.words.text.startswith("我说"))
    assert [quoted.place(i).column for i in range(6)] == [3, 4, 5, 7, 8, 10]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_what_the_first_line_has_outside_quotes(delimiter: str) -> None:
    parsed = parse(delimiter.join(['"a,;;;,\t\t\tb"', "话术", "备注"]) + "\n" + delimiter.join("123"), "a.csv")
    assert [p.words.text for p in parsed.pieces] == ["1", "2", "3"]
    assert parsed.pieces[1].name == "话术"


@pytest.mark.parametrize(
    "first",
    [
        "1,再不还就去你家",
        "您好请问是本人吗,开场",
        "请尽快处理。,开场",
        "这一行很长很长很长很长很长很长很长很长很长很长长,开场",
    ],
)
def test_a_first_row_of_words_to_say_is_no_header(first: str) -> None:
    parsed = parse(f"{first}\n2,再见\n", "a.csv")
    assert [p.words.text for p in parsed.pieces] == [*first.split(","), "2", "再见"]
    assert {p.name for p in parsed.pieces} == {""}


def test_a_lone_row_is_no_header() -> None:
    assert [p.words.text for p in parse("再不还就去你家,开场", "a.csv").pieces] == ["再不还就去你家", "开场"]


def test_a_single_column_may_have_a_short_header() -> None:
    assert [(p.words.text, p.name) for p in parse("话术\n再不还就去你家\n", "a.csv").pieces] == [
        ("再不还就去你家", "话术")
    ]
    assert [p.name for p in parse("再不还就上你家坐着\n再见\n", "a.csv").pieces] == ["", ""]


def test_a_title_above_the_header_is_a_heading_of_everything() -> None:
    parsed = parse("紧急联系人话术,,\n\n编号,话术,备注\n1,您好,\n", "a.csv")
    assert [(p.kind, p.words.text, p.path, p.name) for p in parsed.pieces] == [
        (Kind.HEADING, "紧急联系人话术", (), ""),
        (Kind.TEXT, "1", ("r4",), "编号"),
        (Kind.TEXT, "您好", ("r4",), "话术"),
    ]


def test_a_sentence_above_the_header_is_text() -> None:
    parsed = parse("您再不还就去您家,,\n编号,话术,备注\n1,您好,\n", "a.csv")
    assert (parsed.pieces[0].kind, parsed.pieces[0].path, parsed.pieces[2].name) == (Kind.TEXT, ("r1",), "话术")


def test_short_and_long_rows_are_read() -> None:
    parsed = parse("编号,话术\n1\n2,二,三\n", "a.csv")
    assert [(p.words.text, p.name) for p in parsed.pieces] == [("1", "编号"), ("2", "编号"), ("二", "话术"), ("三", "")]


@given(TEXTS)
def test_cells_are_those_of_the_standard_reader(text: str) -> None:
    cells = [[cell.text() for cell in record] for record in records(text)]
    delimiter = next((d for d in ",\t;" if cells == list(csv.reader(io.StringIO(text, newline=""), delimiter=d))), None)
    assert delimiter is not None


@given(SHEETS)
def test_what_was_written_is_read(sheet: tuple[list[list[str]], str, str]) -> None:
    rows, delimiter, end = sheet
    head = ["编号", "话术", "备注"]
    text = written(([head, *rows], delimiter, end))
    assert [[cell.text() for cell in record] for record in records(text)] == [head, *rows]


@given(TEXTS)
def test_every_character_stands_where_its_place_says(text: str) -> None:
    check_places(text, parse(text, "a.csv").pieces)
