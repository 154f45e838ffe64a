"""What the docs say is what the code does."""

import re

import pytest

from audit.cli.main import COMMANDS
from audit.errors import CATALOGUE
from audit.rules.kinds import KINDS
from audit.text.context import PREDICATES
from tests.docs.generate import DOCS, PAGES, errors_page

ROOT = DOCS.parent
READMES = ["README.md", "README.zh-CN.md"]


@pytest.mark.parametrize("name", PAGES)
def test_page_is_made_from_the_code(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run python -m tests.docs.generate"


def test_every_predicate_says_what_it_is_about() -> None:
    assert [name for name, predicate in PREDICATES.items() if not predicate.__doc__] == []


def test_every_code_of_the_catalogue_is_in_a_documented_range() -> None:
    page = errors_page()
    assert [code for code in CATALOGUE if f"| {code} |" not in page] == []


def test_every_code_that_is_raised_is_in_the_catalogue_and_every_entry_is_used() -> None:
    raised = {
        code
        for path in (ROOT / "audit").rglob("*.py")
        if path.name != "errors.py"
        for code in re.findall(r"\"(CA\d{3})\"", path.read_text(encoding="utf-8"))
    }
    assert raised == set(CATALOGUE)


def test_every_rule_kind_is_in_the_rules_page() -> None:
    page = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert [name for name in KINDS if f"`{name}`" not in page] == []


def bash_blocks(name: str) -> list[str]:
    return re.findall(r"```bash\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)


def test_both_readmes_give_the_same_two_commands() -> None:
    english, chinese = (bash_blocks(name) for name in READMES)
    assert english == chinese and len(english) == 2


@pytest.mark.parametrize("name", READMES)
def test_readme_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.parametrize("name", READMES)
def test_readme_names_only_commands_that_exist(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^    |`|/)callaudit (?:--lang en )?([a-z]+)", text, re.MULTILINE))
    assert named and named <= set(COMMANDS)
