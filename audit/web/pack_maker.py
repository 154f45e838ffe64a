"""Training packs made for the desk: one at a time, in the background, kept in the desk's cache until newer ones take their place."""

import secrets
import shutil
import threading
import time
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from fastapi import Request

from audit.clips.kept import Kept
from audit.clips.mask import Private
from audit.clips.pack import Made, Wish, choose, make
from audit.clips.select import Selection
from audit.errors import CallauditError, InputError, Problem
from audit.i18n import Lang, language, speaking
from audit.report.redaction import shortened
from audit.store import chain
from audit.store.examples import counts_by_state, hides_anything, log_pack
from audit.store.retention import purged_of
from audit.web.access import User, desk_of
from audit.web.desk import Desk

LIMIT = 200
# Waiting or being made, at the whole desk; and kept for each user.
_MOST_WAITING, _MOST_KEPT = 4, 3
# The same files give the same archive.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_INSIDE = "training-pack"
_SHOWN = 8
_COUNTS_HOLD_S = 60

State = Literal["waiting", "working", "done", "failed"]


@dataclass(slots=True)
class Job:
    """A pack that a user asked for. `done` of `total` examples are made; `made` or `problem` say how it ended."""

    key: str
    owner: User
    wish: Wish
    lang: Lang
    folder: Path
    state: State = "waiting"
    done: int = 0
    total: int = 0
    made: Made | None = None
    problem: Problem | None = None
    heard: set[tuple[str, int | None]] = field(default_factory=set)

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ("done", "failed")

    @property
    def archive(self) -> Path:
        """All files of the pack in one."""
        return self.folder / "pack.zip"

    def calls(self) -> set[int]:
        """The numbers of the calls that the pack has something of."""
        chosen = self.made.selection if self.made else Selection()
        return {int(choice.call) for choice in (*chosen.examples, *chosen.counter_examples)}

    def clip(self, file: str) -> Path:
        """The sound of an example; raises InputError (CA611) for what is no clip of the pack."""
        clips = {example.clip.file for example in self.made.examples if example.clip} if self.made else set()
        if f"clips/{file}" not in clips:
            raise InputError("CA611", file)
        return self.folder / "pack" / "clips" / file


