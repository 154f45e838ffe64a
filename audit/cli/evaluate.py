"""`callaudit evaluate`: precision and recall of the rules on labelled calls, by family or label, with what was missed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from audit.i18n import tr

Key = tuple[str, int | None, str]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one name: agreed, missed, and found although not labelled."""

    agreed: int
    missed: int
    extra: int

    @property
    def precision(self) -> float:
        """Share of findings that are labelled; 1 when there is none."""
        return self.agreed / (self.agreed + self.extra) if self.agreed + self.extra else 1.0

    @property
    def recall(self) -> float:
        """Share of labels that were found; 1 when there is none."""
        return self.agreed / (self.agreed + self.missed) if self.agreed + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def score(gold: Iterable[Key], found: Iterable[Key]) -> dict[str, Score]:
    """Scores by name over keys (call, turn or None, name).

    >>> score([("c", 0, "threat")], [("c", 0, "threat"), ("c", 1, "threat")])["threat"].precision
    0.5
    """
    golden, finding = set(gold), set(found)
    counts: dict[str, Counter[str]] = {}
    for key in golden | finding:
        kind = "agreed" if key in golden and key in finding else "missed" if key in golden else "extra"
        counts.setdefault(key[2], Counter())[kind] += 1
    return {name: Score(c["agreed"], c["missed"], c["extra"]) for name, c in sorted(counts.items())}


@click.command(
    help=tr(
        "用标注通话（LABELS 格式的 JSONL）计算规则的查准率和查全率。",
        "Precision and recall of the rules on labelled calls (JSONL).",
    )
)
@click.argument("labelled", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--by",
    type=click.Choice(["family", "label"]),
    default="family",
    show_default=True,
    help=tr("按类或按标签", "by family or label"),
)
@click.option(
    "--misses",
    default=0,
    show_default=True,
    help=tr("列出多少条漏报和误报", "how many misses and false findings to list"),
)
@click.option("--policy", default="default", show_default=True, help=tr("策略名或文件", "name or file of a policy"))
@click.option("--rules", "folders", multiple=True, metavar="DIR", help=tr("另加的规则目录", "a further rule folder"))
def evaluate(labelled: str, by: str, misses: int, policy: str, folders: tuple[str, ...]) -> None:
    """Audits the calls, cross-call limits included, and compares with their labels."""
    gold, found, texts = _audit(labelled, policy, folders)
    short = (lambda label: label.partition(".")[0]) if by == "family" else str
    golden = {(call, turn, short(label)) for call, turn, label in gold}
    finding = {(call, turn, short(label)) for call, turn, label in found}
    click.echo(f"{'':32}{'gold':>6}{'found':>7}{'P':>8}{'R':>8}{'F1':>8}")
    for name, result in score(golden, finding).items():
        numbers = f"{result.precision:8.3f}{result.recall:8.3f}{result.f1:8.3f}"
        click.echo(f"{name:32}{result.agreed + result.missed:6}{result.agreed + result.extra:7}{numbers}")
    clean = {place for place, labelled_turn in texts.items() if not labelled_turn[1]}
    false = {(call, turn) for call, turn, label in found if (call, turn) in clean and not label.startswith("signal.")}
    click.echo(
        tr(
            "干净话轮 {0} 个，误报 {1} 个（每千 {2:.2f}）", "{0} clean turns, {1} falsely flagged ({2:.2f} per 1,000)"
        ).format(len(clean), len(false), 1000 * len(false) / max(1, len(clean)))
    )
    _list(tr("漏报", "missed"), golden - finding, texts, misses)
    _list(tr("误报", "false"), finding - golden, texts, misses)


def _list(title: str, keys: set[Key], texts: dict[tuple[str, int], tuple[str, bool]], limit: int) -> None:
    from audit.pii.redact import mask

    for call, turn, name in sorted(keys, key=str)[:limit]:
        text = mask(texts[call, turn][0]) if turn is not None else ""
        click.echo(f"  {title}  {call}  {'' if turn is None else turn}  {name}  {text}")


def _audit(
    labelled: str, policy: str, folders: tuple[str, ...]
) -> tuple[set[Key], set[Key], dict[tuple[str, int], tuple[str, bool]]]:
    import json

    from audit.errors import InputError
    from audit.ingest.find import find_inputs
    from audit.ingest.items import CallInput, Failure
    from audit.pipeline import Auditor, Options
    from audit.rules.contact import ContactRecord, Records, findings_across, heard_in

    auditor = Auditor(Options(policy=policy, rules=folders))
    gold: set[Key] = set()
    found: set[Key] = set()
    texts: dict[tuple[str, int], tuple[str, bool]] = {}
    records = []
    for number, line in enumerate(Path(labelled).read_text(encoding="utf-8-sig").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            call = json.loads(line)
            _ = call["call_id"], [turn["i"] for turn in call["turns"]]
        except (ValueError, KeyError, TypeError) as error:
            raise InputError("CA110", f"{labelled}:{number}", reason=f"{type(error).__name__}: {error}") from None
        gold.update((call["call_id"], None, label) for label in call.get("call_labels", ()))
        for turn in call["turns"]:
            labels = [entry["label"] for entry in turn.get("labels", ())]
            gold.update((call["call_id"], turn["i"], label) for label in labels)
            texts[call["call_id"], turn["i"]] = (turn["text"], bool(labels))
    for item in find_inputs([labelled]):
        if isinstance(item, Failure):
            click.echo(item.problem.line(), err=True)
        if not isinstance(item, CallInput):
            continue
        report = auditor.audit(item)
        found.update((item.call_id, finding.turn, finding.label) for finding in report.findings)
        heard = heard_in(report.call, report.findings)
        records.append(ContactRecord(item.call_id, report.call.metadata, report.call.both_spoke, heard))
    across = findings_across(Records(records), auditor.engine.pack, auditor.engine.policy)
    found.update((finding.call_id, None, finding.label) for finding in across)
    return gold, found, texts
