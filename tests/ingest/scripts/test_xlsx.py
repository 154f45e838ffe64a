"""Excel scripts: every cell with the sheet's own coordinates, and hostile workbooks refused within bounds."""

import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from functools import cache
from io import BytesIO
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineError, load_workbook

from audit.errors import InputError
from audit.ingest.scripts.piece import Kind, Piece
from audit.ingest.scripts.xlsx import extent, parse
from audit.model.script import Place
from tests.ingest.scripts.places import lines_of

SHEET = "xl/worksheets/sheet1.xml"
ROWS = "<row r='1'><c r='A1' t='inlineStr'><is><t>您好</t></is></c></row>"


def made(fill: Callable[[Worksheet], None], title: str = "话术") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    fill(sheet)
    return saved(book)


def saved(book: Any) -> bytes:
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def rows(*lines: list[Any]) -> bytes:
    def fill(sheet: Worksheet) -> None:
        for line in lines:
            sheet.append(line)

    return made(fill)


def repacked(data: bytes, change: Callable[[str, bytes], bytes], extra: dict[str, bytes] | None = None) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, part in (extra or {}).items():
            new.writestr(name, part)
    return stream.getvalue()


@cache
def seed() -> dict[str, bytes]:
    """The parts of a small workbook without those nobody reads."""
    data = rows(["编号", "话术"], [1, "您好\n再见"], [time(22, 0), True])
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {
            name: archive.read(name) for name in archive.namelist() if "theme" not in name and "docProps" not in name
        }


def packed(parts: dict[str, bytes]) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return stream.getvalue()


def with_rows(xml: str, before: str = "") -> bytes:
    sheet = f"{before}<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>{xml}</sheetData></worksheet>"
    return packed({**seed(), SHEET: sheet.encode()})


def texts(data: bytes) -> list[tuple[str, str | None]]:
    return [(p.words.text, p.words.cell) for p in parse(data, "a.xlsx").pieces if p.kind is Kind.TEXT]


