"""Which token of the API did it, in the log: as it is written, read, and told by `store verify`."""

from contextvars import copy_context
from threading import Thread

import pytest

from audit.model.review import UserRole
from audit.store import chain
from audit.store.database import Store
from audit.store.log_lines import lines
from audit.store.soundness import verify
from audit.store.users import add_user
from tests.store.test_soundness import damage


@pytest.fixture(autouse=True)
def reader(store: Store) -> None:
    add_user(store, "王", UserRole.LEAD, "test")


def write(store: Store, token: int | None, **facts: str | int) -> None:
    """A line of what a token did, or (None) somebody without one."""

    def written() -> None:
        chain.act_by(token)
        with store.writing() as connection:
            chain.append(connection, "王", "export", "findings", **facts)

    copy_context().run(written)


def tokens_of(store: Store, **asked: int) -> list[int | None]:
    return [line.token for line in lines(store, 1, action="export", **asked)]  # type: ignore[arg-type]


def test_a_line_names_the_token_that_did_it_and_is_found_by_it_alone(store: Store) -> None:
    for token in (3, None, 31, 13, 3):
        write(store, token, rows=3, z=3)
    write(store, None, form='"token":3,')
    assert tokens_of(store) == [None, 3, 13, 31, None, 3]
    assert tokens_of(store, token=3) == [3, 3] and tokens_of(store, token=31) == [31]
    assert tokens_of(store, token=1) == tokens_of(store, token=0) == []
    assert verify(store)[0] == []


def test_what_another_task_or_thread_does_is_not_done_by_the_token(store: Store) -> None:
    def elsewhere() -> None:
        with store.writing() as connection:
            chain.append(connection, "李", "export", "findings")

    def here() -> None:
        chain.act_by(7)
        thread = Thread(target=elsewhere)
        thread.start()
        thread.join()

    copy_context().run(here)
    elsewhere()
    assert tokens_of(store) == [None, None]


@pytest.mark.parametrize("facts", ["", "[]", "3", '{"token":"3"}', '{"token":true}', '{"token":null}', "{"])
def test_facts_that_somebody_changed_name_no_token(facts: str) -> None:
    assert chain.token_of(facts) is None


def test_verify_says_which_token_wrote_a_line_that_was_changed(store: Store) -> None:
    write(store, 5, rows=1)
    write(store, None, rows=1)
    damage(store, "UPDATE log SET facts = replace(facts, '\"rows\":1', '\"rows\":9')")
    faults = verify(store)[0]
    assert [(fault.row, fault.detail) for fault in faults] == [
        ("log:2", "export findings token:5"),
        ("log:3", "export findings"),
    ]
