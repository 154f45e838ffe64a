"""The command `callaudit`: finds the subcommand, sets the language, and turns what goes wrong into one clear line.

Help is built after the language is known: subcommands are imported only when they are called, so `tr` at their import
speaks the right language, and `callaudit --help` stays instant.
"""

import importlib
import os
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO, cast

import click

from audit import __version__
from audit.cli.help import Context, speak
from audit.errors import CallauditError, ConfigError
from audit.i18n import LANGUAGES, set_language, tr

EXIT_CLEAN, EXIT_FINDINGS, EXIT_USAGE, EXIT_FAILURES, EXIT_BUG, EXIT_STOPPED, EXIT_NO_READER = 0, 1, 2, 3, 70, 130, 141
LANGUAGE_VARIABLE = "CALLAUDIT_LANG"


@dataclass(frozen=True, slots=True)
class Lazy:
    """A subcommand that is imported when it is called: `module:attribute` of a click command, and one line about it."""

    target: str
    zh: str
    en: str


COMMANDS: dict[str, Lazy] = {
    "run": Lazy("audit.cli.run:run", "审核录音和转写文本，写出报告", "Audit recordings and transcripts, write reports"),
    "lint": Lazy("audit.cli.lint:lint", "检查话术模板，供 CI 使用", "Check script templates, in CI as well"),
    "explain": Lazy(
        "audit.cli.rules:explain",
        "解释一条规则：理由、条款、例句、合规说法",
        "Explain a rule: why, clauses, examples, advice",
    ),
    "transcribe": Lazy("audit.cli.transcribe:transcribe", "把录音转写成文本", "Write transcripts of recordings"),
    "examples": Lazy(
        "audit.cli.examples:examples",
        "从审核结果剪出遮盖过的培训范例",
        "Cut masked training examples from audited calls",
    ),
    "redact": Lazy(
        "audit.cli.redact:redact",
        "遮盖报告、转写、录音里的号码和姓名",
        "Cover numbers and names in reports, transcripts, recordings",
    ),
    "rules": Lazy("audit.cli.rules:rules", "列出、解释、检查、测试规则", "List, explain, check and test rules"),
    "models": Lazy("audit.cli.models:models", "列出、校验、下载语音模型", "List, verify and fetch speech models"),
    "doctor": Lazy("audit.cli.doctor:doctor", "检查本机能做什么、缺什么", "Say what works here and what is missing"),
    "store": Lazy(
        "audit.cli.store:store",
        "保存审核结果和复核决定，检查、校验、清除",
        "Keep results and decisions; check, verify, purge",
    ),
    "serve": Lazy("audit.cli.serve:serve", "在浏览器里复核：打开复核台", "Review in a browser: serve the desk"),
    "users": Lazy(
        "audit.cli.users:users",
        "复核台的用户：新增、角色、密码、停用",
        "Users of the desk: add, role, password, disable",
    ),
    "evaluate": Lazy("audit.cli.evaluate:evaluate", "用标注通话计算准确率", "Score the rules on labelled calls"),
}


