"""Who follows one contribution without an account, by its folio and its code."""

from flask import Blueprint

from consulta.web.audiences import TRACKING, Identify, audience_blueprint
from consulta.web.tracking import copying, entry, erasure, own


def tracking_blueprint(identify: Identify) -> Blueprint:
    blueprint = audience_blueprint(TRACKING, __name__, identify)
    for area in (entry, own, copying, erasure):
        blueprint.register_blueprint(area.blueprint)
    return blueprint
