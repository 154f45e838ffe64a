"""The GitHub action's own shell steps, run as the runner runs them."""

import json
import re
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.cli.command import ROOT, environment
from tests.homes.repository import BAD, CLEAN, LABEL

ACTION = YAML(typ="safe").load(ROOT / "action.yml")
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
# How GitHub's runner starts `shell: bash`.
BASH = [shutil.which("bash") or "", "--noprofile", "--norc", "-eo", "pipefail"]


@dataclass
class Runner:
    """One job: a checked-out repository, the runner's folders and files, the action's inputs."""

    folder: Path
    inputs: dict[str, str]
    action: Path = ROOT
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = self.inputs.keys() - ACTION["inputs"].keys()
        assert not unknown
        for name in ("workspace", "temp"):
            (self.folder / name).mkdir(exist_ok=True)

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def summary(self) -> str:
        return (self.folder / "summary").read_text(encoding="utf-8")

    def value(self, expression: str) -> str:
        """What an expression of the action stands for; those that the action does not use are not known."""
        scope, _, name = expression.partition(".")
        if scope == "inputs":
            return self.inputs.get(name, str(ACTION["inputs"][name]["default"]))
        if scope == "steps":
            step, _, output = name.partition(".outputs.")
            return self.outputs.get(step, {}).get(output, "")
        return {"github.action_path": str(self.action), "runner.temp": str(self.folder / "temp")}[expression]

    def filled(self, text: str) -> str:
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: self.value(found[1]), text)

    def run(self, step_id: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one step, and read what it leaves for the others."""
        step = next(step for step in STEPS if step.get("id") == step_id)
        assert step["shell"] == "bash"
        script, said, summary = (self.folder / name for name in ("step.sh", "output", "summary"))
        script.write_text(step["run"], encoding="utf-8")
        said.write_text("", encoding="utf-8")
        summary.write_text("", encoding="utf-8")
        given = {name: self.filled(value) for name, value in step["env"].items()}
        files = {
            "GITHUB_OUTPUT": str(said),
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(self.folder / "temp"),
        }
        done = subprocess.run(
            [*BASH, str(script)],
            cwd=self.workspace,
            env=environment(**(files | given | variables)),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        pairs = (line.partition("=") for line in said.read_text(encoding="utf-8").splitlines())
        self.outputs[step_id] = {name: value for name, _, value in pairs}
        return done

    def restored(self, known: Path) -> None:
        """As behind the install step, both caches restored: an environment that runs the code under test, and `known`."""
        assert self.run("key").returncode == 0
        place = Path(self.filled(next(step for step in STEPS if step.get("id") == "venv")["with"]["path"]))
        place.parent.mkdir()
        (place.parent / "known").symlink_to(known)
        venv.create(place, symlinks=True)
        (place / "bin" / "callaudit").write_text(
            f"#!{sys.executable}\nimport sys\nfrom audit.cli.main import main\nsys.exit(main())\n", encoding="utf-8"
        )
        (place / "bin" / "callaudit").chmod(0o755)


@pytest.fixture
def job(tmp_path: Path, cache: str) -> Runner:
    runner = Runner(tmp_path, {})
    runner.restored(Path(cache))
    return runner


def put(job: Runner, name: str, text: str) -> None:
    path = job.workspace / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_clean_script_passes(job: Runner) -> None:
    put(job, "话术/a.md", CLEAN)
    done = job.run("lint")
    assert done.returncode == 0, done.stdout + done.stderr
    assert job.outputs["lint"] == {"exit-code": "0", "sarif": ""}
    assert done.stdout == ""
    assert "callaudit lint" in job.summary


def test_bad_script_fails_with_an_annotation_and_a_summary(job: Runner) -> None:
    put(job, "话术/a.md", BAD)
    done = job.run("lint")
    assert done.returncode == 1, done.stderr
    assert job.outputs["lint"]["exit-code"] == "1"
    assert re.match(rf"::error file=话术/a\.md,line=3,.*{re.escape(LABEL)}", done.stdout)
    assert "话术/a" in job.summary and LABEL in job.summary


def test_sarif_for_code_scanning_is_written_though_the_step_fails(job: Runner) -> None:
    put(job, "a.md", BAD)
    job.inputs |= {"upload-sarif": "true", "summary": "false", "lang": "en", "format": "text"}
    done = job.run("lint")
    assert done.returncode == 1, done.stderr
    sarif = json.loads(Path(job.outputs["lint"]["sarif"]).read_text(encoding="utf-8"))
    assert {result["ruleId"].partition("/")[0] for result in sarif["runs"][0]["results"]} == {LABEL}
    assert (job.summary, done.stdout.splitlines()[-1].startswith("1 finding")) == ("", True)


def test_paths_are_taken_one_a_line_and_options_as_in_a_shell(job: Runner) -> None:
    put(job, "first call/a b.md", BAD)
    put(job, "other/c.md", BAD)
    put(job, "drafts/d.md", BAD)
    put(job, "my config.toml", 'fail-on = "critical"\nseverity = {all = "minor"}\n'.replace("all", "threat"))
    job.inputs |= {"paths": "first call/a b.md\n\nother\n", "args": "--config 'my config.toml' --format text"}
    done = job.run("lint", CALLAUDIT_LANG="zh")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "first call/a b.md:3:" in done.stdout and "other/c.md:3:" in done.stdout
    assert "drafts" not in done.stdout


@pytest.mark.parametrize("name", ["paths", "args", "sarif", "format", "lang"])
def test_inputs_are_never_run(job: Runner, name: str) -> None:
    put(job, "a.md", CLEAN)
    job.inputs |= {name: "$(touch owned)`touch owned`\";touch owned;\"'$(touch owned)'\nEOF\ntouch owned\n"}
    job.run("lint")
    assert not (job.workspace / "owned").exists()


def test_no_expression_is_written_into_a_script() -> None:
    assert [step["run"] for step in STEPS if "${{" in step.get("run", "")] == []


def test_paths_that_look_like_options_are_paths(job: Runner) -> None:
    job.inputs |= {"paths": "--exit-zero"}
    assert job.run("lint").returncode == 3


def test_options_with_a_quote_that_is_never_closed_are_wrong_usage_not_findings(job: Runner) -> None:
    job.inputs["args"] = '--fail-on "minor'
    done = job.run("lint")
    assert done.returncode == 2
    assert done.stdout.startswith("::error title=callaudit::args: ") and "Traceback" not in done.stderr
    assert job.outputs["lint"] == {"exit-code": "2", "sarif": ""}


def test_broken_configuration_fails_with_2_and_no_sarif(job: Runner) -> None:
    put(job, "a.md", BAD)
    put(job, "callaudit.toml", "selekt = []\n")
    job.inputs |= {"upload-sarif": "true"}
    done = job.run("lint")
    assert done.returncode == 2
    assert "CA53" in done.stderr
    assert job.outputs["lint"] == {"exit-code": "2", "sarif": ""}


def test_results_are_kept_where_the_cache_steps_take_them(job: Runner, cache: str) -> None:
    put(job, "a.md", BAD)
    job.run("lint")
    kept = {job.filled(step["with"]["path"]) for step in STEPS if "known" in step.get("with", {}).get("path", "")}
    assert [Path(path).resolve() for path in kept] == [Path(cache)]
    assert (Path(cache) / "lint.sqlite").exists()


def test_key_of_the_cache_changes_with_the_code_the_rules_and_the_extra(tmp_path: Path) -> None:
    action = tmp_path / "action"
    for name in ("audit/a.py", "lexicons/rules/a.yaml", "setup.cfg", "docs/a.md"):
        (action / name).parent.mkdir(parents=True, exist_ok=True)
        (action / name).write_text("a", encoding="utf-8")
    job = Runner(tmp_path, {}, action)

    def key() -> str:
        assert job.run("key").returncode == 0
        return job.outputs["key"]["key"]

    keys = [key()]
    for name in ("audit/a.py", "lexicons/rules/a.yaml", "setup.cfg"):
        (action / name).write_text("b", encoding="utf-8")
        keys.append(key())
    job.inputs |= {"office": "true"}
    keys.append(key())
    assert len(set(keys)) == len(keys) and "" not in keys
    (action / "docs/a.md").write_text("b", encoding="utf-8")
    assert key() == keys[-1]


# A package that is built without anything from the network; its extra wants what cannot be had.
_BACKEND = """
import zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "stand_in-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("stand_in.py", "")
        wheel.writestr("stand_in-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: stand-in\\nVersion: 1\\n"
            "Provides-Extra: office\\nRequires-Dist: no-such-thing; extra == 'office'\\n")
        wheel.writestr("stand_in-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("stand_in-1.dist-info/RECORD", "")
    return name
"""


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("action with a space")
    (folder / "backend.py").write_text(_BACKEND, encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n', encoding="utf-8"
    )
    (folder / "setup.cfg").write_text("", encoding="utf-8")
    return folder


def test_install_step_puts_the_action_s_own_version_where_the_lint_step_looks(tmp_path: Path, stand_in: Path) -> None:
    job = Runner(tmp_path, {}, stand_in)
    job.run("key")
    done = job.run("install", PIP_NO_INDEX="1", PYTHONPATH="")
    assert done.returncode == 0, done.stderr
    venv_of = {step["id"]: job.filled(step["env"]["VENV"]) for step in STEPS if step.get("id") in ("install", "lint")}
    assert len(set(venv_of.values())) == 1
    assert list(Path(venv_of["lint"]).glob("lib/*/site-packages/stand_in.py"))
    # What the cache brought back, or another step of the job installed, is left alone.
    assert job.run("install", PATH="/nonexistent", PYTHONPATH="").returncode == 0


def test_failed_installation_leaves_nothing_that_looks_whole(tmp_path: Path, stand_in: Path) -> None:
    job = Runner(tmp_path, {"office": "true"}, stand_in)
    job.run("key")
    done = job.run("install", PIP_NO_INDEX="1", PYTHONPATH="")
    assert done.returncode != 0
    assert "no-such-thing" in done.stderr
    assert not list((tmp_path / "temp").rglob("pyvenv.cfg"))


def test_every_input_is_described_and_used() -> None:
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    for name, about in ACTION["inputs"].items():
        assert about["description"] and "default" in about
        assert f"inputs.{name}" in text
