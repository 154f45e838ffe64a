import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.errors import ConfigError
from audit.lint.diff import WHOLE, Changed, changes, keep
from audit.lint.finding import LintFinding
from audit.model.finding import Severity
from audit.model.script import Place


def git(*arguments: str, at: str = ".") -> str:
    command = ["git", "-C", at, "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def write(name: str, *lines: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def commit(message: str = "c") -> None:
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", message)


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    git("init", "-q", "-b", "main")
    write("a.md", "一", "二", "三", "四", "五")
    write("b.txt", "一")
    commit()
    return tmp_path


def finding(line: int, label: str = "threat.exposure", last: int | None = None) -> LintFinding:
    return LintFinding(
        path="a.md",
        start=Place(line, 1),
        end=Place(last or line, 3),
        label=label,
        rule=f"{label}/x",
        severity=Severity.MAJOR,
        quote="",
        name={},
        message={},
        suggestion={},
        clauses=(),
        fingerprint="",
    )


def test_only_files_with_changes_are_given_with_their_changed_lines() -> None:
    write("a.md", "一", "贰", "三", "四", "五", "六", "七")
    assert changes("HEAD", ["a.md", "b.txt"]) == {"a.md": Changed(lines=((2, 2), (6, 7)))}


def test_taking_lines_out_changes_a_file_but_none_of_its_lines() -> None:
    write("a.md", "一", "五")
    assert changes("HEAD", ["a.md"]) == {"a.md": Changed()}


def test_staged_and_committed_changes_count_as_well() -> None:
    write("a.md", "壹", "二", "三", "四", "五")
    commit()
    write("a.md", "壹", "贰", "三", "四", "五")
    git("add", "-A")
    write("a.md", "壹", "贰", "叁", "四", "五")
    assert changes("HEAD~1", ["a.md"]) == {"a.md": Changed(lines=((1, 3),))}
    assert changes("HEAD", ["a.md"]) == {"a.md": Changed(lines=((2, 3),))}


def test_files_that_git_does_not_track_are_new_as_a_whole() -> None:
    write("new.md", "一")
    write("ignored.md", "一")
    write(".gitignore", "ignored.md")
    write("staged.md", "一", "二")
    git("add", "staged.md")
    found = changes("HEAD", ["new.md", "ignored.md", "staged.md"])
    assert found == {"new.md": WHOLE, "ignored.md": WHOLE, "staged.md": Changed(lines=((1, 2),))}


def test_a_renamed_file_is_changed_only_where_its_words_are() -> None:
    git("mv", "a.md", "moved.md")
    git("mv", "b.txt", "c.txt")
    write("moved.md", "一", "二", "三", "四", "伍")
    assert changes("HEAD", ["moved.md", "c.txt"]) == {"moved.md": Changed(lines=((5, 5),))}


def test_office_and_other_binary_files_are_changed_as_a_whole() -> None:
    for name in ("a.xlsx", "B.DOCX", "same.xlsx", "wide.txt"):
        Path(name).write_bytes(b"PK\0\1\n\n")
    write("texty.docx", "一", "二")
    commit()
    Path("a.xlsx").write_bytes(b"PK\0\2\n\n")
    Path("B.DOCX").write_bytes(b"PK\0\2\n\n")
    Path("wide.txt").write_bytes("您好\n".encode("utf-16"))
    write("texty.docx", "一", "贰")
    found = changes("HEAD", ["a.xlsx", "B.DOCX", "same.xlsx", "wide.txt", "texty.docx"])
    assert found == dict.fromkeys(["a.xlsx", "B.DOCX", "wide.txt", "texty.docx"], WHOLE)


@pytest.mark.parametrize(
    "name",
    ["话术 一.md", 'quote".md', "tab\t.md", "back\\slash.md", "line\nbreak.md", "deep/b/ a.md", "é.md", "+++ b.md"],
)
def test_names_with_odd_characters_are_understood(name: str) -> None:
    write(name, "一", "二")
    commit()
    write(name, "一", "贰")
    assert changes("HEAD", [name]) == {name: Changed(lines=((2, 2),))}


def test_a_name_that_is_no_utf8_is_understood() -> None:
    name = os.fsdecode(b"\xb2\xe2.md")
    write(name, "一")
    commit()
    write(name, "一", "二")
    assert changes("HEAD", [name]) == {name: Changed(lines=((2, 2),))}


def test_text_that_looks_like_a_header_is_text() -> None:
    write("a.md", "++ b/b.txt", "-- a/b.txt", "@@ -1 +1 @@", "diff --git a/b.txt b/b.txt")
    commit()
    write("a.md", "++ b/b.txt!", "-- a/b.txt!", "@@ -1 +9 @@", "diff --git a/b.txt b/c.txt", "五")
    assert changes("HEAD", ["a.md", "b.txt"]) == {"a.md": Changed(lines=((1, 5),))}


def test_a_last_line_without_an_end_is_a_line() -> None:
    Path("a.md").write_text("一\n++ 二", encoding="utf-8")
    commit()
    Path("a.md").write_text("一\n++ b/b.txt", encoding="utf-8")
    write("c.md", "一")
    git("add", "c.md")
    assert changes("HEAD", ["a.md", "c.md"]) == {"a.md": Changed(lines=((2, 2),)), "c.md": Changed(lines=((1, 1),))}


def test_three_dots_compare_with_where_the_branches_parted() -> None:
    git("checkout", "-q", "-b", "work")
    write("a.md", "一", "二", "三", "四", "伍")
    commit()
    git("checkout", "-q", "main")
    write("b.txt", "壹")
    commit()
    git("checkout", "-q", "work")
    mine = {"a.md": Changed(lines=((5, 5),))}
    assert changes("main...", ["a.md", "b.txt"]) == mine
    assert changes("main...work", ["a.md", "b.txt"]) == mine
    assert changes("main..work", ["a.md", "b.txt"]) == mine | {"b.txt": Changed(lines=((1, 1),))}
    assert changes("main", ["a.md", "b.txt"]) == mine | {"b.txt": Changed(lines=((1, 1),))}


def test_paths_are_understood_from_any_folder_and_through_links(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("deep/x/c.md", "一")
    commit()
    write("deep/x/c.md", "壹")
    Path("link").symlink_to("deep/x")
    monkeypatch.chdir("deep")
    paths = ["x/c.md", "../link/c.md", str(repository / "deep" / "x" / "c.md"), "../a.md"]
    assert changes("HEAD", paths) == dict.fromkeys(paths[:3], Changed(lines=((1, 1),)))


def test_each_file_is_compared_in_its_own_repository() -> None:
    write("other/c.md", "一")
    git("init", "-q", at="other")
    git("add", "-A", at="other")
    git("commit", "-q", "-m", "c", at="other")
    write("other/c.md", "壹")
    assert changes("HEAD", ["other/c.md", "a.md"]) == {"other/c.md": Changed(lines=((1, 1),))}


def test_the_users_settings_for_showing_differences_do_not_matter() -> None:
    for name, value in (
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("color.ui", "always"),
        ("diff.external", "false"),
        ("diff.interHunkContext", "9"),
        ("diff.context", "9"),
        ("diff.renames", "false"),
    ):
        git("config", name, value)
    git("mv", "a.md", "moved.md")
    write("moved.md", "壹", "二", "叁", "四", "五")
    assert changes("HEAD", ["moved.md"]) == {"moved.md": Changed(lines=((1, 1), (3, 3)))}


def test_what_git_sets_for_its_hooks_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert changes("HEAD", ["a.md"]) == {}


@pytest.mark.parametrize("rev", ["-x", "--output=x", "", " ", "main...--output=x", "a\0b"])
def test_what_cannot_be_a_revision_is_refused(rev: str) -> None:
    with pytest.raises(ConfigError, match="CA563"):
        changes(rev, ["a.md"])
    assert not Path("x").exists()


@pytest.mark.parametrize("rev", ["nowhere", "nowhere...main", "main...nowhere", "HEAD:a.md"])
def test_a_revision_that_git_does_not_know_is_refused(rev: str) -> None:
    with pytest.raises(ConfigError, match=f"CA562.*{rev}"):
        changes(rev, ["a.md"])


def test_branches_that_never_parted_are_refused() -> None:
    git("checkout", "-q", "--orphan", "island")
    commit("island")
    with pytest.raises(ConfigError, match="CA562"):
        changes("main...island", ["a.md"])


def test_a_file_in_no_repository_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("plain") / "a.md"
    path.touch()
    with pytest.raises(ConfigError, match=r"CA560.*a\.md"):
        changes("HEAD", [str(path)])


def test_a_missing_or_broken_git_is_a_coded_error(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / ".git" / "HEAD").unlink()
    with pytest.raises(ConfigError, match="CA561"):
        changes("HEAD", ["a.md"])
    monkeypatch.setenv("PATH", str(repository))
    with pytest.raises(ConfigError, match="CA561"):
        changes("HEAD", ["a.md"])


def test_findings_are_kept_where_their_lines_are_changed() -> None:
    changed = Changed(lines=((3, 4), (8, 8)))
    found = [finding(2), finding(3), finding(4), finding(5), finding(6, last=9), finding(1, last=2)]
    assert keep(found, changed) == (found[1], found[2], found[4])
    assert keep(found, WHOLE) == tuple(found)
    assert keep(found, Changed()) == ()
    assert keep(found, None) == ()


def test_a_missing_line_is_a_finding_of_any_change_in_the_file() -> None:
    missing = finding(1, "process.no_self_identification")
    assert keep([missing], Changed()) == (missing,)
    assert keep([missing], None) == ()


LINES = st.lists(st.sampled_from(["一", "二", "++ b/x", "-- a/x", "@@ -1 +1 @@", "\\ x", ""]), min_size=1, max_size=6)


@settings(max_examples=15, deadline=None)
@given(before=LINES, after=LINES)
def test_lines_outside_of_the_changes_were_there_before(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("repository")
    path = str(folder / "x.md")
    git("init", "-q", at=str(folder))
    write(path, *before)
    git("add", "-A", at=str(folder))
    git("commit", "-q", "-m", "c", at=str(folder))
    write(path, *after)
    changed = changes("HEAD", [path]).get(path)
    assert (changed is None) == (before == after)
    kept = [line for number, line in enumerate(after, 1) if changed is None or not changed.touches(number, number)]
    there = iter(before)
    assert all(line in there for line in kept)
    assert all(1 <= first <= last <= len(after) for first, last in (changed.lines if changed else ()))
