"""Small inputs and the ways tests look at what ingest makes of them."""

import json
from collections.abc import Iterable
from pathlib import Path

from audit.errors import Problem
from audit.ingest.find import find_inputs
from audit.ingest.items import Attempt, CallInput, Failure
from audit.ingest.read import read_call
from audit.model.call import Call

SPEECH = "坐席: 您好，请问是张先生吗\n客户: 我是\n"


def line(call_id: str | None = "c1", **more: object) -> str:
    """One call of callaudit's own format."""
    turns = [{"i": 0, "role": "agent", "text": "您好"}, {"i": 1, "role": "debtor", "text": "哪位"}]
    return json.dumps({"call_id": call_id, "turns": turns, **more}, ensure_ascii=False)


def write(path: Path, content: str | bytes) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


class Found:
    """Everything `find_inputs` yields, sorted by kind."""

    def __init__(self, *paths: Path | str, manifest: Path | None = None) -> None:
        items = list(find_inputs([str(path) for path in paths], manifest))
        self.calls = [item for item in items if isinstance(item, CallInput)]
        self.attempts = [item for item in items if isinstance(item, Attempt)]
        self.failures = [item for item in items if isinstance(item, Failure)]
        self.warnings = [item for item in items if isinstance(item, Problem)]
        for problem in (*self.warnings, *(failure.problem for failure in self.failures)):
            assert problem.line("zh")
            assert problem.line("en")

    @property
    def ids(self) -> list[str]:
        return [call.call_id for call in self.calls]

    @property
    def failed(self) -> list[str]:
        return codes(failure.problem for failure in self.failures)

    @property
    def warned(self) -> list[str]:
        return codes(self.warnings)

    def only_call(self) -> CallInput:
        assert (len(self.calls), self.failures) == (1, [])
        return self.calls[0]


def codes(problems: Iterable[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def read_file(path: Path) -> Call:
    """The one call in a transcript file."""
    return read_call(Found(path).only_call())
