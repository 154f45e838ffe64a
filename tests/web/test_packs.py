"""Training packs at the desk: looked at, made in the background, listened to, taken away."""

import io
import json
import re
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from audit.clips.kept import Kept
from audit.clips.pack import Wish, make
from audit.model.review import UserRole, Verdict
from audit.store import tables as t
from audit.store.retention import purge
from audit.store.review import decide
from audit.store.sampling import Draw, create_plan
from audit.store.soundness import verify
from audit.web import pack_maker
from audit.web.desk import Desk
from audit.web.pack_maker import Job, PackMaker
from tests.web.conftest import ADDRESS, NAMES, Browser

OFFICER = NAMES[UserRole.OFFICER]
# What sample-09 reads out; invented, with wrong check digits.
SECRETS = ("三三零九九九", "六二九九", "马国栋")
FORM = {"labels": "threat.exposure", "limit": "2", "counter_examples": "1"}
Made = Callable[[Browser, dict[str, str]], str]


@pytest.fixture
def reviewed(desk: Desk) -> Desk:
    """All findings confirmed but the second threat of exposure, which was dismissed."""
    with desk.store.reading() as connection:
        rows = connection.execute(sa.select(t.findings.c.id, t.findings.c.label).order_by(t.findings.c.id)).all()
    exposures = [row.id for row in rows if row.label == "threat.exposure"]
    for row in rows:
        if row.label.partition(".")[0] not in ("threat", "privacy"):
            continue
        if row.id == exposures[1]:
            decide(desk.store, row.id, OFFICER, Verdict.DISMISS, reason="机主13800138000自己说的<b>")
        else:
            decide(desk.store, row.id, OFFICER, Verdict.CONFIRM)
    return desk


@pytest.fixture
def trainer(reviewed: Desk, client: Callable[..., Browser]) -> Iterator[Browser]:
    """A trainer's browser; no pack is left in the making behind it."""
    browser = client(UserRole.TRAINER)
    yield browser
    for thread in threading.enumerate():
        if thread.name.startswith("pack-"):
            thread.join(60)


def maker(browser: Browser) -> PackMaker:
    browser.get("/packs")
    made: PackMaker = browser.app.state.packs  # type: ignore[attr-defined]
    return made


def ordered(browser: Browser, form: dict[str, Any] | None = None) -> str:
    """The key of a pack that was ordered."""
    answer = browser.post_form("/packs", form or FORM)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).rpartition("/")[2]


def finished(browser: Browser, key: str) -> Job:
    """The pack, when it is made."""
    deadline = time.monotonic() + 120
    while True:
        (job,) = [job for job in maker(browser)._jobs.values() if job.key == key]
        if job.finished:
            return job
        assert time.monotonic() < deadline
        time.sleep(0.05)


def log_lines(desk: Desk) -> list[tuple[str, str, str, dict[str, Any]]]:
    with desk.store.reading() as connection:
        rows = connection.execute(sa.select(t.log).where(t.log.c.action.like("%_pack")).order_by(t.log.c.id)).all()
    return [(row.actor, row.action, row.subject, json.loads(row.facts)) for row in rows]


def test_the_form_offers_the_labels_that_there_are_with_how_many_were_confirmed(trainer: Browser) -> None:
    page = trainer.get("/packs").text
    assert 'value="threat.exposure"' in page and 'value="threat"' in page
    assert "contact.private_channel" not in page, "a label without findings"
    assert "signal." not in page
    assert "已确认 4 / 全部 5" in page


def test_how_many_were_confirmed_is_not_told_to_who_owes_blind_opinions(
    trainer: Browser, client: Callable[..., Browser], desk: Desk
) -> None:
    create_plan(desk.store, "周检", Draw(findings=1.0), 2, True, NAMES[UserRole.ADMIN])

    def confirmed(browser: Browser) -> set[str]:
        return set(re.findall(r"<small title=[^>]+>(\d+)/", browser.get("/packs").text))

    assert confirmed(trainer) != {"0"}, "who reviews nothing owes nothing"
    assert confirmed(client(UserRole.LEAD)) == {"0"}


