"""Wall time and character error rate of the default engine against openai-whisper: same weights, same stereo calls.

    python -m benchmarks.speech [--calls 4] [--threads 2]

openai-whisper gets what its command does by default (beam 5, temperature fallback, conditioning) and greedy mode, once on each
channel, as an audit needs it, and once on both channels mixed down, as its command treats a stereo file. Its weights are
rebuilt from the CTranslate2 file, so nothing is downloaded. The runs of a call follow each other, so that a busy machine
troubles all alike; the ratios are medians over calls. Needs the extras `speech`, `whisper` and `dev`.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch
import whisper

from audit.speech import models
from audit.speech.decode import decode
from audit.speech.engines import Engine, load_engine
from audit.speech.quality import PROMPT
from audit.speech.sound import Samples
from tests.speech.cer import cer
from tests.speech.whisper_weights import rebuild

SAMPLES = Path(__file__).parents[1] / "sample_calls"
Hearing = Callable[[Sequence[Samples]], list[str]]


@dataclass(frozen=True, slots=True)
class StereoCall:
    call_id: str
    channels: tuple[Samples, ...]
    duration_s: float
    said: tuple[str, ...]
    said_in_order: str


def stereo_calls(count: int) -> list[StereoCall]:
    calls = []
    for path in sorted((SAMPLES / "transcripts").glob("*.jsonl")):
        call = json.loads(path.read_text("utf-8"))
        recording = decode(SAMPLES / call["metadata"]["file"])
        agent = call["metadata"].get("agent_channel")
        if len(recording.channels) != 2 or agent is None:
            continue
        said = ["", ""]
        for turn in call["turns"]:
            said[agent if turn["role"] == "agent" else 1 - agent] += turn["text"]
        in_order = "".join(turn["text"] for turn in call["turns"])
        calls.append(StereoCall(call["call_id"], recording.channels, recording.duration_s, tuple(said), in_order))
        if len(calls) == count:
            break
    return calls


def callaudit(engine: Engine) -> Hearing:
    return lambda channels: ["".join(s.text for s in segments) for segments in engine.transcribe(channels)]


def openai_whisper(model: whisper.Whisper, beam_size: int | None) -> Hearing:
    options: dict[str, Any] = {"beam_size": beam_size, "best_of": 5, "temperature": (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)}

    def hear(channels: Sequence[Samples]) -> list[str]:
        return [
            whisper.transcribe(model, channel, language="zh", initial_prompt=PROMPT, fp16=False, **options)["text"]
            for channel in channels
        ]

    return hear


def mixed(hear: Hearing) -> Hearing:
    return lambda channels: hear([np.mean(channels, axis=0, dtype=np.float32)])


def hearings(threads: int, folder: Path) -> dict[str, Hearing]:
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    weights = rebuild(models.find().path / "model.bin", folder / "base.pt")
    reference = whisper.load_model(str(weights), device="cpu")
    beam, greedy = openai_whisper(reference, 5), openai_whisper(reference, None)
    return {
        "callaudit": callaudit(load_engine(threads=threads)),
        "whisper beam 5": beam,
        "whisper greedy": greedy,
        "whisper beam 5, mixed": mixed(beam),
        "whisper greedy, mixed": mixed(greedy),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=4, help="how many stereo sample calls (default 4)")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    calls = stereo_calls(arguments.calls)
    with tempfile.TemporaryDirectory() as folder:
        compete(calls, hearings(arguments.threads, Path(folder)))


def compete(calls: Sequence[StereoCall], hear: dict[str, Hearing]) -> None:
    seconds: dict[str, list[float]] = {name: [] for name in hear}
    pairs: dict[str, list[tuple[str, str]]] = {name: [] for name in hear}
    for name in hear:
        hear[name]([channel[: 5 * 16_000] for channel in calls[0].channels])
    for call in calls:
        print(f"{call.call_id}  {call.duration_s:.1f} s  load {os.getloadavg()[0]:.1f}", flush=True)
        for name, listen in hear.items():
            start = time.perf_counter()
            texts = listen(call.channels)
            seconds[name].append(time.perf_counter() - start)
            said = call.said if len(texts) == len(call.said) else (call.said_in_order,)
            own = list(zip(said, texts, strict=True))
            pairs[name] += own
            print(f"    {name:24}{seconds[name][-1]:8.1f} s   CER {cer(own):5.1f}", flush=True)
    audio = sum(call.duration_s for call in calls)
    print(f"\n{'':24}{'s per s of call':>16}{'times slower':>14}{'CER':>8}")
    for name in hear:
        ratio = median(theirs / ours for theirs, ours in zip(seconds[name], seconds["callaudit"], strict=True))
        print(f"{name:24}{sum(seconds[name]) / audio:16.3f}{ratio:14.2f}{cer(pairs[name]):8.1f}")


if __name__ == "__main__":
    main()
