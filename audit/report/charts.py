"""Small charts as inline SVG. Colours come from the page by class; numbers stand beside the shapes as text."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from audit.i18n import tr
from audit.report.summary import Tally

_HOURS = 24
_STEP, _HEIGHT, _TOP, _BOTTOM = 40, 150, 18, 20


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
            Markup('<rect class="fill-{}" x="{}" width="{}" height="8"/>').format(css, _number(x), _number(width))
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
        *(x, _number(base - whole), width, _number(whole)),
        *(x, _number(base - part), width, _number(part)),
        *(x + width // 2, _number(base - whole - 5), value),
    )


def _number(value: float) -> str:
    """A coordinate, the same on every machine.

    >>> _number(25.0), _number(1 / 3)
    ('25', '0.33')
    """
    return f"{value:.2f}".rstrip("0").rstrip(".")