class LazyGroup(click.Group):
    """A group whose subcommands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand, imported now; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].target.partition(":")
        return speak(cast(click.Command, getattr(importlib.import_module(module), attribute)))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, tr(lazy.zh, lazy.en)) for name, lazy in COMMANDS.items()])


def callaudit() -> click.Group:
    """The command with its global options, in the language in force."""
    group = LazyGroup(
        name="callaudit",
        help=tr(
            "审核催收通话的录音、转写文本：威胁、辱骂、泄露隐私、违规时间和频次，逐条给出原话、时刻、说话人、理由、条款。",
            "Audit recordings and transcripts of debt-collection calls: threats, insults, privacy leaks, contact hours "
            "and frequency, each with the words, the moment, the speaker, the reason and the clause.",
        ),
        epilog=tr(
            "退出码：0 无发现；1 有达到 --fail-on 级别的发现；2 用法或配置错误；3 部分输入失败，其余完成；70 程序缺陷；130 被中断。",
            "Exit codes: 0 clean; 1 findings at or above --fail-on; 2 usage or configuration; 3 some inputs failed, "
            "the rest is done; 70 a defect; 130 stopped.",
        ),
    )
    # `--lang` is read before click begins, because help texts need it; here it is only documented.
    group.params.append(
        click.Option(
            ["--lang"],
            type=click.Choice(LANGUAGES),
            default="zh",
            show_default=True,
            envvar=LANGUAGE_VARIABLE,
            show_envvar=True,
            expose_value=False,
            help=tr("界面、报告的语言", "language of messages and reports"),
        )
    )
    version = click.version_option(
        __version__, message="callaudit %(version)s", help=tr("显示版本并退出。", "Show the version.")
    )
    group.context_class = Context
    return version(group)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (the process's when None) and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        _speak_utf8(stream)
    try:
        language, arguments = language_of(sys.argv[1:] if argv is None else argv, os.environ)
        set_language(language)
        group = callaudit()
        with group.make_context("callaudit", arguments) as context:
            result = group.invoke(context)
        return result if isinstance(result, int) else EXIT_CLEAN
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
    except click.UsageError as error:
        click.echo(usage_error(error), err=True)
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
    except CallauditError as error:
        click.echo(error, err=True)
    except (KeyboardInterrupt, click.Abort):
        click.echo(tr("已中断。", "Stopped."), err=True)
        return EXIT_STOPPED
    except BrokenPipeError:
        # The reader of our output (`head`, a pager) went away: nothing is left to say, also not when Python closes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_NO_READER
    except Exception:  # noqa: BLE001 - Python would exit with 1, which says that there are findings
        traceback.print_exc()
        click.echo(
            tr(
                "这是 callaudit 的缺陷，请附上以上内容报告。",
                "This is a defect of callaudit; please report it with the text above.",
            ),
            err=True,
        )
        return EXIT_BUG
    return EXIT_USAGE


def language_of(argv: Sequence[str], environ: Mapping[str, str]) -> tuple[str, list[str]]:
    """The language asked for, by `--lang` anywhere before `--` or by the environment, and the arguments without it.

    Raises ConfigError for a language that is not spoken here.
    """
    own, behind = list(argv), []
    if "--" in own:
        own, behind = own[: own.index("--")], own[own.index("--") :]
    asked, where, rest = environ.get(LANGUAGE_VARIABLE) or LANGUAGES[0], LANGUAGE_VARIABLE, []
    words = iter(own)
    for word in words:
        if word == "--lang":
            asked, where = next(words, ""), word
        elif word.startswith("--lang="):
            asked, where = word.removeprefix("--lang="), "--lang"
        else:
            rest.append(word)
    if asked not in LANGUAGES:
        raise ConfigError("CA906", where, value=asked, choices=", ".join(LANGUAGES))
    return asked, rest + behind


def usage_error(error: click.UsageError) -> ConfigError:
    """click's complaint about the command line as a coded error with a remedy."""
    command = error.ctx.command_path if error.ctx else "callaudit"
    match error:
        case click.NoSuchOption():
            hint = _did_you_mean(error.possibilities)
            return ConfigError("CA901", command, option=error.option_name, hint=hint, command=command)
        case click.MissingParameter():
            return ConfigError("CA902", command, parameter=_name(error), command=command)
        case click.BadParameter():
            facts = {"parameter": _name(error), "value": _value(error), "expected": _expected(error)}
            return ConfigError("CA903", command, **facts, command=command)
    unknown = re.match(r"No such command '(.*?)'", error.format_message(), re.DOTALL)
    if unknown:
        choices = ", ".join(_choices(error.ctx))
        return ConfigError("CA904", command, name=unknown.group(1), choices=choices, command=command)
    return ConfigError("CA905", command, message=error.format_message(), command=command)


def _name(error: click.BadParameter) -> str:
    """The parameter as the user knows it: `--jobs`, `INPUT`."""
    if isinstance(error.param, click.Option):
        return error.param.opts[-1]
    if error.param is not None and error.ctx is not None:
        return error.param.make_metavar(error.ctx)
    return str(error.param_hint or "")


def _value(error: click.BadParameter) -> str:
    """The value refused; click gives it only inside its message, in quotation marks."""
    quoted = re.search(r"'(.*?)'|\b(-?\d+) is not in the range", error.message, re.DOTALL)
    return next(group for group in quoted.groups() if group is not None) if quoted else ""


def _expected(error: click.BadParameter) -> str:
    match error.param.type if error.param else None:
        case click.Choice() as choice:
            return tr("可选值：", "choose one of ") + ", ".join(map(str, choice.choices))
        case click.IntRange() as numbers:
            return tr(f"应为不小于 {numbers.min} 的整数", f"a whole number from {numbers.min} is needed")
        case click.Path():
            return tr("没有这个文件或文件夹，或无法读取", "there is no such file or folder, or it cannot be read")
    return error.message


def _choices(context: click.Context | None) -> list[str]:
    command = context.command if context else None
    return command.list_commands(cast(click.Context, context)) if isinstance(command, click.Group) else []


def _did_you_mean(possibilities: Sequence[str] | None) -> str:
    return tr("是否想用 {0}？", "Did you mean {0}?").format(", ".join(possibilities)) if possibilities else ""


def _speak_utf8(stream: TextIO) -> None:
    # Chinese output must not fail where the locale is C; a file name that is no UTF-8 is shown with escapes.
    if hasattr(stream, "reconfigure"):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
