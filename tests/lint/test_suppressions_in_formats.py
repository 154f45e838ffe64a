"""What a directive speaks of in each format: a line, a row, a mapping, a paragraph, a block."""

from io import BytesIO
from pathlib import Path

import docx
import pytest

from audit.lint.config import Config
from audit.lint.job import Job
from audit.lint.work import lint

BAD = "你这个垃圾，不要脸。"
RULE = "insult.demeaning/belittling"


def told(data: str | bytes, path: str) -> list[tuple[int, str | None]]:
    """The line of each finding, with the reason why it is allowed."""
    file = lint(Job(path, data if isinstance(data, bytes) else data.encode(), Config(Path.cwd())))
    assert file.problem is None, file.problem
    assert {one.rule for one in file.findings} == {RULE}
    return [(one.start.line, one.suppressed.reason if one.suppressed else None) for one in file.findings]


def document(*paragraphs: str, rows: tuple[tuple[str, ...], ...] = ()) -> bytes:
    made = docx.Document()
    for text in paragraphs:
        made.add_paragraph(text)
    if rows:
        table = made.add_table(rows=0, cols=len(rows[0]))
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    stream = BytesIO()
    made.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        f'[{{"callaudit": "allow insult 反例",\n "note": "x",\n "reply": "{BAD}"}},\n {{"reply": "{BAD}"}}]',
        f'[{{\n"reply": "{BAD}",\n\n "callaudit": ["allow insult 反例"]\n}},\n {{"reply": "{BAD}"}}]',
    ],
)
def test_a_key_of_json_speaks_of_its_mapping_and_no_other(text: str) -> None:
    assert [reason for _, reason in told(text, "a.json")] == ["反例", None]


def test_a_key_of_yaml_speaks_of_its_mapping_and_no_other() -> None:
    text = f"steps:\n- reply: {BAD}\n  tip: x\n  callaudit: allow insult 反例\n- reply: {BAD}\n"
    assert told(text, "a.yaml") == [(2, "反例"), (5, None)]


@pytest.mark.parametrize(
    "text",
    [
        f"# callaudit: allow insult 反例\nagent: |\n  您好。\n\n  {BAD}\n  {BAD}\nreply: {BAD}\n",
        f"agent: | # callaudit: allow insult 反例\n  您好。\n\n  {BAD}\n  {BAD}\n\nreply: {BAD}\n",
    ],
)
def test_a_comment_before_a_block_of_yaml_or_where_it_begins_speaks_of_all_of_it(text: str) -> None:
    assert [reason for _, reason in told(text, "a.yaml")] == ["反例", "反例", None]


def test_a_comment_within_a_block_of_yaml_speaks_of_what_comes_next_in_it() -> None:
    text = f"agent: |\n  您好。\n  # callaudit: allow insult 反例\n  {BAD}\n  {BAD}\n"
    assert told(text, "a.yaml") == [(4, "反例"), (5, None)]


def test_a_column_of_csv_speaks_of_all_lines_of_its_record() -> None:
    text = f'话术,callaudit\n"您好。\n{BAD}\n再见",allow insult 反例\n{BAD},\n'
    assert told(text, "a.csv") == [(3, "反例"), (5, None)]


def test_a_block_over_records_of_csv_holds_from_the_first_line_to_the_last() -> None:
    text = f'话术,callaudit\n"{BAD}\n再见",allow-begin insult 反例\n"您好\n{BAD}",allow-end\n{BAD},\n'
    assert told(text, "a.csv") == [(2, "反例"), (5, "反例"), (6, None)]


def test_a_paragraph_of_word_is_a_comment_as_in_plain_text() -> None:
    text = document(
        f"坐席：{BAD} // callaudit: allow insult 行末", "# callaudit: allow insult 反例", f"坐席：{BAD}", BAD
    )
    assert told(text, "a.docx") == [(1, "行末"), (3, "反例"), (4, None)]


def test_a_column_of_a_table_in_word_speaks_of_its_row() -> None:
    rows = (("坐席", "callaudit"), (BAD, "allow insult 反例"), (BAD, ""))
    assert told(document(rows=rows), "a.docx") == [(3, "反例"), (5, None)]


def test_a_directive_in_word_that_is_wrong_is_shown_where_it_stands() -> None:
    data = document(f"坐席：{BAD}", "# callaudit: allow insult")
    (finding,) = [one for one in lint(Job("a.docx", data, Config(Path.cwd()))).findings if one.rule != RULE]
    assert (finding.start, finding.quote) == ((2, 14), "allow insult")
    assert finding.source[finding.start.column - 1 : finding.end.column - 1] == "allow insult"
