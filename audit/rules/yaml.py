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
from audit.i18n import language, tr

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
            problem=_problem(first) + _suggestion(model, first),
            line=_line_text(text, line - 1),
        ) from None


# What pydantic finds wrong, by its type of error; in English its own words are as good.
_PROBLEMS = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项",
    "literal_error": "应为 {expected}",
    "enum": "应为 {expected}",
    "string_pattern_mismatch": "不符合格式 {pattern}",
    "string_too_short": "至少要有 {min_length} 个字符",
    "too_short": "至少要有 {min_length} 项",
    "string_type": "应为文字（数字和 true、false 请加引号）",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为列表",
    "dict_type": "应为“名称: 值”的形式",
    "model_type": "应为“名称: 值”的形式",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不得小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不得大于 {le}",
}


def _problem(error: Any) -> str:
    context = error.get("ctx") or {}
    if error["type"] == "value_error":
        return str(context["error"])
    in_chinese = _PROBLEMS.get(error["type"])
    if in_chinese is None or language() != "zh":
        return str(error["msg"])
    return in_chinese.format(**{key: str(value).replace(" or ", " 或 ") for key, value in context.items()})


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
    """A question after the word that was perhaps meant, or nothing.

    >>> did_you_mean("agnet", ["agent", "debtor"])
    " 是否想写 'agent'？"
    """
    close = difflib.get_close_matches(word, known, n=1)
    return tr(" 是否想写 '{0}'？", " Did you mean '{0}'?").format(close[0]) if close else ""


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
