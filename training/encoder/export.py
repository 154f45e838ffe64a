"""Pack a checkpoint as the package ships it: `python -m training.encoder.export CHECKPOINT FOLDER`.

The matrices become 8-bit integers, each output with its own scale; so do the rows of the pieces, which the quantizer of
onnxruntime would give one scale for all.
"""

import argparse
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from audit.learned.pieces import LONGEST, MARKERS
from training.encoder.network import Encoder

_OPSET = 17


class Rows(nn.Module):  # type: ignore[misc]
    """An embedding in 8 bits with one scale a row."""

    def __init__(self, weight: Tensor) -> None:
        super().__init__()
        scales = weight.abs().amax(1, keepdim=True) / 127
        self.register_buffer("rows", (weight / scales).round().to(torch.int8))
        self.register_buffer("scales", scales)

    def forward(self, numbers: Tensor) -> Tensor:
        """[…] to […, width]."""
        return self.rows[numbers].float() * self.scales[numbers]


def restored(checkpoint: Path) -> tuple[Encoder, dict[str, Any]]:
    """The trained encoder and what describes it: labels, pieces, scores, layers."""
    saved = torch.load(checkpoint, weights_only=True)
    description = json.loads(saved["description"])
    pieces, width = saved["state"]["pieces.weight"].shape
    assert pieces == len(description["pieces"]) + MARKERS
    layers, labels = len(description["layers"]), len(description["labels"])
    encoder = Encoder(pieces, width, 12, layers, labels, LONGEST, dropout=0.0)
    encoder.load_state_dict(saved["state"])
    return encoder.eval(), description


def export(encoder: Encoder, path: Path) -> None:
    """Write the encoder as ONNX: `numbers` [turns, pieces] int64 to `logits` [turns, labels], matrices in 8 bits."""
    with torch.no_grad():
        encoder.pieces = Rows(encoder.pieces.weight.detach())
    example = torch.full((2, 16), 5)
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            encoder,
            (example,),
            str(whole),
            dynamo=False,
            opset_version=_OPSET,
            input_names=["numbers"],
            output_names=["logits"],
            dynamic_axes={"numbers": {0: "turns", 1: "pieces"}, "logits": {0: "turns"}},
        )
        # Seven bits of eight: processors without VNNI add pairs of products in sixteen bits and would overflow.
        quantize_dynamic(
            whole,
            path,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
        )


def main() -> None:
    """Write `encoder.onnx` and `encoder.json` into the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--temperature", type=float, required=True, help="what `train --hold` found the logits to be divided by"
    )
    options = parser.parse_args()
    encoder, description = restored(options.checkpoint)
    model = options.folder / "encoder.onnx"
    export(encoder, model)
    scores = [round(score, 3) for score in description["scores"]]
    sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    facts = {"sha256": sha256, "temperature": options.temperature, **description, "scores": scores}
    (options.folder / "encoder.json").write_text(json.dumps(facts, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
