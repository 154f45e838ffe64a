"""Call reports as plain records (what JSON can hold) and back.

The one place that rounds: times to 0.01 s, confidences to 0.01. A report that went through here and back is equal to
itself; `canonical` gives any report in that form, so that every emitter shows the same numbers.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from audit.errors import InputError
from audit.model.call import AccountStatus, Call, CallMetadata, DialResult, Direction, Role, Source, Turn
from audit.model.finding import Citation, Explanation, Finding, Severity
from audit.model.report import SCHEMA_VERSION, AuditInfo, CallReport, DialogueState
from audit.model.span import CharSpan, TimeSpan
from audit.model.transcript import EngineInfo, Word

Record = dict[str, Any]


def to_json(record: Mapping[str, Any]) -> str:
    """One line of JSON, Chinese readable, without the line end.

    Escaped are lone surrogates, which UTF-8 cannot hold, and the characters that some readers take for a line end.
    """
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


_ESCAPED = re.compile("[\x85\u2028\u2029\ud800-\udfff]")


def canonical(report: CallReport) -> CallReport:
    """`report` with every number as it is written to files."""
    return read_report(report_record(report))


def finding_record(finding: Finding) -> Record:
    """One line of findings.jsonl, keys in the order of the contract in docs/schema/finding.schema.json."""
    span, time, why = finding.span, finding.time, finding.why
    return {
        "call_id": finding.call_id,
        "turn": finding.turn,
        "label": finding.label,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "confidence": _rounded(finding.confidence),
        "role": finding.role.value if finding.role else None,
        "quote": finding.quote,
        "start_char": span.start if span else None,
        "end_char": span.end if span else None,
        **_time_record(time),
        "clauses": [
            {"key": c.key, "zh": c.zh, "en": c.en, "state": c.state, "sha256": c.sha256} for c in finding.clauses
        ],
        "why": {
            "name": dict(sorted(why.name.items())),
            "reason": dict(sorted(why.reason.items())),
            "matched": list(why.matched),
            "variant": why.variant,
            "meant": list(why.meant),
            "raised": list(why.raised),
            "lowered": list(why.lowered),
            "review": list(why.review),
            "facts": dict(why.facts),
            "advice": dict(sorted(why.advice.items())),
            "absent": [dict(sorted(words.items())) for words in why.absent],
        },
        "fingerprint": finding.fingerprint,
    }


def report_record(report: CallReport) -> Record:
    """A call report as in docs/schema/call-report.schema.json. It holds no time of making: same input, same bytes."""
    findings = [finding_record(finding) for finding in report.findings]
    # Verdict and score are those of the confidences as written, so that who reads the file back gets the same ones.
    judged = replace(report, findings=tuple(map(read_finding, findings)))
    call, engine = report.call, report.call.engine
    return {
        "schema_version": SCHEMA_VERSION,
        "verdict": judged.verdict.value,
        "score": judged.score,
        "call": {
            "call_id": call.call_id,
            "metadata": metadata_record(call.metadata),
            "source": {
                "path": call.source.path,
                "sha256": call.source.sha256,
                "kind": call.source.kind,
                "line": call.source.line,
            },
            "engine": engine
            and {
                "engine": engine.engine,
                "engine_version": engine.engine_version,
                "model": engine.model,
                "model_sha256": engine.model_sha256,
                "options": dict(engine.options),
            },
            "recording_s": _rounded(call.recording_s),
            "turns": [_turn_record(turn) for turn in call.turns],
        },
        "findings": findings,
        "audit": {
            "callaudit_version": report.audit.callaudit_version,
            "rules_sha256": report.audit.rules_sha256,
            "policy": report.audit.policy,
            "skipped": list(report.audit.skipped),
            "judged": list(report.audit.judged),
        },
        "dialogue": [
            {"turn": state.turn, "listener": state.listener, "identified": state.identified}
            for state in report.dialogue
        ],
    }


def read_report(record: Record, where: str = "") -> CallReport:
    """The report that `record` was made from (`where` names its file in errors).

    Raises InputError: CA401 when it is no call report or a damaged one, CA402 when another schema version wrote it.
    """
    try:
        version = record["schema_version"]
        if version != SCHEMA_VERSION:
            raise InputError("CA402", where, version=version, expected=SCHEMA_VERSION)
        call, audit = record["call"], record["audit"]
        engine, source = call["engine"], call["source"]
        return CallReport(
            call=Call(
                call_id=call["call_id"],
                metadata=read_metadata(call["metadata"]),
                turns=tuple(_read_turn(turn) for turn in call["turns"]),
                source=Source(source["path"], source["sha256"], source["kind"], source["line"]),
                engine=engine
                and EngineInfo(
                    engine["engine"],
                    engine["engine_version"],
                    engine["model"],
                    engine["model_sha256"],
                    tuple(engine["options"].items()),
                ),
                recording_s=call["recording_s"],
            ),
            findings=tuple(read_finding(finding) for finding in record["findings"]),
            audit=AuditInfo(
                audit["callaudit_version"],
                audit["rules_sha256"],
                audit["policy"],
                tuple(audit["skipped"]),
                tuple(audit["judged"]),
            ),
            dialogue=tuple(
                DialogueState(state["turn"], state["listener"], state["identified"]) for state in record["dialogue"]
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("CA401", where, reason=f"{type(error).__name__}: {error}") from error


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 2)


def _time_record(time: TimeSpan | None) -> Record:
    return {
        "start_s": _rounded(time.start_s) if time else None,
        "end_s": _rounded(time.end_s) if time else None,
    }


def _read_time(record: Record) -> TimeSpan | None:
    return None if record["start_s"] is None else TimeSpan(record["start_s"], record["end_s"])


def metadata_record(metadata: CallMetadata) -> Record:
    """The call record; every field is there, with None where nothing is known."""
    return {
        "started_at": metadata.started_at.isoformat() if metadata.started_at else None,
        "duration_s": _rounded(metadata.duration_s),
        "direction": metadata.direction.value if metadata.direction else None,
        "connected": metadata.connected,
        "agent_id": metadata.agent_id,
        "agent_channel": metadata.agent_channel,
        "team": metadata.team,
        "debtor_id": metadata.debtor_id,
        "debtor_name": metadata.debtor_name,
        "callee_number": metadata.callee_number,
        "callee_relation": metadata.callee_relation,
        "callee_role": metadata.callee_role.value if metadata.callee_role else None,
        "callee_timezone": metadata.callee_timezone,
        "lender": metadata.lender,
        "agency": metadata.agency,
        "agreed_hours": metadata.agreed_hours,
        "case_no": metadata.case_no,
        "dial_result": metadata.dial_result.value if metadata.dial_result else None,
        "account_status": metadata.account_status.value if metadata.account_status else None,
        "recording_deleted": metadata.recording_deleted,
        "extra": dict(metadata.extra),
    }


def read_metadata(record: Record) -> CallMetadata:
    """The metadata that `record` was made from."""
    started_at, direction, role = record["started_at"], record["direction"], record["callee_role"]
    result, status = record["dial_result"], record["account_status"]
    read = {
        "started_at": datetime.fromisoformat(started_at) if started_at else None,
        "direction": Direction(direction) if direction else None,
        "callee_role": Role(role) if role else None,
        "dial_result": DialResult(result) if result else None,
        "account_status": AccountStatus(status) if status else None,
    }
    return CallMetadata(**(record | read))


def _turn_record(turn: Turn) -> Record:
    return {
        "index": turn.index,
        "role": turn.role.value,
        "text": turn.text,
        **_time_record(turn.time),
        "words": [
            {"text": word.text, **_time_record(word.time), "confidence": _rounded(word.confidence)}
            for word in turn.words
        ],
        "channel": turn.channel,
        "confidence": _rounded(turn.confidence),
        "role_confidence": _rounded(turn.role_confidence),
        "doubts": list(turn.doubts),
    }


def _read_turn(record: Record) -> Turn:
    return Turn(
        index=record["index"],
        role=Role(record["role"]),
        text=record["text"],
        time=_read_time(record),
        words=tuple(
            Word(word["text"], TimeSpan(word["start_s"], word["end_s"]), word["confidence"]) for word in record["words"]
        ),
        channel=record["channel"],
        confidence=record["confidence"],
        role_confidence=record["role_confidence"],
        doubts=tuple(record["doubts"]),
    )


def read_finding(record: Record) -> Finding:
    """The finding that `record` was made from."""
    why, start = record["why"], record["start_char"]
    return Finding(
        call_id=record["call_id"],
        turn=record["turn"],
        label=record["label"],
        rule=record["rule"],
        severity=Severity(record["severity"]),
        confidence=record["confidence"],
        role=Role(record["role"]) if record["role"] else None,
        quote=record["quote"],
        span=None if start is None else CharSpan(start, record["end_char"]),
        time=_read_time(record),
        clauses=tuple(Citation(c["key"], c["zh"], c["en"], c["state"], c["sha256"]) for c in record["clauses"]),
        why=Explanation(
            name=why["name"],
            reason=why["reason"],
            matched=tuple(why["matched"]),
            variant=why["variant"],
            meant=tuple(why["meant"]),
            raised=tuple(why["raised"]),
            lowered=tuple(why["lowered"]),
            review=tuple(why["review"]),
            facts=why["facts"],
            advice=why["advice"],
            absent=tuple(why["absent"]),
        ),
        fingerprint=record["fingerprint"],
    )
