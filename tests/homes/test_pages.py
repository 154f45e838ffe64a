"""The pages about the linter's homes say what is so: examples are valid and run, options exist and are all named."""

import json
import os
import re
import shlex
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from audit.cli.lint import lint
from audit.lint.config import Configs
from audit.lint.discover import discover
from audit.model.finding import Severity
from audit.model.script import Audience
from tests.cli.command import ROOT, environment
from tests.homes.repository import BAD, CLEAN, LABEL

DOCS = ROOT / "docs"
EXAMPLES = DOCS / "examples"
PAGES = ["in-your-ci.md", "in-your-ci.zh-CN.md"]


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def fenced(text: str) -> list[tuple[str, str]]:
    """The language and the text of each fenced block."""
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(text: str) -> Iterator[list[str]]:
    """The words of each `callaudit lint` in a text, up to a remark or a redirection."""
    for found in re.finditer(r"callaudit (lint(?: [^\n`']*)?)", text):
        yield shlex.split(re.split(r"  +#| [<>|] |[（(]", found[1])[0])


def options(command: list[str]) -> list[str]:
    return [word.partition("=")[0] for word in command if word.startswith("--")]


KNOWN = {name for parameter in lint.params if isinstance(parameter, click.Option) for name in parameter.opts}


@pytest.mark.parametrize("name", PAGES)
def test_page_names_every_option(name: str) -> None:
    named = set(re.findall(r"`(--[a-z-]+)`", page(name)))
    assert KNOWN - named == set()
    assert named <= KNOWN | {"--help"}


@pytest.mark.parametrize("path", [*PAGES, *(f"examples/{path.name}" for path in sorted(EXAMPLES.iterdir()))])
def test_commands_use_options_that_exist(path: str) -> None:
    used = [command for command in commands(page(path)) if command[1:]]
    for command in used:
        assert set(options(command)) <= KNOWN | {"--lang"}, command
    assert used or Path(path).stem in ("callaudit", "github-workflow", "pre-commit-config")


@pytest.mark.parametrize("name", PAGES)
def test_page_shows_the_examples_as_they_are(name: str) -> None:
    shown = {text for language, text in fenced(page(name)) if language != "markdown"}
    assert shown == {path.read_text(encoding="utf-8") for path in EXAMPLES.iterdir()}


def test_both_pages_have_the_same_sections_examples_tables_and_commands() -> None:
    english, chinese = (page(name) for name in PAGES)
    assert english.count("\n## ") == chinese.count("\n## ")
    assert fenced(english) == fenced(chinese)
    assert len(re.findall(r"^\|", english, re.MULTILINE)) == len(re.findall(r"^\|", chinese, re.MULTILINE))
    assert list(commands(english)) == list(commands(chinese))


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", page(name))
    assert links
    assert [link for link in links if not (DOCS / link).exists()] == []


