"""The outcome of an evaluation as one self-contained page."""

from collections.abc import Sequence
from pathlib import Path

from audit.evaluation.outcome import Outcome, difference
from audit.evaluation.scores import Bin, Row
from audit.i18n import tr
from audit.model.labels import LABELS
from audit.report.charts import calibration_chart, intervals_chart
from audit.report.labels import FAMILIES, name
from audit.report.page import write_page

_MANY = 300


def write(outcome: Outcome, files: Sequence[str], path: Path) -> None:
    """Write the page; raises CallauditError (CA400) when it cannot be written."""
    write_page(
        path,
        "evaluation.html.j2",
        None,
        outcome=outcome,
        files=[Path(file).name for file in files],
        families=_chart(outcome.families, tr("各类的 F1", "F1 by family")),
        labels=_chart(outcome.labels, tr("各标签的 F1", "F1 by label")),
        calibrations=[
            (
                tr("指认和独立成立的信号", "Accusations and signals that stand"),
                outcome.standing,
                _curve(outcome.standing),
            ),
            (tr("待人工听音", "Waiting for a listener"), outcome.waiting, _curve(outcome.waiting)),
        ],
        missed=[difference(one) for one in outcome.missed[:_MANY]],
        wrong=[difference(one) for one in outcome.false[:_MANY]],
        named=shown,
    )


def shown(key: str) -> str:
    """The name of a label or family."""
    return name(LABELS, key) if "." in key else name(FAMILIES, key)


def _chart(rows: Sequence[Row], title: str) -> object:
    return intervals_chart([(shown(row.name), row.score.f1, row.f1) for row in rows], title)


def _curve(bins: Sequence[Bin]) -> object:
    title = tr("置信度与实际正确率", "Confidence and the share that is right")
    return calibration_chart([(one.low, one.high, one.shown, one.share) for one in bins], title)
