"""Which tray and topic somebody is working through: every page and form of moderation carries it in its address."""

from typing import Any

from flask import request, url_for

from consulta.keys import key_of
from consulta.moderation.queries import Tray


def tray_asked() -> Tray:
    return next((tray for tray in Tray if tray.value == request.args.get("ver")), Tray.PENDING)


def topic_asked() -> int | None:
    return key_of(request.args.get("tema"))


def way() -> dict[str, Any]:
    """What the next address carries on."""
    return {"ver": tray_asked().value, "tema": topic_asked()}


def tray_address() -> str:
    return url_for("coordination.moderation.index", **way())


def address_of(contribution_id: int) -> str:
    return url_for("coordination.moderation.show", contribution_id=contribution_id, **way())
