"""Reading YAML 1.2 checked by a schema, with errors that quote the line.

PyYAML reads 22:00 as 1320 and no as False; ruamel.yaml does not. Files are read by the fast loader; only when something is
wrong are they read again by the one that remembers lines.
"""

import difflib
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from audit.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)


def read_yaml(text: str, name: str) -> Any:
    """The document. Raises ConfigError CA202 with line and column where it is not YAML."""
    try:
        return YAML(typ="safe").load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise ConfigError(
            "CA202", place, problem=error.problem or "?", line=_line_text(text, mark.line if mark else 0)
        ) from None
    except (YAMLError, ValueError) as error:
        raise ConfigError("CA202", name, problem=str(error).splitlines()[0], line="") from None


def check(model: type[Model], text: str, name: str) -> Model:
    """The document as `model`. Raises ConfigError CA202 or CA203, quoting the line, with a suggestion for misspelt keys and values."""
    data = read_yaml(text, name)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        path = [part for part in first["loc"] if not (isinstance(part, str) and part in ("str", "ExampleSpec"))]
        line, column = locate(text, path)
        raise ConfigError(
            "CA203",
            f"{name}:{line}:{column}",
            key=".".join(str(part) for part in path) or "(document)",
            problem=f"{first['msg']}{_suggestion(model, first)}",
            line=_line_text(text, line - 1),
        ) from None


def locate(text: str, path: Sequence[str | int]) -> tuple[int, int]:
    """Line and column (from 1) of the deepest part of `path` that is written in the text."""
    try:
        node = YAML(typ="rt").load(text)
    except YAMLError:
        return 1, 1
    place = (0, 0)
    for part in path:
        position = getattr(node, "lc", None)
        if position is None:
            break
        try:
            place = position.key(part) if isinstance(part, str) else position.item(part)
            node = node[part]
        except (KeyError, IndexError, TypeError):
            break
    return place[0] + 1, place[1] + 1


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """` Did you mean 'agent'?`, or nothing.

    >>> did_you_mean("agnet", ["agent", "debtor"])
    " Did you mean 'agent'?"
    """
    close = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


def _suggestion(model: type[BaseModel], error: Any) -> str:
    context = error.get("ctx") or {}
    if "expected" in context and isinstance(error.get("input"), str):
        known = [part.strip(" '\"") for part in str(context["expected"]).replace(" or ", ",").split(",")]
        return did_you_mean(error["input"], known)
    if error["type"] == "extra_forbidden":
        return did_you_mean(str(error["loc"][-1]), _all_keys(model))
    return ""


def _all_keys(model: type[BaseModel]) -> list[str]:
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return sorted({key for part in parts for key in part.get("properties", {})})


def _line_text(text: str, index: int) -> str:
    lines = text.splitlines()
    return lines[index].strip() if 0 <= index < len(lines) else ""