def test_a_preview_shows_numbers_and_masked_words(trainer: Browser, desk: Desk) -> None:
    answer = trainer.post_form("/packs/preview", {"labels": "privacy.pii_readout", "limit": "20"})
    assert answer.status_code == 200
    assert "sample-09" in answer.text and "＊" in answer.text
    assert not any(secret in answer.text for secret in SECRETS)
    fragment = trainer.post_form("/packs/preview", FORM, headers={"HX-Request": "true"}).text
    assert "<html" not in fragment
    assert "已排除" in fragment
    assert log_lines(desk) == [], "nothing was made"


def test_a_preview_of_nothing_says_what_to_do_in_the_words_of_the_page(trainer: Browser) -> None:
    answer = trainer.post_form("/packs/preview", {"labels": "insult"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "CA703" in answer.text and "已确认 / 全部" in answer.text
    assert "--state" not in answer.text and "insult." not in answer.text, "options and codes are for the command line"


def test_the_archive_holds_what_the_command_makes(trainer: Browser, desk: Desk, tmp_path: Path) -> None:
    key = ordered(trainer)
    job = finished(trainer, key)
    assert job.state == "done", job.problem
    answer = trainer.get(f"/packs/{key}/pack.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert job.made is not None and job.made.digest in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        held = {name.removeprefix("training-pack/"): archive.read(name) for name in archive.namelist()}
    make(Kept(desk.store), Wish(("threat.exposure",), "confirmed", 2, 1), tmp_path / "pack")
    files = (path for path in (tmp_path / "pack").rglob("*") if path.is_file())
    assert held == {path.relative_to(tmp_path / "pack").as_posix(): path.read_bytes() for path in files}


def test_the_page_of_a_pack_shows_words_verdicts_and_sound_and_nothing_clear(trainer: Browser) -> None:
    key = ordered(trainer, {"labels": ["privacy.pii_readout", "threat.exposure"], "limit": "20"})
    assert finished(trainer, key).state == "done"
    page = trainer.get(f"/packs/{key}").text
    assert "复核人已确认" in page and "复核人已排除" in page
    assert "自己说的&lt;b&gt;" in page and "13800138000" not in page
    assert not any(secret in page for secret in SECRETS)
    assert f'src="/packs/{key}/clips/01.mp3"' in page
    assert 'preload="none"' in page, "nothing is heard, and logged as heard, before somebody listens"


def test_everything_about_a_pack_is_in_the_log_with_counts_and_without_words(trainer: Browser, desk: Desk) -> None:
    key = ordered(trainer)
    job = finished(trainer, key)
    assert job.made is not None
    clip = f"/packs/{key}/clips/01.mp3"
    for piece in ("bytes=0-99", "bytes=100-199", "bytes=200-"):
        assert trainer.get(clip, headers={"Range": piece}).status_code == 206
    trainer.get(f"/packs/{key}/clips/02.mp3", headers={"Range": "bytes=50-"})
    trainer.get(f"/packs/{key}/pack.zip")
    pack, name = f"pack:{job.made.digest}", NAMES[UserRole.TRAINER]
    assert log_lines(desk) == [
        (name, "make_pack", pack, job.made.counts()),
        (name, "hear_pack", pack, {"example": 1}),
        (name, "hear_pack", pack, {"example": 2}),
        (name, "download_pack", pack, {"examples": 3}),
    ]
    assert verify(desk.store)[0] == []


@pytest.mark.parametrize(
    "file", ["99.mp3", "..%2findex.html", "..%2f..%2f..%2f..%2fstore.sqlite", "%2e%2e/index.html", "01.mp3%00"]
)
def test_only_clips_of_the_pack_can_be_heard(trainer: Browser, file: str) -> None:
    key = ordered(trainer)
    finished(trainer, key)
    assert trainer.get(f"/packs/{key}/clips/{file}").status_code == 404


def test_a_pack_with_a_call_that_was_purged_since_is_gone(trainer: Browser, desk: Desk) -> None:
    ordered_of = [{"labels": label, "limit": "1", "counter_examples": "0"} for label in ("threat.exposure", "privacy")]
    jobs = [finished(trainer, ordered(trainer, form)) for form in ordered_of]
    calls = [job.calls() for job in jobs]
    assert all(calls) and not calls[0] & calls[1] and all(job.archive.is_file() for job in jobs)
    with desk.store.writing() as connection:
        gone = t.calls.c.id.in_(calls[0])
        connection.execute(t.calls.update().where(gone).values(purged_at=datetime.now(UTC)))
    for path in ("", "/pack.zip", "/clips/01.mp3"):
        assert trainer.get(f"/packs/{jobs[0].key}{path}").status_code == 404
        assert trainer.get(f"/packs/{jobs[1].key}{path}").status_code == 200
    assert not jobs[0].folder.exists() and jobs[1].archive.is_file()
    assert jobs[0].key not in trainer.get("/packs").text
    purge(desk.store, date(2100, 1, 1), "test")
    assert trainer.get("/api/v1/packs").json() == []
    assert list((desk.cache / "packs").iterdir()) == []


def test_a_pack_is_its_owners(trainer: Browser, client: Callable[..., Browser]) -> None:
    key = ordered(trainer)
    finished(trainer, key)
    other = Browser(trainer.app, ADDRESS, follow_redirects=False)
    other.cookies.update(client(UserRole.LEAD).cookies)
    assert other.get("/packs").status_code == 200
    for path in (f"/packs/{key}", f"/packs/{key}/pack.zip", f"/packs/{key}/clips/01.mp3", f"/api/v1/packs/{key}"):
        assert other.get(path).status_code == 404
    assert other.get("/api/v1/packs").json() == []


@pytest.mark.parametrize("role", [None, UserRole.VIEWER])
def test_who_may_not_make_packs_gets_none(
    role: UserRole | None, trainer: Browser, client: Callable[..., Browser], anonymous: Browser
) -> None:
    key = ordered(trainer)
    finished(trainer, key)
    other = Browser(trainer.app, ADDRESS, follow_redirects=False)
    if role:
        signed_in = client(role)
        other.cookies.update(signed_in.cookies)
        other.csrf = signed_in.csrf
    for path in ("/packs", f"/packs/{key}", f"/packs/{key}/pack.zip", f"/packs/{key}/clips/01.mp3"):
        assert other.get(path).status_code == (403 if role else 303)
    assert other.post_form("/packs", FORM).status_code == (403 if role else 303)
    assert other.get("/api/v1/packs").status_code == (403 if role else 401)


def test_an_order_without_the_sessions_token_is_refused(trainer: Browser) -> None:
    assert trainer.post("/packs", data=FORM).status_code == 403
    assert maker(trainer)._jobs == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": "201"},
        {"limit": "0"},
        {"counter_examples": "-1"},
        {"limit": "many"},
        {"labels": "<script>alert(1)</script>"},
        {"state": "gone"},
    ],
)
def test_what_cannot_be_is_refused(trainer: Browser, wrong: dict[str, str]) -> None:
    answer = trainer.post_form("/packs", FORM | wrong)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert maker(trainer)._jobs == {}


@pytest.fixture
def held_back(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Packs are begun and do not get on until the event is set."""
    event = threading.Event()

    def slowly(*given: Any) -> Any:
        event.wait(600)
        return make(*given)

    monkeypatch.setattr(pack_maker, "make", slowly)
    yield event
    event.set()


def test_one_pack_of_a_user_is_made_at_a_time_and_the_page_follows_it(
    trainer: Browser, held_back: threading.Event
) -> None:
    key = ordered(trainer)
    refused = trainer.post_form("/packs", FORM)
    assert refused.status_code == 409 and "CA717" in refused.text
    assert 'hx-trigger="every' in trainer.get(f"/packs/{key}").text
    part = trainer.get(f"/packs/{key}", headers={"HX-Request": "true"})
    assert "<html" not in part.text and "<progress" in part.text
    assert trainer.get(f"/packs/{key}/pack.zip").status_code == 404
    assert trainer.get(f"/packs/{key}/clips/01.mp3").status_code == 404
    held_back.set()
    assert finished(trainer, key).state == "done"
    done = trainer.get(f"/packs/{key}", headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == f"/packs/{key}"


def test_so_many_wait_and_no_more(
    trainer: Browser, client: Callable[..., Browser], held_back: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack_maker, "_MOST_WAITING", 1)
    key = ordered(trainer)
    lead, other = client(UserRole.LEAD), Browser(trainer.app, ADDRESS, follow_redirects=False)
    other.cookies.update(lead.cookies)
    other.csrf = lead.csrf
    assert other.post_form("/packs", FORM).status_code == 409
    held_back.set()
    finished(trainer, key)
    finished(other, ordered(other))


def test_a_pack_that_cannot_be_made_says_why_and_leaves_nothing(trainer: Browser, desk: Desk) -> None:
    key = ordered(trainer, {"labels": "insult"})
    job = finished(trainer, key)
    assert job.state == "failed" and not job.folder.exists()
    assert "CA703" in trainer.get(f"/packs/{key}").text
    assert log_lines(desk) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_of_the_program_is_told_and_the_next_pack_is_made(
    trainer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(pack_maker, "make", broken)
        job = finished(trainer, ordered(trainer))
    assert job.problem is not None and job.problem.code == "CA718"
    assert finished(trainer, ordered(trainer)).state == "done"


def test_the_last_packs_of_a_user_are_kept(trainer: Browser) -> None:
    form = FORM | {"limit": "1", "counter_examples": "0"}
    jobs = [finished(trainer, ordered(trainer, form)) for _ in range(4)]
    assert [job.folder.exists() for job in jobs] == [False, True, True, True]
    assert trainer.get(f"/packs/{jobs[0].key}").status_code == 404
    assert trainer.get("/packs").text.count("/pack.zip") == 3


def test_a_pack_is_made_in_the_language_of_who_asks(trainer: Browser) -> None:
    trainer.cookies.set("lang", "en")
    key = ordered(trainer)
    job = finished(trainer, key)
    with zipfile.ZipFile(job.archive) as archive:
        assert "Collection compliance training" in archive.read("training-pack/index.html").decode()
    assert "confirmed by a reviewer" in trainer.get(f"/packs/{key}").text


def test_the_files_of_a_pack_are_for_nobody_else_on_the_machine(trainer: Browser) -> None:
    job = finished(trainer, ordered(trainer))
    assert job.folder.stat().st_mode & 0o077 == 0


def test_a_program_does_what_the_page_does(trainer: Browser) -> None:
    token = {"X-CSRF-Token": trainer.csrf}
    wanted = {"labels": ["threat"], "limit": 2, "counter_examples": 2}
    seen = trainer.post("/api/v1/packs/preview", json=wanted, headers=token).json()
    assert (seen["examples"], seen["dismissed"], seen["look_alikes"]) == (2, 1, 1)
    answer = trainer.post("/api/v1/packs", json=wanted, headers=token)
    assert answer.status_code == 202
    key = answer.json()["key"]
    finished(trainer, key)
    made = trainer.get(f"/api/v1/packs/{key}").json()
    assert (made["state"], made["counts"]["examples"], len(made["clips"])) == ("done", 2, 4)
    assert [pack["key"] for pack in trainer.get("/api/v1/packs").json()] == [key]
    assert trainer.get(f"/api/v1/packs/{key}/clips/{made['clips'][0]}").headers["content-type"] == "audio/mpeg"
    assert zipfile.is_zipfile(io.BytesIO(trainer.get(f"/api/v1/packs/{key}/zip").content))
    for wrong in ({"state": "gone"}, {"labels": ["thr"]}, {"limit": 201}):
        assert trainer.post("/api/v1/packs", json=wanted | wrong, headers=token).status_code == 422
    assert trainer.post("/api/v1/packs", json=wanted).status_code == 403
