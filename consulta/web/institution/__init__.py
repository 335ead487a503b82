"""Liaisons: answer referrals and validate the commitments of their institution."""

from flask import Blueprint

from consulta.web.audiences import INSTITUTION, Identify, audience_blueprint


def institution_blueprint(identify: Identify) -> Blueprint:
    return audience_blueprint(INSTITUTION, __name__, identify)
