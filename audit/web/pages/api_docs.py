"""The page of the API, made from its OpenAPI description; the description itself is at /api/v1/openapi.json."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from audit.i18n import tr
from audit.web.access import API, User, allowed
from audit.web.api_words import GROUPS
from audit.web.described import described, operations
from audit.web.render import page

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Field:
    """A value of a request or an answer: its name, where it stands (`path`, `query`, `body`), its type in words, what it is (or nothing)."""

    name: str
    place: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the API does."""

    method: str
    path: str
    about: str
    fields: tuple[Field, ...]
    answers: tuple[Field, ...]


@router.get("/api")
def api_page(request: Request, user: Annotated[User, Depends(allowed(None))]) -> Response:
    """All operations, grouped as in the API."""
    description = described(request.app)
    groups: dict[str, list[Operation]] = {}
    for key, said in operations(description):
        method, path = key.split(" ")
        groups.setdefault(tr(*GROUPS[said["tags"][0]]), []).append(_operation(description, API + path, method, said))
    return page(request, "api_docs.html.j2", user=user, groups=groups, base=str(request.base_url).rstrip("/") + API)


def _operation(description: Mapping[str, Any], path: str, method: str, said: Mapping[str, Any]) -> Operation:
    given = [
        Field(
            one["name"],
            one["in"],
            _kind(description, one["schema"]),
            one.get("required", False),
            one.get("description", ""),
        )
        for one in said.get("parameters", ())
    ]
    body = said.get("requestBody", {}).get("content", {})
    for content in body.values():
        given += _fields(description, content["schema"], "body")
    answers: list[Field] = []
    for status, answer in said["responses"].items():
        if status.startswith("2"):
            for content in answer.get("content", {}).values():
                answers += _fields(description, content.get("schema", {}), "answer")
    return Operation(method, path, said["description"], tuple(given), tuple(answers))


def _fields(description: Mapping[str, Any], schema: Mapping[str, Any], place: str) -> Iterator[Field]:
    """The fields of an object, or of the objects of a list."""
    found = _resolved(description, schema)
    found = _resolved(description, found["items"]) if found.get("type") == "array" else found
    required = found.get("required", ())
    for name, field in found.get("properties", {}).items():
        yield Field(name, place, _kind(description, field), name in required, field.get("description", ""))


def _kind(description: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """A type in words: `integer | null`, `string[]`, `Account[]`, `"officer" | "lead"`."""
    if "anyOf" in schema:
        return " | ".join(_kind(description, one) for one in schema["anyOf"])
    if "$ref" in schema:
        found = _resolved(description, schema)
        # Where two modules have models of one name, FastAPI puts the modules in front.
        return (
            _kind(description, found) if "enum" in found else str(schema["$ref"]).rpartition("/")[2].rpartition("__")[2]
        )
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if schema.get("type") == "array":
        return f"{_kind(description, schema.get('items', {}))}[]"
    return str(schema.get("format") or schema.get("type", "any"))


def _resolved(description: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = description["components"]["schemas"][str(schema["$ref"]).rpartition("/")[2]]
    return found
