"""Writing the model: small integers, and a card that names what it was made from."""

import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from audit.learned.ngrams import CARD, WEIGHTS
from audit.learned.opinion import BREACH, SIGNAL
from training.ngrams.fit import Design, Fitted

# Below this probability of anything, labels are not worked out.
FLOOR = 0.1
_LEVELS = 127
_MOST = 65_535


def write(
    folder: Path,
    made: Design,
    fitted: Fitted,
    units: Sequence[str],
    calibration: dict[str, list[float]],
    facts: dict[str, Any],
    corpus: Path,
    ordinary: Path | None,
) -> int:
    """Write `ngrams.npz` and `ngrams.json`; returns the bytes of both."""
    if len(made.buckets) > _MOST:
        raise SystemExit(f"{len(made.buckets)} features are more than an index of two bytes holds ({_MOST})")
    weights = fitted.weights[:-1] * made.idf[:, None]
    scale = np.abs(weights).max(0) / _LEVELS
    arrays = {
        "gaps": np.diff(made.buckets, prepend=0).astype(np.uint32),
        "idf": made.idf.astype(np.float16),
        "weights": np.round(weights / scale).astype(np.int8),
        "scale": scale.astype(np.float32),
        "third_party": fitted.weights[-1].astype(np.float32),
        "bias": fitted.biases,
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    content = buffer.getvalue()
    card = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "units": list(units),
        "calibration": calibration,
        "floor": {BREACH: FLOOR, SIGNAL: FLOOR},
        "trained_on": {
            **{path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(corpus.glob("*.jsonl"))},
            **({f"ordinary/{ordinary.name}": hashlib.sha256(ordinary.read_bytes()).hexdigest()} if ordinary else {}),
        },
        "measured": facts,
    }
    folder.mkdir(exist_ok=True)
    (folder / WEIGHTS).write_bytes(content)
    text = json.dumps(card, ensure_ascii=False, indent=1) + "\n"
    (folder / CARD).write_text(text, encoding="utf-8")
    return len(content) + len(text.encode())
