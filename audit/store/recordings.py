"""Recordings stay where they are; before one is played, it must be the one that was audited."""

import hashlib
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa

from audit.errors import InputError
from audit.store import chain
from audit.store import tables as t
from audit.store.database import Store, now


class AudioState(StrEnum):
    """Whether the recording is what was audited; `NONE` for calls audited from transcripts."""

    MATCHES = "matches"
    CHANGED = "changed"
    MISSING = "missing"
    NONE = "none"


def check_audio(store: Store, call: int, actor: str) -> AudioState:
    """Compare the recording of a call with the one audited, remember the outcome, and write it into the log when it is another one.

    Raises InputError CA611 when there is no such call.
    """
    with store.reading() as connection:
        row = connection.execute(
            sa.select(t.calls).where(t.calls.c.id == call, t.calls.c.purged_at.is_(None))
        ).one_or_none()
    if row is None:
        raise InputError("CA611", str(call))
    if row.audio_path is None:
        return AudioState.NONE
    state = _state(Path(row.audio_path), row.audio_sha256)
    with store.writing() as connection:
        same = sa.and_(t.calls.c.id == call, t.calls.c.audio_sha256 == row.audio_sha256)
        connection.execute(t.calls.update().where(same).values(audio_state=state.value, audio_checked_at=now()))
        if state.value != row.audio_state:
            chain.append(connection, actor, "check_audio", f"call:{call}", state=state.value)
    return state


def _state(path: Path, sha256: str) -> AudioState:
    try:
        # Devices and pipes have no end; what no path can be (it holds NUL) is no file either.
        if not path.is_file():
            return AudioState.MISSING
        with path.open("rb") as file:
            return (
                AudioState.MATCHES if hashlib.file_digest(file, "sha256").hexdigest() == sha256 else AudioState.CHANGED
            )
    except OSError:
        return AudioState.MISSING
