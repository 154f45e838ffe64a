"""How far two reviewers agree beyond chance: Cohen's κ."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Agreement:
    """What pairs of opinions come to; shares and κ are of `pairs` things that two reviewers judged independently.

    `table` counts pairs: first opinion, second opinion. `observed` is the share on which both said the same, `expected` the share on which
    they would by chance. `kappa` is None where it is not defined: without pairs, and where both only ever used one and the same category
    (then chance alone agrees, too). `error` and `interval` (95 %, within -1 to 1) are those of large samples; they are None without κ, and
    where they come to nothing because the pairs all agree (or all disagree in a way that leaves no spread), which says nothing of how sure κ is.
    """

    categories: tuple[str, ...]
    table: dict[tuple[str, str], int]
    pairs: int
    observed: float | None
    expected: float | None
    kappa: float | None
    error: float | None
    interval: tuple[float, float] | None


def agreement(pairs: Sequence[tuple[str, str]], categories: Sequence[str]) -> Agreement:
    """Cohen's κ over pairs of opinions (first reviewer's, second reviewer's), each one of `categories`.

    κ: Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20, 37-46.
    Its standard error: Fleiss, J. L., Cohen, J. & Everitt, B. S. (1969). Large sample standard errors of kappa and weighted kappa.
    Psychological Bulletin 72, 323-327, formula for κ other than 0.

    >>> made = agreement([("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15, ("yes", "no"))
    >>> made.pairs, made.observed, made.expected, round(made.kappa, 3), round(made.error, 3)
    (50, 0.7, 0.5, 0.4, 0.127)
    """
    counted = Counter(pairs)
    table = {(a, b): counted[a, b] for a in categories for b in categories}
    n = len(pairs)
    if not n:
        return Agreement(tuple(categories), table, 0, None, None, None, None, None)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    # Counts, not shares, where κ hangs on whether something is exactly 0 or 1.
    same, by_chance = sum(counted[c, c] for c in categories), sum(first[c] * second[c] for c in categories)
    observed, expected = same / n, by_chance / n**2
    if by_chance == n**2:
        return Agreement(tuple(categories), table, n, observed, expected, None, None, None)
    kappa = (same * n - by_chance) / (n**2 - by_chance)
    share = {pair: count / n for pair, count in counted.items()}
    error = _standard_error(
        share, {c: first[c] / n for c in categories}, {c: second[c] / n for c in categories}, observed, expected, n
    )
    reach = _Z_95 * error
    interval = (max(-1.0, kappa - reach), min(1.0, kappa + reach)) if error else None
    return Agreement(tuple(categories), table, n, observed, expected, kappa, error or None, interval)


def _standard_error(
    share: dict[tuple[str, str], float],
    first: dict[str, float],
    second: dict[str, float],
    observed: float,
    expected: float,
    n: int,
) -> float:
    """Formula (13) of Fleiss, Cohen & Everitt (1969), with all disagreements weighing the same."""
    agreed = sum(
        p * ((1 - expected) - (first[a] + second[a]) * (1 - observed)) ** 2 for (a, b), p in share.items() if a == b
    )
    differed = sum(p * (second[a] + first[b]) ** 2 for (a, b), p in share.items() if a != b) * (1 - observed) ** 2
    spread = agreed + differed - (observed * expected - 2 * expected + observed) ** 2
    # Rounding may leave a trace of what is 0.
    return math.sqrt(spread / n) / (1 - expected) ** 2 if spread > 1e-12 else 0.0
