"""The sound of a call: who hears what, in which parts, and that nobody hears what was not audited or is not in the log."""

import hashlib
import io
import json
import threading
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import av
import numpy as np
import pytest
import sqlalchemy as sa
from httpx2 import Response

from audit.clips.kept import Kept
from audit.clips.mask import Private, silences_of
from audit.model.call import Call, CallMetadata, Role, Source, Turn
from audit.model.review import UserRole
from audit.speech.decode import blocks, decode
from audit.speech.sound import SAMPLE_RATE, Samples
from audit.store import tables as t
from audit.store.calls import Taken, stored_report
from audit.store.database import Store
from audit.store.retention import purge
from audit.store.tokens import make
from audit.web import sound as of_sound
from audit.web.access import User
from audit.web.desk import Desk
from audit.web.pages.audio import Listening
from tests.speech.sounds import ladder, write_mp3
from tests.store.runs import take_in
from tests.web.conftest import NAMES, Browser

Client = Callable[..., Browser]
OFFICER, TRAINER, VIEWER = UserRole.OFFICER, UserRole.TRAINER, UserRole.VIEWER


@pytest.fixture
def numbers(desk: Desk) -> dict[str, int]:
    """The numbers of the sample calls by their id."""
    with desk.store.reading() as connection:
        return {row.call_id: row.id for row in connection.execute(sa.select(t.calls.c.call_id, t.calls.c.id))}


