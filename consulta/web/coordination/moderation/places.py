"""Which tray, and what of it, somebody is working through: every page and form of moderation carries it in its
address."""

from typing import Any

from flask import request, url_for

from consulta.contributions.models import HeldFor, ReportReason
from consulta.keys import key_of
from consulta.moderation.trays import Selection, Tray
from consulta.text import clean_line

WORDS_LENGTH = 100
_TRAYS = {tray.value: tray for tray in Tray}
# Only a tray of reports has their reasons.
_REPORTED: dict[str, HeldFor | ReportReason] = {reason.value: reason for reason in ReportReason}
_HELD: dict[str, HeldFor | ReportReason] = {reason.value: reason for reason in HeldFor}


def chosen() -> Selection:
    asked = request.args
    tray = _TRAYS.get(asked.get("ver", ""), Tray.PENDING)
    return Selection(
        tray,
        topic_id=key_of(asked.get("tema")),
        why=(_REPORTED if tray is Tray.REPORTED else _HELD).get(asked.get("por", "")),
        same_as=key_of(asked.get("igual")),
        person_id=key_of(asked.get("autor")),
        words=clean_line(asked.get("texto", ""))[:WORDS_LENGTH],
    )


def way(selection: Selection | None = None) -> dict[str, Any]:
    """What the next address carries on."""
    shown = selection or chosen()
    return {
        "ver": shown.tray.value,
        "tema": shown.topic_id,
        "por": shown.why.value if shown.why else None,
        "igual": shown.same_as,
        "autor": shown.person_id,
        "texto": shown.words or None,
    }


def tray_address() -> str:
    return url_for("coordination.moderation.index", **way())


def address_of(contribution_id: int) -> str:
    return url_for("coordination.moderation.show", contribution_id=contribution_id, **way())
