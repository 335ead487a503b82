"""The JSON API: public content only, GET only."""

from flask import Blueprint

from consulta.web.api import figures
from consulta.web.audiences import API, audience_blueprint


def api_blueprint() -> Blueprint:
    blueprint = audience_blueprint(API, __name__)
    blueprint.register_blueprint(figures.blueprint)
    return blueprint
