"""People, roles, institutions and holidays."""

from typing import Any

from flask import Blueprint, request, url_for

from consulta.web.administration import holidays, institutions, people
from consulta.web.audiences import ADMINISTRATION, Identify, audience_blueprint
from consulta.web.i18n import gettext as _


def administration_blueprint(identify: Identify) -> Blueprint:
    blueprint = audience_blueprint(ADMINISTRATION, __name__, identify)
    for area in (people, institutions, holidays):
        blueprint.register_blueprint(area.blueprint)
    blueprint.context_processor(_frame)
    return blueprint


def _frame() -> dict[str, Any]:
    """What the layout of these pages shows around them."""
    areas = (("people", _("Personas y roles")), ("institutions", _("Instituciones")), ("holidays", _("Asuetos")))
    here = (request.endpoint or "").split(".")[1:2]
    trays = [
        {"label": label, "href": url_for(f"administration.{area}.index"), "current": here == [area]}
        for area, label in areas
    ]
    return {"audience": _("Administración"), "trays": trays}
