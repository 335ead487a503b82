"""Passwords, through Flask-Security: Argon2id, and the same work for an address that nobody has."""

import secrets

from flask import current_app
from flask_security.utils import hash_password as fs_hash_password
from flask_security.utils import verify_password as fs_verify_password

from consulta.people.rules import is_too_long, normal_password


def hash_password(password: str) -> str:
    hashed: str = fs_hash_password(normal_password(password))
    return hashed


def matches(password: str, password_hash: str | None) -> bool:
    """Whether a password is the hashed one. Without a hash it takes as long and the answer is no."""
    if is_too_long(password):
        return False
    nobodys = nobodys_hash()  # made for the first who asks, whether or not this account needs it
    right: bool = fs_verify_password(normal_password(password), password_hash or nobodys)
    return right and password_hash is not None


def needs_update(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    outdated: bool = current_app.extensions["security"].pwd_context.needs_update(password_hash)
    return outdated


def nobodys_hash() -> str:
    """A hash that no password fits, made with the parameters of all others."""
    known = current_app.extensions.get("nobodys_password")
    if known is None:
        known = current_app.extensions["nobodys_password"] = fs_hash_password(secrets.token_urlsafe(16))
    made: str = known
    return made
