import os
import socket
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.ingest.scripts.read import ENDINGS
from audit.lint.config import Configs
from audit.lint.discover import Discovered, discover


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def make(*names: str, text: str = "您好") -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def find(*paths: str, force_exclude: bool = False, skip: tuple[str, ...] = ()) -> Discovered:
    return discover(paths, Configs(), force_exclude=force_exclude, skip=skip)


def names(*paths: str, force_exclude: bool = False, skip: tuple[str, ...] = ()) -> list[str]:
    found = find(*paths, force_exclude=force_exclude, skip=skip)
    assert found.problems == ()
    return list(found.files)


def codes(found: Discovered) -> list[tuple[str, str]]:
    return [(problem.code, problem.where) for problem in found.problems]


def test_folders_files_and_globs_give_each_script_once_and_in_order() -> None:
    make("b/2.md", "b/10.md", "a.txt", "b.md", "c.png")
    assert names("b", "a.txt", "./b/2.md", "*.md") == ["a.txt", "b/10.md", "b/2.md", "b.md"]
    assert names("*.md", "./b/2.md", "b", "a.txt") == names("b", "a.txt", "./b/2.md", "*.md")


def test_every_ending_is_found_in_small_and_capital_letters() -> None:
    make(*(f"{index}{ending}" for index, ending in enumerate(ENDINGS)), "X.MD", "y.pdf", "z")
    assert len(names(".")) == len(ENDINGS) + 1


def test_files_of_old_formats_in_folders_are_named_unless_they_are_left_out() -> None:
    make("callaudit.toml", text='exclude = ["archive/"]\n')
    make("a.md", "b.DOC", "c/d.xls", "archive/e.wps", ".f.doc", "~$g.doc")
    found = find(".")
    assert (found.files, found.problems, found.old) == (("a.md",), (), ("b.DOC", "c/d.xls"))


def test_standard_input_stays_as_it_is() -> None:
    make("a.md")
    assert names("-", "a.md") == ["-", "a.md"]


def test_hidden_excluded_and_office_lock_files_are_not_found_in_folders() -> None:
    make(".git/a.md", ".hidden.md", "node_modules/x/a.md", "venv/a.md", "~$a.docx", "drafts/a.md", "drafts/final.md")
    make("ok.md", "deep/drafts/b.md")
    make("callaudit.toml", text='exclude = ["drafts/*", "!drafts/final.md"]')
    assert names(".") == ["deep/drafts/b.md", "drafts/final.md", "ok.md"]


def test_the_configuration_nearest_to_a_folder_says_what_is_excluded_in_it() -> None:
    make("old.md", "team/old.md", "team/new.md")
    make("callaudit.toml", text='exclude = ["old.md"]')
    make("team/callaudit.toml", text='exclude = ["new.md"]')
    assert names(".") == ["team/old.md"]


def test_a_folder_that_is_excluded_is_walked_when_it_is_given_by_name() -> None:
    make("drafts/a.md", "drafts/node_modules/b.md")
    make("callaudit.toml", text='exclude = ["drafts/"]')
    assert names("drafts") == ["drafts/a.md"]
    assert names(".") == []


def test_a_file_given_by_name_is_linted_whatever_excludes_it() -> None:
    make("drafts/a.md", ".hidden.md", "package.json")
    make("callaudit.toml", text='exclude = ["drafts/"]')
    assert names("drafts/a.md", ".hidden.md", "package.json") == [".hidden.md", "drafts/a.md", "package.json"]


def test_force_exclude_treats_files_given_by_name_like_those_found() -> None:
    make("drafts/a.md", ".github/workflows/a.yml", "package.json", "a.md", "a.py")
    make("callaudit.toml", text='exclude = ["drafts/"]')
    given_names = ["drafts/a.md", ".github/workflows/a.yml", "package.json", "a.md", "a.py"]
    assert names(*given_names, force_exclude=True) == ["a.md"]


