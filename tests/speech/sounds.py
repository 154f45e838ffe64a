"""Sounds made by hand: float32, 16 kHz."""

import wave
from pathlib import Path

import av
import numpy as np

from audit.speech.sound import SAMPLE_RATE, Samples


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def tone(seconds: float, hertz: float = 440.0, level: float = 0.3) -> Samples:
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * hertz * at)).astype(np.float32)


def ring_back(seconds: float) -> Samples:
    """The Chinese ring-back tone: 450 Hz, one second on, four off."""
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.where(at % 5 < 1, tone(seconds, 450.0), 0).astype(np.float32)


def noise(seconds: float, level: float = 0.05, seed: int = 1) -> Samples:
    return (level * np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE))).astype(np.float32)


def music(seconds: float) -> Samples:
    """Chords that change every half second, with overtones and decay, as hold music has them."""
    rng, pieces = np.random.default_rng(7), []
    for _ in range(round(seconds * 2)):
        at = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
        notes = 220 * 2 ** (rng.choice([0, 2, 4, 5, 7, 9, 11, 12], 3) / 12)
        chord = sum(np.sin(2 * np.pi * note * over * at) / over for note in notes for over in (1, 2, 3))
        pieces.append(0.08 * chord * np.exp(-2 * at))
    return np.concatenate(pieces).astype(np.float32)


def write_wav(path: Path, *channels: Samples, rate: int = SAMPLE_RATE) -> Path:
    """A 16-bit PCM file; the samples are taken as they are, whatever the rate."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.stack(channels, 1) * 32767).astype("<i2").tobytes())
    return path


def encode(path: Path, codec: str, rate: int, *channels: Samples) -> Path:
    """A file in any codec that PyAV can write; the samples are 16 kHz and are resampled to `rate`."""
    layout = "mono" if len(channels) == 1 else "stereo"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate)
        frame = av.AudioFrame.from_ndarray(np.stack(channels), format="fltp", layout=layout)
        frame.sample_rate = SAMPLE_RATE
        queue = av.AudioFifo()
        for resampled in [*resampler.resample(frame), *resampler.resample(None)]:
            queue.write(resampled)
        while (part := queue.read(stream.codec_context.frame_size or 1024, partial=True)) is not None:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def write_mp3(path: Path, samples: Samples, *, variable: bool, header: bool) -> Path:
    """An mp3 of one channel, of constant or variable bit rate, with a header that says how long it is or without."""
    with av.open(str(path), "w", options={"id3v2_version": "0", "write_xing": str(int(header))}) as container:
        stream = container.add_stream("libmp3lame", rate=SAMPLE_RATE, layout="mono")
        context = stream.codec_context
        if variable:
            context.flags |= av.codec.context.Flags.qscale
            context.global_quality = 4 * 118  # quality 4 of LAME's 0 to 9, in FFmpeg's units (FF_QP2LAMBDA)
        else:
            context.bit_rate = 32_000
        context.open()
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        resampler = av.AudioResampler(context.format, "mono", SAMPLE_RATE, frame_size=context.frame_size)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return path


def ladder(seconds: int) -> Samples:
    """A tone that is 20 Hz higher in each second, from 400 Hz on; still at first, then in noise, so that its bit rate varies."""
    still = seconds // 3
    steps = (tone(1.0, 400.0 + 20.0 * second, 0.2) for second in range(seconds))
    return np.concatenate([step if second < still else step + noise(1.0, 0.05) for second, step in enumerate(steps)])