class PackMaker:
    """Makes the packs of one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._jobs: dict[str, Job] = {}
        self._lock, self._turn, self._counting = threading.Lock(), threading.Lock(), threading.Lock()
        self._counts: dict[int | None, tuple[float, dict[str, dict[str, int]]]] = {}

    def counts(self, user: User) -> dict[str, dict[str, int]]:
        """How many findings there are by label and state, as they were a minute ago at most: to count hundreds of thousands takes a while.

        All from whom no blind plan hides anything are told the same.
        """
        with self._counting, self._desk.store.reading() as connection:
            viewer = user.number if hides_anything(connection, user.number) else None
            counted_at, counts = self._counts.get(viewer, (None, {}))
            if counted_at is None or time.monotonic() - counted_at > _COUNTS_HOLD_S:
                counts = counts_by_state(connection, viewer)
                self._counts[viewer] = time.monotonic(), counts
            return counts

    def order(self, user: User, wish: Wish) -> Job:
        """Begin a pack in the language in force; it is made when those before it are.

        Raises InputError CA717 when the user has one in the making or too many are waiting.
        """
        with self._lock:
            unfinished = [job for job in self._jobs.values() if not job.finished]
            if len(unfinished) >= _MOST_WAITING or any(job.owner.number == user.number for job in unfinished):
                raise InputError("CA717", user.name)
            for old in self._of(user)[_MOST_KEPT - 1 :]:
                del self._jobs[old.key]
                shutil.rmtree(old.folder, ignore_errors=True)
            key = secrets.token_hex(8)
            job = self._jobs[key] = Job(key, user, wish, language(), self._desk.cache / "packs" / key)
        threading.Thread(target=self._work, args=(job,), name=f"pack-{key}", daemon=True).start()
        return job

    def of(self, user: User) -> list[Job]:
        """The user's packs, the newest first."""
        self._forget_purged()
        with self._lock:
            return self._of(user)

    def get(self, user: User, key: str) -> Job:
        """One of the user's packs; raises InputError (CA611) when there is none of that key, it is another's, or a call in it was purged."""
        self._forget_purged()
        with self._lock:
            job = self._jobs.get(key)
        if job is None or job.owner.number != user.number:
            raise InputError("CA611", key)
        return job

    def hear(self, job: Job, file: str, from_the_start: bool) -> Path:
        """The sound of an example for a listener. Logged when it begins: a player asks for the rest of a clip piece by piece.

        Raises InputError (CA611) for what is no clip of the pack.
        """
        path, begun = job.clip(file), (file, chain.acting_token())
        if from_the_start or begun not in job.heard:
            job.heard.add(begun)
            self.log(job, "hear_pack", example=int(path.stem))
        return path

    def log(self, job: Job, action: str, **facts: int) -> None:
        """Write into the store's log what is done with a finished pack."""
        assert job.made is not None
        log_pack(self._desk.store, job.owner.name, action, job.made.digest, **facts)

    def _forget_purged(self) -> None:
        """Remove the packs of all users that have something of a call that was purged since."""
        with self._lock:
            calls = {job.key: job.calls() for job in self._jobs.values() if job.finished}
        purged = purged_of(self._desk.store, set[int]().union(*calls.values()))
        for key in [key for key, of_pack in calls.items() if of_pack & purged]:
            with self._lock:
                job = self._jobs.pop(key, None)
            if job is not None:
                shutil.rmtree(job.folder, ignore_errors=True)

    def _of(self, user: User) -> list[Job]:
        return [job for job in reversed(self._jobs.values()) if job.owner.number == user.number]

    def _work(self, job: Job) -> None:
        def progress(done: int, total: int) -> None:
            job.done, job.total = done, total

        chain.act_by(job.owner.token)
        with self._turn, speaking(job.lang):
            job.state = "working"
            try:
                job.folder.mkdir(parents=True, mode=0o700)
                job.made = make(Kept(self._desk.store, job.owner.number), job.wish, job.folder / "pack", progress)
                _pack_up(job.folder / "pack", job.archive)
                self.log(job, "make_pack", **job.made.counts())
                job.state = "done"
            except CallauditError as error:
                job.problem = error.problem
            finally:
                # Also when the program itself is at fault: nobody waits for a pack that does not come.
                if job.state == "working":
                    job.state = "failed"
                    job.problem = job.problem or Problem("CA718")
                    shutil.rmtree(job.folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a pack would hold. `shown` are the first turns: label, whether a reviewer dismissed it, call and words, both masked."""

    selection: Selection
    labels: dict[str, int]
    shown: tuple[tuple[str, bool, str, str], ...]

    @property
    def to_search(self) -> int:
        """How many look-alikes are looked for when the pack is made."""
        return self.selection.asked_for - len(self.selection.counter_examples)


def preview(desk: Desk, user: User, wish: Wish) -> Preview:
    """What `order` would make. Look-alikes take seconds to find and are not looked for.

    Raises ConfigError (CA703) when there is no example.
    """
    source = Kept(desk.store, user.number)
    selection = choose(source, wish, search=False)
    shown = []
    first = [(choice, False) for choice in selection.examples[:_SHOWN]]
    for choice, dismissed in first + [(choice, True) for choice in selection.counter_examples[:_SHOWN]]:
        call = source.call(choice.call).report.call
        private = Private(call)
        shown.append((choice.label, dismissed, private.identifier(call.call_id), shortened(private.turn(choice.turn))))
    return Preview(selection, dict(Counter(choice.label for choice in selection.examples)), tuple(shown))


def _pack_up(folder: Path, archive: Path) -> None:
    """All files of the folder in an archive. Clips are small already."""
    with zipfile.ZipFile(archive, "w") as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(f"{_INSIDE}/{path.relative_to(folder).as_posix()}", _MOMENT)
            entry.compress_type = zipfile.ZIP_STORED if path.suffix == ".mp3" else zipfile.ZIP_DEFLATED
            packed.writestr(entry, path.read_bytes())


_making = threading.Lock()


def maker_of(request: Request) -> PackMaker:
    """The desk's maker of packs."""
    state = request.app.state
    with _making:
        if not hasattr(state, "packs"):
            state.packs = PackMaker(desk_of(request))
    maker: PackMaker = state.packs
    return maker
