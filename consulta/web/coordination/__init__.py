"""The open-government team: plan, moderation, proposals, referrals, decisions, commitments."""

from flask import Blueprint

from consulta.web.audiences import COORDINATION, Identify, audience_blueprint


def coordination_blueprint(identify: Identify) -> Blueprint:
    return audience_blueprint(COORDINATION, __name__, identify)
