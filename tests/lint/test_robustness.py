"""Hostile and broken inputs through the real command, in bounded memory, beside a good and a bad script that are linted all the same.

Nothing here asserts seconds; the timeout is there so that a hang fails.
"""

import json
import os
import re
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.command import environment

_CODE = "import sys; from audit.cli.main import main; sys.exit(main())"
_PROBLEM = re.compile(r"^\[(CA\d+)\] ([^:\n]+)", re.MULTILINE)
_MEMORY = 2 << 30
_HANGS = 300
MB = 1 << 20
RAISED = "max-file-kb = 65536\n"
GOOD = "您好，请问是张伟本人吗？"
BAD = "再不还钱就打断你的腿。"
VIOLENCE = "threat.violence"


class Run(NamedTuple):
    """What the command gave: exit code, findings as (file, label), codes of problems by file, standard error."""

    code: int
    findings: list[tuple[str, str]]
    problems: dict[str, str]
    errors: str


def lint(folder: Path, *arguments: str) -> Run:
    done = subprocess.run(
        [sys.executable, "-c", _CODE, "lint", "--format", "json", "--jobs", "1", "--no-cache", *(arguments or (".",))],
        cwd=folder,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=_HANGS,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY)),
    )
    assert done.stdout, done.stderr
    findings = [(finding["path"], finding["label"]) for finding in json.loads(done.stdout)]
    problems = {file: code for code, file in _PROBLEM.findall(done.stderr)}
    return Run(done.returncode, findings, problems, done.stderr)


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A folder with a good and a bad script."""
    (tmp_path / "callaudit.toml").write_text("", encoding="utf-8")
    (tmp_path / "good.md").write_text(GOOD, encoding="utf-8")
    (tmp_path / "zbad.md").write_text(BAD, encoding="utf-8")
    return tmp_path


def others_are_linted(run: Run) -> None:
    assert ("zbad.md", VIOLENCE) in run.findings, run
    assert "good.md" not in [path for path, _ in run.findings]
    assert "Traceback" not in run.errors


@pytest.mark.parametrize("ending", ["txt", "md", "csv", "yaml", "json", "xlsx", "docx"])
@pytest.mark.parametrize("text", [f"{BAD}\n", BAD], ids=["lines", "one-line"])
def test_a_file_of_20_mb_is_refused_and_the_others_are_linted(scripts: Path, ending: str, text: str) -> None:
    (scripts / f"huge.{ending}").write_text(text * (20 * MB // len(text.encode())), encoding="utf-8")
    run = lint(scripts)
    assert run.problems == {f"huge.{ending}": "CA525"}
    assert run.code == 3
    others_are_linted(run)


def bomb(path: Path, name: str) -> None:
    """A part of 1 GB of zeros in a package that is whole otherwise."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        with package.open(name, "w", force_zip64=True) as part:
            for _ in range(1024):
                part.write(bytes(MB))


@pytest.mark.parametrize(
    ("file", "part"), [("bomb.xlsx", "xl/worksheets/sheet1.xml"), ("bomb.docx", "word/document.xml")]
)
def test_a_zip_bomb_is_refused_and_the_others_are_linted(scripts: Path, file: str, part: str) -> None:
    bomb(scripts / file, part)
    assert (scripts / file).stat().st_size < 2 * MB
    run = lint(scripts)
    assert run.problems == {file: "CA501"}
    assert run.code == 3
    others_are_linted(run)


def laughs() -> str:
    lines = ['a0: &a0 ["您今天必须还钱"]']
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    return "\n".join(lines)


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "yaml-deep": ("x.yaml", b"[" * 100_000 + b"]" * 100_000, "CA516"),
    "yaml-deep-blocks": ("x.yaml", b"- " * 100_000 + b"a", "CA516"),
    "json-deep": ("x.json", b"[" * 100_000 + b"]" * 100_000, "CA516"),
    "json-deep-objects": ("x.json", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "CA516"),
    "json-broken": ("x.json", '{"话术": '.encode(), "CA517"),
    "yaml-broken": ("x.yaml", '话术: "您好'.encode(), "CA515"),
    "not-utf-8": ("x.md", b"\x81\x20\xff\x9f" * 300, ""),
    "binary": ("x.md", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, ""),
    "zip-as-text": ("x.txt", b"PK\x03\x04" + bytes(range(256)) * 40, ""),
    "text-as-xlsx": ("x.xlsx", BAD.encode(), ""),
    "text-as-docx": ("x.docx", BAD.encode(), "CA500"),
}


