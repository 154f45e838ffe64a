"""The sound of a call for programs; the same as the player of the page gets."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from audit.web.access import User
from audit.web.numbers import Number
from audit.web.pages import audio as player

router = APIRouter(tags=["calls"])
_Hearer = Annotated[User, Depends(player.may_hear)]


@router.get("/calls/{number}/audio", response_class=Response, responses={200: {"content": {"audio/*": {}}}})
def audio(request: Request, number: Number, user: _Hearer) -> Response:
    """The recording, with a tone where something private is said for those who may not hear it. Ranges are answered."""
    return player.audio(request, number, user)


@router.get("/calls/{number}/peaks")
def peaks(request: Request, number: Number, user: _Hearer) -> Response:
    """What a waveform is drawn from: `duration_s` and `channels`, each with its `role` and `peaks` (lowest and highest sample in turn, -127
    to 127)."""
    return player.peaks(request, number, user)
