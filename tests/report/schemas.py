"""The published JSON Schemas, resolved against each other."""

import json
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry, Resource

FOLDER = Path(__file__).parents[2] / "docs" / "schema"


def validator(name: str) -> Any:
    """The validator of `docs/schema/<name>.schema.json`."""
    schemas = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
    registry: Any = Registry().with_resources((s["$id"], Resource.from_contents(s)) for s in schemas)
    schema = next(s for s in schemas if s["$id"].endswith(f"/{name}.schema.json"))
    return jsonschema.Draft202012Validator(
        schema, registry=registry, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
