"""The description of the API (OpenAPI) in the reader's language, for the page of the API and for tools."""

import copy
import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from audit.i18n import language, tr
from audit.web.access import API
from audit.web.api_words import GROUPS, MODELS, OPERATIONS, PARAMETERS

METHODS = ("get", "post", "put", "patch", "delete")
_REF = "#/components/schemas/"
# FastAPI describes answers to what cannot be understood; ours are others.
_NOT_OURS = ("HTTPValidationError", "ValidationError")


def described(app: FastAPI) -> dict[str, Any]:
    """What FastAPI says of the app's API, with its texts in the language in force and with the errors as they are answered."""
    told: dict[str, Any] = copy.deepcopy(app.openapi())
    schemas = told.setdefault("components", {}).setdefault("schemas", {})
    for name in _NOT_OURS:
        schemas.pop(name, None)
    schemas["Error"] = _error()
    for name, schema in schemas.items():
        _say(schema, MODELS.get(model_key(name)))
    for key, operation in operations(told):
        _say(operation, OPERATIONS.get(key))
        operation["summary"] = re.split(r"(?<=。)|(?<=\.)\s", operation["description"], maxsplit=1)[0].rstrip("。.")
        for parameter in operation.get("parameters", ()):
            if "description" in parameter:
                _say(parameter, PARAMETERS.get(parameter["description"]))
        _answers(operation["responses"])
    told["tags"] = [{"name": tag, "description": tr(*names)} for tag, names in GROUPS.items()]
    told["info"]["description"] = tr("通话合规复核台的接口。", "The API of the call compliance desk.")
    told["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    told["security"] = [{"token": []}]
    return told


def operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each operation of a description, named as in `api_words`: `GET /calls/{number}`."""
    for path, methods in description["paths"].items():
        for method in METHODS:
            if method in methods:
                yield f"{method.upper()} {path.removeprefix(API)}", methods[method]


def model_key(name: str) -> str:
    """How `api_words` names a model. Where two modules have models of one name, FastAPI puts the modules in front; where a model takes other
    values than it gives, it puts that behind."""
    bare = re.sub("-(Input|Output)$", "", name)
    return re.sub("^audit__(web__api__)?", "", bare)


def _say(part: dict[str, Any], chinese: str | None) -> None:
    """Put the Chinese in the place of the English where it is spoken. English stands in docstrings: what is meant for programmers goes."""
    english = " ".join(part.get("description", "").split()).partition(" Raises ")[0]
    text = chinese if chinese is not None and language() == "zh" else english
    if text:
        part["description"] = text


def _answers(responses: dict[str, Any]) -> None:
    responses.pop("422", None)
    for status, answer in responses.items():
        if status.startswith("2"):
            answer["description"] = tr("成功", "Done")
    content = {"application/json": {"schema": {"$ref": f"{_REF}Error"}}}
    responses["default"] = {"description": tr("出错", "An error"), "content": content}


def _error() -> dict[str, Any]:
    fields = ("code", "where", "text", "remedy")
    told = {"type": "object", "required": list(fields), "properties": {name: {"type": "string"} for name in fields}}
    return {
        "type": "object",
        "title": "Error",
        "description": "What went wrong: its code (docs/errors.md), the place, what it means, what to do about it.",
        "required": ["error"],
        "properties": {"error": told},
    }
