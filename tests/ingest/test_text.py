from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import InputError
from audit.ingest.text import clean, decode, encoding_of, join, parse_json
from tests.ingest.calls import write

SIMPLIFIED = "坐席：您好，您的贷款已经逾期十天了，请问什么时候可以还款？\n"
TRADITIONAL = "坐席：您好，請問您的貸款什麼時候可以還？我們會聯繫您的單位嗎，不會的。\n"


@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, "agent: hello\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_text_is_decoded_whole_and_from_a_file(tmp_path: Path, text: str, encoding: str) -> None:
    data = text.encode(encoding)
    path = write(tmp_path / "a.txt", data)
    assert decode(data, "a.txt") == text
    assert path.read_text(encoding=encoding_of(str(path))) == text


def test_a_character_split_between_chunks_does_not_hide_the_encoding(tmp_path: Path) -> None:
    text = "a" + SIMPLIFIED * 20_000
    for encoding in ("utf-8", "gb18030"):
        path = write(tmp_path / encoding, text.encode(encoding))
        assert encoding_of(str(path)) == encoding


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (SIMPLIFIED.encode("utf-16-le"), "CA108"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "CA108"),
        (bytes(range(256)) * 8, "CA108"),
        (SIMPLIFIED.encode()[:-5], "CA109"),
        ("坐席：您好\n".encode()[:8] + "坐席：您好\n".encode()[9:], "CA109"),  # GB18030 would read 鍧愬腑锛鎮ㄥソ
        (SIMPLIFIED.encode().replace(b"\xe6", b"\xff", 1), "CA109"),
        ("é" .encode("latin-1") * 3, "CA109"),
        (SIMPLIFIED.encode("big5", "ignore"), "CA109"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_instead_of_guessed(tmp_path: Path, data: bytes, code: str) -> None:
    path = write(tmp_path / "a.txt", data)
    with pytest.raises(InputError) as whole:
        decode(data, "a.txt")
    with pytest.raises(InputError) as streamed:
        encoding_of(str(path))
    assert (whole.value.problem.code, streamed.value.problem.code) == (code, code)
    assert whole.value.problem.where == "a.txt"


@given(st.binary())
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        assert isinstance(decode(data, "x"), str)
    except InputError as error:
        assert error.problem.code in ("CA108", "CA109")


@given(st.text(alphabet=st.characters()))
def test_cleaning_keeps_every_character_in_its_place(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    cleaned.encode()
    assert all(new in (old, "\ufffd") for old, new in zip(text, cleaned, strict=True))


def test_line_ends_and_han_survive_cleaning() -> None:
    assert clean("还钱\t\r\n😀𠮷") == "还钱\t\r\n😀𠮷"


@pytest.mark.parametrize(
    ("left", "right", "whole"),
    [("再不", "还", "再不还"), ("pay", "now", "pay now"), ("", "x", "x"), ("用", "app", "用app")],
)
def test_pieces_are_joined_as_they_are_spoken(left: str, right: str, whole: str) -> None:
    assert join(left, right) == whole


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [('{"a":\n 1', "CA110", "x:2:3"), ("[" * 100_000, "CA111", "x"), ("1" * 5000, "CA110", "x")],
)
def test_broken_json_is_refused_with_its_place(text: str, code: str, where: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_json(text, "x")
    assert (caught.value.problem.code, caught.value.problem.where) == (code, where)
