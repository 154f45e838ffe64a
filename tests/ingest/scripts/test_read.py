"""From a script file's bytes to its pieces: ending, size, encoding."""

from pathlib import Path

import pytest

from audit.errors import InputError
from audit.ingest.scripts.read import ENDINGS, check_size, format_of, parse, read_bytes


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_ending_has_a_format_in_either_case(ending: str) -> None:
    assert ending in format_of(f"话术{ending}").endings
    assert format_of(f"话术{ending.upper()}") == format_of(f"话术{ending}")


@pytest.mark.parametrize("path", ["a.pdf", "a", "a.md.bak"])
def test_an_ending_that_nobody_reads_is_a_coded_error(path: str) -> None:
    with pytest.raises(InputError) as raised:
        format_of(path)
    assert raised.value.problem.code == "CA103"


def test_a_file_of_the_largest_size_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_bytes(b"x" * 1024)
    assert read_bytes(str(file), 1) == b"x" * 1024
    check_size(b"x" * 1024, "a.md", 1)
    file.write_bytes(b"x" * 1025)
    for refused in (lambda: read_bytes(str(file), 1), lambda: check_size(b"x" * 1025, "a.md", 1)):
        with pytest.raises(InputError) as raised:
            refused()
        assert raised.value.problem.code == "CA525"


def test_a_file_that_is_gone_is_a_coded_error(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        read_bytes(str(tmp_path / "gone.md"), 1)
    assert raised.value.problem.code == "CA105"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_words_are_the_same_in_each_encoding_of_an_editor(encoding: str) -> None:
    text = "# 开场\n\n您好，请问是张伟先生本人吗？这里是安信金融公司，本次通话会录音。\n"
    assert parse(text.encode(encoding), "a.md") == parse(text.encode(), "a.md")


@pytest.mark.parametrize("data", [b"", b" \n", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", [".md", ".txt", ".csv", ".tsv", ".yaml"])
def test_a_file_without_words_has_no_pieces(ending: str, data: bytes) -> None:
    assert parse(data, f"a{ending}").pieces == ()
