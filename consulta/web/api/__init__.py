"""The JSON API: public content only, GET only."""

from flask import Blueprint
from flask_wtf import CSRFProtect

from consulta.web.audiences import API, audience_blueprint


def api_blueprint(csrf: CSRFProtect) -> Blueprint:
    return audience_blueprint(API, __name__)
