import re
from hashlib import sha256

from tests.lint.output.schemas import FOLDER


def test_the_schemas_are_the_ones_whose_source_is_named() -> None:
    named = re.findall(r"^\| `([\w.-]+)` \|.*`([0-9a-f]{64})` \|$", (FOLDER / "README.md").read_text("utf-8"), re.M)
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in FOLDER.iterdir() if path.name != "README.md"}
    assert dict(named) == found
