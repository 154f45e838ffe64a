"""What the HTML pages share: templates, texts made safe to show, and the policy that forbids everything else."""

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import BaseLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from audit.i18n import language, tr
from audit.model.labels import LABELS
from audit.pii.redact import mask
from audit.report.atomic import write_atomic
from audit.report.labels import (
    DOUBTS,
    LISTENERS,
    REVIEWS,
    ROLES,
    SEVERITIES,
    STATES,
    VARIANTS,
    VERDICTS,
    confidence_name,
    name,
)

# Lone surrogates, control characters but tab and line feed, characters that reorder or hide text, noncharacters.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def printable(text: str) -> str:
    """`text` with every character replaced that no page or sheet can hold, or that shows other words than it says.

    >>> printable("a\\u202eb\\x00c")
    'a\ufffdb\ufffdc'
    """
    return _UNSAFE.sub("\ufffd", text)


def clock(seconds: float) -> str:
    """A moment of a recording.

    >>> clock(75.4), clock(3671)
    ('01:15', '1:01:11')
    """
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute:02}:{second:02}"


def turn_link(index: int) -> Markup:
    """A turn of the dialogue, counted from 1, as a link to it.

    >>> turn_link(2)
    Markup('<a href="#turn-2">第 3 轮</a>')
    """
    return Markup('<a href="#turn-{}">{}</a>').format(index, tr("第 {} 轮", "turn {}").format(index + 1))


def write_page(path: Path, template: str, script: str | None, more_style: str = "", **context: object) -> None:
    """Render `template` with the shared style, that of the file `more_style` behind it and, where given, `script`, and write it
    whole or not at all."""
    style = Markup(_asset("page.css") + (_asset(more_style) if more_style else ""))
    code = Markup(_asset(script)) if script else None
    text = (
        _of_reports()
        .get_template(template)
        .render(style=style, script=code, policy=_policy(style, code), lang=language(), **context)
    )
    write_atomic(path, text)


def _finalize(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _of_reports() -> Environment:
    return environment(PackageLoader("audit.report"))


def environment(loader: BaseLoader) -> Environment:
    """Where pages are made: every text is escaped and made printable, a missing value is an error, names of labels, roles and so on are
    said in the language in force."""
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {"tr": tr, "clock": clock, "confidence_name": confidence_name}
    made.filters |= {
        "label": lambda key: name(LABELS, key),
        "severity": lambda key: name(SEVERITIES, key),
        "role": lambda key: name(ROLES, key),
        "verdict": lambda key: name(VERDICTS, key),
        "review": lambda key: name(REVIEWS, key),
        "state": lambda key: name(STATES, key),
        "variant": lambda key: name(VARIANTS, key),
        "doubt": lambda key: name(DOUBTS, key),
        "listener": lambda key: name(LISTENERS, key),
        "turn_link": turn_link,
        "masked": mask,
    }
    return made


@cache
def _asset(file: str) -> str:
    return files("audit.report").joinpath("templates", file).read_text("utf-8")


def _policy(style: str, script: str | None) -> str:
    """Nothing may load or run but our own style and script, known by their hash, and the recording."""
    scripts = _hash(script) if script else "'none'"
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {scripts}; media-src 'self' file:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
