"""What becomes of each column that can name somebody or hold their words, once they are erased.

Every foreign key to a person, an account or a contribution and every column of free text stands here; a test fails
for one that does not. `ROWS_GO` and `EMPTIED` are what `erasing.py` carries out; the rest says what it does by hand.
"""

import enum


class Key(enum.Enum):
    """By what a row belongs to who is erased."""

    PERSON = "person"
    ACCOUNT = "account"
    CONTRIBUTION = "contribution"
    ADDRESS = "address"


class Fate(enum.Enum):
    GOES = "goes"
    """Deleted or emptied."""
    REWORDED = "reworded"
    """What is public stays without personal data; what is not public goes."""
    SCRUBBED = "scrubbed"
    """Words of others about the texts of the person: names and addresses are taken out of them."""
    TIES = "ties"
    """A number that holds together what is counted; it leads to nobody any more."""
    FOLLOWS = "follows"
    """Made anew from what is left."""
    OTHERS = "others"
    """Said by others or by the office, of themselves or of public matters."""
    CODES = "codes"
    """Codes, folios and numbers that the site made."""


# Rows that are deleted, in this order, by the column that ties them to the person.
ROWS_GO: tuple[tuple[str, str, Key], ...] = (
    ("login_session", "account_id", Key.ACCOUNT),
    ("sign_in_code", "account_id", Key.ACCOUNT),
    ("authenticator", "account_id", Key.ACCOUNT),
    ("recovery_code", "account_id", Key.ACCOUNT),
    ("passkey", "account_id", Key.ACCOUNT),
    ("identity", "account_id", Key.ACCOUNT),
    ("email_change", "account_id", Key.ACCOUNT),
    ("email_change", "email", Key.ADDRESS),
    ("sign_up", "email", Key.ADDRESS),
    ("identity_claim", "email", Key.ADDRESS),
    ("guest_submission", "email", Key.ADDRESS),
    ("guest_submission", "contribution_id", Key.CONTRIBUTION),
    ("tracking_code", "contribution_id", Key.CONTRIBUTION),
    ("pending_edit", "contribution_id", Key.CONTRIBUTION),
    ("staff_note", "contribution_id", Key.CONTRIBUTION),
    ("draft", "person_id", Key.PERSON),
    ("notice", "person_id", Key.PERSON),
    ("follow", "person_id", Key.PERSON),
    ("receipt", "person_id", Key.PERSON),
    ("demographics", "person_id", Key.PERSON),
    ("representation", "person_id", Key.PERSON),
    ("membership", "person_id", Key.PERSON),
    ("account", "person_id", Key.PERSON),
)
# Columns that are emptied in the rows that stay.
EMPTIED: tuple[tuple[str, str, str, Key], ...] = (
    ("person", "email", "id", Key.PERSON),
    ("person", "institution_id", "id", Key.PERSON),
    ("person", "consent_at", "id", Key.PERSON),
    ("person", "consent_version", "id", Key.PERSON),
    ("report", "note", "person_id", Key.PERSON),
    ("contribution", "suggested_institution_text", "person_id", Key.PERSON),
    ("contribution", "text_digest", "person_id", Key.PERSON),
    ("contribution", "address_prefix", "person_id", Key.PERSON),
    ("contribution", "appeal", "person_id", Key.PERSON),
)
# Every other column with words, and whatever else ties a row to somebody; a table whose columns share one fate is
# named once.
FATES: dict[str, Fate | dict[str, Fate]] = {
    "audit_entry": {
        "person_id": Fate.TIES,
        "actor": Fate.GOES,
        "reason": Fate.SCRUBBED,
        "detail": Fate.SCRUBBED,
        "role": Fate.CODES,
        "act": Fate.CODES,
        "object_type": Fate.CODES,
        "from_state": Fate.CODES,
        "to_state": Fate.CODES,
    },
    "cache_version": Fate.CODES,
    "claim": Fate.OTHERS,
    "commitment": Fate.OTHERS,
    "commitment_actor": Fate.OTHERS,
    "commitment_proposal": Fate.OTHERS,
    "contribution": {
        "person_id": Fate.TIES,
        "parent_id": Fate.TIES,
        "root_id": Fate.TIES,
        "title": Fate.REWORDED,
        "body": Fate.REWORDED,
        "public_title": Fate.REWORDED,
        "public_body": Fate.REWORDED,
        "public_html": Fate.REWORDED,
        "redaction_note": Fate.SCRUBBED,
        "reason_text": Fate.SCRUBBED,
        "late_reason": Fate.SCRUBBED,
        "provenance_note": Fate.SCRUBBED,
        "held_for": Fate.CODES,
        "external_ref": Fate.CODES,
    },
    "decision": Fate.OTHERS,
    "dispatch": Fate.OTHERS,
    "document": Fate.OTHERS,
    "draft": {"parent_id": Fate.TIES},
    "erasure": {
        "person_id": Fate.TIES,
        "text_ids": Fate.CODES,
        "other_ids": Fate.CODES,
        "farewell_to": Fate.GOES,
    },
    "event": Fate.TIES,
    "folio_counter": Fate.CODES,
    "guest_submission": {"parent_id": Fate.TIES},
    "holiday": Fate.OTHERS,
    "indicator": Fate.OTHERS,
    "institution": Fate.OTHERS,
    "login_session": {"data": Fate.GOES},
    "milestone": Fate.OTHERS,
    "moderation_act": {
        "contribution_id": Fate.TIES,
        "person_id": Fate.OTHERS,
        "batch": Fate.CODES,
        "month": Fate.CODES,
        "before": Fate.GOES,
    },
    "outbox": {
        "name": Fate.CODES,
        "payload": Fate.GOES,
        "error": Fate.GOES,
        "hold_key": Fate.CODES,
    },
    "person": {"public_name": Fate.GOES, "external_ref": Fate.CODES},
    "phase": Fate.OTHERS,
    "plan": Fate.OTHERS,
    "proposal": {
        "folio": Fate.CODES,
        "external_ref": Fate.CODES,
        "title": Fate.REWORDED,
        "summary": Fate.REWORDED,
    },
    "proposal_source": Fate.TIES,
    "published_figure": Fate.OTHERS,
    "referral": Fate.OTHERS,
    "report": {"contribution_id": Fate.TIES, "person_id": Fate.TIES},
    "response": Fate.OTHERS,
    "revision": {
        "contribution_id": Fate.TIES,
        "title": Fate.REWORDED,
        "body": Fate.REWORDED,
        "public_title": Fate.REWORDED,
        "public_body": Fate.REWORDED,
    },
    "search_document": Fate.FOLLOWS,
    "spent": Fate.CODES,
    "staff_note": {"person_id": Fate.OTHERS},
    "stored_text": Fate.OTHERS,
    "submission": {
        "person_id": Fate.TIES,
        "folio": Fate.CODES,
        "external_ref": Fate.CODES,
        "received_by_role": Fate.OTHERS,
        "place": Fate.OTHERS,
    },
    "support": Fate.TIES,
    "topic": Fate.OTHERS,
    "topic_competence": Fate.OTHERS,
    "window_extension": Fate.OTHERS,
}
