import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.model.agreement import agreement
from audit.model.review import Decision, Ruling, Verdict, review_state

YES_NO = ("yes", "no")


def pairs(*counts: tuple[str, str, int]) -> list[tuple[str, str]]:
    return [(first, second) for first, second, count in counts for _ in range(count)]


# Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions, table 18.1: κ = .676, standard error .088.
DIAGNOSES = pairs(
    ("psychotic", "psychotic", 75), ("psychotic", "neurotic", 1), ("psychotic", "organic", 4),
    ("neurotic", "psychotic", 5), ("neurotic", "neurotic", 4), ("neurotic", "organic", 1),
    ("organic", "organic", 10),
)  # fmt: skip


def test_a_published_table_gives_the_published_kappa_and_error() -> None:
    made = agreement(DIAGNOSES, ("psychotic", "neurotic", "organic"))
    assert (made.pairs, made.observed, made.expected) == (100, 0.89, 0.66)
    assert made.kappa == pytest.approx(0.6765, abs=1e-4)
    assert made.error == pytest.approx(0.0877, abs=1e-4)
    assert made.interval == pytest.approx((0.5046, 0.8484), abs=1e-4)
    assert made.table["psychotic", "organic"] == 4
    assert made.table["organic", "psychotic"] == 0


@pytest.mark.parametrize(
    ("said", "kappa"),
    [
        (pairs(("yes", "yes", 20), ("yes", "no", 5), ("no", "yes", 10), ("no", "no", 15)), 0.4),
        (pairs(("yes", "yes", 7), ("no", "no", 3)), 1.0),
        (pairs(("yes", "no", 5), ("no", "yes", 5)), -1.0),
        (pairs(("yes", "yes", 1), ("yes", "no", 1), ("no", "yes", 1), ("no", "no", 1)), 0.0),
        # The paradox of κ: nearly all agree, and no better than chance would.
        (pairs(("yes", "yes", 98), ("yes", "no", 1), ("no", "yes", 1)), -1 / 99),
    ],
)
def test_kappa_is_agreement_beyond_chance(said: list[tuple[str, str]], kappa: float) -> None:
    assert agreement(said, YES_NO).kappa == pytest.approx(kappa)


def test_kappa_is_not_defined_where_both_only_ever_say_the_same_one_thing() -> None:
    made = agreement(pairs(("yes", "yes", 9)), YES_NO)
    assert (made.pairs, made.observed, made.expected) == (9, 1.0, 1.0)
    assert (made.kappa, made.error, made.interval) == (None, None, None)


def test_without_pairs_nothing_is_said() -> None:
    made = agreement([], YES_NO)
    assert made.pairs == 0
    assert {made.observed, made.expected, made.kappa, made.error, made.interval} == {None}
    assert set(made.table.values()) == {0}


@pytest.mark.parametrize("said", [pairs(("yes", "yes", 3), ("no", "no", 3)), pairs(("no", "yes", 1), ("no", "no", 1))])
def test_pairs_without_spread_give_no_interval_instead_of_one_of_no_width(said: list[tuple[str, str]]) -> None:
    made = agreement(said, YES_NO)
    assert made.kappa in (0.0, 1.0)
    assert made.error is None and made.interval is None


OPINIONS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=40)


@given(OPINIONS)
def test_who_is_first_makes_no_difference(said: list[tuple[str, str]]) -> None:
    made, turned = agreement(said, "abc"), agreement([(b, a) for a, b in said], "abc")
    assert (made.kappa, made.observed) == (turned.kappa, turned.observed)
    assert made.error == pytest.approx(turned.error)
    assert sum(made.table.values()) == len(said)


@given(OPINIONS)
def test_kappa_and_its_interval_stay_within_their_bounds(said: list[tuple[str, str]]) -> None:
    made = agreement(said, "abc")
    if made.kappa is None:
        assert len(set(said)) == 1
    else:
        assert -1 <= made.kappa <= 1
        assert made.interval is None or -1 <= made.interval[0] <= made.kappa <= made.interval[1] <= 1
        assert (made.kappa == 1) == all(a == b for a, b in said)


@given(OPINIONS)
def test_a_table_ten_times_as_large_is_the_same_agreement_surer(said: list[tuple[str, str]]) -> None:
    made, more = agreement(said, "abc"), agreement(said * 10, "abc")
    assert more.kappa == pytest.approx(made.kappa)
    if made.error is not None:
        assert more.error == pytest.approx(made.error / 10**0.5)


@pytest.mark.parametrize(("ruling", "state"), [(Ruling.UPHELD, "confirmed"), (Ruling.OVERTURNED, "dismissed")])
@pytest.mark.parametrize(
    "said",
    [
        [],
        [Decision(1, 1, Verdict.CONFIRM)],
        [Decision(1, 1, Verdict.DISMISS), Decision(2, 2, Verdict.CONFIRM)],
        [Decision(1, 1, Verdict.UNSURE)],
    ],
)
def test_a_ruling_outweighs_whatever_was_decided(said: list[Decision], ruling: Ruling, state: str) -> None:
    assert review_state(said, ruling) == state
    assert review_state(said) == review_state(said, None)
