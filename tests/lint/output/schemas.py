"""The published schemas of SARIF and JUnit."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
from lxml import etree

FOLDER = Path(__file__).parents[1] / "schemas"


@cache
def sarif_schema() -> Any:
    """The validator of SARIF 2.1.0."""
    schema = json.loads((FOLDER / "sarif-schema-2.1.0.json").read_text("utf-8"))
    return jsonschema.Draft7Validator(schema, format_checker=jsonschema.Draft7Validator.FORMAT_CHECKER)


@cache
def junit_schema() -> Any:
    """The validator of Jenkins' JUnit XML."""
    return etree.XMLSchema(etree.parse(FOLDER / "junit-10.xsd"))


def parsed_junit(text: str) -> Any:
    """The root of a JUnit file that meets the schema; raises where it does not."""
    root = etree.fromstring(text.encode())
    junit_schema().assertValid(root)
    return root
