"""A second opinion on a turn: a small encoder, fine-tuned on labelled turns (see ENCODER.md).

It ranks and asks for a listener; alone it accuses nobody. It costs some milliseconds a turn, so it is asked only about turns
that something cheaper found suspicious. It needs onnxruntime (`pip install 'callaudit[learned]'`).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.errors import ConfigError
from audit.learned.ngrams import judged_as, judged_by
from audit.learned.opinion import BREACH, SIGNAL, Opinion, Talk
from audit.learned.pieces import SPEAKERS, Pieces, windows
from audit.model.call import Role

MODEL, DESCRIPTION = "encoder.onnx", "encoder.json"
# The columns that say whether there is anything at all.
_UNITS = {BREACH: "any", SIGNAL: "signal"}


class Encoder:
    """The packed model. One thread and one turn at a time: a turn's scores depend on nothing but the turn."""

    def __init__(self, model: bytes, description: str) -> None:
        """Start onnxruntime on the bytes of `encoder.onnx`, which `encoder.json` describes.

        ConfigError CA231 if they do not belong together, CA232 if onnxruntime is not installed.
        """
        if find_spec("onnxruntime") is None:
            raise ConfigError("CA232", MODEL)
        import onnxruntime

        facts = json.loads(description)
        self._sha256 = hashlib.sha256(model).hexdigest()
        if self._sha256 != facts["sha256"]:
            raise ConfigError("CA231", MODEL, expected=facts["sha256"], found=self._sha256)
        self.units: tuple[str, ...] = tuple(facts["labels"])
        self._columns = {unit: column for column, unit in enumerate(self.units)}
        self._temperature: float = facts["temperature"]
        self._kept = len(facts["pieces"])
        self._pieces = Pieces(facts["pieces"], facts["scores"])
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    @property
    def sha256(self) -> str:
        """Of the weights."""
        return self._sha256

    @property
    def labels(self) -> tuple[str, ...]:
        """What it was taught."""
        return tuple(unit for unit in self.units if "." in unit)

    def opinions(self, talk: Talk, turns: Iterable[int]) -> Mapping[int, Opinion]:
        """Of every one of `turns`."""
        wanted = sorted(turns)
        texts, previous = talk.text.split("\n"), talk.previous()
        table = self.scores(
            [texts[turn] for turn in wanted],
            [texts[previous[turn]] if previous[turn] >= 0 else "" for turn in wanted],
            [_listener(talk, turn) for turn in wanted],
            [talk.roles[turn] for turn in wanted],
        )
        return {turn: self._opinion(row, talk.roles[turn]) for turn, row in zip(wanted, table, strict=True)}

    def _opinion(self, row: NDArray[np.float32], role: Role) -> Opinion:
        units = judged_as(role)
        labels = {label: float(row[self._columns[label]]) for label in self.labels if judged_by(label) in units}
        return Opinion(max(float(row[self._columns[_UNITS[unit]]]) for unit in units), labels)

    def scores(
        self,
        texts: Sequence[str],
        previous: Sequence[str],
        listeners: Sequence[str],
        speakers: Sequence[str] | None = None,
    ) -> NDArray[np.float32]:
        """Probabilities [turns, units] in the order of `units`: `any` breach, the families (`signal` is one), the labels.

        `previous` is what was said just before (or empty), `listeners` and `speakers` are roles; speakers are agents when
        left out. Agents have no signals to give, the others no breaches: their scores there mean nothing. A turn longer
        than a window has the highest score of its windows.
        """
        spoken = speakers or [SPEAKERS[0]] * len(texts)
        turns = zip(texts, previous, spoken, listeners, strict=True)
        logits = [self._logits(windows(self._pieces, self._kept, *turn)) for turn in turns]
        table = np.array(logits, np.float32).reshape(len(texts), len(self.units))
        probabilities: NDArray[np.float32] = np.exp(-np.logaddexp(0, -table / self._temperature)).astype(np.float32)
        return probabilities

    def _logits(self, inputs: list[list[int]]) -> NDArray[np.float32]:
        """[units], each window by itself: the runtime scales its integers by all that it is given at once."""
        found = [self._session.run(None, {"numbers": np.array([numbers])})[0][0] for numbers in inputs]
        highest: NDArray[np.float32] = np.max(found, axis=0)
        return highest


def _listener(talk: Talk, turn: int) -> str:
    if talk.roles[turn] not in (Role.AGENT, Role.UNKNOWN):
        return Role.AGENT
    return Role.THIRD_PARTY if talk.to_third_party[turn] else Role.DEBTOR


@cache
def shipped() -> Encoder:
    """The model in the package, loaded when first asked for."""
    assets = files("audit.learned") / "assets"
    return Encoder((assets / MODEL).read_bytes(), (assets / DESCRIPTION).read_text(encoding="utf-8"))
