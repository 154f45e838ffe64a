"""The answer key of a training pack, for programs (answers.json) and for a spreadsheet (answers.csv)."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audit import __version__
from audit.i18n import language, tr
from audit.model.labels import LABELS
from audit.report.atomic import write_atomic
from audit.report.card import Card
from audit.report.labels import SEVERITIES, name
from audit.report.page import printable

if TYPE_CHECKING:
    from audit.clips.pack import Example, Wish

SCHEMA_VERSION = "1"
JSON, CSV = "answers.json", "answers.csv"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write(folder: Path, examples: "Sequence[Example]", wish: "Wish") -> None:
    """Write both files into `folder`."""
    record = {
        "schema_version": SCHEMA_VERSION,
        "callaudit_version": __version__,
        "language": language(),
        "labels": list(wish.labels),
        "state": wish.state,
        "disguise": wish.disguise,
        "examples": [_record(example) for example in examples],
    }
    write_atomic(folder / JSON, json.dumps(record, ensure_ascii=False, indent=2) + "\n")
    write_atomic(folder / CSV, _csv(examples))


def _record(example: "Example") -> dict[str, Any]:
    clip, span = example.clip, example.span
    return {
        "number": example.number,
        "verdict": example.verdict,
        "review_state": example.state.value,
        "clip": clip and {"file": clip.file, "sha256": clip.sha256, "duration_s": clip.duration_s, "beeps": clip.beeps},
        "transcript": example.transcript,
        "call": example.call,
        "turn": example.asked.turn.index,
        "start_s": span and round(span.start_s, 2),
        "end_s": span and round(span.end_s, 2),
        "words": printable(example.asked.text),
        "findings": [_finding(card) for card in example.cards],
        "dismissed": [_finding(card) for card in example.dismissed],
        "dismissed_because": [printable(reason) for reason in example.reasons],
        "resembles": example.like,
        "shared_words": list(example.shared),
    }


def _finding(card: Card) -> dict[str, Any]:
    finding = card.finding
    return {
        "label": finding.label,
        "name": name(LABELS, finding.label),
        "severity": finding.severity.value,
        "confidence": finding.confidence,
        "review": list(finding.why.review),
        "quote": printable(card.quote),
        "reason": printable(card.reason),
        "advice": printable(card.advice),
        "clauses": [clause.key for clause in finding.clauses],
    }


def _csv(examples: "Sequence[Example]") -> str:
    """Begins with the mark by which Excel knows UTF-8."""
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(
        (
            tr("编号", "number"), tr("声音", "clip"), tr("判定", "verdict"), tr("谁的判定", "by whom"), tr("标签", "labels"), tr("级别", "severity"),
            tr("所问原话", "words asked about"), tr("理由", "reason"), tr("合规说法", "what to say instead"),
            tr("条款", "clauses"), tr("通话", "call"), tr("话轮", "turn"), tr("排除理由", "dismissed because"),
        )
    )  # fmt: skip
    for example in examples:
        findings = [card.finding for card in example.cards]
        row = (
            str(example.number),
            example.clip.file if example.clip else "",
            example.verdict_name,
            example.word,
            _joined(name(LABELS, finding.label) for finding in findings),
            name(SEVERITIES, findings[0].severity.value) if findings else "",
            example.asked.text,
            _joined(card.reason for card in example.cards),
            _joined(card.advice for card in example.cards),
            _joined(tr(clause.zh, clause.en) for finding in findings for clause in finding.clauses),
            example.call,
            str(example.asked.turn.index + 1),
            _joined(example.reasons),
        )
        table.writerow([_cell(value) for value in row])
    return "\ufeff" + file.getvalue()


def _joined(texts: Any) -> str:
    return " ｜ ".join(dict.fromkeys(text for text in texts if text))


def _cell(text: str) -> str:
    """Text that a spreadsheet takes for text: what begins like a formula gets a quote before it."""
    shown = printable(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
