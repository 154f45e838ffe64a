"""The sound of a call, in parts as players ask for them, and what its waveform is drawn from."""

import threading
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import FileResponse, JSONResponse, Response

from audit.errors import InputError
from audit.store import chain
from audit.store.calls import heard_call, stored_report
from audit.store.database import Store
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.numbers import Number
from audit.web.sound import Checked, Recording, channel_roles, clear_sound, forget_purged, peaks_of, redacted_sound

router = APIRouter()
_PRIVATE = {"Cache-Control": "private, no-store"}


def may_hear(user: Annotated[User, Depends(allowed(None))]) -> User:
    """Somebody who may listen, be it to what was covered only; raises InputError CA831."""
    if not (user.may(Permission.LISTEN) or user.may(Permission.LISTEN_REDACTED)):
        raise InputError("CA831", user.name)
    return user


# User, the token that acts for the user if one does, call, which sound of it.
_Key = tuple[int, int | None, int, str]


class Listening:
    """Who listened to what: a player asks for a recording in many parts, and one line of the log speaks of all of them."""

    WINDOW_S = 600.0

    def __init__(self) -> None:
        self.checked = Checked()
        self._lock = threading.Lock()
        self._noted: dict[_Key, float] = {}
        self._turns: dict[_Key, threading.Lock] = {}

    def note(self, store: Store, user: User, call: int, sound: str) -> None:
        """Write into the log that the user listens, unless it was done in the last ten minutes."""
        key = (user.number, user.token, call, sound)
        with self._lock:
            if self._is_noted(key):
                return
            turn = self._turns.setdefault(key, threading.Lock())
        # Nobody hears anything that is not in the log: a second request for the same waits for the line of the first, others for neither.
        with turn:
            with self._lock:
                if self._is_noted(key):
                    return
            with store.writing() as connection:
                chain.append(connection, user.name, "listen", f"call:{call}", sound=sound)
            with self._lock:
                self._turns.pop(key, None)
                self._noted[key] = time.monotonic()
                self._noted = {key: at for key, at in self._noted.items() if time.monotonic() - at < self.WINDOW_S}

    def _is_noted(self, key: _Key) -> bool:
        return time.monotonic() - self._noted.get(key, -self.WINDOW_S) < self.WINDOW_S


@router.api_route("/calls/{number}/audio", methods=["GET", "HEAD"])
def audio(request: Request, number: Number, user: Annotated[User, Depends(may_hear)]) -> Response:
    """The recording: as it is for who may hear it, else with a tone where something private is said. Ranges are answered.

    Raises InputError as `Checked.recording`, `clear_sound` and `redacted_sound`.
    """
    store, recording = desk_of(request).store, _recording(request, number, user)
    clear = user.may(Permission.LISTEN)
    sound = (clear_sound if clear else redacted_sound)(desk_of(request), recording)
    if request.method == "GET":
        _listening(request).note(store, user, number, "clear" if clear else "redacted")
    headers = {"ETag": f'"{sound.tag}"', "Content-Disposition": "inline", **_PRIVATE}
    return FileResponse(sound.path, headers=headers, media_type=sound.media_type)


@router.get("/calls/{number}/peaks.json")
def peaks(request: Request, number: Number, user: Annotated[User, Depends(may_hear)]) -> Response:
    """`duration_s`, and for each of the `channels` its `role` (null where it is not one person) and its `peaks`: lowest and highest sample in
    turn, -127 to 127, in equal steps of time."""
    desk, recording = desk_of(request), _recording(request, number, user)
    drawn = peaks_of(desk, recording)
    with desk.store.reading() as connection:
        call, heard = stored_report(connection, number).call, heard_call(connection, number)
    roles = channel_roles(call, heard, len(drawn.channels))
    channels = [{"role": role, "peaks": pairs} for role, pairs in zip(roles, drawn.channels, strict=True)]
    return JSONResponse({"duration_s": drawn.duration_s, "channels": channels}, headers=_PRIVATE)


def _recording(request: Request, number: int, user: User) -> Recording:
    forget_purged(desk_of(request))
    reader = user.session or f"token:{user.token}"
    return _listening(request).checked.recording(desk_of(request).store, number, reader, user.name)


def _listening(request: Request) -> Listening:
    state = request.app.state
    if not hasattr(state, "listening"):
        state.listening = Listening()
    listening: Listening = state.listening
    return listening