def test_force_exclude_does_not_mind_hidden_folders_above_the_working_folder(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(".work/repo/a.md")
    monkeypatch.chdir(here / ".work" / "repo")
    assert names(str(here / ".work" / "repo" / "a.md"), force_exclude=True)


@pytest.mark.parametrize(
    "name",
    [
        "package.json",
        "tsconfig.build.json",
        "docker-compose.prod.yml",
        "mkdocs.yml",
        "requirements-dev.txt",
        "LICENSE.md",
    ],
)
def test_files_of_well_known_tools_are_no_scripts(name: str) -> None:
    make(name, "README.md", "licenses.md", "my-package.json")
    assert names(".") == ["README.md", "licenses.md", "my-package.json"]


def test_what_this_run_reads_or_writes_is_no_script() -> None:
    make("a.md", "known.json", "out/out.json")
    make("callaudit.toml", text='baseline = "known.json"')
    assert names(".", skip=("out/out.json",)) == ["a.md"]


def test_rules_and_policy_that_the_configuration_names_are_no_scripts() -> None:
    make("callaudit.toml", text='rules = ["ours"]\npolicy = "policy.yaml"\n')
    make("ours/rules/threat/a.yaml", "ours/words/b.txt", "ours2/a.md", "policy.yaml", "sub/policy.yaml")
    assert names(".") == ["ours2/a.md", "sub/policy.yaml"]
    assert names("ours/rules/threat/a.yaml", "policy.yaml", "ours2/a.md", force_exclude=True) == ["ours2/a.md"]
    assert names("ours") == []
    assert names("ours/words/b.txt") == ["ours/words/b.txt"]


def test_a_folder_of_call_reports_holds_no_scripts() -> None:
    make("reports/run.json", "reports/findings.jsonl", "reports/calls/1.json", "a.md")
    assert names(".") == ["a.md"]


def test_gitignore_files_count_from_the_repository_down() -> None:
    make("a.md", "build/a.md", "team/tmp.md", "team/keep.md", "team/deep/x.txt", "tmp.md")
    make(".gitignore", text="build/\ntmp.md\r\n")
    make("team/.gitignore", text="!tmp.md\nkeep.md\n*.txt\n")
    assert names(".") == ["a.md", "team/tmp.md"]
    assert names("team") == ["team/tmp.md"]


def test_a_gitignore_above_the_repository_says_nothing() -> None:
    make("outer/repo/a.md", "outer/repo/.git/config")
    make("outer/.gitignore", text="repo/\n*.md\n")
    assert names("outer/repo") == ["outer/repo/a.md"]


def test_a_folder_that_git_ignores_is_walked_when_it_is_given_by_name() -> None:
    make("build/a.md", "build/deep/b.md", "build/tmp.md")
    make(".gitignore", text="build/\n*.md\n")
    make("build/.gitignore", text="tmp.md\n")
    assert names("build") == ["build/a.md", "build/deep/b.md"]
    assert names(".") == []


def test_globs_find_what_folders_would() -> None:
    make("s/a.md", "s/b.py", "s/node_modules/c.md", "s/build/d.md", "s/e/f.md")
    make(".gitignore", text="build/\n")
    assert names("s/**/*") == ["s/a.md", "s/e/f.md"]
    assert names("**/*.md") == ["s/a.md", "s/e/f.md"]


def test_a_file_whose_name_looks_like_a_glob_is_that_file() -> None:
    make("[a].md", "a.md")
    assert names("[a].md") == ["[a].md"]


def test_what_cannot_be_linted_is_a_problem_and_the_others_go_on() -> None:
    make("a.md", "photo.png", "LICENSE")
    os.mkfifo("pipe.md")
    Path("gone.md").symlink_to("nowhere.md")
    found = find("none.md", "no*.md", "photo.png", "LICENSE", "pipe.md", "gone.md", "a.md")
    assert codes(found) == [
        ("CA103", "LICENSE"),
        ("CA105", "gone.md"),
        ("CA101", "no*.md"),
        ("CA100", "none.md"),
        ("CA103", "photo.png"),
        ("CA104", "pipe.md"),
    ]
    assert found.files == ("a.md",)


def test_pipes_sockets_and_dead_links_in_a_folder_are_problems_only_when_they_are_called_like_scripts() -> None:
    make("a.md")
    os.mkfifo("pipe.md")
    os.mkfifo("pipe")
    Path("gone.yaml").symlink_to("nowhere.md")
    Path("gone").symlink_to("nowhere")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.json")
        found = find(".")
    assert codes(found) == [("CA105", "gone.yaml"), ("CA104", "pipe.md"), ("CA104", "socket.json")]
    assert found.files == ("a.md",)


def test_a_folder_that_cannot_be_read_is_a_problem_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    make("closed/a.md", "open/b.md")
    scandir = os.scandir

    def refusing(path: str) -> object:  # root, who runs tests in containers, may read everything
        if path == "closed":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    found = find(".")
    assert codes(found) == [("CA105", "closed")]
    assert found.files == ("open/b.md",)


def test_links_that_form_loops_end_and_files_are_called_by_their_own_names() -> None:
    make("z/real/a.md")
    Path("a-link").symlink_to("z/real")
    Path("z/real/up").symlink_to("..")
    Path("z/self.md").symlink_to("self.md")
    Path("z/copy.md").symlink_to("real/a.md")
    found = find(".")
    assert found.files == ("z/real/a.md",)
    assert codes(found) == [("CA105", "z/self.md")]


def test_a_link_to_elsewhere_is_followed(here: Path) -> None:
    make("repo/a.md", "shared/b.md")
    Path("repo/more").symlink_to("../shared")
    assert names("repo") == ["repo/a.md", "repo/more/b.md"]


def test_very_deep_folders_are_walked(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(600):
        Path("d").mkdir()
        monkeypatch.chdir("d")
    Path("a.md").write_text("您好", encoding="utf-8")
    monkeypatch.chdir(here)
    assert len(names("d")) == 1


PATTERN = st.sampled_from(
    [
        "a",
        "b/",
        "/a",
        "a/*",
        "**/b",
        "a/**",
        "!a",
        "!b/",
        "*.md",
        "!*.md",
        "!/b",
        "a/b",
        "#a",
        "!",
        "[a",
        "a**b",
        "?",
        "a/**/y.md",
        "[!a]",
        "[^ab]/",
        "[a-c].md",
        "\\a",
        "x\\",
        "[z-a]",
        "/**/",
        "**",
        "**/",
        "b/**/",
        "[]x]",
        "**a",
        "/*",
        "//",
        "",
        "a ",
        "a\\ ",
        "*.md  ",
    ]
)


@settings(max_examples=60, deadline=None)
@given(outer=st.lists(PATTERN, max_size=4), inner=st.lists(PATTERN, max_size=3))
def test_what_git_ignores_is_not_found(
    tmp_path_factory: pytest.TempPathFactory, outer: list[str], inner: list[str]
) -> None:
    repo = tmp_path_factory.mktemp("repo")
    for name in ("a.md", "a/x.md", "a/b/y.md", "b/a/z.md", "b/b.md", "c/a.txt"):
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text("", encoding="utf-8")
    (repo / ".gitignore").write_text("\n".join(outer), encoding="utf-8")
    (repo / "b" / ".gitignore").write_text("\n".join(inner), encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(repo)], check=True)
    listed = ["git", "-C", str(repo), "ls-files", "-z", "--others", "--exclude-per-directory=.gitignore"]
    others = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0")
    expected = sorted(str(repo / name) for name in others if name and not name.endswith(".gitignore"))
    assert sorted(discover([str(repo)], Configs(isolated=True)).files) == expected
