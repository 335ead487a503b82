"""Which numbers of a division are hidden, so that no small one can be found out."""

import itertools

import pytest

from consulta.demographics.rules import SMALLEST_SHOWN, hidden_groups


@pytest.mark.parametrize(
    ("counts", "hidden", "hides_rest"),
    [
        ({"a": 7, "b": 5, "c": 0}, "", False),  # none is small; a zero is no secret
        ({"a": 3, "b": 9, "c": 6}, "ac", False),  # the smallest of the others goes with it
        ({"a": 3, "b": 2, "c": 6}, "ab", False),  # 5 may be 1+4, 2+3, 3+2, 4+1
        ({"a": 1, "b": 1, "c": 6}, "abc", False),  # 2 can only be 1+1
        ({"a": 4, "b": 4}, "ab", True),  # 8 can only be 4+4
        ({"a": 3}, "a", True),
        ({"a": 1, "b": 5, "c": 9}, "abc", False),  # 6 can only be 1+5
    ],
)
def test_what_is_hidden(counts: dict[str, int], hidden: str, hides_rest: bool) -> None:
    assert hidden_groups(counts) == (frozenset(hidden), hides_rest)


def test_no_small_number_follows_from_what_is_shown() -> None:
    """Every division of three groups: what is hidden always has at least two readings for each small group."""
    for numbers in itertools.product(range(9), repeat=3):
        counts = dict(zip("abc", numbers, strict=True))
        hidden, hides_rest = hidden_groups(counts)
        if hides_rest or not hidden:
            continue
        whole, names = sum(counts[name] for name in hidden), sorted(hidden)
        spans = [range(1, SMALLEST_SHOWN) if counts[n] < SMALLEST_SHOWN else range(SMALLEST_SHOWN, 30) for n in names]
        readings = [read for read in itertools.product(*spans) if sum(read) == whole]
        for place, name in enumerate(names):
            if counts[name] < SMALLEST_SHOWN:
                assert len({read[place] for read in readings}) > 1, counts
