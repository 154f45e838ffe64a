"""Training packs: chosen, looked at, made, listened to and taken away. Everything on these pages is masked and beeped, for everybody."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import FileResponse, Response

from audit.clips.pack import Wish, title_of
from audit.clips.select import STATES
from audit.clips.sources import wanted
from audit.errors import ConfigError, InputError, Problem
from audit.model.labels import LABELS
from audit.model.review import ReviewState
from audit.report.labels import FAMILIES, name
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.answers import status_of
from audit.web.pack_maker import LIMIT, Preview, maker_of, preview
from audit.web.render import is_part, page, part, see

router = APIRouter()
_Trainer = Annotated[User, Depends(allowed(Permission.PACKS))]

STATE_NAMES: dict[str, tuple[str, str]] = {
    ReviewState.CONFIRMED: ("已确认", "Confirmed"),
    ReviewState.DISPUTED: ("意见不一", "Disputed"),
    ReviewState.UNSURE: ("不确定", "Unsure"),
    ReviewState.DISMISSED: ("已排除（误报）", "Dismissed (false alarms)"),
    ReviewState.OPEN: ("待处理", "Open"),
    "standing": ("可独立成立（程序判定）", "Standing by themselves (by the program)"),
    "review": ("待人工复核（程序判定）", "To be reviewed (by the program)"),
    "any": ("全部，已排除的除外", "All but those dismissed"),
}


def _wish(
    labels: Annotated[list[str] | None, Form()] = None,
    state: Annotated[str, Form()] = ReviewState.CONFIRMED,
    limit: Annotated[int, Form(ge=1, le=LIMIT)] = 20,
    counter_examples: Annotated[int | None, Form(ge=0, le=LIMIT)] = None,
    disguise: Annotated[bool, Form()] = False,
) -> Wish:
    """What the form asks for."""
    return Wish(known_labels(labels or []), known_state(state), limit, counter_examples, disguise)


_Wished = Annotated[Wish, Depends(_wish)]


@router.get("/packs")
def choose(request: Request, user: _Trainer) -> Response:
    """The form, and the user's packs."""
    return _form(request, user, Wish(state=ReviewState.CONFIRMED))


@router.post("/packs/preview")
def look(request: Request, user: _Trainer, wish: _Wished) -> Response:
    """What the pack would hold."""
    try:
        found, problem = preview(desk_of(request), user, wish), None
    except ConfigError as error:
        found, problem = None, error.problem
    if is_part(request):
        return part(request, "packs_preview.html.j2", user=user, preview=found, problem=problem)
    return _form(request, user, wish, found, problem)


@router.post("/packs")
def order(request: Request, user: _Trainer, wish: _Wished) -> Response:
    """Begin to make the pack."""
    try:
        job = maker_of(request).order(user, wish)
    except InputError as error:
        return _form(request, user, wish, problem=error.problem, status=status_of(error.problem.code))
    return see(f"/packs/{job.key}")


@router.get("/packs/{key}")
def pack(request: Request, key: str, user: _Trainer) -> Response:
    """How far the pack is; when it is done, what it holds."""
    job = maker_of(request).get(user, key)
    if is_part(request):
        if job.finished:
            return Response(headers={"HX-Redirect": f"/packs/{key}"})
        return part(request, "packs_progress.html.j2", user=user, job=job)
    return page(
        request, "packs_one.html.j2", user=user, job=job, title=title_of(job.wish.labels), state_names=STATE_NAMES
    )


@router.get("/packs/{key}/clips/{file}")
def clip(request: Request, key: str, file: str, user: _Trainer) -> Response:
    """The sound of one example."""
    return send_clip(request, key, file, user)


@router.get("/packs/{key}/pack.zip")
def download(request: Request, key: str, user: _Trainer) -> Response:
    """The pack, to be unpacked anywhere."""
    return send_archive(request, key, user)


def send_clip(request: Request, key: str, file: str, user: User) -> Response:
    """The sound of an example, or the piece of it that a player asks for; raises InputError (CA611) for what is no clip of the pack."""
    maker = maker_of(request)
    begins = request.headers.get("range", "bytes=0-").startswith("bytes=0-")
    return FileResponse(maker.hear(maker.get(user, key), file, begins), media_type="audio/mpeg")


def send_archive(request: Request, key: str, user: User) -> Response:
    """The archive as a download, logged; raises InputError (CA611) for a pack that is not there, or not yet."""
    maker = maker_of(request)
    job = maker.get(user, key)
    if job.made is None or job.state != "done":
        raise InputError("CA611", key)
    maker.log(job, "download_pack", examples=len(job.made.examples))
    return FileResponse(job.archive, media_type="application/zip", filename=f"training-pack-{job.made.digest}.zip")


def known_labels(labels: list[str]) -> tuple[str, ...]:
    """Labels and families, each once; a label says nothing more where its family is asked for.

    Raises InputError (CA719) for one that there is not.
    """
    given = tuple(dict.fromkeys(labels))
    for label in given:
        if label not in LABELS and label not in FAMILIES:
            raise InputError("CA719", given=label)
    return tuple(label for label in given if "." not in label or label.partition(".")[0] not in given)


def known_state(state: str) -> str:
    """The state; raises InputError (CA719) for one that there is not."""
    if state not in STATES:
        raise InputError("CA719", given=state)
    return state


def _form(
    request: Request,
    user: User,
    wish: Wish,
    found: Preview | None = None,
    problem: Problem | None = None,
    status: int = 200,
) -> Response:
    counts = maker_of(request).counts(user)
    families: dict[str, list[tuple[str, int, int]]] = {}
    for label in [label for label in LABELS if wanted(label, ())]:
        if states := counts.get(label):
            confirmed = states.get(ReviewState.CONFIRMED.value, 0)
            families.setdefault(label.partition(".")[0], []).append((label, confirmed, sum(states.values())))
    return page(
        request,
        "packs.html.j2",
        user=user,
        status=status,
        families={key: (name(FAMILIES, key), labels) for key, labels in families.items()},
        states=STATE_NAMES,
        wish=wish,
        most=LIMIT,
        jobs=[(job, title_of(job.wish.labels)) for job in maker_of(request).of(user)],
        preview=found,
        problem=problem,
    )