@pytest.mark.parametrize("name", PAGES)
def test_page_lists_every_input_of_the_action_with_its_default(name: str) -> None:
    inputs: dict[str, Any] = YAML(typ="safe").load(ROOT / "action.yml")["inputs"]
    for key, about in inputs.items():
        default = f"`{about['default']}`" if about["default"] else ""
        assert re.search(rf"^\| `{key}` \| {re.escape(default)} ?\|", page(name), re.MULTILINE), key


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.github-actions", ROOT / "action.yml"),
        ("vendor.github-workflows", EXAMPLES / "github-workflow.yml"),
        ("vendor.gitlab-ci", EXAMPLES / "gitlab-ci.yml"),
    ],
)
def test_files_of_other_tools_are_valid_by_their_schemas(schema: str, path: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_pre_commit_reads_its_example_and_finds_the_hook_in_the_manifest() -> None:
    path = EXAMPLES / "pre-commit-config.yaml"
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(path)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    config = YAML(typ="safe").load(path)
    named = {hook["id"] for repository in config["repos"] for hook in repository["hooks"]}
    offered = {hook["id"] for hook in YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")}
    assert named and named <= offered


def test_workflow_gives_the_action_inputs_that_it_has() -> None:
    workflow = YAML(typ="safe").load(EXAMPLES / "github-workflow.yml")
    steps = [step for job in workflow["jobs"].values() for step in job["steps"] if "callaudit@" in step["uses"]]
    inputs = YAML(typ="safe").load(ROOT / "action.yml")["inputs"]
    assert len(steps) == 1
    assert steps[0]["with"].keys() <= inputs.keys()
    assert set(options(shlex.split(steps[0]["with"]["args"]))) <= KNOWN


def test_configuration_example_is_in_force_as_it_says(tmp_path: Path) -> None:
    text = (EXAMPLES / "callaudit.toml").read_text(encoding="utf-8")
    (tmp_path / "callaudit.toml").write_text(text, encoding="utf-8")
    for name in ("contacts/a.md", "drafts/a.md", "openings/a.md", "x/archive/a.md", "a.md"):
        path = tmp_path / "scripts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CLEAN, encoding="utf-8")
    configs = Configs()
    found = [Path(path).relative_to(tmp_path).as_posix() for path in discover([str(tmp_path)], configs).files]
    assert found == ["scripts/a.md", "scripts/contacts/a.md", "scripts/openings/a.md"]
    config = configs.of(str(tmp_path / "scripts/a.md"))
    assert config.policy == "consumer-finance"
    assert config.fail_on is Severity.MINOR
    assert config.severity == {"process.no_recording_notice": Severity.MAJOR}
    assert config.is_opening(str(tmp_path / "scripts/openings/a.md"))
    assert config.audience_for(str(tmp_path / "scripts/contacts/a.md")) is Audience.THIRD_PARTY
    assert set(config.ignored_in(str(tmp_path / "scripts/training/a.md"))) == {"insult", "threat"}


@pytest.mark.parametrize("name", [*PAGES, "lint-config.md"])
def test_configuration_blocks_are_toml(name: str) -> None:
    blocks = [text for language, text in fenced(page(name)) if language == "toml"]
    assert blocks and all(tomllib.loads(text) for text in blocks)


@pytest.fixture
def team(tmp_path: Path) -> Path:
    """A repository with a bad script, and callaudit where the examples install it."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/bad.md").write_text(BAD, encoding="utf-8")
    (tmp_path / "scripts/good.md").write_text(CLEAN, encoding="utf-8")
    command = tmp_path / ".cache/venv/bin/callaudit"
    command.parent.mkdir(parents=True)
    code = f"#!{sys.executable}\nimport sys\nfrom audit.cli.main import main\nsys.exit(main())\n"
    command.write_text(code, encoding="utf-8")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def run(script: str, at: Path, cache: str) -> subprocess.CompletedProcess[str]:
    path = f"{at}/.cache/venv/bin{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-e", "-c", script],
        cwd=at,
        env=environment(CALLAUDIT_CACHE=cache, PATH=path),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_gitlab_example_fails_and_leaves_the_reports_that_it_names(team: Path, cache: str) -> None:
    job = YAML(typ="safe").load(EXAMPLES / "gitlab-ci.yml")["callaudit"]
    done = run("\n".join([*job["before_script"], *job["script"]]), team, cache)
    assert done.returncode == 1, done.stderr
    assert "scripts/bad.md:3:4: " in done.stdout and LABEL in done.stdout
    quality = json.loads((team / job["artifacts"]["reports"]["codequality"]).read_text(encoding="utf-8"))
    assert {entry["location"]["path"] for entry in quality} == {"scripts/bad.md"}
    assert "<failure" in (team / job["artifacts"]["reports"]["junit"]).read_text(encoding="utf-8")
    assert all((team / path).exists() for path in job["artifacts"]["paths"])


def test_gitlab_example_passes_without_the_bad_script(team: Path, cache: str) -> None:
    (team / "scripts/bad.md").unlink()
    job = YAML(typ="safe").load(EXAMPLES / "gitlab-ci.yml")["callaudit"]
    assert run("\n".join([*job["before_script"], *job["script"]]), team, cache).returncode == 0


def test_jenkins_example_tells_findings_from_failures(team: Path, cache: str) -> None:
    text = (EXAMPLES / "Jenkinsfile").read_text(encoding="utf-8")
    found = re.search(r"script: '(.+?)'", text)
    assert found and "code == 1" in text and re.search(r"testResults: 'callaudit\.xml'", text)
    assert run(found[1], team, cache).returncode == 1
    assert "<failure" in (team / "callaudit.xml").read_text(encoding="utf-8")
    (team / "scripts/broken.docx").write_bytes(b"no Word file")
    assert run(found[1], team, cache).returncode == 3


def test_make_example_runs_the_linter(team: Path, cache: str) -> None:
    (team / "Makefile").write_text((EXAMPLES / "Makefile").read_text(encoding="utf-8"), encoding="utf-8")
    recipe = re.search(r"^\t(.+)$", (team / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe and run(recipe[1], team, cache).returncode == 1
    assert (team / "callaudit.xml").exists()


def test_way_of_introducing_it_leads_from_old_findings_to_none_and_on_to_new_ones(team: Path, cache: str) -> None:
    listed = re.search(r"^1\. .*?^4\. ", page(PAGES[0]), re.MULTILINE | re.DOTALL)
    assert listed
    show, write = (f"callaudit {' '.join(command)}" for command in commands(listed[0]))
    assert run(show, team, cache).returncode == 0
    assert run(write, team, cache).returncode == 0
    (team / "callaudit.toml").write_text('baseline = "callaudit-baseline.json"\n', encoding="utf-8")
    assert run("callaudit lint scripts", team, cache).returncode == 0
    (team / "scripts/bad.md").write_text("# 新\n\n" + BAD, encoding="utf-8")
    assert run("callaudit lint scripts", team, cache).returncode == 0
    (team / "scripts/bad.md").write_text(BAD + "\n坐席：想死就去死。\n", encoding="utf-8")
    assert run("callaudit lint scripts", team, cache).returncode == 1


def test_block_about_suppressions_suppresses(team: Path, cache: str) -> None:
    shown = [text for language, text in fenced(page(PAGES[0])) if language == "markdown"]
    assert len(shown) == 1
    (team / "scripts/bad.md").write_text(shown[0], encoding="utf-8")
    assert run("callaudit lint scripts", team, cache).returncode == 0
    (team / "scripts/bad.md").write_text(shown[0].partition("\n")[2], encoding="utf-8")
    assert run("callaudit lint scripts", team, cache).returncode == 1


@pytest.mark.parametrize(("name", "lang"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_readme_shows_what_the_linter_says_of_the_sample_scripts(name: str, lang: str, cache: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    shown = [block for language, block in fenced(text) if language == "text" and "sample_scripts/" in block]
    assert len(shown) == 1 and "callaudit lint sample_scripts" in text
    command = [sys.executable, "-m", "audit", "--lang", lang, "lint", "sample_scripts"]
    variables = environment(CALLAUDIT_CACHE=cache)
    said = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, encoding="utf-8", check=False
    ).stdout.splitlines()
    lines = [line for line in shown[0].splitlines() if line.strip() not in ("", "…")]
    assert len(lines) > 4 and [line for line in lines if line not in said] == []