@pytest.fixture
def own(desk: Desk, numbers: dict[str, int], tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Gives a call a recording of the test's own."""

    def give(call: str, data: bytes) -> Path:
        path = tmp_path / "own.bin"
        path.write_bytes(data)
        with desk.store.writing() as connection:
            values = {"audio_path": str(path), "audio_sha256": hashlib.sha256(data).hexdigest(), "audio_state": None}
            connection.execute(t.calls.update().where(t.calls.c.id == numbers[call]).values(**values))
        return path

    return give


def original(desk: Desk, call: int) -> Path:
    with desk.store.reading() as connection:
        return Path(connection.execute(sa.select(t.calls.c.audio_path).where(t.calls.c.id == call)).scalar_one())


def log(desk: Desk, action: str) -> list[tuple[str, str, dict[str, object]]]:
    with desk.store.reading() as connection:
        lines = connection.execute(sa.select(t.log).where(t.log.c.action == action).order_by(t.log.c.id)).all()
    return [(line.actor, line.subject, json.loads(line.facts)) for line in lines]


def heard(answer: Response) -> tuple[Samples, ...]:
    """The channels of a WAV that was answered."""
    with wave.open(io.BytesIO(answer.content)) as file:
        assert (file.getsampwidth(), file.getframerate()) == (2, SAMPLE_RATE)
        flat = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
    return tuple((channel / 32768).astype(np.float32) for channel in flat.T)


@pytest.mark.parametrize(
    ("call", "media_type"),
    [
        ("sample-01", "audio/wav"),
        ("sample-07", "audio/mp4"),
        ("sample-08", "audio/mpeg"),
        ("sample-11", "audio/ogg"),
        ("sample-12", "audio/flac"),
    ],
)
def test_what_browsers_play_is_given_as_it_is(
    client: Client, desk: Desk, numbers: dict[str, int], call: str, media_type: str
) -> None:
    answer = client(OFFICER).get(f"/calls/{numbers[call]}/audio")
    path = original(desk, numbers[call])
    assert answer.status_code == 200
    assert answer.content == path.read_bytes()
    assert answer.headers["content-type"] == media_type
    assert answer.headers["etag"] == f'"{hashlib.sha256(path.read_bytes()).hexdigest()}"'
    assert answer.headers["content-disposition"] == "inline"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert path.stem not in str(answer.headers)


@pytest.mark.parametrize("header", [True, False])
def test_an_mp3_of_variable_bit_rate_is_given_decoded_so_that_every_player_finds_every_moment(
    client: Client, numbers: dict[str, int], own: Callable[[str, bytes], Path], tmp_path: Path, header: bool
) -> None:
    data = write_mp3(tmp_path / "call.mp3", ladder(30), variable=True, header=header).read_bytes()
    path, officer = own("sample-08", data), client(OFFICER)
    answer = officer.get(f"/calls/{numbers['sample-08']}/audio")
    assert answer.headers["content-type"] == "audio/wav"
    (sound,) = heard(answer)
    (decoded,) = decode(path).channels
    assert len(sound) == len(decoded) and np.allclose(sound, decoded, atol=1e-3)
    drawn = officer.get(f"/calls/{numbers['sample-08']}/peaks.json").json()
    assert drawn["duration_s"] == pytest.approx(len(sound) / SAMPLE_RATE, abs=1e-3)


@pytest.mark.parametrize("header", [True, False])
def test_an_mp3_of_constant_bit_rate_is_given_as_it_is(
    client: Client, numbers: dict[str, int], own: Callable[[str, bytes], Path], tmp_path: Path, header: bool
) -> None:
    data = write_mp3(tmp_path / "call.mp3", ladder(6), variable=False, header=header).read_bytes()
    own("sample-08", data)
    answer = client(OFFICER).get(f"/calls/{numbers['sample-08']}/audio")
    assert (answer.headers["content-type"], answer.content) == ("audio/mpeg", data)


@pytest.mark.parametrize("call", ["sample-02", "sample-03", "sample-04", "sample-06"])  # AMR, A-law, µ-law, GSM
def test_what_browsers_do_not_play_is_decoded_and_the_original_left_alone(
    client: Client, desk: Desk, numbers: dict[str, int], call: str
) -> None:
    path = original(desk, numbers[call])
    before = path.read_bytes(), path.stat().st_mtime_ns
    browser = client(OFFICER)
    answer = browser.get(f"/calls/{numbers[call]}/audio")
    assert answer.headers["content-type"] == "audio/wav"
    channels, wanted = heard(answer), decode(path).channels
    assert len(channels) == len(wanted)
    for channel, other in zip(channels, wanted, strict=True):
        assert len(channel) == len(other)
        assert float(np.abs(channel - other.clip(-1, 1)).max()) < 2e-4
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    part = browser.get(f"/calls/{numbers[call]}/audio", headers={"Range": "bytes=44-143"})
    assert part.status_code == 206 and part.content == answer.content[44:144]
    kept = list((desk.cache / "sound").iterdir())
    assert len(kept) == 1 and kept[0].stat().st_mode & 0o077 == 0


def test_the_codec_decides_and_not_the_name(
    client: Client, numbers: dict[str, int], own: Callable[[str, bytes], Path], desk: Desk
) -> None:
    own("sample-01", original(desk, numbers["sample-02"]).read_bytes())
    assert client(OFFICER).get(f"/calls/{numbers['sample-01']}/audio").content[:4] == b"RIFF"


RANGES = [
    ("bytes=0-0", 206, slice(0, 1)),
    ("bytes=0-", 206, slice(0, None)),
    ("bytes=100-199", 206, slice(100, 200)),
    ("bytes=-5", 206, slice(-5, None)),
    ("bytes=5-999999999999", 206, slice(5, None)),
    ("bytes=-999999999999", 206, slice(0, None)),
    ("bytes=999999999-", 416, None),
    ("bytes=-0", 416, None),
    ("bytes=9-5", 400, None),
    ("bytes=x-y", 400, None),
    ("lines=0-5", 400, None),
]


@pytest.mark.parametrize(("asked", "status", "part"), RANGES)
def test_parts_are_answered_as_asked_for(
    client: Client, desk: Desk, numbers: dict[str, int], asked: str, status: int, part: slice | None
) -> None:
    number = numbers["sample-01"]
    data = original(desk, number).read_bytes()
    answer = client(OFFICER).get(f"/calls/{number}/audio", headers={"Range": asked})
    assert answer.status_code == status
    if part is not None:
        start, end, _ = part.indices(len(data))
        assert answer.content == data[part]
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(data)}"
        assert answer.headers["content-length"] == str(end - start)
    elif status == 416:
        assert answer.headers["content-range"] == f"bytes */{len(data)}"
    assert answer.headers["cache-control"].endswith("no-store")