def refused(data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        parse(data, "a.xlsx")
    assert caught.value.problem.line("zh")
    assert caught.value.problem.line("en")
    return caught.value.problem.code


def test_cells_are_named_by_their_column_under_the_heading_of_their_sheet() -> None:
    pieces = parse(rows(["编号", "话术", "备注"], [1, "您好", None], [2, "再见", "末"]), "a.xlsx").pieces
    assert [(p.kind, p.words.text, p.words.cell, p.words.place(0), p.path, p.name) for p in pieces] == [
        (Kind.HEADING, "话术", "话术!A1", Place(1, 1), ("话术",), ""),
        (Kind.TEXT, "1", "话术!A2", Place(2, 1), ("话术", "r2"), "编号"),
        (Kind.TEXT, "您好", "话术!B2", Place(2, 1), ("话术", "r2"), "话术"),
        (Kind.TEXT, "2", "话术!A3", Place(3, 1), ("话术", "r3"), "编号"),
        (Kind.TEXT, "再见", "话术!B3", Place(3, 1), ("话术", "r3"), "话术"),
        (Kind.TEXT, "末", "话术!C3", Place(3, 1), ("话术", "r3"), "备注"),
    ]


def test_empty_rows_and_columns_before_the_table_count() -> None:
    def fill(sheet: Worksheet) -> None:
        sheet["AB5"], sheet["AC5"] = "话术", "备注"
        sheet["AC8"] = "您好"

    assert texts(made(fill)) == [("您好", "话术!AC8")]
    assert parse(made(fill), "a.xlsx").pieces[1].name == "备注"


def test_each_line_of_a_cell_is_a_piece_and_columns_count_in_the_whole_cell() -> None:
    pieces = parse(rows(["话术", "备注"], ["您好\n\n  请还款 ", 1]), "a.xlsx").pieces[1:3]
    assert [(p.words.text, p.words.place(0), p.words.cell, p.path) for p in pieces] == [
        ("您好", Place(2, 1), "话术!A2", ("话术", "r2")),
        ("请还款", Place(2, 7), "话术!A2", ("话术", "r2")),
    ]


def test_numbers_dates_and_truths_are_as_a_sheet_shows_them() -> None:
    moment = datetime(2026, 1, 2, 22, 30)
    data = rows(["值", "注"], [12, 0.5], [True, date(2026, 1, 2)], [moment, time(8, 0)], [time(8, 0, 5), 20000.0])
    assert [text for text, _ in texts(data)] == [
        "12",
        "0.5",
        "true",
        "2026-01-02",
        "2026-01-02 22:30",
        "08:00",
        "08:00:05",
        "20000",
    ]


def test_a_formula_is_read_as_its_last_result() -> None:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("话术")
        sheet.write_row(0, 0, ["话术", "备注"])
        sheet.write_formula(1, 0, '="您"&"好"', None, "您好")
        sheet.write_string(1, 1, "再见")
    assert texts(stream.getvalue()) == [("您好", "话术!A2"), ("再见", "话术!B2")]


def test_merged_cells_are_one_and_a_title_above_the_header_is_a_heading() -> None:
    def fill(sheet: Worksheet) -> None:
        for line in (["联系人话术"], [None], ["编号", "话术"], [1, "您好"], [None, "再见"]):
            sheet.append(line)
        sheet.merge_cells("A1:B1")
        sheet.merge_cells("A4:A5")

    pieces = parse(made(fill, "表"), "a.xlsx").pieces
    assert [(p.kind, p.words.text, p.words.cell, p.path, p.name) for p in pieces] == [
        (Kind.HEADING, "表", "表!A1", ("表",), ""),
        (Kind.HEADING, "联系人话术", "表!A1", ("表",), ""),
        (Kind.TEXT, "1", "表!A4", ("表", "r4"), "编号"),
        (Kind.TEXT, "您好", "表!B4", ("表", "r4"), "话术"),
        (Kind.TEXT, "再见", "表!B5", ("表", "r5"), "话术"),
    ]


def test_every_sheet_is_read_hidden_ones_too_and_charts_are_not() -> None:
    book = openpyxl.Workbook()
    book["Sheet"]["A1"] = "一"
    for name, state in (("藏", "hidden"), ("深藏", "veryHidden"), ("空", "visible")):
        book.create_sheet(name).sheet_state = state
    book["藏"]["B2"] = "二"
    book["深藏"]["C3"] = "三"
    book.create_chartsheet("图")
    assert texts(saved(book)) == [("一", "Sheet!A1"), ("二", "藏!B2"), ("三", "深藏!C3")]


def test_a_sheet_without_a_header_has_no_names() -> None:
    pieces = parse(rows(["您好，请问是本人吗", "开场"], ["再见", "结束"]), "a.xlsx").pieces
    assert [(p.words.text, p.name) for p in pieces[1:]] == [
        ("您好，请问是本人吗", ""),
        ("开场", ""),
        ("再见", ""),
        ("结束", ""),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "CA500"),
        (b"PK\x03\x04 no archive", "CA500"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "CA500"),
        ("话术".encode(), "CA500"),
        (repacked(rows(["x"]), lambda _, part: part, {"xl/workbook.bin": b""}), "CA518"),
        (repacked(rows(["x"]), lambda _, part: part, {"Content.xml": b""}), "CA518"),
        (repacked(rows(["x"]), lambda name, part: b"" if name == "xl/workbook.xml" else part), "CA518"),
        (repacked(rows(["x"]), lambda name, part: part[:200] if name == SHEET else part), "CA518"),
        (with_rows(ROWS, "<!DOCTYPE x [<!ENTITY a '<c \"'>]>"), "CA518"),
    ],
)
def test_what_is_no_workbook_is_refused(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_an_archive_without_a_workbook_is_refused() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert refused(stream.getvalue()) == "CA518"


FAR = "<c r='XFD1048576'><v>1</v></c>"


@pytest.mark.parametrize(
    "xml",
    [
        f"<row>{FAR}</row>",
        "<row r='1048576'><c r='XFD'><v>1</v></c></row>",
        '<row><c x=\' r="A1" \' r="XFD1048576"><v>1</v></c></row>',
        f'<!-- <c " --><row>{FAR}</row>',
        f"<![CDATA[ <c ' ]]><row>{FAR}</row>",
        f"<?x <c ' ?><row>{FAR}</row>",
        f"<row x='<c \"'>{FAR}</row>",
        "<row><c r='A1048576'><v>1</v></c><c" + "><v>1</v></c><c" * 20 + "/></row>",
        "<row><c r='AAAAAAAAAAAAAAAA1'><v>1</v></c></row>",
        "<row><c r='A1" + "0" * 30 + "'><v>1</v></c></row>",
    ],
)
def test_cells_in_far_corners_do_not_take_all_memory(xml: str) -> None:
    assert refused(with_rows(ROWS + xml)) == "CA519"


def sharing(cell: str, cells: int, text: str) -> bytes:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("话术")
        sheet.write_column(0, 0, ["短", "占位"])
    xml = f"<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><sheetData>{cell * cells}</sheetData></worksheet>"

    def change(name: str, part: bytes) -> bytes:
        return xml.encode() if name == SHEET else part.replace("占位".encode(), text.encode())

    return repacked(stream.getvalue(), change)


@pytest.mark.parametrize(
    "cell",
    [
        "<row><c t='s'><v>1</v></c></row>",
        '<row><x:c xmlns:x="a>b" t = "s"><v>1</v></x:c></row>',
        "<row><c t='s'><!-- --><v>1</v></c></row>",
        "<row><c t='s'><v>&#49;</v></c></row>",
    ],
)
def test_many_cells_that_share_a_long_text_do_not_take_all_memory(cell: str) -> None:
    assert refused(sharing(cell, 2000, "长" * 30_000)) == "CA520"


def test_many_cells_beside_a_long_text_are_read() -> None:
    data = sharing("<row><c r='B1' t='s'><v>0</v></c></row>", 2000, "长" * 30_000)
    assert texts(data) == [("短", "话术!B1")]


@pytest.mark.parametrize("opening", ['<c "', "<c ", "<!--", "<![CDATA[", "<?", "</", "<row><c a= a= a=/>"])
def test_markup_that_is_opened_over_and_over_takes_no_longer_than_its_length(opening: str) -> None:
    read_or_refused(with_rows(opening * 100_000))


def test_a_sheet_that_only_declares_to_be_huge_is_read() -> None:
    huge = (
        "<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'><dimension ref='A1:XFD1048576'/>"
    )
    data = repacked(
        with_rows(ROWS + "<row r='1048576'><c r='XFD1048576' s='0'/></row>"),
        lambda name, part: huge.encode() + part.partition(b">")[2] if name == SHEET else part,
    )
    assert texts(data) == [("您好", "话术!A1")]


def test_a_number_of_a_row_too_long_to_be_one_is_refused() -> None:
    assert refused(with_rows(f"<row r='{'9' * 5000}'>{ROWS}</row>")) == "CA518"


CELLS = (
    st.none()
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=6)
    | st.sampled_from(["您好\n再见", " ", "话术"])
)


