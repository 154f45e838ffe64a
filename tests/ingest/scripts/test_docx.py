"""Word scripts: paragraphs, tables, what is spoken of them, and archives that mean harm."""

import io
import struct
import sys
import zipfile
from collections.abc import Mapping

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import CallauditError, InputError
from audit.ingest.scripts.archive import ENTRIES, UNPACKED_BYTES, guard
from audit.ingest.scripts.docx import parse
from audit.ingest.scripts.piece import Kind, Piece

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = (
    f'xmlns:w="{WORD}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml"'
)
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/></Types>'
)
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="{}" Target="{}"/></Relationships>'
STYLES = (
    '<w:style w:styleId="1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:styleId="2"><w:name w:val="甲"/><w:basedOn w:val="1"/></w:style>'
    '<w:style w:styleId="3"><w:name w:val="乙"/><w:basedOn w:val="4"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    '<w:style w:styleId="4"><w:name w:val="丙"/><w:basedOn w:val="3"/></w:style>'
    '<w:style w:styleId="h"><w:name w:val="丁"/><w:rPr><w:vanish/></w:rPr></w:style>'
)


def archive(parts: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return stream.getvalue()


def package(document: str, types: str = TYPES) -> bytes:
    return archive(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": RELATIONS.format(f"{RELATION}/officeDocument", "word/document.xml"),
            "word/_rels/document.xml.rels": RELATIONS.format(f"{RELATION}/styles", "styles.xml"),
            "word/document.xml": document,
            "word/styles.xml": f"<w:styles {NAMESPACES}>{STYLES}</w:styles>",
        }
    )


def body(content: str) -> bytes:
    return package(f"<w:document {NAMESPACES}><w:body>{content}</w:body></w:document>")


