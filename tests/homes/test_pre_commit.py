"""pre-commit itself installs the hook from a repository like this one and runs it in a team's repository.

The environment is the one pre-commit makes, with callaudit in it. What callaudit depends on is borrowed from where the tests run
(PYTHONPATH): fetching it takes minutes and says nothing of the hook.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from audit.ingest.scripts.read import ENDINGS
from tests.cli.command import ROOT
from tests.homes.repository import BAD, CLEAN, LABEL, commit, git

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS = {hook["id"]: hook for hook in YAML(typ="safe").load(MANIFEST)}
# What a package of callaudit is made from.
PACKAGE = ("audit", "lexicons", "setup.cfg", "pyproject.toml", "README.md", "LICENSE", MANIFEST.name)


def pre_commit(at: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=at,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | variables,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def borrowed() -> str:
    return os.pathsep.join({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Variables of a machine on which pre-commit has installed the hook."""
    folder = tmp_path_factory.mktemp("pre-commit")
    source = folder / "callaudit"
    source.mkdir()
    for name in PACKAGE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    commit(source)
    team = folder / "team"
    team.mkdir()
    configure(team, source)
    commit(team)
    variables = {
        "PRE_COMMIT_HOME": str(folder / "home"),
        "CALLAUDIT_CACHE": str(folder / "cache"),
        "CALLAUDIT_LANG": "en",
        "SOURCE": str(source),
    }
    done = pre_commit(team, "install-hooks", **variables, PIP_NO_DEPS="1", PIP_DISABLE_PIP_VERSION_CHECK="1")
    assert done.returncode == 0, done.stdout + done.stderr
    return variables | {"PYTHONPATH": borrowed()}


def configure(at: Path, source: Path, arguments: str = "[]") -> None:
    text = f"repos:\n- repo: {source}\n  rev: {git(source, 'rev-parse', 'HEAD')}\n  hooks:\n  - id: callaudit-lint\n    args: {arguments}\n"
    (at / ".pre-commit-config.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def team(home: dict[str, str], tmp_path: Path) -> Path:
    configure(tmp_path, Path(home["SOURCE"]))
    return tmp_path


def test_clean_script_passes(home: dict[str, str], team: Path) -> None:
    commit(team, a_md=CLEAN)
    done = pre_commit(team, "run", "--all-files", **home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout


def test_bad_script_fails_with_the_place_the_label_and_the_reason(home: dict[str, str], team: Path) -> None:
    commit(team, a_md=CLEAN, b_md=BAD)
    done = pre_commit(team, "run", "--all-files", **home)
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(rf"^b\.md:3:\d+: .*{re.escape(LABEL)}", done.stdout, re.MULTILINE)
    assert "告诉你全村的人" in done.stdout
    assert "a.md" not in done.stdout


def test_excluded_script_is_not_linted_though_pre_commit_names_it(home: dict[str, str], team: Path) -> None:
    commit(team, b_md=BAD, callaudit_toml='exclude = ["b.md"]\n')
    done = pre_commit(team, "run", "--all-files", **home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout


def test_arguments_of_the_configuration_reach_the_linter(home: dict[str, str], team: Path) -> None:
    configure(team, Path(home["SOURCE"]), '[--ignore, "threat,privacy"]')
    commit(team, b_md=BAD)
    assert pre_commit(team, "run", "--all-files", **home).returncode == 0


def test_commit_without_scripts_runs_nothing(home: dict[str, str], team: Path) -> None:
    commit(team, a_py="print('再不还钱就打断你的腿')\n")
    done = pre_commit(team, "run", "--files", "a.py", **home)
    assert done.returncode == 0
    assert "no files to check" in done.stdout


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_hooks_take_every_ending_that_the_linter_reads(ending: str) -> None:
    assert re.search(HOOKS["callaudit-lint-office"]["files"], f"话术/开场{ending}")
    assert re.search(HOOKS["callaudit-lint-office"]["files"], f"A{ending.upper()}")
    assert bool(re.search(HOOKS["callaudit-lint"]["files"], f"话术/开场{ending}")) == (ending != ".docx")


def test_hooks_take_no_other_files() -> None:
    for name in ("a.py", "a.mdx", "md", "a.txt.bak", "a.html"):
        assert [hook for hook in HOOKS.values() if re.search(hook["files"], name)] == []


def test_manifest_is_valid() -> None:
    done = pre_commit(ROOT, "validate-manifest", str(MANIFEST))
    assert done.returncode == 0, done.stdout


def test_hooks_run_once_over_all_files_and_heed_exclude() -> None:
    assert list(HOOKS) == ["callaudit-lint", "callaudit-lint-office"]
    for hook in HOOKS.values():
        assert (hook["language"], hook["require_serial"]) == ("python", True)
        assert hook["entry"] == "callaudit lint --force-exclude"
