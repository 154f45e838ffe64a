"""Calls built by hand; all people and numbers are invented."""

from datetime import datetime

from audit.model.call import Call, CallMetadata, Direction, Role, Source, Turn

ROLES = {"A": Role.AGENT, "D": Role.DEBTOR, "T": Role.THIRD_PARTY, "U": Role.UNKNOWN}


def call(*turns: str, call_id: str = "c1", metadata: CallMetadata | None = None) -> Call:
    """A call from `A: …`, `D: …`, `T: …`, `U: …` lines."""
    spoken = [line.partition(": ") for line in turns]
    return Call(
        call_id=call_id,
        metadata=metadata or CallMetadata(),
        turns=tuple(Turn(index, ROLES[who], text) for index, (who, _, text) in enumerate(spoken)),
        source=Source("calls.jsonl", "0" * 64, "callaudit-jsonl", 1),
    )


def outbound(started_at: str, **fields: object) -> CallMetadata:
    """Metadata of a call the collector started."""
    return CallMetadata(started_at=datetime.fromisoformat(started_at), direction=Direction.OUTBOUND, **fields)  # type: ignore[arg-type]
