"""Liaisons: answer referrals and validate the commitments of their institution."""

from flask import Blueprint

from consulta.web.audiences import INSTITUTION, Identify, audience_blueprint
from consulta.web.institution import commitments, dispatches, referrals
from consulta.web.institution.trays import tray_context


def institution_blueprint(identify: Identify) -> Blueprint:
    blueprint = audience_blueprint(INSTITUTION, __name__, identify)
    blueprint.context_processor(tray_context)
    blueprint.register_blueprint(referrals.blueprint)
    blueprint.register_blueprint(dispatches.blueprint)
    blueprint.register_blueprint(commitments.blueprint)
    return blueprint
