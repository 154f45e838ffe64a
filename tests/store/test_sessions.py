"""Sessions, tokens of the API, and the limit on failed sign-ins."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from audit.errors import InputError
from audit.model.review import UserRole
from audit.store import attempts, sessions, tokens
from audit.store import tables as t
from audit.store.attempts import PER_ADDRESS, PER_NAME, WINDOW
from audit.store.database import Store, now
from audit.store.sessions import IDLE, LONGEST
from audit.store.soundness import check, verify
from audit.store.users import add_user, change_role, disable, enable
from tests.store.runs import rows


@pytest.fixture(autouse=True)
def officers(store: Store) -> None:
    add_user(store, "王", UserRole.OFFICER, "test")
    add_user(store, "李", UserRole.ADMIN, "test")


def earlier(store: Store, column: "sa.Column[object]", by: timedelta) -> None:
    """Let what `column` says have happened earlier than it did."""
    with store.writing() as connection:
        for row in connection.execute(sa.select(column.table)).all():
            moment = getattr(row, column.name) - by
            connection.execute(column.table.update().where(column.table.c.id == row.id).values({column.name: moment}))


def test_a_session_is_found_by_its_token_and_by_nothing_the_store_holds(store: Store) -> None:
    token, session = sessions.open_session(store, 1)
    assert (session.user, session.name, session.role) == (1, "王", UserRole.OFFICER)
    assert sessions.find(store, token) == session
    kept = rows(store, t.sessions)[0]
    assert token not in str(kept)
    for other in (str(kept["digest"]), session.csrf, "", "\x00", "\ud800", token[:-1], token + "x", token.upper()):
        assert sessions.find(store, other) is None


def test_tokens_and_csrf_tokens_are_long_and_never_the_same(store: Store) -> None:
    made = [sessions.open_session(store, 1) for _ in range(20)]
    secrets = [token for token, _ in made] + [session.csrf for _, session in made]
    assert len(set(secrets)) == 40
    assert min(map(len, secrets)) >= 43  # 256 bits


@pytest.mark.parametrize(
    ("column", "longest"), [(t.sessions.c.seen_at, IDLE), (t.sessions.c.created_at, LONGEST)], ids=["idle", "in all"]
)
def test_a_session_ends_by_itself(store: Store, column: "sa.Column[object]", longest: timedelta) -> None:
    token, _ = sessions.open_session(store, 1)
    earlier(store, column, longest - timedelta(minutes=5))
    assert sessions.find(store, token) is not None
    earlier(store, column, timedelta(minutes=5) if column is t.sessions.c.created_at else longest)
    assert sessions.find(store, token) is None
    assert sessions.of_user(store, 1) == []
    sessions.open_session(store, 2)
    assert [row["user"] for row in rows(store, t.sessions)] == [2]  # what is over is forgotten


def test_use_is_written_down_at_most_once_a_minute(store: Store) -> None:
    token, _ = sessions.open_session(store, 1)
    seen = rows(store, t.sessions)[0]["seen_at"]
    sessions.find(store, token)
    assert rows(store, t.sessions)[0]["seen_at"] == seen
    earlier(store, t.sessions.c.seen_at, timedelta(seconds=61))
    sessions.find(store, token)
    later = rows(store, t.sessions)[0]["seen_at"]
    assert later >= seen  # type: ignore[operator]


def test_a_disabled_account_has_no_session_and_gets_none(store: Store) -> None:
    token, _ = sessions.open_session(store, 1)
    disable(store, 1, "test")
    assert sessions.find(store, token) is None
    for number in (1, 9):
        with pytest.raises(InputError, match="CA611"):
            sessions.open_session(store, number)
    enable(store, 1, "test")
    assert sessions.find(store, token) is None  # it does not come back to life


def test_another_role_holds_from_the_next_request_on(store: Store) -> None:
    token, _ = sessions.open_session(store, 1)
    change_role(store, 1, UserRole.VIEWER, "test")
    found = sessions.find(store, token)
    assert found is not None and found.role is UserRole.VIEWER


def test_who_signs_out_ends_only_the_own_session(store: Store) -> None:
    token, session = sessions.open_session(store, 1, "192.0.2.7")
    other, _ = sessions.open_session(store, 1)
    with pytest.raises(InputError, match="CA611"):
        sessions.close(store, session.id, 2)
    assert sessions.find(store, token) == session
    sessions.close(store, session.id, 1)
    assert sessions.find(store, token) is None and sessions.find(store, other) is not None
    with pytest.raises(InputError, match="CA611"):
        sessions.close(store, session.id, 1)
    lines = [(row["actor"], row["action"], row["subject"]) for row in rows(store, t.log)[2:]]
    assert lines == [("王", "sign_in", "user:1"), ("王", "sign_in", "user:1"), ("王", "sign_out", "user:1")]
    assert '"address":"192.0.2.7"' in str(rows(store, t.log)[2]["facts"])
    assert check(store) == [] and verify(store)[0] == []


def test_a_token_acts_for_its_owner_until_it_is_revoked(store: Store) -> None:
    token = tokens.make(store, 1, " 周报 ")
    assert token.startswith("ca_") and len(token) >= 46
    assert token not in str(rows(store, t.tokens)) and token not in str(rows(store, t.log))
    found = tokens.find(store, token)
    assert found is not None and (found.number, found.name, found.role) == (1, "王", UserRole.OFFICER)
    assert [(made.name, made.used_at is not None) for made in tokens.of_user(store, 1)] == [("周报", True)]
    assert tokens.of_user(store, 2) == []
    with pytest.raises(InputError, match="CA611"):
        tokens.revoke(store, found.token, 2)
    assert tokens.find(store, token) is not None
    tokens.revoke(store, found.token, 1)
    assert tokens.find(store, token) is None
    with pytest.raises(InputError, match="CA611"):
        tokens.revoke(store, found.token, 1)
    assert [row["action"] for row in rows(store, t.log)[2:]] == ["make_token", "revoke_token"]


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    """Let tokens be looked at as if so much time had passed: when they were made and end stands fast."""
    moment = now() + by
    monkeypatch.setattr(tokens, "now", lambda: moment)


def test_a_token_ends_when_its_days_are_over(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tokens.make(store, 1, "x", 2)
    used = rows(store, t.tokens)[0]["expires_at"]
    later(monkeypatch, timedelta(days=1, hours=23))
    assert tokens.find(store, token) is not None
    seen = rows(store, t.tokens)[0]["used_at"]
    later(monkeypatch, timedelta(days=2, seconds=1))
    with pytest.raises(InputError) as refused:
        tokens.find(store, token)
    assert (refused.value.problem.code, refused.value.problem.where) == ("CA818", "token:1")
    assert (rows(store, t.tokens)[0]["used_at"], rows(store, t.tokens)[0]["expires_at"]) == (seen, used)
    disable(store, 1, "test")
    assert tokens.find(store, token) is None  # that it was one is told to nobody who is locked out


@pytest.mark.parametrize("days", [-1, 0, tokens.MOST_DAYS + 1])
def test_no_token_holds_for_ever(store: Store, days: int) -> None:
    with pytest.raises(InputError, match="CA817"):
        tokens.make(store, 1, "x", days)
    assert rows(store, t.tokens) == []
    tokens.make(store, 1, "x", tokens.MOST_DAYS)


def test_a_list_says_of_each_token_whether_it_is_used_and_holds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    used = tokens.make(store, 1, "used")
    for name, days in (("unused", 60), ("short", 5), ("gone", 60)):
        tokens.make(store, 2, name, days)
    tokens.revoke(store, 4, 2)
    later(monkeypatch, timedelta(days=20))
    tokens.find(store, used)
    later(monkeypatch, timedelta(days=31))
    assert [(made.name, made.owner, made.state, made.holds) for made in tokens.all_tokens(store)] == [
        ("gone", "李", "revoked", False),
        ("short", "李", "expired", False),
        ("unused", "李", "idle", True),
        ("used", "王", "active", True),
    ]
    assert [made.id for made in tokens.of_user(store, 1)] == [1]


def test_somebody_elses_token_is_taken_away_in_the_name_of_who_does_it(store: Store) -> None:
    token = tokens.make(store, 1, "x")
    tokens.take_away(store, 1, "李")
    assert tokens.find(store, token) is None
    for number in (1, 9):
        with pytest.raises(InputError, match="CA611"):
            tokens.take_away(store, number, "李")
    line = rows(store, t.log)[-1]
    assert (line["actor"], line["action"], line["subject"], line["facts"]) == (
        "李",
        "revoke_token",
        "token:1",
        '{"user":1}',
    )


def test_a_token_sleeps_while_its_owner_is_disabled(store: Store) -> None:
    token = tokens.make(store, 1, "x")
    disable(store, 1, "test")
    assert tokens.find(store, token) is None
    with pytest.raises(InputError, match="CA611"):
        tokens.make(store, 1, "y")
    enable(store, 1, "test")
    assert tokens.find(store, token) is not None


def test_a_session_is_no_token_and_a_token_no_session(store: Store) -> None:
    session, _ = sessions.open_session(store, 1)
    token = tokens.make(store, 1, "x")
    assert tokens.find(store, session) is None and sessions.find(store, token) is None


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "x\x00"])
def test_a_token_needs_a_name(store: Store, name: str) -> None:
    with pytest.raises(InputError, match="CA801"):
        tokens.make(store, 1, name)
    assert rows(store, t.tokens) == []


def fail(store: Store, name: str, address: str) -> None:
    attempts.failed(store, attempts.begin(store, name, address))


@pytest.mark.parametrize("name", ["王", "nobody of this name"])
def test_who_fails_too_often_waits_whoever_it_is(store: Store, name: str) -> None:
    for number in range(PER_NAME):
        fail(store, name, f"192.0.2.{number}")
    with pytest.raises(InputError) as error:
        attempts.begin(store, name, "198.51.100.1")
    assert error.value.problem.code == "CA805"
    assert error.value.problem.facts == {"minutes": 15}
    attempts.begin(store, "somebody else", "198.51.100.1")
    earlier(store, t.attempts.c.at, WINDOW - timedelta(minutes=2))
    with pytest.raises(InputError) as error:
        attempts.begin(store, name, "198.51.100.1")
    assert error.value.problem.facts == {"minutes": 2}
    earlier(store, t.attempts.c.at, timedelta(minutes=2))
    attempts.begin(store, name, "198.51.100.1")
    assert len(rows(store, t.attempts)) == 2  # what is too old to count is forgotten


def test_an_address_that_tries_many_names_waits(store: Store) -> None:
    for number in range(PER_ADDRESS):
        fail(store, f"name{number}", "2001:db8::1")
    for address in ("2001:db8::1", "2001:db8::ffff"):  # one network of IPv6 is one address
        with pytest.raises(InputError, match="CA805"):
            attempts.begin(store, "another", address)
    attempts.begin(store, "another", "2001:db8:0:1::1")


def test_a_refused_attempt_does_not_make_the_wait_longer(store: Store) -> None:
    for _ in range(PER_NAME):
        fail(store, "王", "192.0.2.1")
    for _ in range(3):
        with pytest.raises(InputError, match="CA805"):
            attempts.begin(store, "王", "192.0.2.1")
    earlier(store, t.attempts.c.at, WINDOW)
    attempts.begin(store, "王", "192.0.2.1")


def test_success_forgets_the_failures_of_the_name_and_not_those_of_the_address(store: Store) -> None:
    for _ in range(PER_NAME - 1):
        fail(store, "王", "192.0.2.1")
    attempts.succeeded(store, attempts.begin(store, "王", "192.0.2.1"))
    assert len(rows(store, t.attempts)) == PER_NAME - 1
    for number in range(PER_ADDRESS - PER_NAME + 1):
        fail(store, f"name{number}", "192.0.2.1")
    with pytest.raises(InputError, match="CA805"):
        attempts.begin(store, "王", "192.0.2.1")
    attempts.begin(store, "王", "192.0.2.2")


def test_attempts_at_once_do_not_slip_past_the_limit_together(store: Store) -> None:
    def attempt(_: int) -> bool:
        try:
            attempts.begin(store, "王", "192.0.2.1")
        except InputError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(24))) == PER_NAME


def test_a_failed_name_is_never_written_for_it_may_be_a_password(store: Store) -> None:
    fail(store, "hunter2 hunter2", "192.0.2.1")
    fail(store, "王", "192.0.2.1")
    lines = rows(store, t.log)[2:]
    assert [(row["actor"], row["action"], row["subject"]) for row in lines] == [
        ("anonymous", "sign_in_failed", "user:unknown"),
        ("anonymous", "sign_in_failed", "user:1"),
    ]
    assert "hunter2" not in str(lines) + str(rows(store, t.attempts))
    assert check(store) == [] and verify(store)[0] == []


def test_who_is_signed_in_is_found_while_somebody_writes(store: Store) -> None:
    session_token, session = sessions.open_session(store, 1)
    api_token = tokens.make(store, 2, "x")
    earlier(store, t.sessions.c.seen_at, timedelta(minutes=5))
    seen = rows(store, t.sessions)[0]["seen_at"]
    with ThreadPoolExecutor() as pool, store.writing():
        # Who waited for the writer would wait for ever here.
        assert pool.submit(sessions.find, store, session_token).result(25) == session
        found = pool.submit(tokens.find, store, api_token).result(25)
        assert found is not None and found.number == 2
        assert rows(store, t.sessions)[0]["seen_at"] == seen and rows(store, t.tokens)[0]["used_at"] is None
    assert sessions.find(store, session_token) == session and tokens.find(store, api_token) is not None
    assert rows(store, t.sessions)[0]["seen_at"] != seen and rows(store, t.tokens)[0]["used_at"] is not None
    if store.is_sqlite:
        with store.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000, "others wait as before"
