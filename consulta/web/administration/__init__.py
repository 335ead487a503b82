"""People, roles, institutions and holidays."""

from flask import Blueprint

from consulta.web.audiences import ADMINISTRATION, Identify, audience_blueprint


def administration_blueprint(identify: Identify) -> Blueprint:
    return audience_blueprint(ADMINISTRATION, __name__, identify)
