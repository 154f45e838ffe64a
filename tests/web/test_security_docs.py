"""docs/desk-security.md says what is tried, and nothing that is not."""

import ast
import re
from pathlib import Path

import pytest

from audit.model.review import UserRole
from audit.web.access import ROLES, Permission

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / name for name in ("desk-security.md", "desk-security.zh-CN.md")]
# All tests of these are listed; of the others, those that are about security.
WHOLLY = ("tests/web/test_security.py", "tests/web/test_hostile.py")
PARTLY = (
    "tests/web/test_sign_in.py",
    "tests/web/test_app.py",
    "tests/web/test_interruptions_browser.py",
    "tests/web/test_tokens.py",
    "tests/cli/test_serve.py",
)


def named_tests(*files: str) -> list[str]:
    trees = (ast.parse((ROOT / file).read_text(encoding="utf-8")) for file in files)
    return [
        node.name
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def listed(page: Path) -> list[str]:
    return re.findall(r"^\| .+ \| `(test_\w+)` \|$", page.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_table_lists_what_is_tried(page: Path) -> None:
    said = listed(page)
    assert len(said) == len(set(said))
    assert set(named_tests(*WHOLLY)) <= set(said)
    assert set(said) <= set(named_tests(*WHOLLY, *PARTLY))


def test_both_languages_list_the_same() -> None:
    assert listed(PAGES[0]) == listed(PAGES[1])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_table_of_roles_is_what_the_program_holds(page: Path) -> None:
    """Row by row, in the order of `rows`: who may."""
    rows = (
        {Permission.READ, Permission.STATISTICS},
        {Permission.LISTEN, Permission.LISTEN_REDACTED},
        {Permission.DECIDE, Permission.REVEAL, Permission.EXPORT, Permission.PLAYGROUND},
        {Permission.PACKS},
        {Permission.RULE, Permission.PLAN, Permission.LOG},
        {Permission.ACCOUNTS},
    )
    text = page.read_text(encoding="utf-8")
    header = next(line for line in text.splitlines() if line.startswith("| |"))
    roles = [UserRole(re.findall(r"[a-z]+", cell)[-1]) for cell in header.split("|")[2:-1]]
    assert set(roles) == set(UserRole)
    table = text.split(header)[1].split("\n\n")[0].strip().splitlines()[1:]
    assert len(table) == len(rows)
    for line, permissions in zip(table, rows, strict=True):
        for role, cell in zip(roles, line.split("|")[2:-1], strict=True):
            may = ROLES[role] & permissions
            assert (cell.strip() != "–") == bool(may), (line, role)
            if permissions != rows[1]:
                assert may in (set(), permissions), (line, role)