def p(content: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{content}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def cell(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def outline(data: bytes) -> list[str]:
    return [_shown(piece) for piece in parse(data, "话术.docx").pieces]


def _shown(piece: Piece) -> str:
    line, column = piece.words.place(0)
    kind = "#" if piece.kind is Kind.HEADING else f"[{piece.name}]" if piece.name else "|"
    return f"{line}:{column} {'/'.join(piece.path)}{kind}{piece.words.text}"


def code_of(data: bytes) -> str:
    with pytest.raises(CallauditError) as caught:
        parse(data, "话术.docx")
    assert caught.value.problem.line("zh")
    assert caught.value.problem.line("en")
    return caught.value.problem.code


def test_document_written_with_word_styles() -> None:
    document = docx.Document()
    document.add_heading("联系人话术", 0)
    document.add_heading("开场", 1)
    document.add_paragraph("您好，\n请问是本人吗？")
    document.add_paragraph("1. 打扰了。", style="List Bullet")
    table = document.add_table(3, 2)
    for at, text in {(0, 0): "客户", (0, 1): "坐席", (1, 0): "没钱", (1, 1): "好的", (2, 0): "再说"}.items():
        table.cell(*at).text = text
    table.cell(1, 1).merge(table.cell(2, 1))
    document.add_heading("追问", 2)
    document.add_paragraph(" 再见。 ")
    stream = io.BytesIO()
    document.save(stream)
    assert outline(stream.getvalue()) == [
        "1:1 #联系人话术",
        "2:1 s1#开场",
        "3:1 s1|您好，",
        "3:5 s1|请问是本人吗？",
        "4:4 s1|打扰了。",
        "7:1 s1/t1/r1[客户]没钱",
        "8:1 s1/t1/r1[坐席]好的",
        "9:1 s1/t1/r2[客户]再说",
        "10:1 s1/s1#追问",
        "11:2 s1/s1|再见。",
    ]


def test_titles_are_told_as_in_plain_text_where_none_is_styled() -> None:
    table = f"<w:tbl>{row(cell(p(r('客户'))), cell(p(r('坐席'))))}{row(cell(p(r('没钱'))), cell(p(r('好的'))))}</w:tbl>"
    assert outline(body(p(r("M3 话术")) + p(r("一、问答")) + table + p(r("二、结束")) + p(r("再见。")))) == [
        "1:1 #M3 话术", "2:3 s1#问答", "5:1 s1/t1/r1[客户]没钱", "6:1 s1/t1/r1[坐席]好的", "7:3 s2#结束", "8:1 s2|再见。",
    ]  # fmt: skip


def test_styles_take_over_from_those_they_are_based_on_even_in_a_circle() -> None:
    styled = [p(r(name), f'<w:pStyle w:val="{name}"/>') for name in ("1", "2", "3", "4", "h", "none")]
    assert outline(body("".join(styled))) == ["1:1 s1#1", "2:1 s2#2", "3:1 s2/s1#3", "4:1 s2/s1|4", "6:1 s2/s1|none"]


def test_outline_level_of_a_paragraph_makes_it_a_heading() -> None:
    assert outline(body(p(r("开场"), '<w:outlineLvl w:val="0"/>') + p(r("您好。"), '<w:outlineLvl w:val="9"/>'))) == [
        "1:1 s1#开场", "2:1 s1|您好。",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "read"),
    [
        ("<w:del><w:r><w:delText>坐牢</w:delText></w:r></w:del>", "甲乙"),
        (f"<w:ins>{r('新')}</w:ins>", "甲新乙"),
        (f"<w:moveFrom>{r('旧')}</w:moveFrom><w:moveTo>{r('新')}</w:moveTo>", "甲新乙"),
        (r("隐", "<w:vanish/>"), "甲乙"),
        (r("现", '<w:vanish w:val="0"/>'), "甲现乙"),
        (r("隐", '<w:rStyle w:val="h"/>'), "甲乙"),
        (r("现", '<w:rStyle w:val="h"/><w:vanish w:val="false"/>'), "甲现乙"),
        (r("删", "<w:strike/>") + r("删", "<w:dstrike/>"), "甲乙"),
        (f'<w:hyperlink>{r("链")}</w:hyperlink><w:smartTag>{r("签")}</w:smartTag>', "甲链签乙"),
        (f"<w:sdt><w:sdtContent>{r('框')}</w:sdtContent></w:sdt>", "甲框乙"),
        (f"<w:fldSimple>{r('域')}</w:fldSimple><w:r><w:instrText>PAGE</w:instrText></w:r>", "甲域乙"),
        ('<w:r><w:tab/><w:noBreakHyphen/></w:r><w:commentRangeStart w:id="0"/><w:r><w:commentReference w:id="0"/></w:r>', "甲\t-乙"),
        (f"<w:r><w:ruby><w:rt>{r('pin')}</w:rt><w:rubyBase>{r('音')}</w:rubyBase></w:ruby></w:r>", "甲音乙"),
        (r(" "), "甲 乙"),
    ],
)  # fmt: skip
def test_what_a_reader_of_the_page_sees_is_spoken(content: str, read: str) -> None:
    (piece,) = parse(body(p(r("甲") + content + r("乙"))), "话术.docx").pieces
    assert piece.words.text == read


def test_text_boxes_are_read_once_behind_their_paragraph() -> None:
    box = f"<w:txbxContent>{p(r('框一'))}{p(r('框二'))}</w:txbxContent>"
    drawing = f"<mc:AlternateContent><mc:Choice><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
    assert outline(body(p(r("您好。") + f"<w:r>{drawing}</w:r>") + p(r("再见。")))) == [
        "1:1 |您好。",
        "2:1 |框一",
        "3:1 |框二",
        "4:1 |再见。",
    ]


def test_merged_and_deleted_cells_and_tables_in_tables() -> None:
    inner = f"<w:tbl>{row(cell(p(r('内'))))}</w:tbl>"
    table = "".join(
        [
            row(cell(p(r("话术")), '<w:gridSpan w:val="2"/>'), cell(p(r("备注")))),
            row(cell(p(r("甲"))), cell(p(r("乙"))), cell(p(r("丙")) + inner)),
            row(cell(p(r("丁"))), properties="<w:del/>"),
            row(cell(p(r("戊")), "<w:vMerge/>"), cell(p(r("己")), '<w:vMerge w:val="restart"/>')),
            row(cell(p(r("庚"))), properties='<w:gridBefore w:val="2"/>'),
        ]
    )
    assert outline(body(f"<w:tbl>{table}</w:tbl>" + p(r("终。")))) == [
        "3:1 t1/r1[话术]甲", "4:1 t1/r1|乙", "5:1 t1/r1[备注]丙", "6:1 t2/r1|内", "7:1 t1/r2|己", "8:1 t1/r3[备注]庚", "9:1 |终。",
    ]  # fmt: skip


def test_first_row_that_is_speech_is_no_header() -> None:
    table = f"<w:tbl>{row(cell(p(r('您好，请问是本人吗？'))))}{row(cell(p(r('再见'))))}</w:tbl>"
    assert outline(body(table)) == ["1:1 t1/r1|您好，请问是本人吗？", "2:1 t1/r2|再见"]


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(InputError) as caught:
        parse(body(""), "话术.docx")
    assert caught.value.problem.code == "CA502"
    assert 'pip install "callaudit[office]"' in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", "您好。".encode(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), archive({"a.txt": "甲"}), archive({"[Content_Types].xml": TYPES}), body("")[:-40]],
)  # fmt: skip
def test_what_is_no_document_is_a_coded_error(data: bytes) -> None:
    assert code_of(data) == "CA500"


def test_workbook_named_docx_is_a_coded_error() -> None:
    types = TYPES.replace("wordprocessingml.document.main", "spreadsheetml.sheet.main")
    assert code_of(package(f"<w:document {NAMESPACES}><w:body/></w:document>", types)) == "CA500"


