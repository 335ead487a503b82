"""The trays beside every page of a liaison: what waits, what is late, what was answered."""

from typing import Any

from flask import g, request, url_for

from consulta import clock
from consulta.commitments.queries import count_waiting
from consulta.people.models import Institution, Role
from consulta.referrals.queries import Group, count_groups, institutions_by_id
from consulta.web.context import actor, db
from consulta.web.i18n import gettext as _
from consulta.web.referral_rows import GROUPS, group_label


def own_institutions() -> list[Institution]:
    """The institutions of the liaison who asks, read once a request."""
    if "own_institutions" not in g:
        g.own_institutions = institutions_by_id(db(), actor().institutions(Role.LIAISON))
    found: list[Institution] = g.own_institutions
    return found


def own_ids() -> list[int]:
    return [institution.id for institution in own_institutions()]


def own_counts() -> dict[Group, int]:
    """How many referrals of the liaison's institutions are in each group, read once a request."""
    if "own_counts" not in g:
        g.own_counts = count_groups(db(), today=clock.today(), institution_ids=own_ids())
    found: dict[Group, int] = g.own_counts
    return found


def tray_context() -> dict[str, Any]:
    """For the layout of the audience; nothing where the guard let nobody in."""
    if "actor" not in g or not g.actor.holds(Role.LIAISON):
        return {}
    counts = own_counts()
    current = request.args.get("estado", "por-responder") if request.endpoint == "institution.referrals.index" else ""
    items = [
        {
            "label": group_label(group),
            "href": url_for("institution.referrals.index", estado=slug),
            "count": counts[group],
            "late": counts[Group.OVERDUE] if group in (Group.AWAITING, Group.OVERDUE) else 0,
            "current": current == slug,
        }
        for slug, group in GROUPS.items()
        if group in (Group.AWAITING, Group.ANSWERED) or counts[group]
    ]
    waiting = count_waiting(db(), own_ids())
    commitments = {
        "label": _("Por revisar"),
        "href": url_for("institution.commitments.index"),
        "count": waiting,
        "current": (request.endpoint or "").startswith("institution.commitments"),
    }
    names = ", ".join(institution.code for institution in own_institutions())
    groups = [{"heading": _("Propuestas"), "items": items}, {"heading": _("Compromisos"), "items": [commitments]}]
    return {"trays": groups, "audience": names}
