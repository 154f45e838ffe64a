"""Charts of the desk as SVG: in a page they take their colours from charts.css, as a file they carry it with them.

Each has a title and a description for those who cannot see it; the table beside it has the numbers. Dots are hollow where they stand for
too little to judge by; whiskers are 95 % intervals, with an arrow where one goes beyond the chart.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from markupsafe import Markup

from audit.report.charts import number
from audit.report.page import printable

# Names, plot, values beside it; a row; room for the axis. In units of the drawing, which scales.
_PLOT, _VALUES, _ROW, _AXIS = 320, 120, 24, 26
# Of a name: its room in letters (a character of Chinese takes two) and that of a letter.
_NAME_WIDTH, _TAIL, _LETTER = 32, 8, 6.4
_WIDTH, _HEIGHT, _LEFT, _TOP, _FOOT = 1080, 250, 46, 14, 44
_TICKS = 5
_HEADING = 36


@dataclass(frozen=True, slots=True)
class Mark:
    """One name with its value and interval (None: nothing to show), `note` beside it. `is_small`: too little to judge by."""

    name: str
    value: float | None
    interval: tuple[float, float] | None
    note: str
    is_small: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart is called and says in words; `key` makes its ids, `unit` stands behind each value."""

    key: str
    title: str
    description: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart that is drawn: in a page as it is, or as a file."""

    chart: Chart
    width: int
    height: int
    shapes: Sequence[Markup]

    def __html__(self) -> str:
        """The chart as a part of a page, where its title stands above it already."""
        return self._svg(Markup(""), 0)

    def file(self) -> bytes:
        """The chart as a file of its own, with its title to be read and its style inside."""
        heading = Markup('<text class="heading" x="12" y="{}">{}</text>').format(
            22 - _HEADING, printable(self.chart.title)
        )
        style = Markup("<style>{}</style>").format(Markup(_style()))
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{self._svg(style + heading, _HEADING)}\n'.encode()

    def _svg(self, more: Markup, above: int) -> Markup:
        return Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" class="chart {key}" width="{w}" height="{h}" viewBox="0 {top} {w} {h}" '
            'role="img" aria-labelledby="{key}-title {key}-description"><title id="{key}-title">{}</title>'
            '<desc id="{key}-description">{}</desc><rect class="paper" y="{top}" width="{w}" height="{h}"/>{}{}</svg>'
        ).format(
            printable(self.chart.title),
            printable(self.chart.description),
            more,
            Markup("").join(self.shapes),
            w=self.width,
            h=self.height + above,
            top=-above,
            key=self.chart.key,
        )


def ranking_chart(chart: Chart, marks: Sequence[Mark], most: float | None = None) -> Drawing:
    """A row for each mark. The axis goes from 0 to `most`; without one to what shows all values, and the intervals of those that are not
    small."""
    end = most or _axis_end(marks)
    names = [_shortened(mark.name) for mark in marks]
    left, bottom = 24 + math.ceil(_LETTER * max(map(_width, names), default=0)), _ROW * len(marks)
    ticks = [
        Markup(
            '<line class="grid" x1="{0}" x2="{0}" y1="0" y2="{1}"/><text class="axis middle" x="{0}" y="{2}">{3}</text>'
        ).format(number(left + _PLOT * tick / end), bottom, bottom + 17, f"{tick:g}{chart.unit}")
        for tick in _ticks(end)
    ]
    scale = _Scale(left, end, chart.unit)
    rows = [
        _row(mark, name, _ROW * place + _ROW // 2, scale)
        for place, (mark, name) in enumerate(zip(marks, names, strict=True))
    ]
    return Drawing(chart, left + _PLOT + _VALUES, bottom + _AXIS, ticks + rows)


def weeks_chart(chart: Chart, marks: Sequence[Mark]) -> Drawing:
    """A dot for each week (named by its Monday), in the order of time, joined by a line."""
    end, base = _axis_end(marks), _TOP + _HEIGHT
    ticks = [
        Markup(
            '<line class="grid" x1="{}" x2="{}" y1="{y}" y2="{y}"/><text class="axis end" x="{}" y="{}">{}</text>'
        ).format(_LEFT, _WIDTH, _LEFT - 8, number(_up(tick, end) + 4), f"{tick:g}", y=number(_up(tick, end)))
        for tick in _ticks(end)
    ]
    step = (_WIDTH - _LEFT) / max(len(marks), 1)
    places = [(_LEFT + step * (place + 0.5), mark) for place, mark in enumerate(marks)]
    line = " ".join(f"{number(x)},{number(_up(mark.value, end))}" for x, mark in places if mark.value is not None)
    # So many names that none covers the next.
    every = max(1, math.ceil(58 / step))
    shapes = [Markup('<polyline class="trend" points="{}"/>').format(line)]
    shapes += [_week(mark, x, end) for x, mark in places]
    shapes += [
        Markup(
            '<text class="axis middle" x="{x}" y="{}">{}</text><text class="note middle" x="{x}" y="{}">{}</text>'
        ).format(base + 18, printable(mark.name), base + 34, printable(mark.note), x=number(x))
        for x, mark in places[::every]
    ]
    return Drawing(chart, _WIDTH + 10, base + _FOOT, ticks + shapes)


@cache
def _style() -> str:
    return files("audit.web").joinpath("static", "charts.css").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class _Scale:
    """Where the axis of a ranking begins, what it ends at, and the unit."""

    left: int
    end: float
    unit: str

    def at(self, value: float) -> str:
        return number(self.left + _PLOT * min(value, self.end) / self.end)


def _row(mark: Mark, name: str, y: int, scale: _Scale) -> Markup:
    shown, edge = (
        Markup('<text class="name end" x="{}" y="{}">{}</text>').format(scale.left - 12, y + 4, name),
        scale.left + _PLOT,
    )
    if mark.value is None or mark.interval is None:
        return shown
    beyond = Markup("")
    if mark.interval[1] > scale.end:
        beyond = Markup('<path class="arrow" d="M{} {}l6 4l-6 4z"/>').format(edge, y - 4)
    return Markup(
        '<g class="{}"><title>{}</title>{}<line class="whisker" x1="{}" x2="{}" y1="{y}" y2="{y}"/>{}'
        '<circle class="dot" cx="{}" cy="{y}" r="4.5"/>'
        '<text class="value" x="{}" y="{}">{} <tspan class="note" dx="5">{}</tspan></text></g>'
    ).format(
        "small" if mark.is_small else "enough",
        _told(mark, scale.unit),
        shown,
        *map(scale.at, mark.interval),
        beyond,
        scale.at(mark.value),
        *(edge + 14, y + 4),
        f"{mark.value:.1f}{scale.unit}",
        printable(mark.note),
        y=y,
    )


def _week(mark: Mark, x: float, end: float) -> Markup:
    if mark.value is None or mark.interval is None:
        return Markup("")
    low, high = (number(_up(min(limit, end), end)) for limit in mark.interval)
    return Markup(
        '<g class="{}"><title>{}</title><line class="whisker" x1="{x}" x2="{x}" y1="{}" y2="{}"/>'
        '<circle class="dot" cx="{x}" cy="{}" r="4.5"/></g>'
    ).format("small" if mark.is_small else "enough", _told(mark), low, high, number(_up(mark.value, end)), x=number(x))


def _told(mark: Mark, unit: str = "") -> str:
    """A mark in words, for the pointer."""
    assert mark.value is not None and mark.interval is not None
    low, high = mark.interval
    return f"{printable(mark.name)}: {mark.value:.1f}{unit} [{low:.1f}–{high:.1f}] {printable(mark.note)}"


def _up(value: float, end: float) -> float:
    return _TOP + _HEIGHT * (1 - value / end)


def _axis_end(marks: Sequence[Mark]) -> float:
    """A round number that no value is above, and no interval but those of small numbers."""
    sure = [mark.interval[1] for mark in marks if mark.interval and not mark.is_small]
    most = max([*sure, *(mark.value for mark in marks if mark.value is not None)], default=0.0)
    if not most:
        return 1.0
    step = _step(most)
    return step * math.ceil(most / step)


def _step(end: float) -> float:
    """A round distance of ticks.

    >>> _step(37), _step(1), _step(640)
    (10.0, 0.2, 200.0)
    """
    power: float = 10.0 ** math.floor(math.log10(end / _TICKS))
    return next(power * times for times in (1, 2, 5, 10) if power * times * _TICKS >= end)


def _ticks(end: float) -> list[float]:
    step = _step(end)
    return [round(step * place, 10) for place in range(math.floor(end / step + 1e-9) + 1)]


def _width(text: str) -> int:
    """How many letters wide a text is.

    >>> _width("A07组")
    5
    """
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _shortened(name: str) -> str:
    """A name as long as there is room; what goes is before its end, where names of rules differ.

    >>> _shortened("privacy.third_party_disclosure/overdue")
    'privacy.third_party_dis…/overdue'
    """
    shown = printable(name)
    if _width(shown) <= _NAME_WIDTH:
        return shown
    head, tail = shown[:-_TAIL], shown[-_TAIL:]
    while _width(head) + 1 + _width(tail) > _NAME_WIDTH:
        head = head[:-1]
    return f"{head}…{tail}"
