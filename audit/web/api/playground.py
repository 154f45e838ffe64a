"""The playground for programs: what rules say of a dialogue, what an edited rule would change."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from audit.report.record import finding_record
from audit.report.redaction import Redactor
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.pages.playground import MOST_CALLS, compared_with_stored
from audit.web.playground import LONGEST_DIALOGUE, LONGEST_RULE, Proof, pasted_call, try_call

router = APIRouter(tags=["playground"])
Officer = Annotated[User, Depends(allowed(Permission.PLAYGROUND))]


class Dialogue(BaseModel):
    """A dialogue, a turn a line (`坐席：…`, `客户：…`), what is known of the call, and an edited rule (YAML) or none."""

    dialogue: str = Field(max_length=LONGEST_DIALOGUE)
    started_at: str = Field("", max_length=40)
    relation: str = Field("", max_length=40)
    debtor_name: str = Field("", max_length=40)
    edited: str = Field("", max_length=LONGEST_RULE)


class Edited(BaseModel):
    """An edited rule (YAML), and in how many stored calls to look for what it changes: those with findings of `rule` first."""

    edited: str = Field(max_length=LONGEST_RULE)
    rule: str = Field("", max_length=80)
    calls: int = Field(200, ge=1, le=MOST_CALLS)


class FailedExample(BaseModel):
    """One of the rule's own examples that does not hold."""

    example: str
    breaching: bool
    found: list[str]


class Found(BaseModel):
    """The findings, as in findings.jsonl with masked words, and how the edited rule's own examples fared."""

    findings: list[dict[str, Any]]
    examples: int
    failed: list[FailedExample]


class Changed(BaseModel):
    """One finding that appears (`before` null), vanishes (`after` null) or is graded otherwise."""

    call: int
    finding: int | None
    state: str | None
    label: str
    turn: int | None
    quote: str
    before: str | None
    after: str | None


class Changes(BaseModel):
    """What the edited rule changes: how many findings in all, and the first 500."""

    rule: str
    calls: int
    total: int
    changes: list[Changed]
    examples: int
    failed: list[FailedExample]


@router.post("/playground/audit")
def audit(request: Request, user: Officer, asked: Dialogue) -> Found:
    """What the rules in force, the edited one among them, find in a dialogue."""
    desk = desk_of(request)
    call = pasted_call(asked.dialogue, asked.started_at, asked.relation, asked.debtor_name)
    tried = desk.trial.run(try_call, desk.options, call, asked.edited, "")
    redactor = Redactor(tried.report.call)
    found = [finding_record(one) | {"quote": redactor.quote(one)} for one in tried.report.findings]
    for record, finding in zip(found, tried.report.findings, strict=True):
        record["why"]["matched"] = [redactor.fragment(finding, words) for words in finding.why.matched]
    return Found(findings=found, examples=tried.examples, failed=_failed(tried.failed))


@router.post("/playground/compare")
def compare(request: Request, user: Officer, asked: Edited) -> Changes:
    """What an edited rule would find and lose among stored calls."""
    compared, rows = compared_with_stored(desk_of(request), user, asked.edited, asked.rule, asked.calls)
    changes = [
        Changed(
            call=row.call,
            finding=row.number,
            state=row.state,
            label=row.change.finding.label,
            turn=row.change.finding.turn,
            quote=row.quote,
            before=row.change.old.severity.value if row.change.old else None,
            after=row.change.new.severity.value if row.change.new else None,
        )
        for row in rows
    ]
    return Changes(
        rule=compared.rule,
        calls=compared.calls,
        total=len(compared.changes),
        changes=changes,
        examples=compared.examples,
        failed=_failed(compared.failed),
    )


def _failed(proofs: tuple[Proof, ...]) -> list[FailedExample]:
    return [FailedExample(example=one.example, breaching=one.breaching, found=list(one.found)) for one in proofs]
