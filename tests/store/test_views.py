import pytest

from audit.errors import InputError
from audit.model.review import ReviewState
from audit.store import tables as t
from audit.store.database import Store
from audit.store.queue import Filters, Tab
from audit.store.views import add_view, remove_view, view, views
from tests.store.runs import reviewers


@pytest.fixture
def people(store: Store) -> Store:
    """Users 1 and 2."""
    reviewers(store, "王", "李")
    return store


def names(store: Store, user: int) -> list[str]:
    with store.reading() as connection:
        return [one.name for one in views(connection, user)]


DISPUTED = Filters(tab=Tab.SIGNALS, states=(ReviewState.DISPUTED,), words="还钱 & 上门", team="一组")


def test_a_view_brings_back_its_filters(people: Store) -> None:
    number = add_view(people, 1, "有争议", DISPUTED)
    with people.reading() as connection:
        assert view(connection, number, 1).filters() == DISPUTED


def test_views_are_ones_own_and_stand_in_the_order_they_were_added(people: Store) -> None:
    first = add_view(people, 1, "乙", Filters())
    add_view(people, 1, "  甲\t甲 ", DISPUTED)
    add_view(people, 2, "乙", DISPUTED)
    assert (names(people, 1), names(people, 2)) == (["乙", "甲 甲"], ["乙"])
    for wrong in (first + 2, 99):
        with pytest.raises(InputError, match="CA611"):
            remove_view(people, wrong, 1)
    remove_view(people, first, 1)
    assert (names(people, 1), names(people, 2)) == (["甲 甲"], ["乙"])


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "a\x00b", "a\u202eb", "\ud800", "有争议", " 有争议"])
def test_names_that_are_taken_or_cannot_be_are_refused(people: Store, name: str) -> None:
    add_view(people, 1, "有争议", DISPUTED)
    with pytest.raises(InputError, match="CA838"):
        add_view(people, 1, name, DISPUTED)
    assert names(people, 1) == ["有争议"]


def test_a_view_that_asks_for_what_there_is_no_longer_is_told_when_it_is_loaded(people: Store) -> None:
    number = add_view(people, 1, "旧", Filters())
    with people.writing() as connection:
        connection.execute(t.views.update().values(query="state=archived"))
    with people.reading() as connection, pytest.raises(InputError, match="CA837"):
        view(connection, number, 1).filters()
    assert names(people, 1) == ["旧"]
