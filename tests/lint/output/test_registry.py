import os
import subprocess
import sys
from pathlib import Path

import pytest

from audit.errors import ConfigError
from audit.i18n import set_language
from audit.lint.finding import LintedFile, LintRun
from audit.lint.output import EMITTERS, Output, emit, parse, refuse_scripts, write
from tests.lint.output.runs import CLEAN, RUN


def test_names_of_the_formats() -> None:
    assert list(EMITTERS) == ["text", "json", "jsonl", "sarif", "junit", "github", "gitlab", "markdown"]


@pytest.mark.parametrize("name", EMITTERS)
def test_every_format_shows_a_run_in_the_language_in_force(name: str) -> None:
    chinese = emit(name, RUN)
    set_language("en")
    assert "坐席以联系家人" in chinese
    assert "The agent hints" in emit(name, RUN)
    assert emit(name, RUN, "zh") == chinese


def test_a_mistyped_format_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ConfigError, match=r"\[CA570\].*sarfi.*'sarif'"):
        parse(["sarfi=out.sarif"])
    with pytest.raises(ConfigError, match=r"\[CA570\].*html.*text, json"):
        emit("html", RUN)


def test_an_output_is_a_format_and_a_file() -> None:
    assert parse(["text", "sarif=a=b.sarif", "json=out/a.json"]) == (
        Output("text"),
        Output("sarif", Path("a=b.sarif")),
        Output("json", Path("out/a.json")),
    )
    assert parse(["markdown=-"]) == (Output("markdown"),)


@pytest.mark.parametrize("specs", [["json=a.out", "sarif=./a.out"], ["text", "json"], ["text", "json=-"]])
def test_two_outputs_into_one_place_are_refused(specs: list[str]) -> None:
    with pytest.raises(ConfigError, match=r"\[CA572\]"):
        parse(specs)


def test_a_link_to_the_file_of_another_output_is_the_same_place(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "out")
    with pytest.raises(ConfigError, match=r"\[CA572\]"):
        parse([f"json={tmp_path / 'out'}", f"sarif={tmp_path / 'link'}"])


def test_an_equals_sign_without_a_file_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"\[CA574\] sarif="):
        parse(["sarif="])


def test_a_file_is_written_in_a_folder_that_is_made(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "out.sarif"
    write(Output("sarif", path), RUN)
    assert path.read_bytes() == emit("sarif", RUN).encode()
    assert [entry.name for entry in path.parent.iterdir()] == ["out.sarif"]


def test_through_a_link_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write(Output("text", tmp_path / "link"), CLEAN)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text("utf-8") == emit("text", CLEAN)


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen([sys.executable, "-c", f"print(len(open({str(pipe)!r}, 'rb').read()))"], stdout=-1) as reader:
        write(Output("json", pipe), RUN)
        out, _ = reader.communicate()
    assert int(out) == len(emit("json", RUN).encode())
    assert pipe.is_fifo()


@pytest.mark.parametrize("name", ["folder", "file/out.json"])
def test_what_cannot_be_written_is_a_coded_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept")
    with pytest.raises(ConfigError, match=r"\[CA571\].*" + name):
        write(Output("json", tmp_path / name), RUN)
    assert (tmp_path / "file").read_text() == "kept"


def test_a_script_is_never_written_over(tmp_path: Path) -> None:
    script = tmp_path / "开场.md"
    script.write_text("坐席：您好")
    (tmp_path / "link.json").symlink_to(script)
    run = LintRun((LintedFile(str(script)),), "0.1.0", "", "default")
    for path in (script, tmp_path / "link.json"):
        with pytest.raises(ConfigError, match=r"\[CA573\]"):
            write(Output("json", path), run)
        with pytest.raises(ConfigError, match=r"\[CA573\]"):
            refuse_scripts([Output("json", path)], [script])
    assert script.read_text() == "坐席：您好"
    refuse_scripts([Output("json", tmp_path / "new.json"), Output("text")], [script])


def test_text_needs_nothing_heavy() -> None:
    code = (
        "import sys; from audit.lint.output import emit, parse; from audit.lint.finding import LintRun;"
        "parse(['text', 'sarif=x']); emit('text', LintRun((), '', '', ''));"
        "print([m for m in ('rich', 'jinja2', 'pydantic', 'numpy', 'xml', 'ruamel', 'spacy', 'jieba') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
