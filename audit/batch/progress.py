"""What a run shows of itself while it works, always on stderr: a bar on a terminal, a line now and then elsewhere."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from audit.i18n import tr

SECONDS_BETWEEN_LINES = 10.0


@dataclass(slots=True)
class Tally:
    """How far a run is. One thread counts; whoever shows it only reads.

    `found` are the inputs met so far, all of them once `complete`. `kept` were done by an earlier run. `seconds` is the
    length of the calls audited now, `began` is monotonic.
    """

    found: int = 0
    complete: bool = False
    audited: int = 0
    kept: int = 0
    failed: int = 0
    seconds: float = 0.0
    writing: bool = False
    began: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> int:
        """Inputs dealt with, in whatever way."""
        return self.audited + self.kept + self.failed

    def speed(self, now: float) -> float | None:
        """Length of the calls audited over the time it took; None when the calls do not tell their length."""
        return self.seconds / (now - self.began) if self.seconds and now > self.began else None

    def left_s(self, now: float) -> float | None:
        """Seconds left at the pace so far; None while nobody can tell."""
        worked = self.audited + self.failed
        if not self.complete or not worked or self.done == self.found:
            return None
        return (now - self.began) / worked * (self.found - self.done)


def status(tally: Tally, now: float) -> str:
    """How far it is, in words: `120/500 份 · 通话 3.4 小时 · 8.2 倍速 · 剩余 12 分钟 · 失败 2`."""
    if tally.writing:
        return tr("正在写汇总报告", "writing the reports of the run")
    total = str(tally.found) if tally.complete else f"{tally.found}+"
    speed, left = tally.speed(now), tally.left_s(now)
    parts = [tr(f"{tally.done}/{total} 份", f"{tally.done}/{total} inputs")]
    if tally.kept:
        parts.append(tr(f"此前已完成 {tally.kept}", f"{tally.kept} done before"))
    if tally.seconds:
        parts.append(tr(f"通话 {_length(tally.seconds)}", f"{_length(tally.seconds)} of calls"))
    if speed is not None:
        parts.append(tr(f"{speed:.1f} 倍速", f"{speed:.1f}x real time"))
    if left is not None:
        about = _length(left) if left >= 60 else tr("不到 1 分钟", "less than 1 min")
        parts.append(tr(f"剩余 {about}", f"{about} left"))
    if tally.failed:
        parts.append(tr(f"失败 {tally.failed}", f"{tally.failed} failed"))
    return " · ".join(parts)


@contextmanager
def shown(tally: Tally, stream: TextIO, quiet: bool) -> Iterator[None]:
    """Show `tally` on `stream` for as long as the block lasts."""
    if quiet:
        yield
    elif stream.isatty():
        with _bar(tally, stream):
            yield
    else:
        with lines(tally, stream, SECONDS_BETWEEN_LINES):
            yield


@contextmanager
def lines(tally: Tally, stream: TextIO, interval_s: float) -> Iterator[None]:
    """Write a line every `interval_s` seconds, and one at the end."""
    over = threading.Event()

    def write() -> None:
        while not over.wait(interval_s):
            print(status(tally, time.monotonic()), file=stream, flush=True)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()
        tally.writing = False
        print(status(tally, time.monotonic()), file=stream, flush=True)


@contextmanager
def _bar(tally: Tally, stream: TextIO) -> Iterator[None]:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    def bar() -> RenderableType:
        row = Table.grid(padding=(0, 1))
        total = tally.found if tally.complete else None
        row.add_row(ProgressBar(total=total, completed=tally.done, width=16), status(tally, time.monotonic()))
        return row

    with Live(console=Console(file=stream), get_renderable=bar, refresh_per_second=4):
        yield


def _length(seconds: float) -> str:
    if seconds < 3600:
        return tr(f"{seconds / 60:.0f} 分钟", f"{seconds / 60:.0f} min")
    return tr(f"{seconds / 3600:.1f} 小时", f"{seconds / 3600:.1f} h")
