"""Small charts as inline SVG. Colours come from the page by class; numbers stand beside the shapes as text."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from audit.i18n import tr
from audit.report.summary import Tally

_HOURS = 24
_STEP, _HEIGHT, _TOP, _BOTTOM = 40, 150, 18, 20
_NAMES, _PLOT, _AFTER, _ROW = 230, 420, 60, 22
_SQUARE = 240


def bar(parts: Sequence[tuple[str, float]], whole: float) -> Markup:
    """A horizontal bar of `parts` (class, amount) on a track as long as `whole`.

    >>> bar([("major", 1)], 4)
    Markup('<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">\
<rect class="track" width="100" height="8"/><rect class="fill-major" x="0" width="25" height="8"/></svg>')
    """
    shapes, x = [Markup('<rect class="track" width="100" height="8"/>')], 0.0
    for css, amount in parts:
        width = 100 * amount / whole if whole else 0.0
        shapes.append(
            Markup('<rect class="fill-{}" x="{}" width="{}" height="8"/>').format(css, number(x), number(width))
        )
        x += width
    return Markup('<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">{}</svg>').format(
        Markup("").join(shapes)
    )


def hours_chart(hours: Mapping[int, Tally]) -> Markup:
    """Columns of calls by hour of the day at the debtor's place, the share with a violation filled darker."""
    most = max((tally.calls for tally in hours.values()), default=0)
    columns = [_column(hour, hours[hour], most) for hour in range(_HOURS) if hour in hours]
    axis = [
        Markup('<text class="axis" x="{}" y="{}">{:02}</text>').format(
            _STEP * hour + _STEP // 2, _TOP + _HEIGHT + _BOTTOM - 4, hour
        )
        for hour in range(_HOURS)
    ]
    return Markup(
        '<svg class="hours" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<line class="base" x1="0" x2="{}" y1="{}" y2="{}"/>{}{}</svg>'
    ).format(
        _STEP * _HOURS,
        _TOP + _HEIGHT + _BOTTOM,
        tr("按小时的通话数与违规通话数", "Calls and calls with a violation by hour"),
        _STEP * _HOURS,
        _TOP + _HEIGHT,
        _TOP + _HEIGHT,
        Markup("").join(columns),
        Markup("").join(axis),
    )


def _column(hour: int, tally: Tally, most: int) -> Markup:
    whole, part = _HEIGHT * tally.calls / most, _HEIGHT * tally.violations / most
    base, x, width = _TOP + _HEIGHT, _STEP * hour + 6, _STEP - 12
    title = tr("{:02} 时：{} 通，违规 {} 通", "{:02}h: {} calls, {} with a violation").format(
        hour, tally.calls, tally.violations
    )
    value = f"{tally.violations}/{tally.calls}" if tally.violations else str(tally.calls)
    return Markup(
        '<g><title>{}</title><rect class="fill-calls" x="{}" y="{}" width="{}" height="{}"/>'
        '<rect class="fill-violation" x="{}" y="{}" width="{}" height="{}"/>'
        '<text class="value" x="{}" y="{}">{}</text></g>'
    ).format(
        title,
        *(x, number(base - whole), width, number(whole)),
        *(x, number(base - part), width, number(part)),
        *(x + width // 2, number(base - whole - 5), value),
    )


def intervals_chart(rows: Sequence[tuple[str, float | None, tuple[float, float] | None]], title: str) -> Markup:
    """Shares from 0 to 1 as dots with their intervals as whiskers, one row a name; a row without a share stays empty."""
    height = _ROW * len(rows) + _BOTTOM
    ticks = [
        Markup(
            '<line class="grid" x1="{0}" x2="{0}" y1="0" y2="{1}"/><text class="axis" x="{0}" y="{2}">{3}</text>'
        ).format(_at(share / 10), height - _BOTTOM, height - 5, f"{share / 10:g}")
        for share in range(0, 11, 2)
    ]
    return Markup('<svg class="intervals" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>').format(
        _NAMES + _PLOT + _AFTER,
        height,
        title,
        Markup("").join(ticks),
        Markup("").join(_whisker(_ROW * i + _ROW // 2, *row) for i, row in enumerate(rows)),
    )


def _whisker(y: int, name: str, share: float | None, interval: tuple[float, float] | None) -> Markup:
    label = Markup('<text class="name" x="{}" y="{}">{}</text>').format(_NAMES - 10, y + 4, name)
    if share is None or interval is None:
        return label
    low, high = interval
    return label + Markup(
        '<g><title>{}</title><line class="whisker" x1="{}" x2="{}" y1="{y}" y2="{y}"/>'
        '<circle class="dot" cx="{}" cy="{y}" r="4.5"/><text class="value" x="{}" y="{}">{}</text></g>'
    ).format(
        f"{name} {share:.3f} [{low:.3f}–{high:.3f}]",
        _at(low),
        _at(high),
        _at(share),
        _NAMES + _PLOT + 12,
        y + 4,
        f"{share:.2f}",
        y=y,
    )


def _at(share: float) -> str:
    return number(_NAMES + _PLOT * share)


def calibration_chart(bins: Sequence[tuple[float, float, int, float | None]], title: str) -> Markup:
    """The share that is right (upwards) against the confidence (to the right): bins as (low, high, shown, share). On the line, what is
    shown at 0.9 is right nine times in ten; the larger a dot, the more findings."""
    most = max((shown for _, _, shown, _ in bins), default=0)
    dots = [
        Markup('<g><title>{}</title><circle class="dot" cx="{}" cy="{}" r="{}"/></g>').format(
            f"{low:g}–{high:g}: {share:.2f} ({shown})",
            number(_SQUARE * (low + high) / 2),
            number(_SQUARE * (1 - share)),
            number(4 + 8 * (shown / most) ** 0.5),
        )
        for low, high, shown, share in bins
        if share is not None
    ]
    return Markup(
        '<svg class="calibration" viewBox="-30 -12 {} {}" role="img" aria-label="{}"><rect class="frame" width="{s}" height="{s}"/>'
        '<line class="even" x1="0" y1="{s}" x2="{s}" y2="0"/><text class="axis" x="0" y="{a}">0</text>'
        '<text class="axis" x="{s}" y="{a}">1</text><text class="axis" x="-14" y="6">1</text>{}</svg>'
    ).format(_SQUARE + 50, _SQUARE + 34, title, Markup("").join(dots), s=_SQUARE, a=_SQUARE + 16)


def number(value: float) -> str:
    """A coordinate, the same on every machine.

    >>> number(25.0), number(1 / 3)
    ('25', '0.33')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")
