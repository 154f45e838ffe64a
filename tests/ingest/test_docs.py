"""docs/formats.md says what ingest does."""

import re
from pathlib import Path

import pytest

from audit.ingest.fields import COLUMNS, column_of
from audit.ingest.files import LINES, RECORDINGS, TRANSCRIPTS
from audit.ingest.formats import FORMATS, format_of, open_document
from audit.ingest.formats.document import Document

PAGE = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")


def example(name: str) -> str:
    """The indented block below the paragraph that begins with a format's name in bold."""
    block = re.search(rf"^\*\*{name}\b.*?\n\n((?:    [^\n]*\n)+)", PAGE, re.MULTILINE | re.DOTALL)
    assert block is not None
    return re.sub("^    ", "", block[1], flags=re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "vtt"])
def test_the_example_of_each_format_is_of_that_format(name: str) -> None:
    document: Document = open_document(example(name).encode(), name, must_be_json=False)
    assert format_of(document) == name
    assert FORMATS[name].turns(document)[0].text.startswith("您好")


def test_every_format_and_ending_is_named() -> None:
    assert all(f"`{name}`" in PAGE for name in FORMATS)
    words = set(re.findall(r"[\w.]+", PAGE))
    assert {ending.removeprefix(".") for ending in RECORDINGS} <= words
    assert {*TRANSCRIPTS, *LINES} <= words


def test_every_column_has_its_row_and_every_name_in_it_means_it() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", PAGE, re.MULTILINE))
    assert COLUMNS.keys() <= rows.keys()
    for column in COLUMNS:
        assert {column_of(name) for name in rows[column].split()} == {column}
