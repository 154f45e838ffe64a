import re
from pathlib import Path

import pytest

from audit.lint.output import EMITTERS
from audit.lint.output.json import record
from tests.lint.output.golden import FOLDER
from tests.lint.output.runs import RUN

PAGE = (Path(__file__).parents[3] / "docs" / "lint-output.md").read_text("utf-8")


@pytest.mark.parametrize("name", EMITTERS)
def test_every_format_has_its_part_of_the_page(name: str) -> None:
    assert re.search(rf"^## .*\b{name}\b", PAGE, re.M)
    assert re.search(rf"^\| .*\[`{name}`\]\(#", PAGE, re.M)


def test_every_field_of_the_json_is_described() -> None:
    fields = {key for finding in RUN.findings for key in record(finding, "zh")}
    described = {name for row in re.findall(r"^\| (`.*?) \|", PAGE, re.M) for name in re.findall(r"`(\w+)`", row)}
    assert fields <= described


def test_examples_are_what_the_outputs_give() -> None:
    golden = "\n".join(path.read_text("utf-8") for path in sorted(FOLDER.iterdir()))
    examples = [
        code
        for kind, code in re.findall(r"```(\w+)\n(.*?)\n```", PAGE, re.S)
        if kind in {"text", "json", "xml", "markdown"}
    ]
    assert len(examples) == 9
    for example in examples:
        assert example in golden
