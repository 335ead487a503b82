"""Codes that people copy by hand: every slip of one sign, or of two that changed places, is noticed."""

from itertools import pairwise

import pytest

from consulta.guests.rules import ALPHABET, make_code, read_code, written_code

CODES = [make_code("secret", f"seed {n}") for n in range(20)]


def test_codes_differ_by_seed_and_by_secret() -> None:
    assert len({*CODES, *(make_code("otro", f"seed {n}") for n in range(20))}) == 40
    assert {len(code) for code in CODES} == {16}


@pytest.mark.parametrize("code", CODES[:3])
def test_a_code_is_read_as_people_type_it(code: str) -> None:
    shown = written_code(code)
    assert [len(group) for group in shown.split("-")] == [4, 4, 4, 4]
    for typed in (shown, shown.lower(), shown.replace("-", " "), code, f" {code} ", code.replace("1", "l")):
        assert read_code(typed) == code


@pytest.mark.parametrize("typed", ["", "-", "1" * 15, "1" * 17, "ñ" * 16, "0000-0000-0000-0000", "🙂" * 16])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert read_code(typed) is None


@pytest.mark.parametrize("code", CODES)
def test_slips_are_noticed(code: str) -> None:
    wrong = {code[:n] + sign + code[n + 1 :] for n in range(16) for sign in ALPHABET} - {code}
    for n, (one, other) in enumerate(pairwise(code)):
        if one != other:
            wrong.add(code[:n] + other + one + code[n + 2 :])
    assert len(wrong) > 16 * 30
    assert [slip for slip in wrong if read_code(slip) is not None] == []
