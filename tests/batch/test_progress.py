import io
import threading
from collections.abc import Iterator

import pytest

from audit.batch.progress import Tally, lines, shown, status
from audit.i18n import set_language


@pytest.fixture
def english() -> Iterator[None]:
    set_language("en")
    yield
    set_language("zh")


def tally(**counts: float) -> Tally:
    return Tally(began=1000.0, **counts)  # type: ignore[arg-type]


def test_says_how_far_how_fast_and_how_long_still() -> None:
    now = tally(found=100, complete=True, audited=20, kept=28, failed=2, seconds=7200.0)
    assert status(now, 1000.0 + 660) == (
        "50/100 份 · 此前已完成 28 · 通话 2.0 小时 · 10.9 倍速 · 剩余 25 分钟 · 失败 2"
    )


@pytest.mark.usefixtures("english")
def test_says_it_in_english() -> None:
    now = tally(found=4, complete=True, audited=2, failed=1, seconds=360.0)
    assert status(now, 1000.0 + 36) == "3/4 inputs · 6 min of calls · 10.0x real time · less than 1 min left · 1 failed"


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        pytest.param({}, "0/0+ 份", id="nothing yet"),
        pytest.param({"found": 7, "audited": 3}, "3/7+ 份", id="more inputs may come"),
        pytest.param({"found": 7, "complete": True}, "0/7 份", id="no pace yet"),
        pytest.param({"found": 7, "complete": True, "kept": 7}, "7/7 份 · 此前已完成 7", id="all done before"),
        pytest.param({"found": 7, "complete": True, "audited": 7}, "7/7 份", id="done"),
        pytest.param({"found": 7, "complete": True, "audited": 7, "writing": True}, "正在写汇总报告", id="writing"),
    ],
)
def test_says_nothing_that_nobody_can_know(counts: dict[str, float], expected: str) -> None:
    assert status(tally(**counts), 1060.0) == expected


def test_hours_left_are_said_in_hours() -> None:
    assert status(tally(found=11, complete=True, audited=1), 1000.0 + 3600) == "1/11 份 · 剩余 10.0 小时"


def test_what_was_done_before_does_not_make_the_pace_look_better() -> None:
    assert tally(found=100, complete=True, audited=10, kept=80).left_s(1000.0 + 50) == pytest.approx(50)


class Lines(io.StringIO):
    """A stream that tells when something was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = threading.Event()

    def write(self, text: str) -> int:
        self.written.set()
        return super().write(text)


def test_lines_come_while_a_call_is_long() -> None:
    stream = Lines()
    with lines(Tally(found=3), stream, 0.01):
        assert stream.written.wait(30)
    assert stream.getvalue().startswith("0/3+ 份\n")


def test_the_last_line_says_where_it_ended() -> None:
    stream, counted = io.StringIO(), Tally(found=2)
    with shown(counted, stream, quiet=False):
        counted.audited, counted.complete, counted.writing = 2, True, True
    assert stream.getvalue() == "2/2 份\n"


def test_quiet_says_nothing() -> None:
    stream = io.StringIO()
    with shown(Tally(), stream, quiet=True):
        pass
    assert stream.getvalue() == ""


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_bar_that_ends_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    stream, counted = Terminal(), Tally(found=2)
    with shown(counted, stream, quiet=False):
        counted.audited, counted.complete = 2, True
    assert "2/2 份" in stream.getvalue()
    assert "━" in stream.getvalue()
