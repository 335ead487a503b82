"""People who take part: check, write, reply, support, withdraw, and their own space."""

from flask import Blueprint
from flask_wtf import CSRFProtect

from consulta.web.audiences import PARTICIPANT, Identify, audience_blueprint


def participant_blueprint(identify: Identify, csrf: CSRFProtect) -> Blueprint:
    return audience_blueprint(PARTICIPANT, __name__, identify)
