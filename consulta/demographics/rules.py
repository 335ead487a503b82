"""Totals that name nobody: a group of few people is not counted in public, nor what would give its number away."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

# Groups of fewer people than this are not shown with their number.
SMALLEST_SHOWN = 5
# With fewer people than this no division of them is shown at all.
SMALLEST_WHOLE = 10
# What people told is counted from so many of them on, and then from as many more each time.
NEWCOMERS = SMALLEST_SHOWN
# The text that people accept when they tell something of themselves; a new text gets a new version.
CONSENT_VERSION = "2026-11"

Group = TypeVar("Group", bound=Hashable)


def hidden_groups(counts: Mapping[Group, int]) -> tuple[frozenset[Group], bool]:
    """Which groups are not shown with their number, and whether the number not stated must be hidden too.

    The whole is public, so hiding one group alone would hide nothing: the smallest of the others go with it, and who
    stated nothing last, until what is hidden could be divided in more than one way.
    """
    hidden = [group for group, n in counts.items() if 0 < n < SMALLEST_SHOWN]
    others = sorted((group for group, n in counts.items() if n >= SMALLEST_SHOWN), key=lambda group: counts[group])
    hides_rest = False
    while hidden and not hides_rest and _is_told([counts[group] for group in hidden]):
        if others:
            hidden.append(others.pop(0))
        else:
            hides_rest = True
    return frozenset(hidden), hides_rest


def _is_told(hidden: list[int]) -> bool:
    """Whether the sum of hidden numbers gives them away to who knows which of them are small."""
    small = [n for n in hidden if n < SMALLEST_SHOWN]
    large = len(hidden) - len(small)
    least = len(small) + SMALLEST_SHOWN * large
    most = (SMALLEST_SHOWN - 1) * len(small)
    return sum(hidden) == least or (not large and (len(small) == 1 or sum(hidden) == most))