@given(st.lists(st.tuples(st.integers(2, 40), st.integers(1, 40), CELLS), max_size=6))
def test_the_cells_of_a_made_workbook_are_read_where_they_are(cells: list[tuple[int, int, str | None]]) -> None:
    content = {(row, column): text for row, column, text in cells if text}
    # The first row is no header, so that every cell is a piece.
    content |= {(1, 1): "您好。", (1, 2): "再见。"}
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet("s")
        for (row, column), text in content.items():
            sheet.write_string(row - 1, column - 1, text)
    pieces = parse(stream.getvalue(), "a.xlsx").pieces[1:]
    assert [(piece.words.cell, piece.words.text) for piece in pieces] == [
        (f"s!{get_column_letter(column)}{row}", line)
        for (row, column), text in sorted(content.items())
        for line in lines_of(text)
    ]


MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(sorted(seed())),
        st.integers(0, 3000),
        st.integers(0, 12),
        st.binary(max_size=6)
        | st.sampled_from(
            [
                b"<row>",
                b"<c>",
                b"</c>",
                b" r='B7'",
                b"<v>9</v>",
                b" t='s'",
                b" t='b'",
                b" t='d'",
                b" t='e'",
                b"'",
                b'"',
                b"<!--",
                b"&#1;",
            ]
        ),
    ),
    max_size=4,
)


@given(MUTATIONS)
def test_any_changed_workbook_is_read_or_refused(mutations: list[tuple[str, int, int, bytes]]) -> None:
    parts = dict(seed())
    for name, at, length, put in mutations:
        at %= len(parts[name]) + 1
        parts[name] = parts[name][:at] + put + parts[name][at + length :]
    read_or_refused(packed(parts))


@given(st.binary(), st.lists(st.tuples(st.integers(0, 8000), st.binary(min_size=1, max_size=3)), max_size=4))
def test_any_bytes_are_read_or_refused(tail: bytes, changes: list[tuple[int, bytes]]) -> None:
    read_or_refused(b"PK\x03\x04" + tail)
    data = with_rows(ROWS)
    for at, put in changes:
        data = data[: at % len(data)] + put + data[at % len(data) + len(put) :]
    read_or_refused(data)


def read_or_refused(data: bytes) -> None:
    try:
        pieces: tuple[Piece, ...] = parse(data, "a.xlsx").pieces
    except InputError as error:
        assert error.problem.line()
    else:
        for piece in pieces:
            assert piece.words.text.strip()
            assert piece.words.cell
            piece.words.text.encode()


@given(
    st.lists(
        st.sampled_from(
            [
                "<row>",
                "</row>",
                "<row r='3'>",
                "<c>",
                "<c r='C2'>",
                "<c r='B9'/>",
                "<c r='A4'>",
                "<v>1</v>",
                "</c>",
                "<!--",
                "-->",
            ]
        ),
        max_size=16,
    )
)
def test_no_sheet_spans_more_than_was_measured(tokens: list[str]) -> None:
    data = with_rows("".join(tokens))
    measured = extent(zipfile.ZipFile(BytesIO(data)).read(SHEET))
    try:
        sheet = load_workbook(BytesIO(data)).get_sheet_by_index(0)
    except CalamineError:
        return
    assert sheet.height * sheet.width <= measured