def test_several_parts_come_in_one_answer(client: Client, desk: Desk, numbers: dict[str, int]) -> None:
    number = numbers["sample-01"]
    data = original(desk, number).read_bytes()
    answer = client(OFFICER).get(f"/calls/{number}/audio", headers={"Range": "bytes=0-1,50-52"})
    assert answer.status_code == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges")
    assert data[:2] in answer.content and data[50:53] in answer.content


def test_a_part_of_other_sound_is_not_given_for_a_part_of_this_one(
    client: Client, desk: Desk, numbers: dict[str, int]
) -> None:
    number, browser = numbers["sample-01"], client(OFFICER)
    tag = browser.get(f"/calls/{number}/audio", headers={"Range": "bytes=0-9"}).headers["etag"]
    for if_range, status in ((tag, 206), ('"other"', 200), (f"W/{tag}", 200)):
        answer = browser.get(f"/calls/{number}/audio", headers={"Range": "bytes=0-9", "If-Range": if_range})
        assert answer.status_code == status
    assert len(answer.content) == original(desk, number).stat().st_size


def test_head_tells_the_size_and_is_no_listening(client: Client, desk: Desk, numbers: dict[str, int]) -> None:
    number = numbers["sample-01"]
    answer = client(OFFICER).head(f"/calls/{number}/audio")
    assert answer.status_code == 200 and answer.content == b""
    assert answer.headers["content-length"] == str(original(desk, number).stat().st_size)
    assert log(desk, "listen") == []


