from collections.abc import Callable

import pytest

from audit.errors import InputError
from audit.model.review import UserRole
from audit.store import tables as t
from audit.store.database import Store, now
from audit.store.sessions import find, open_session
from audit.store.soundness import check, verify
from audit.store.users import (
    add_user,
    all_users,
    change_password,
    change_role,
    credentials,
    disable,
    enable,
    named,
    rehash,
    user,
)
from tests.store.runs import rows


def actions(store: Store) -> list[tuple[object, object, object]]:
    return [(row["actor"], row["action"], row["subject"]) for row in rows(store, t.log)]


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        " 王",
        "王 ",
        "王\n",
        "王\x00",
        "王\u202e",
        "王\ud800",
        "王" * 65,
        "callaudit",
        "cli",
        "cli:root",
        "anonymous",
    ],
)
def test_names_that_cannot_be_seen_or_pass_for_another_actor_of_the_log_are_refused(store: Store, name: str) -> None:
    with pytest.raises(InputError, match="CA617"):
        add_user(store, name, UserRole.OFFICER, "test")
    assert all_users(store) == []
    assert rows(store, t.log) == []


def test_every_change_of_an_account_is_a_line_of_the_log_without_the_password(store: Store) -> None:
    for name in ("王", "李"):
        add_user(store, name, UserRole.ADMIN, "cli:root", "hash-a")
    change_role(store, 1, UserRole.LEAD, "李")
    change_password(store, 1, "hash-b", "王")
    disable(store, 1, "李")
    enable(store, 1, "李")
    assert actions(store) == [
        ("cli:root", "add_user", "user:1"),
        ("cli:root", "add_user", "user:2"),
        ("李", "change_role", "user:1"),
        ("王", "change_password", "user:1"),
        ("李", "disable_user", "user:1"),
        ("李", "enable_user", "user:1"),
    ]
    assert "hash" not in str([row["facts"] for row in rows(store, t.log)])
    assert check(store) == [] and verify(store)[0] == []


def test_disabling_twice_changes_nothing_the_second_time(store: Store) -> None:
    for name in ("王", "李"):
        add_user(store, name, UserRole.ADMIN, "test")
    disable(store, 1, "test")
    first = user(store, 1)
    disable(store, 1, "test")
    assert user(store, 1) == first and first.disabled_at is not None
    enable(store, 1, "test")
    enable(store, 1, "test")
    assert user(store, 1).disabled_at is None
    assert [action for _, action, _ in actions(store)] == ["add_user", "add_user", "disable_user", "enable_user"]


def test_the_last_admin_cannot_be_lost(store: Store) -> None:
    for name, role in (("王", UserRole.ADMIN), ("李", UserRole.ADMIN), ("张", UserRole.LEAD)):
        add_user(store, name, role, "test")
    change_role(store, 2, UserRole.OFFICER, "test")
    losing: tuple[Callable[[], object], ...] = (
        lambda: disable(store, 1, "test"),
        lambda: change_role(store, 1, UserRole.LEAD, "test"),
    )
    for lose in losing:
        with pytest.raises(InputError, match="CA804"):
            lose()
    change_role(store, 1, UserRole.ADMIN, "test")
    change_role(store, 2, UserRole.ADMIN, "test")
    disable(store, 2, "test")  # one admin works still
    with pytest.raises(InputError, match="CA804"):
        disable(store, 1, "test")
    disable(store, 3, "test")
    assert [(account.role, account.disabled_at is None) for account in all_users(store)] == [
        ("admin", True),
        ("admin", False),
        ("lead", False),
    ]


def test_who_is_not_there_cannot_be_changed(store: Store) -> None:
    changes: tuple[Callable[[], object], ...] = (
        lambda: change_role(store, 9, UserRole.LEAD, "test"),
        lambda: change_password(store, 9, "hash", "test"),
        lambda: disable(store, 9, "test"),
        lambda: enable(store, 9, "test"),
        lambda: user(store, 9),
    )
    for change in changes:
        with pytest.raises(InputError, match="CA611"):
            change()
    with pytest.raises(InputError, match="CA803"):
        named(store, "谁")
    assert rows(store, t.log) == []


def test_credentials_are_those_of_who_may_sign_in(store: Store) -> None:
    until = now()
    add_user(store, "王", UserRole.OFFICER, "test", "hash-a", until)
    add_user(store, "李", UserRole.OFFICER, "test")
    add_user(store, "废\ufffd", UserRole.OFFICER, "test", "hash-c")
    found = credentials(store, "王")
    assert found is not None and (found.number, found.password_hash, found.until) == (1, "hash-a", until)
    # A name that the database would store as somebody else's is not that one.
    assert [credentials(store, name) for name in ("李", "谁", "废\x00", "废\ud800")] == [None] * 4
    change_password(store, 1, "hash-b", "王")
    changed = credentials(store, "王")
    assert changed is not None and (changed.password_hash, changed.until) == ("hash-b", None)
    add_user(store, "张", UserRole.ADMIN, "test")
    disable(store, 1, "test")
    assert credentials(store, "王") is None


def test_a_password_changed_meanwhile_is_not_overwritten_by_its_rehash(store: Store) -> None:
    add_user(store, "王", UserRole.OFFICER, "test", "old")
    rehash(store, 1, "old", "stronger")
    assert rows(store, t.users)[0]["password_hash"] == "stronger"
    rehash(store, 1, "old", "stale")
    assert rows(store, t.users)[0]["password_hash"] == "stronger"


def test_a_changed_password_ends_all_sessions_but_the_one_that_changed_it(store: Store) -> None:
    for name in ("王", "李"):
        add_user(store, name, UserRole.OFFICER, "test", "hash")
    tokens = [open_session(store, 1)[0] for _ in range(3)]
    other, _ = open_session(store, 2)
    kept = find(store, tokens[1])
    assert kept is not None
    change_password(store, 1, "hash-b", "王", keep=kept.id)
    assert [find(store, token) is not None for token in tokens] == [False, True, False]
    assert find(store, other) is not None