@pytest.mark.parametrize(("file", "data", "code"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_a_coded_error_and_the_others_are_linted(
    scripts: Path, file: str, data: bytes, code: str
) -> None:
    (scripts / file).write_bytes(data)
    run = lint(scripts)
    assert list(run.problems) == [file]
    assert run.problems[file].startswith(code or "CA")
    assert run.code == 3
    others_are_linted(run)


def test_billion_laughs_are_read_once_or_refused(scripts: Path) -> None:
    (scripts / "x.yaml").write_text(laughs(), encoding="utf-8")
    run = lint(scripts)
    assert run.code in (1, 3)
    others_are_linted(run)


def test_encodings_of_chinese_editors_are_read(scripts: Path) -> None:
    files = []
    for encoding in ("utf-8-sig", "gb18030", "utf-16", "utf-16-be"):
        for ending in ("md", "txt", "csv", "yaml"):
            mark = "\ufeff" if encoding == "utf-16-be" else ""
            text = "话术: " + BAD if ending == "yaml" else BAD
            files.append(f"{encoding}.{ending}")
            (scripts / files[-1]).write_bytes((mark + text).encode(encoding))
    run = lint(scripts)
    assert (run.code, run.problems) == (1, {})
    assert set(run.findings) == {(file, VIOLENCE) for file in (*files, "zbad.md")}


def test_an_empty_file_has_no_findings_and_an_empty_json_is_none(scripts: Path) -> None:
    for ending in ("md", "txt", "csv", "yaml", "json"):
        for number, data in enumerate((b"", b"\n\n", b"\xef\xbb\xbf")):
            (scripts / f"x{number}.{ending}").write_bytes(data)
    run = lint(scripts)
    assert run.problems == {f"x{number}.json": "CA517" for number in range(3)}
    assert run.code == 3
    others_are_linted(run)


def test_loops_of_symbolic_links_end(scripts: Path) -> None:
    (scripts / "loop").symlink_to(scripts, target_is_directory=True)
    (scripts / "a.md").symlink_to("b.md")
    (scripts / "b.md").symlink_to("a.md")
    run = lint(scripts)
    assert run.problems == {"a.md": "CA105", "b.md": "CA105"}
    assert run.code == 3
    others_are_linted(run)


def test_a_folder_with_the_ending_of_a_script_is_walked(scripts: Path) -> None:
    (scripts / "x.md").mkdir()
    (scripts / "x.md" / "in.txt").write_text(BAD, encoding="utf-8")
    run = lint(scripts)
    assert (run.code, run.problems) == (1, {})
    assert (str(Path("x.md", "in.txt")), VIOLENCE) in run.findings
    others_are_linted(run)


@pytest.mark.parametrize("arguments", [(".",), ("x.md", "good.md", "zbad.md")])
def test_a_pipe_does_not_block(scripts: Path, arguments: tuple[str, ...]) -> None:
    os.mkfifo(scripts / "x.md")
    run = lint(scripts, *arguments)
    assert (run.code, run.problems) == (3, {"x.md": "CA104"})
    others_are_linted(run)


def test_a_file_that_is_gone_is_a_coded_error(scripts: Path) -> None:
    (scripts / "gone.md").symlink_to("nowhere.md")
    run = lint(scripts, "gone.md", "never.md", "good.md", "zbad.md")
    assert run.problems == {"gone.md": "CA105", "never.md": "CA100"}
    assert run.code == 3
    others_are_linted(run)


def repeated(text: str, size: int = 300_000) -> str:
    return text * (size // len(text.encode()))


LONG: dict[str, tuple[str, Callable[[], str]]] = {
    "placeholders": ("x.txt", lambda: repeated("您{{金额}}，")),
    "open-braces": ("x.txt", lambda: repeated("您{{")),
    "braces-only": ("x.md", lambda: "{" * 2 * MB),
    "open-brackets": ("x.txt", lambda: "您" + "(" * 2 * MB),
    "brackets-in-a-title": ("x.md", lambda: "# " + "(" * 2_000_000 + "\n您好。"),
    "words-in-a-title": ("x.md", lambda: "# " + "a b " * 500_000 + "\n您好。"),
    "brackets-in-a-key": ("x.json", lambda: json.dumps({"(" * 2_000_000: "您好，请还款"})),
    "long-key-of-many": ("x.json", lambda: json.dumps({"开场" * 50_000: ["您好，请还款"] * 500}, ensure_ascii=False)),
    "quotes": ("x.txt", lambda: repeated("“", 2 * MB - 2)),
    "quoted": ("x.txt", lambda: repeated("“您好”")),
    "prefixes-in-brackets": ("x.txt", lambda: repeated("【客户】")),
    "prefixes": ("x.txt", lambda: repeated("坐席：")),
    "openings": ("x.md", lambda: repeated("## 开场\n")),
    "directions-before": ("x.txt", lambda: repeated("（停顿）", 1_000_000)),
    "directions-within": ("x.txt", lambda: repeated("您好，（停顿）")),
    "settings-of-a-sheet": ("x.csv", lambda: "渠道,时段\n" + "电话,09:00-20:00\n" * 20_000),
    "settings-of-a-mapping": ("x.yaml", lambda: "\n".join(f"时段{n}: '23:00-24:00'" for n in range(5_000))),
    "windows-in-a-line": ("x.txt", lambda: repeated("23:00-24:00、", 100_000)),
    "columns": ("x.csv", lambda: ",".join(["话术"] * 20_000) + "\n" + ",".join(["您好"] * 20_000)),
    "short-lines": ("x.txt", lambda: "您好\n" * 50_000),
    "commas": ("x.txt", lambda: "您好，\n" * 40_000),
    "directives": ("x.txt", lambda: "# callaudit: allow threat 理由\n您好。\n" * 4_000),
    "directives-with-findings": ("x.txt", lambda: f"{BAD} # callaudit: allow threat 理由\n" * 4_000),
    "blocks": ("x.txt", lambda: "# callaudit: allow-begin threat 理由\n" * 4_000 + "# callaudit: allow-end\n" * 4_000),
    "numbers-read-out": ("x.txt", lambda: repeated("身份证{{身份证号}}，", 200_000)),
    "masked": ("x.txt", lambda: "X" * 2 * MB),
    "white-space": ("x.txt", lambda: "您" + " " * MB + "好"),
}


@pytest.mark.parametrize(("file", "text"), LONG.values(), ids=LONG)
def test_a_strange_file_is_read_and_the_others_are_linted(scripts: Path, file: str, text: Callable[[], str]) -> None:
    (scripts / "callaudit.toml").write_text(RAISED, encoding="utf-8")
    (scripts / file).write_text(text(), encoding="utf-8")
    run = lint(scripts)
    assert (run.code, run.problems) == (1, {})
    others_are_linted(run)
