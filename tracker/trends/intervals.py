"""Intervals of 95 % around what a sample of sites shows."""

from __future__ import annotations

from math import exp, floor, log, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Interval = tuple[float, float]

Z = 1.959964
FEWEST = 6
"""Values from which the median has an interval of 95 % that needs no assumption."""


def of_share(hits: int, of: int) -> Interval:
    """Wilson's score interval of a share (JASA 22, 1927); 0 to 1 where nothing was asked."""
    if of == 0:
        return 0.0, 1.0
    share = hits / of
    middle = (share + Z * Z / (2 * of)) / (1 + Z * Z / of)
    half = Z * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of)) / (1 + Z * Z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def of_rate(count: int, of: int, squares: int) -> Interval:
    """The score interval of a mean count, wider where the counts vary more than Poisson's.

    Args:
        count: what was counted in all.
        of: among how many; not 0.
        squares: the sum of the squares of each one's count.
    """
    mean = count / of
    variance = (squares - of * mean * mean) / (of - 1) if of > 1 else 0.0
    spread = Z * Z * (max(1.0, variance / mean) if mean else 1.0)
    half = sqrt(spread * (count + spread / 4))
    return max(0.0, count + spread / 2 - half) / of, (count + spread / 2 + half) / of


def of_median(ordered: NDArray[np.generic]) -> Interval | None:
    """The interval of the median between two order statistics (Conover, 1971, section 3.2).

    It rests on no distribution. None of fewer than `FEWEST` values, which have none.
    """
    count = len(ordered)
    if count < FEWEST:
        return None
    rank = max(1, floor((count - Z * sqrt(count)) / 2))
    return float(ordered[rank - 1]), float(ordered[count - rank])


def of_difference(old: Interval | None, new: Interval | None, value: float) -> Interval | None:
    """The interval of the difference of two medians from theirs (Price and Bonett, 2002)."""
    if old is None or new is None:
        return None
    half = sqrt((old[1] - old[0]) ** 2 + (new[1] - new[0]) ** 2) / 2
    return value - half, value + half


def of_ratio(old: Interval | None, new: Interval | None, value: float) -> Interval | None:
    """The same of their ratio, by logarithms; all must be above 0."""
    if old is None or new is None or min(old[0], new[0], value) <= 0:
        return None
    low, high = (log(old[0]), log(old[1])), (log(new[0]), log(new[1]))
    found = of_difference(low, high, log(value))
    return found and (exp(found[0]), exp(found[1]))


def rounded(found: Interval | None, digits: int) -> tuple[float | None, float | None]:
    """An interval's two ends as they are shown; None and None where there is none."""
    return (round(found[0], digits), round(found[1], digits)) if found else (None, None)
