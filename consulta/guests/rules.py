"""What somebody without an account must give, for how long it waits, and how tracking codes are made and read."""

import hashlib
import hmac
from datetime import timedelta

from consulta.errors import Problem

# How long the link in the mail can be used, and how long the text waits for it.
SUBMISSION_TERM = timedelta(days=7)
# No letter or digit that reads like another. A prime number of signs, so that the last one of a code shows every
# wrong sign and every two that were swapped.
ALPHABET = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUPS, GROUP_LENGTH = 4, 4
_LENGTH = GROUPS * GROUP_LENGTH
_LIKELY = str.maketrans({"I": "1", "L": "1", "-": "", " ": ""})


def make_code(secret_key: str, seed: str) -> str:
    """The code of a seed, as it is kept and compared: sixteen signs, the last of which follows from the others."""
    number = int.from_bytes(hmac.new(secret_key.encode(), f"tracking:{seed}".encode(), hashlib.sha256).digest())
    signs = []
    for _ in range(_LENGTH - 1):
        number, place = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[place])
    return "".join(signs) + _check_sign("".join(signs))


def written_code(code: str) -> str:
    """A code as people read and type it: «4K7P-9MXT-2HQD-WB3R»."""
    return "-".join(code[start : start + GROUP_LENGTH] for start in range(0, _LENGTH, GROUP_LENGTH))


def read_code(typed: str) -> str | None:
    """The code that somebody typed, whatever the case and the separators; None when it cannot be one."""
    code = typed.upper().translate(_LIKELY)
    if len(code) != _LENGTH or any(sign not in ALPHABET for sign in code):
        return None
    return code if code[-1] == _check_sign(code[:-1]) else None


def hash_code(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def check_consent(*, consents: bool) -> Problem | None:
    return None if consents else Problem("consents", "guest_consent_missing")


def _check_sign(signs: str) -> str:
    """Each place has a weight of its own, none of which is a multiple of the prime."""
    return ALPHABET[sum(place * ALPHABET.index(sign) for place, sign in enumerate(signs, 1)) % len(ALPHABET)]
