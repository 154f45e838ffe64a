"""docs/cli.md is the help of every command: `python -m tests.cli.helptext` writes it."""

import sys
from collections.abc import Iterator

import click

from audit.cli.help import Context
from audit.cli.main import callaudit
from audit.i18n import set_language
from tests.cli.command import ROOT, environment

PAGE = ROOT / "docs" / "cli.md"
_HEADS = {
    "zh": "# 命令行\n\n本页由 `python -m tests.cli.helptext` 从各命令的 `--help` 生成，请勿手改。\n\n## 中文\n",
    "en": "## English\n\nGenerated from the `--help` of each command; do not edit.\n",
}


def page() -> str:
    """The page in both languages; each in a process of its own, because a process speaks one language."""
    import subprocess

    def written(lang: str) -> str:
        command = [sys.executable, "-m", "tests.cli.helptext", lang]
        return subprocess.run(
            command, env=environment(), cwd=ROOT, capture_output=True, encoding="utf-8", check=True
        ).stdout

    return "\n".join(written(lang) for lang in _HEADS)


def sections(lang: str) -> Iterator[str]:
    """A heading and the help for each command, in the language."""
    set_language(lang)
    yield _HEADS[lang]
    for path, text in helps(callaudit(), "callaudit", None):
        yield f"### {path}\n\n```text\n{text}\n```\n"


def helps(command: click.Command, name: str, parent: click.Context | None) -> Iterator[tuple[str, str]]:
    """The command's path and help, then those of the commands inside it."""
    context = Context(command, info_name=name, parent=parent)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            assert found is not None
            yield from helps(found, inner, context)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        sys.stdout.write("\n".join(sections(sys.argv[1])))
    else:
        PAGE.write_text(page(), encoding="utf-8")