@pytest.mark.parametrize(
    "document", ["", "<w:document", f"<w:document {NAMESPACES}><w:body></w:document>", "<a>" * 100_000]
)
def test_broken_xml_is_a_coded_error(document: str) -> None:
    assert code_of(package(document)) == "CA504"


def test_document_without_a_body_is_a_coded_error() -> None:
    assert code_of(package(f"<w:document {NAMESPACES}/>")) == "CA500"
    assert code_of(package("<html/>")) == "CA500"


def test_entities_are_never_expanded() -> None:
    entity = '<!DOCTYPE w:document [<!ENTITY a "您必须还钱">]>'
    assert outline(package(f"{entity}<w:document {NAMESPACES}><w:body>{p(r('甲&a;'))}</w:body></w:document>")) == [
        "1:1 |甲"
    ]


def test_entities_that_grow_without_end_are_not_expanded_or_a_coded_error() -> None:
    entities = '<!ENTITY a "您必须还钱">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    data = package(
        f"<!DOCTYPE w:document [{entities}]><w:document {NAMESPACES}><w:body>{p(r('甲&j;'))}</w:body></w:document>"
    )
    try:
        assert outline(data) == ["1:1 |甲"]
    except InputError as error:
        assert error.problem.code == "CA504"


def test_files_outside_are_never_read() -> None:
    outside = '<!DOCTYPE w:document [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    assert outline(package(f"{outside}<w:document {NAMESPACES}><w:body>{p(r('甲&a;'))}</w:body></w:document>")) == [
        "1:1 |甲"
    ]


def test_archive_that_unpacks_to_too_much_is_refused_unopened() -> None:
    assert code_of(archive({"a.xml": bytes(UNPACKED_BYTES + 1)})) == "CA501"
    assert code_of(archive({str(number): "" for number in range(ENTRIES + 1)})) == "CA501"


def test_archive_that_unpacks_to_more_than_it_declares_is_refused() -> None:
    size = 1_000_003
    data = archive({"a.xml": bytes(size)})
    assert data.count(struct.pack("<I", size)) == 2
    assert code_of(data.replace(struct.pack("<I", size), struct.pack("<I", 10))) == "CA501"


def test_entries_that_share_their_bytes_are_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr("a", bytes(2_000))
        for name in "bc":
            entry = zipfile.ZipInfo(name)
            entry.file_size = entry.compress_size = 2_000
            entry.header_offset = entry.CRC = 0
            file.filelist.append(entry)
    assert code_of(stream.getvalue()) == "CA500"


def test_password_is_named() -> None:
    assert code_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")) == "CA503"
    data = bytearray(archive({"a.xml": "甲"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert code_of(bytes(data)) == "CA503"


def test_whole_archives_pass_the_guard() -> None:
    guard(archive({"a.xml": bytes(3_000_000), "b": "", "c/": ""}), "a.xlsx")


FRAGMENTS = st.recursive(
    st.sampled_from([r("您好。"), r("一、开场"), r("1. 甲", "<w:vanish/>"), "<w:br/>", "<!-- 注 -->", "<?x?>", "文", "<w:t/>", "<w:gridSpan w:val='99999'/>", "<w:vMerge/>"]),
    lambda inner: st.tuples(
        st.sampled_from(["p", "tbl", "tr", "tc", "sdt", "sdtContent", "r", "ins", "del", "txbxContent", "pPr", "tcPr", "hyperlink"]), st.lists(inner, max_size=4)
    ).map(lambda parts: f"<w:{parts[0]}>{''.join(parts[1])}</w:{parts[0]}>"),
    max_leaves=25,
)  # fmt: skip


@given(st.lists(FRAGMENTS, max_size=4).map("".join))
def test_any_arrangement_of_elements_is_read_or_a_coded_error(content: str) -> None:
    try:
        pieces = parse(body(content), "话术.docx").pieces
    except InputError as error:
        assert error.problem.code == "CA504"
        return
    lines = [piece.words.place(0).line for piece in pieces]
    assert lines == sorted(lines)
    assert all(piece.words.text == piece.words.text.strip() != "" for piece in pieces)


WHOLE = body(p(r("一、开场")) + p(r("您好。")) + f"<w:tbl>{row(cell(p(r('甲'))))}</w:tbl>")


@given(
    st.binary(max_size=200)
    | st.tuples(st.integers(0, len(WHOLE)), st.binary(max_size=6)).map(
        lambda cut: WHOLE[: cut[0]] + cut[1] + WHOLE[cut[0] + len(cut[1]) :]
    )
)
def test_damaged_bytes_are_read_or_a_coded_error(data: bytes) -> None:
    try:
        parse(data, "话术.docx")
    except InputError as error:
        assert error.problem.code.startswith("CA50")
