"""What a browser and a device do with passkeys (WebAuthn): the questions asked, and whether the answers hold.

Each question is asked once: it waits in the session, for a few minutes, and goes with the first answer.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import webauthn
from flask import request, session
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from consulta import clock
from consulta.errors import Invalid, Problem
from consulta.people.models import Account, Passkey
from consulta.people.passkeys import find_passkey, passkeys_of
from consulta.web.context import db, parts

CHALLENGE_KEY, TERM = "passkey_challenge", timedelta(minutes=5)
# At most 1023 bytes, as WebAuthn says.
_ID = re.compile(r"[A-Za-z0-9_-]{1,1400}")
Answer = dict[str, Any]
Verified = TypeVar("Verified", VerifiedAuthentication, VerifiedRegistration)


def ask_to_create(account: Account) -> str:
    """The question that makes a passkey, as JSON for the browser."""
    known = [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in _keys(account)]
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name="Consulta",
        # A name of nobody: it says only to the device that two passkeys are of one account.
        user_id=hashlib.sha256(f"passkey|{parts().config.secret_key}|{account.id}".encode()).digest(),
        user_name=account.email,
        user_display_name=account.person.public_name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=known,
    )
    _keep("create", options.challenge)
    return webauthn.options_to_json(options)


def read_created(answer: str) -> Answer:
    """What is kept of a new passkey. Raises Invalid when the answer does not hold."""
    credential = _parsed(answer)
    made = _verified(webauthn.verify_registration_response, credential=credential, expected_challenge=_spend("create"))
    return {
        "credential_id": _checked(bytes_to_base64url(made.credential_id)),
        "public_key": bytes_to_base64url(made.credential_public_key),
        "use_count": made.sign_count,
    }


def ask_to_enter() -> str:
    """The question that any passkey of this site answers, so that nobody types who they are."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(), user_verification=UserVerificationRequirement.REQUIRED
    )
    _keep("enter", options.challenge)
    return webauthn.options_to_json(options)


def read_entered(answer: str) -> tuple[Passkey, int]:
    """The passkey that answered, and how often it did so. Raises Invalid for any other answer."""
    credential = _parsed(answer)
    challenge, passkey = _spend("enter"), find_passkey(db(), _checked(credential.get("id")))
    if passkey is None:
        raise Invalid(Problem("", "passkey_wrong"))
    shown = _verified(
        webauthn.verify_authentication_response,
        credential=credential,
        expected_challenge=challenge,
        credential_public_key=base64url_to_bytes(passkey.public_key),
        credential_current_sign_count=passkey.use_count,
    )
    return passkey, shown.new_sign_count


def _keys(account: Account) -> list[Passkey]:
    return list(passkeys_of(db(), account.id))


def _parsed(answer: str) -> Answer:
    try:
        credential = json.loads(answer)
    except (ValueError, RecursionError):
        credential = None
    if not isinstance(credential, dict):
        raise Invalid(Problem("", "passkey_wrong"))
    return credential


def _checked(credential_id: object) -> str:
    """An id as text, which a database can look for."""
    if not isinstance(credential_id, str) or not _ID.fullmatch(credential_id):
        raise Invalid(Problem("", "passkey_wrong"))
    return credential_id


def _verified(verify: Callable[..., Verified], **facts: Any) -> Verified:
    try:
        return verify(expected_rp_id=_host(), expected_origin=_origin(), require_user_verification=True, **facts)
    except Exception:  # of what a browser may send, the library refuses a part in its own words and stumbles on others
        raise Invalid(Problem("", "passkey_wrong")) from None


def _keep(act: str, challenge: bytes) -> None:
    until = clock.now() + TERM
    session[CHALLENGE_KEY] = {"act": act, "challenge": bytes_to_base64url(challenge), "until": until.isoformat()}


def _spend(act: str) -> bytes:
    """The question that this browser was asked last; it is not asked twice."""
    kept = session.pop(CHALLENGE_KEY, None)
    if kept is None or kept["act"] != act or datetime.fromisoformat(kept["until"]) <= clock.now():
        raise Invalid(Problem("", "passkey_late"))
    return base64url_to_bytes(kept["challenge"])


def _origin() -> str:
    """The address that browsers see: the public one; while developing, whichever local name is in use."""
    config = parts().config
    return config.site_url if config.is_production else request.host_url.rstrip("/")


def _host() -> str:
    return urlsplit(_origin()).hostname or ""