def test_one_line_of_the_log_speaks_of_one_listening(
    client: Client, desk: Desk, numbers: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    number, browser = numbers["sample-01"], client(OFFICER)
    for start in range(5):
        browser.get(f"/calls/{number}/audio", headers={"Range": f"bytes={start}-"})
    wanted: list[tuple[str, str, dict[str, object]]] = [(NAMES[OFFICER], f"call:{number}", {"sound": "clear"})]
    assert log(desk, "listen") == wanted
    browser.get(f"/calls/{numbers['sample-08']}/audio")
    assert len(log(desk, "listen")) == 2
    monkeypatch.setattr(Listening, "WINDOW_S", 0.0)
    browser.get(f"/calls/{number}/audio")
    assert log(desk, "listen")[2:] == wanted


def test_who_is_in_the_log_already_waits_for_nobody(desk: Desk) -> None:
    class Busy(Store):
        """Somebody else is writing until `released`."""

        waits, released = threading.Event(), threading.Event()

        @contextmanager
        def writing(self) -> Iterator[sa.Connection]:
            self.waits.set()
            assert self.released.wait(60)
            with super().writing() as connection:
                yield connection

    listening, user = Listening(), User(1, NAMES[OFFICER], OFFICER)
    listening.note(desk.store, user, 1, "clear")
    with Busy(desk.store.place) as busy, ThreadPoolExecutor() as pool:
        try:
            others = [pool.submit(listening.note, busy, user, 2, "clear") for _ in range(3)]
            assert busy.waits.wait(60)
            pool.submit(listening.note, busy, user, 1, "clear").result(60)
        finally:
            busy.released.set()
        for other in others:
            other.result(60)
    assert [subject for _, subject, _ in log(desk, "listen")] == ["call:1", "call:2"]


def test_listening_of_long_ago_is_forgotten(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    listening, user = Listening(), User(1, NAMES[OFFICER], OFFICER)
    listening.note(desk.store, user, 1, "clear")
    monkeypatch.setattr(Listening, "WINDOW_S", 0.0)
    listening.note(desk.store, user, 2, "clear")
    assert not listening._noted and not listening._turns


def test_nobody_hears_what_the_log_cannot_take(
    client: Client, desk: Desk, numbers: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = client(OFFICER)
    with desk.store.writing() as connection:
        connection.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'full'); END")
    for _ in range(2):
        assert browser.get(f"/calls/{numbers['sample-01']}/audio").status_code == 503


@pytest.mark.parametrize("path", ["audio", "peaks.json"])
def test_only_who_may_listen_is_answered(
    client: Client, anonymous: Browser, desk: Desk, numbers: dict[str, int], path: str
) -> None:
    where = f"/calls/{numbers['sample-01']}/{path}"
    assert anonymous.get(where).status_code == 303
    assert client(VIEWER).get(where).status_code == 403
    assert anonymous.head(where).status_code in (303, 405)
    for role in (OFFICER, UserRole.LEAD, UserRole.ADMIN, TRAINER):
        assert client(role).get(where).status_code == 200
    officer = client(OFFICER)
    for nowhere in ("/calls/9999/", "/calls/99999999999999999999/", "/calls/0/", "/calls/x/", "/calls/..%2f1/"):
        assert officer.get(nowhere + path).status_code == 404
    assert officer.post_form(where).status_code == 405


def test_a_program_hears_with_its_token(anonymous: Browser, desk: Desk, numbers: dict[str, int]) -> None:
    number = numbers["sample-01"]
    path = f"/api/v1/calls/{number}"
    assert anonymous.get(f"{path}/audio").status_code == 401
    with desk.store.reading() as connection:
        users = {row.name: row.id for row in connection.execute(sa.select(t.users))}
    for role, status in ((OFFICER, 200), (VIEWER, 403)):
        token = make(desk.store, users[NAMES[role]], "test")
        bearer = {"Authorization": f"Bearer {token}"}
        assert anonymous.get(f"{path}/audio", headers=bearer).status_code == status
        assert anonymous.get(f"{path}/peaks", headers=bearer).status_code == status
    assert [line[0] for line in log(desk, "listen")] == [NAMES[OFFICER]]


def test_a_recording_that_was_changed_or_is_gone_is_not_played(
    client: Client, desk: Desk, numbers: dict[str, int], own: Callable[[str, bytes], Path]
) -> None:
    number, browser = numbers["sample-01"], client(OFFICER)
    path = own("sample-01", original(desk, number).read_bytes())
    where = f"/calls/{number}/audio"
    assert browser.get(where, headers={"Range": "bytes=0-9"}).status_code == 206
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    answer = browser.get(where, headers={"Range": "bytes=0-9"})
    assert answer.status_code == 409 and "CA841" in answer.text
    assert browser.get(f"/calls/{number}/peaks.json").status_code == 409
    path.unlink()
    answer = browser.get(where)
    assert answer.status_code == 404 and "CA842" in answer.text
    path.write_bytes(data)
    assert browser.get(where).status_code == 200
    assert [facts["state"] for _, _, facts in log(desk, "check_audio")] == ["matches", "changed", "missing", "matches"]
    assert str(path) not in answer.text


def test_the_recording_is_read_whole_once_and_not_for_every_part(
    client: Client, desk: Desk, numbers: dict[str, int], own: Callable[[str, bytes], Path]
) -> None:
    number = numbers["sample-01"]
    own("sample-01", original(desk, number).read_bytes())

    def checked() -> object:
        with desk.store.reading() as connection:
            return connection.execute(sa.select(t.calls.c.audio_checked_at).where(t.calls.c.id == number)).scalar()

    browser = client(OFFICER)
    browser.get(f"/calls/{number}/audio", headers={"Range": "bytes=0-9"})
    first = checked()
    browser.get(f"/calls/{number}/audio", headers={"Range": "bytes=10-19"})
    assert checked() == first
    browser.app.state.listening = Listening()  # type: ignore[attr-defined]
    browser.get(f"/calls/{number}/audio")
    assert checked() != first


def test_a_call_without_recording_has_no_sound(client: Client, desk: Desk, numbers: dict[str, int]) -> None:
    with desk.store.writing() as connection:
        none = {"audio_path": None, "audio_sha256": None}
        connection.execute(t.calls.update().where(t.calls.c.id == numbers["sample-01"]).values(**none))
    answer = client(OFFICER).get(f"/calls/{numbers['sample-01']}/audio")
    assert answer.status_code == 404 and "CA846" in answer.text


def test_what_is_no_sound_is_told_and_leaves_nothing_behind(
    client: Client, desk: Desk, numbers: dict[str, int], own: Callable[[str, bytes], Path]
) -> None:
    path = own("sample-01", b"not a recording" * 1000)
    for where in ("audio", "peaks.json"):
        answer = client(OFFICER).get(f"/calls/{numbers['sample-01']}/{where}")
        assert answer.status_code == 422 and "CA303" in answer.text
        assert str(path) not in answer.text
    assert not [file for file in desk.cache.rglob("*") if file.is_file()]


def test_trainers_hear_a_tone_where_something_private_is_said(
    client: Client, desk: Desk, numbers: dict[str, int]
) -> None:
    number = numbers["sample-09"]  # reads an identity number out
    with desk.store.reading() as connection:
        call = stored_report(connection, number).call
    silences = [silence.time for silence in Private(call).silences()]
    assert silences
    answer = client(TRAINER).get(f"/calls/{number}/audio")
    assert answer.headers["content-type"] == "audio/wav"
    channels, clear = heard(answer), decode(original(desk, number)).channels
    inside = np.zeros(len(clear[0]), bool)
    for span in silences:
        inside[round(span.start_s * SAMPLE_RATE) : round(span.end_s * SAMPLE_RATE)] = True
    for channel, was in zip(channels, clear, strict=True):
        assert float(np.abs(channel - was.clip(-1, 1))[~inside].max()) < 2e-4
        # The tone is the same whatever was said: nothing of it is left.
        loud = np.abs(was[inside]) > 0.02
        assert abs(float(np.corrcoef(channel[inside][loud], was[inside][loud])[0, 1])) < 0.1 if loud.any() else True
        assert 0.05 < float(np.abs(channel[inside]).mean()) < 0.12
    assert log(desk, "listen") == [(NAMES[TRAINER], f"call:{number}", {"sound": "redacted"})]
    part = client(TRAINER).get(f"/calls/{number}/audio", headers={"Range": "bytes=0-99"})
    assert part.status_code == 206 and part.content == answer.content[:100]
    assert answer.headers["etag"] != client(OFFICER).get(f"/calls/{number}/audio").headers["etag"]


def test_a_number_that_somebody_corrected_away_stays_covered_in_the_sound(
    client: Client, desk: Desk, numbers: dict[str, int]
) -> None:
    number = numbers["sample-09"]
    with desk.store.reading() as connection:
        call = stored_report(connection, number).call
    turn = next(silence.turn for silence in Private(call).silences())
    before = of_sound.silences_of(desk.store, number)
    data = {"kind": "text", "turn": turn, "value": "没有号码"}
    assert client(OFFICER).post_form(f"/calls/{number}/corrections", data).status_code == 303
    assert of_sound.silences_of(desk.store, number) == before


def test_a_number_that_a_later_recogniser_missed_stays_covered_in_sound_and_packs(
    desk: Desk, numbers: dict[str, int], tmp_path: Path
) -> None:
    number = numbers["sample-09"]
    with desk.store.reading() as connection:
        report = stored_report(connection, number)
    before = of_sound.silences_of(desk.store, number)
    assert before
    deaf = tuple(replace(turn, text="嗯", words=()) for turn in report.call.turns)
    later = replace(report, call=replace(report.call, turns=deaf), findings=(), dialogue=())
    assert list(Private(later.call).silences()) == []
    assert take_in(desk.store, tmp_path / "later", later, hour=13).counts[Taken.AUDITED_AGAIN] == 1
    assert of_sound.silences_of(desk.store, number) == before
    versions = Kept(desk.store).call(str(number)).versions
    assert sorted({silence.time for silence in silences_of([Private(one) for one in versions])}) == before


def test_what_is_private_and_cannot_be_placed_leaves_trainers_without_sound(
    client: Client, desk: Desk, numbers: dict[str, int]
) -> None:
    number = numbers["sample-09"]
    with desk.store.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER guard_turns_fixed")
        for row in connection.execute(sa.select(t.turns).where(t.turns.c.call == number)).all():
            record = json.loads(row.record) | {"start_s": None, "end_s": None}
            same = sa.and_(t.turns.c.transcript == row.transcript, t.turns.c.number == row.number)
            connection.execute(t.turns.update().where(same).values(record=json.dumps(record)))
    answer = client(TRAINER).get(f"/calls/{number}/audio")
    assert answer.status_code == 422 and "CA706" in answer.text
    assert client(OFFICER).get(f"/calls/{number}/audio").status_code == 200
    assert log(desk, "listen") == [(NAMES[OFFICER], f"call:{number}", {"sound": "clear"})]


def test_peaks_show_each_channel_and_who_is_on_it(client: Client, desk: Desk, numbers: dict[str, int]) -> None:
    number = numbers["sample-01"]
    answer = client(TRAINER).get(f"/calls/{number}/peaks.json")
    assert answer.headers["cache-control"] == "private, no-store"
    drawn, sound = answer.json(), decode(original(desk, number))
    assert [channel["role"] for channel in drawn["channels"]] == ["agent", "debtor"]
    assert drawn["duration_s"] == pytest.approx(sound.duration_s, abs=0.001)
    assert len(drawn["channels"]) == len(sound.channels) == 2
    for channel, samples in zip(drawn["channels"], sound.channels, strict=True):
        low, high = channel["peaks"][::2], channel["peaks"][1::2]
        assert len(low) == len(high) == -(-len(samples) // 1600)
        steps = [samples[start : start + 1600] for start in range(0, len(samples), 1600)]
        assert low == [max(-127, round(float(step.min()) * 127)) for step in steps]
        assert high == [min(127, round(float(step.max()) * 127)) for step in steps]
    assert log(desk, "listen") == []


AGENT, DEBTOR, THIRD = Role.AGENT, Role.DEBTOR, Role.THIRD_PARTY


@pytest.mark.parametrize(
    ("said", "agent_channel", "channels", "wanted"),
    [
        ([(AGENT, 0), (DEBTOR, 1)], None, 2, ["agent", "debtor"]),
        ([(AGENT, 1), (DEBTOR, 0)], 0, 2, ["debtor", "agent"]),  # who listened knows better than the call record
        ([(AGENT, 0), (DEBTOR, 1), (THIRD, 1)], None, 2, ["agent", None]),
        ([(AGENT, 0)], None, 2, ["agent", None]),
        ([(AGENT, 0), (DEBTOR, 0)], None, 1, [None]),
        ([(AGENT, None), (DEBTOR, None)], 1, 2, ["debtor", "agent"]),
        ([(AGENT, None), (DEBTOR, None)], None, 2, [None, None]),
        ([(AGENT, None), (DEBTOR, None)], 7, 2, [None, None]),
        ([(AGENT, 3)], None, 2, [None, None]),
        ([(AGENT, None)], None, 1, ["agent"]),
        ([], 0, 2, [None, None]),
    ],
)
def test_the_role_of_a_channel_is_that_of_its_turns(
    said: list[tuple[Role, int | None]], agent_channel: int | None, channels: int, wanted: list[str | None]
) -> None:
    turns = tuple(Turn(i, role, "喂", channel=channel) for i, (role, channel) in enumerate(said))
    metadata = CallMetadata(agent_channel=agent_channel)
    call = Call("c1", metadata, turns, Source("c1.wav", "0" * 64, "recording"))
    assert of_sound.channel_roles(call, call, channels) == wanted


def test_voices_stay_on_their_channel_when_somebody_says_whose_they_are(
    client: Client, numbers: dict[str, int]
) -> None:
    number, officer = numbers["sample-01"], client(OFFICER)

    def roles() -> list[str | None]:
        return [channel["role"] for channel in officer.get(f"/calls/{number}/peaks.json").json()["channels"]]

    assert roles() == ["agent", "debtor"]
    officer.post_form(f"/calls/{number}/corrections", {"kind": "swap_roles"})
    assert roles() == ["debtor", "agent"]


def test_one_sound_written_twice_is_drawn_once(
    client: Client, numbers: dict[str, int], own: Callable[[str, bytes], Path]
) -> None:
    own("sample-01", wav(np.stack([tone(1.0), tone(1.0)])))
    channels = client(OFFICER).get(f"/calls/{numbers['sample-01']}/peaks.json").json()["channels"]
    assert len(channels) == 1 and channels[0]["role"] is None


def test_a_long_recording_has_no_more_peaks_than_are_drawn(
    client: Client, numbers: dict[str, int], own: Callable[[str, bytes], Path]
) -> None:
    silence = np.zeros((1, 1000 * 8000), np.float32)
    silence[0, 4_000_000] = 0.5
    own("sample-01", wav(silence, rate=8000))
    drawn = client(OFFICER).get(f"/calls/{numbers['sample-01']}/peaks.json").json()
    high = drawn["channels"][0]["peaks"][1::2]
    assert drawn["duration_s"] == 1000.0
    assert 4000 < len(high) <= 8000
    assert max(high) > 50 and high.index(max(high)) / len(high) == pytest.approx(0.5, abs=0.001)


def test_blocks_are_what_decoding_gives_whole(desk: Desk, numbers: dict[str, int]) -> None:
    for call in ("sample-02", "sample-07", "sample-08"):
        number = numbers[call]
        whole = decode(original(desk, number))
        joined = np.concatenate(list(blocks(original(desk, number))), axis=1)
        assert len(joined) == whole.source_channels
        for channel, samples in zip(joined, whole.channels, strict=False):
            assert np.array_equal(channel, samples)


def test_what_is_derived_goes_when_it_takes_too_much_room_or_nobody_uses_it(
    client: Client, desk: Desk, numbers: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = client(OFFICER)

    def hear(call: str) -> bytes:
        answer = browser.get(f"/calls/{numbers[call]}/audio")
        assert answer.status_code == 200
        return answer.content

    first = hear("sample-02")
    kept = next((desk.cache / "sound").iterdir())
    monkeypatch.setattr(of_sound, "_MOST_BYTES", len(first) + 1000)
    second = hear("sample-06")
    assert not kept.exists()
    assert [file.stat().st_size for file in (desk.cache / "sound").iterdir()] == [len(second)]
    assert hear("sample-02") == first
    monkeypatch.setattr(of_sound, "_MOST_BYTES", 1 << 40)
    monkeypatch.setattr(of_sound, "_KEPT_S", -60.0)
    hear("sample-06")
    assert len(list((desk.cache / "sound").iterdir())) == 1


def test_what_is_derived_of_a_call_goes_when_the_call_is_purged(
    client: Client, desk: Desk, numbers: dict[str, int]
) -> None:
    browser = client(OFFICER)
    for call in ("sample-02", "sample-06"):
        assert browser.get(f"/calls/{numbers[call]}/audio").status_code == 200
        assert browser.get(f"/calls/{numbers[call]}/peaks.json").status_code == 200
    before = set((desk.cache / "sound").iterdir())
    with desk.store.writing() as connection:
        gone = t.calls.c.id == numbers["sample-02"]
        connection.execute(t.calls.update().where(gone).values(purged_at=datetime.now(UTC)))
    assert browser.get(f"/calls/{numbers['sample-01']}/audio").status_code == 200
    kept = set((desk.cache / "sound").iterdir())
    assert kept < before and len(kept) == 2
    assert browser.get(f"/calls/{numbers['sample-02']}/audio").status_code == 404
    assert browser.get(f"/calls/{numbers['sample-06']}/audio").status_code == 200
    purge(desk.store, date(2100, 1, 1), "test")
    assert browser.get(f"/calls/{numbers['sample-06']}/peaks.json").status_code == 404
    assert list((desk.cache / "sound").iterdir()) == []


def test_a_conversion_that_was_cut_short_is_not_taken_for_sound(
    client: Client, desk: Desk, numbers: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, number = client(OFFICER), numbers["sample-02"]

    def cut(path: Path) -> Iterator[Samples]:
        yield next(blocks(path))
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("audit.speech.decode.blocks", cut)
        assert browser.get(f"/calls/{number}/audio").status_code == 503
    assert not [file for file in desk.cache.rglob("*") if file.is_file()]
    assert len(heard(browser.get(f"/calls/{number}/audio"))[0]) == len(decode(original(desk, number)).channels[0])


def tone(seconds: float, rate: int = SAMPLE_RATE) -> Samples:
    made: Samples = (0.4 * np.sin(2 * np.pi * 300 * np.arange(round(seconds * rate)) / rate)).astype(np.float32)
    return made


def wav(channels: Samples, rate: int = SAMPLE_RATE) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="wav") as container:
        layout = "mono" if len(channels) == 1 else "stereo"
        stream = container.add_stream("pcm_s16le", rate=rate, layout=layout)
        frame = av.AudioFrame.from_ndarray(
            (np.ascontiguousarray(channels.T).reshape(1, -1) * 32767).astype("<i2"), format="s16", layout=layout
        )
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()
