"""The encoder in torch: BERT with layer norm after each half layer, exact GELU, mean pooling; a linear head on top."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.encoder.weights import Weights


class Layer(nn.Module):  # type: ignore[misc]
    """Self-attention and two linear layers, each added to what came in and normed."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.qkv = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.attended_norm = nn.LayerNorm(width, eps=1e-12)
        self.wide = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)
        self.narrow_norm = nn.LayerNorm(width, eps=1e-12)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """States [batch, length, width]; mask [batch, 1, 1, length], 0 for what is there and very low for padding."""
        batch, length, width = states.shape
        q, k, v = self.qkv(states).view(batch, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        attended = _attention(q, k, v, mask).transpose(1, 2).reshape(batch, length, width)
        states = self.attended_norm(states + self._dropped(self.attended(attended)))
        return self.narrow_norm(states + self._dropped(self.narrow(functional.gelu(self.wide(states)))))

    def _dropped(self, states: Tensor) -> Tensor:
        return functional.dropout(states, self.dropout, self.training)


def _attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5 + mask
    return scores.softmax(-1) @ v


class Encoder(nn.Module):  # type: ignore[misc]
    """Piece numbers [batch, length] to one score (logit) a label [batch, labels]. `pad` is piece number 1."""

    def __init__(
        self, pieces: int, width: int, heads: int, layers: int, labels: int, longest: int, dropout: float
    ) -> None:
        super().__init__()
        self.dropout = dropout
        self.pieces = nn.Embedding(pieces, width)
        self.places = nn.Embedding(longest, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.layers = nn.ModuleList([Layer(width, heads, dropout) for _ in range(layers)])
        self.pooled_norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, labels)

    def forward(self, numbers: Tensor) -> Tensor:
        """The logits."""
        return self.head(functional.dropout(self.pooled_norm(self.pooled(numbers)), self.dropout, self.training))

    def pooled(self, numbers: Tensor) -> Tensor:
        """The mean of the last layer's states over what is no padding [batch, width]."""
        there = (numbers != 1).to(self.norm.weight.dtype)
        places = torch.arange(numbers.shape[1], device=numbers.device)
        states = self.norm(self.pieces(numbers) + self.places(places))
        states = functional.dropout(states, self.dropout, self.training)
        mask = ((1 - there) * -1e4)[:, None, None, :]
        for layer in self.layers:
            states = layer(states, mask)
        return (states * there[..., None]).sum(1) / there.sum(1, keepdim=True)


def pretrained(
    weights: Weights, kept: list[int], markers: int, layers: list[int], labels: int, longest: int, dropout: float
) -> Encoder:
    """The encoder with e5's weights: the kept pieces, then `markers` new ones; the named layers; a head that knows nothing."""
    encoder = Encoder(len(kept) + markers, weights.width, weights.heads, len(layers), labels, longest, dropout)
    tensors = {name: torch.from_numpy(np.ascontiguousarray(tensor)) for name, tensor in weights.tensors.items()}
    with torch.no_grad():
        encoder.pieces.weight[: len(kept)] = tensors["emb.word"][kept]
        encoder.pieces.weight[len(kept) :] = encoder.pieces.weight[: len(kept)].mean(0) + 0.02 * torch.randn(
            markers, weights.width
        )
        encoder.places.weight.copy_(tensors["emb.pos"][:longest] + tensors["emb.type"].flatten()[: weights.width])
        _copy(encoder.norm, tensors, "emb.ln")
        for layer, number in zip(encoder.layers, layers, strict=True):
            assert isinstance(layer, Layer)
            layer.qkv.weight.copy_(torch.cat([tensors[f"l{number}.{name}.w"] for name in "qkv"]))
            layer.qkv.bias.copy_(torch.cat([tensors[f"l{number}.{name}.b"] for name in "qkv"]))
            _copy(layer.attended, tensors, f"l{number}.ao")
            _copy(layer.attended_norm, tensors, f"l{number}.aln")
            _copy(layer.wide, tensors, f"l{number}.fi")
            _copy(layer.narrow, tensors, f"l{number}.fo")
            _copy(layer.narrow_norm, tensors, f"l{number}.oln")
        nn.init.normal_(encoder.head.weight, std=0.02)
        nn.init.constant_(encoder.head.bias, -3.0)  # most labels are rare
    return encoder


def _copy(part: nn.Linear | nn.LayerNorm, tensors: dict[str, Tensor], name: str) -> None:
    part.weight.copy_(tensors[f"{name}.w"].view_as(part.weight))
    part.bias.copy_(tensors[f"{name}.b"])
