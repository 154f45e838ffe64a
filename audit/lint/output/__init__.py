"""What `callaudit lint` gives out: one format a file, one line here.

An emitter is a module with `emit(run, lang)`; it is imported when it is first used, so that who wants text does not
load XML. What an `--output` says (`sarif=out.sarif`) is read by `parse`, before anything is linted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from audit.errors import CallauditError, ConfigError
from audit.i18n import Lang, language, tr
from audit.lint.finding import LintRun

EMITTERS = {
    "text": "audit.lint.output.text",
    "json": "audit.lint.output.json",
    "jsonl": "audit.lint.output.jsonl",
    "sarif": "audit.lint.output.sarif",
    "junit": "audit.lint.output.junit",
    "github": "audit.lint.output.github",
    "gitlab": "audit.lint.output.gitlab",
    "markdown": "audit.lint.output.markdown",
}


class Emitter(Protocol):
    """One format."""

    def emit(self, run: LintRun, lang: Lang) -> str:
        """The whole output, ending with a line end unless it is empty."""


@dataclass(frozen=True, slots=True)
class Output:
    """One `--output`: a format and the file it goes to, standard output when None."""

    format: str
    path: Path | None = None


def emitter(name: str) -> Emitter:
    """The emitter called `name`; raises ConfigError (CA570) when there is none."""
    if name not in EMITTERS:
        raise _unknown(name)
    return cast(Emitter, import_module(EMITTERS[name]))


def emit(name: str, run: LintRun, lang: Lang | None = None) -> str:
    """`run` in the format `name`, in the language in force unless `lang` says another.

    Raises ConfigError (CA570) for an unknown format.
    """
    return emitter(name).emit(run, lang or language())


def parse(specs: Iterable[str]) -> tuple[Output, ...]:
    """What `FORMAT`, `FORMAT=-` (both standard output) and `FORMAT=FILE` ask for, in their order.

    Raises ConfigError for an unknown format (CA570), for two outputs into one place (CA572) and for a `=` without a file (CA574).

    >>> parse(["text", "sarif=out.sarif"])[0]
    Output(format='text', path=None)
    """
    outputs: list[Output] = []
    taken: set[Path | None] = set()
    for spec in specs:
        name, equals, file = spec.partition("=")
        if name not in EMITTERS:
            raise _unknown(name)
        if equals and not file:
            raise ConfigError("CA574", spec)
        path = Path(file) if file and file != "-" else None
        place = path and path.resolve()
        if place in taken:
            raise ConfigError("CA572", spec, file=file if path else tr("标准输出", "standard output"))
        taken.add(place)
        outputs.append(Output(name, path))
    return tuple(outputs)


def refuse_scripts(outputs: Iterable[Output], scripts: Sequence[Path]) -> None:
    """Raise ConfigError (CA573) when an output would be written over a script that is linted."""
    for output in outputs:
        if output.path and output.path.exists() and any(s.exists() and s.samefile(output.path) for s in scripts):
            raise ConfigError("CA573", str(output.path))


def write(output: Output, run: LintRun, lang: Lang | None = None) -> None:
    """Write `run` to the file of `output`, whole or not at all; a device or pipe (`/dev/stderr`) is written to as it is.

    Raises ConfigError: CA571 when the system refuses to write, CA573 when the file is one of the scripts.
    """
    from audit.report.atomic import write_atomic

    if output.path is None:
        raise ValueError("standard output is the command's to write")
    refuse_scripts((output,), [Path(file.path) for file in run.files])
    data = emit(output.format, run, lang).encode()
    try:
        if output.path.exists() and not output.path.is_file() and not output.path.is_dir():
            output.path.write_bytes(data)
        else:
            # Through a link: what it points to is replaced, not the link.
            write_atomic(output.path.resolve(), data)
    except CallauditError as error:
        raise ConfigError("CA571", str(output.path), **error.problem.facts) from error
    except OSError as error:
        raise ConfigError("CA571", str(output.path), reason=error.strerror or str(error)) from error


def _unknown(name: str) -> ConfigError:
    from difflib import get_close_matches

    close = get_close_matches(name, EMITTERS, 1)
    hint = tr(" 是否想写 '{0}'？", " Did you mean '{0}'?").format(close[0]) if close else ""
    return ConfigError("CA570", name=name, hint=hint, known=", ".join(EMITTERS))
