"""Training packs, for programs. All of it needs the permission `packs`; a user sees the packs that the user ordered."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from audit.clips.pack import Wish
from audit.model.review import ReviewState
from audit.web.access import Permission, User, allowed, desk_of
from audit.web.pack_maker import LIMIT, Job, State, maker_of, preview
from audit.web.pages.packs import known_labels, known_state, send_archive, send_clip

router = APIRouter(tags=["packs"])
_Trainer = Annotated[User, Depends(allowed(Permission.PACKS))]


class Wanted(BaseModel):
    """What a pack should hold. `labels`: labels or families, every breach when empty. `state`: a review state (`confirmed`, `dismissed` …), or
    `standing`, `review`, `any`. `counter_examples`: half as many as examples when null. `disguise` lowers the voices."""

    labels: list[str] = Field(default=[], max_length=LIMIT)
    state: str = ReviewState.CONFIRMED.value
    limit: int = Field(default=20, ge=1, le=LIMIT)
    counter_examples: int | None = Field(default=None, ge=0, le=LIMIT)
    disguise: bool = False

    def wish(self) -> Wish:
        """As the maker of packs takes it; raises InputError CA719 for labels and states that there are not."""
        return Wish(
            known_labels(self.labels), known_state(self.state), self.limit, self.counter_examples, self.disguise
        )


class Preview(BaseModel):
    """What would be in a pack. `look_alikes` is how many are looked for when it is made; fewer may be found."""

    examples: int
    dismissed: int
    look_alikes: int
    labels: dict[str, int]
    repeated: int
    without_words: int


class Pack(BaseModel):
    """A pack: how far it is, and when it is `done` what it came to. `digest` is how the log names it, `clips` are the files of its sound."""

    key: str
    state: State
    done: int
    total: int
    digest: str | None = None
    counts: dict[str, int] = {}
    clips: list[str] = []
    problems: list[str] = []


@router.post("/packs/preview")
def preview_pack(request: Request, wanted: Wanted, user: _Trainer) -> Preview:
    """What a pack would hold."""
    found = preview(desk_of(request), user, wanted.wish())
    return Preview(
        examples=len(found.selection.examples),
        dismissed=len(found.selection.counter_examples),
        look_alikes=found.to_search,
        labels=found.labels,
        repeated=found.selection.repeated,
        without_words=found.selection.without_words,
    )


@router.post("/packs", status_code=202)
def order_pack(request: Request, wanted: Wanted, user: _Trainer) -> Pack:
    """Begin to make a pack; ask for it by its key until it is `done` or `failed`."""
    return _shown(maker_of(request).order(user, wanted.wish()))


@router.get("/packs")
def list_packs(request: Request, user: _Trainer) -> list[Pack]:
    """The packs that are kept for the user, the newest first."""
    return [_shown(job) for job in maker_of(request).of(user)]


@router.get("/packs/{key}")
def get_pack(request: Request, key: str, user: _Trainer) -> Pack:
    """How far a pack is, or what it came to."""
    return _shown(maker_of(request).get(user, key))


@router.get("/packs/{key}/zip", response_class=Response, responses={200: {"content": {"application/zip": {}}}})
def download_pack(request: Request, key: str, user: _Trainer) -> Response:
    """The whole pack; its answers.json holds what is in it."""
    return send_archive(request, key, user)


@router.get("/packs/{key}/clips/{file}", response_class=Response, responses={200: {"content": {"audio/mpeg": {}}}})
def get_clip(request: Request, key: str, file: str, user: _Trainer) -> Response:
    """The sound of one example, beeped."""
    return send_clip(request, key, file, user)


def _shown(job: Job) -> Pack:
    shown = Pack(key=job.key, state=job.state, done=job.done, total=job.total)
    if job.problem:
        shown.problems = [job.problem.line()]
    if job.made:
        shown.digest, shown.counts = job.made.digest, job.made.counts()
        shown.clips = [example.clip.file.rpartition("/")[2] for example in job.made.examples if example.clip]
        shown.problems = [problem.line() for problem in job.made.problems]
    return shown
