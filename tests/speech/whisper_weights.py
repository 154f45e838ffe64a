"""openai-whisper weights rebuilt from the CTranslate2 file of the same model, where no hub can be reached.

Both carry Whisper base; the converter joined query, key and value, dropped the key's bias (Whisper has none) and renamed.
"""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Tensor = NDArray[Any]
_FLOAT16 = 4
# dtype ids of CTranslate2 (include/ctranslate2/types.h).
_DTYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, _FLOAT16: np.float16}
_DIMS = ("n_mels", "n_audio_ctx", "n_audio_state", "n_audio_head", "n_audio_layer")
_TEXT_DIMS = ("n_vocab", "n_text_ctx", "n_text_state", "n_text_head", "n_text_layer")


def read_ctranslate2(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Variables and aliases of a CTranslate2 `model.bin`, format 6: sizes are little-endian, names end with a NUL."""
    data, at = path.read_bytes(), 0

    def number(kind: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from("<" + kind, data, at)
        at += struct.calcsize("<" + kind)
        return int(value)

    def name() -> str:
        nonlocal at
        length = number("H")
        at += length
        return data[at - length : at - 1].decode()

    assert (number("I"), name(), number("I")) == (6, "WhisperSpec", 3)
    variables = {}
    for _ in range(number("I")):
        variable = name()
        shape = [number("I") for _ in range(number("B"))]
        dtype, size = _DTYPES[number("B")], number("I")
        variables[variable] = np.frombuffer(data, dtype, size // np.dtype(dtype).itemsize, at).reshape(shape)
        at += size
    aliases = {name(): name() for _ in range(number("I"))}
    assert at == len(data)
    return variables, aliases


def openai_tensors(variables: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under openai-whisper's names."""
    tensors: dict[str, Tensor] = {
        "encoder.positional_embedding": variables["encoder/position_encodings/encodings"],
        "decoder.positional_embedding": variables["decoder/position_encodings/encodings"],
        "decoder.token_embedding.weight": variables["decoder/embeddings/weight"],
    }
    for conv in ("conv1", "conv2"):
        tensors |= _linear(variables, f"encoder/{conv}", f"encoder.{conv}")
    tensors |= _norm(variables, "encoder/layer_norm", "encoder.ln_post") | _norm(
        variables, "decoder/layer_norm", "decoder.ln"
    )
    for side in ("encoder", "decoder"):
        for layer in range(_layers(variables, side)):
            tensors |= _block(variables, f"{side}/layer_{layer}", f"{side}.blocks.{layer}", cross=side == "decoder")
    return tensors


def _block(variables: dict[str, Tensor], old: str, new: str, cross: bool) -> dict[str, Tensor]:
    tensors = _norm(variables, f"{old}/self_attention/layer_norm", f"{new}.attn_ln")
    tensors |= _attention(variables, f"{old}/self_attention", f"{new}.attn", {"linear_0": ("query", "key", "value")})
    if cross:
        tensors |= _norm(variables, f"{old}/attention/layer_norm", f"{new}.cross_attn_ln")
        joined = {"linear_0": ("query",), "linear_1": ("key", "value")}
        tensors |= _attention(variables, f"{old}/attention", f"{new}.cross_attn", joined)
    tensors |= _norm(variables, f"{old}/ffn/layer_norm", f"{new}.mlp_ln")
    return (
        tensors
        | _linear(variables, f"{old}/ffn/linear_0", f"{new}.mlp.0")
        | _linear(variables, f"{old}/ffn/linear_1", f"{new}.mlp.2")
    )


def _attention(
    variables: dict[str, Tensor], old: str, new: str, joined: dict[str, tuple[str, ...]]
) -> dict[str, Tensor]:
    """Attention's projections: `joined` tells which of them each joined layer holds; the output is the next layer."""
    tensors = _linear(variables, f"{old}/linear_{len(joined)}", f"{new}.out")
    for layer, parts in joined.items():
        weights = np.split(variables[f"{old}/{layer}/weight"], len(parts))
        biases = np.split(variables[f"{old}/{layer}/bias"], len(parts))
        for part, weight, bias in zip(parts, weights, biases, strict=True):
            tensors[f"{new}.{part}.weight"] = weight
            if part == "key":
                assert not bias.any(), f"{old}: Whisper's keys have no bias"
            else:
                tensors[f"{new}.{part}.bias"] = bias
    return tensors


def _linear(variables: dict[str, Tensor], old: str, new: str) -> dict[str, Tensor]:
    return {f"{new}.{part}": variables[f"{old}/{part}"] for part in ("weight", "bias")}


def _norm(variables: dict[str, Tensor], old: str, new: str) -> dict[str, Tensor]:
    return {f"{new}.weight": variables[f"{old}/gamma"], f"{new}.bias": variables[f"{old}/beta"]}


def _layers(variables: dict[str, Tensor], side: str) -> int:
    return sum(name.startswith(f"{side}/layer_") and name.endswith("/ffn/layer_norm/beta") for name in variables)


def rebuild(model_bin: Path, target: Path) -> Path:
    """Write the openai-whisper checkpoint `target` with the weights of the CTranslate2 file `model_bin`."""
    variables, aliases = read_ctranslate2(model_bin)
    assert aliases == {"decoder/projection/weight": "decoder/embeddings/weight"}
    tensors = openai_tensors(variables)
    context, state = tensors["encoder.positional_embedding"].shape
    vocabulary, _ = tensors["decoder.token_embedding.weight"].shape
    mels = tensors["encoder.conv1.weight"].shape[1]
    heads = int(variables["encoder/num_heads"])
    text_context = len(tensors["decoder.positional_embedding"])
    dims = dict(zip(_DIMS, (mels, context, state, heads, _layers(variables, "encoder")), strict=True)) | dict(
        zip(_TEXT_DIMS, (vocabulary, text_context, state, heads, _layers(variables, "decoder")), strict=True)
    )
    state_dict = {name: torch.from_numpy(tensor.astype(np.float32)) for name, tensor in tensors.items()}
    torch.save({"dims": dims, "model_state_dict": state_dict}, target)
    return target
