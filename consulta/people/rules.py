"""What accounts and institutions must be: names, addresses, passwords, and which roles one person may hold."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from email_validator import EmailNotValidError, validate_email

from consulta.errors import Problem
from consulta.people.models import Institution, Membership, Role
from consulta.text import clean_line

PUBLIC_NAME_MIN, PUBLIC_NAME_MAX = 2, 80
# The name of whoever was erased, which nobody else can take.
RETIRED_NAME = "Aportante retirado"
EMAIL_MAX = 254
INSTITUTION_CODE_MAX, INSTITUTION_NAME_MAX = 20, 200
PASSWORD_MIN, STAFF_PASSWORD_MIN = 12, 15
PASSWORD_MAX_BYTES = 256
# The passwords of twelve characters and more that leaks name most often: nobody is asked over the network.
COMMON_PASSWORDS = frozenset(
    Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").splitlines(),
)
_LETTER_ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1234567890")
# The text that people accept when they sign up; a new text gets a new version.
CONSENT_VERSION = "2026-11"
# How long a link in a mail can be used.
CONFIRMATION_TERM = timedelta(days=7)
INVITATION_TERM = timedelta(days=7)
RECOVERY_TERM = timedelta(minutes=30)
EMAIL_CHANGE_TERM = timedelta(hours=24)
# How long the address is kept that an account wanted, or had before: long enough for the last mail to it.
FORMER_ADDRESS_TERM = timedelta(days=7)
# A code that was mailed to enter: how long it serves, and how often it may be mistyped.
CODE_TERM = timedelta(minutes=10)
CODE_TRIES = 5
# How long after entering somebody may change how they enter without entering again.
FRESH_TERM = timedelta(minutes=30)
PASSKEY_NAME_MAX = 60
PASSKEYS_MAX = 10

# Nobody decides a proposal and approves the plan that holds it.
APART = (Role.COORDINATOR, Role.APPROVER)


def normal_email(typed: str, *, allows_test: bool = False) -> str | None:
    """The address as accounts keep it, in lower case; None when it is not one. `.test` names are for development."""
    line = clean_line(typed)
    if len(line) > EMAIL_MAX or line != typed.strip():
        return None
    try:
        found = validate_email(line, check_deliverability=False, test_environment=allows_test)
    except EmailNotValidError:
        return None
    return found.normalized.lower()


def normal_password(typed: str) -> str:
    """The same password whatever the keyboard that typed it."""
    return unicodedata.normalize("NFKC", typed)


def check_public_name(name: str) -> Problem | None:
    if len(name) < PUBLIC_NAME_MIN:
        return Problem("public_name", "public_name_missing")
    if len(name) > PUBLIC_NAME_MAX:
        return Problem("public_name", "public_name_too_long", {"max": PUBLIC_NAME_MAX})
    if name.casefold() == RETIRED_NAME.casefold():
        return Problem("public_name", "public_name_reserved")
    return None


def is_too_long(password: str) -> bool:
    """Whether a password has more bytes than are ever hashed."""
    return len(password) > PASSWORD_MAX_BYTES or len(password.encode(errors="replace")) > PASSWORD_MAX_BYTES


def check_password(password: str, *, is_staff: bool, field: str = "password") -> Problem | None:
    """Any characters, long enough; people with a role need a longer one."""
    least = STAFF_PASSWORD_MIN if is_staff else PASSWORD_MIN
    if is_too_long(password):
        return Problem(field, "password_too_long", {"max": PASSWORD_MAX_BYTES})
    if len(normal_password(password)) < least:
        return Problem(field, "password_too_short", {"min": least})
    if is_common(password):
        return Problem(field, "password_common")
    return None


def is_common(password: str) -> bool:
    """Whether whoever guesses would try it early: a leaked one, a few characters over and over, or a row of keys."""
    plain = normal_password(password).strip().casefold()
    if plain in COMMON_PASSWORDS or re.fullmatch(r"(.{1,4}?)\1+.{0,3}", plain):
        return True
    rows = [part for row in _LETTER_ROWS for part in (row * 3, (row * 3)[::-1])]
    return any(plain in row for row in rows)


def check_grant(held: Iterable[Membership], role: Role, institution: Institution | None) -> Problem | None:
    """Why a person with these roles cannot be given another one; None when nothing speaks against it.

    One role in each institution, and one for the whole site. Who represents an organisation has asked for it.
    """
    held = list(held)
    place = institution.id if institution else None
    if role is Role.ORG_REP:
        return Problem("role", "representation_not_given")
    if role is Role.LIAISON and institution is None:
        return Problem("institution", "liaison_without_institution")
    if role is Role.LIAISON and institution is not None and not institution.is_public_body:
        return Problem("institution", "liaison_of_private_body")
    if any(membership.institution_id == place and membership.role is role for membership in held):
        return Problem("role", "role_held_already")
    if role in APART and any(membership.role in APART and membership.role is not role for membership in held):
        return Problem("role", "decides_and_approves")
    if any(membership.institution_id == place for membership in held):
        return Problem("role", "one_role_per_institution")
    return None


def exists_between(institution: Institution, start_on: date, end_on: date) -> bool:
    """Whether it exists on some day of a term; both ends of the term and of its validity are included."""
    has_begun = institution.valid_from is None or institution.valid_from <= end_on
    return has_begun and (institution.valid_to is None or start_on <= institution.valid_to)


def check_institution_code(code: str) -> Problem | None:
    """An acronym: letters, digits and hyphens, with single blanks between words («Caja Mutual»)."""
    if not re.fullmatch(r"[^\W_]+(?:[ -][^\W_]+)*", code) or len(code) > INSTITUTION_CODE_MAX:
        return Problem("code", "institution_code_shape", {"max": INSTITUTION_CODE_MAX})
    return None


def check_institution_name(name: str) -> Problem | None:
    if not name:
        return Problem("name", "missing")
    if len(name) > INSTITUTION_NAME_MAX:
        return Problem("name", "name_too_long", {"max": INSTITUTION_NAME_MAX})
    return None
