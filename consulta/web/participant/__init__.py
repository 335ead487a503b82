"""People who take part: check, write, reply, support, withdraw, and their own space."""

from flask import Blueprint
from flask_wtf import CSRFProtect

from consulta.web.audiences import PARTICIPANT, Identify, audience_blueprint
from consulta.web.participant import composing, contributions, editing, reports, space, supports

# What a visitor reaches: to check a text, and to keep it while signing in.
OPEN_ENDPOINTS = frozenset(
    {
        "participant.composing.check",
        "participant.composing.show_draft",
        "participant.composing.keep_draft",
    }
)


def participant_blueprint(identify: Identify, csrf: CSRFProtect) -> Blueprint:
    blueprint = audience_blueprint(PARTICIPANT, __name__, identify, OPEN_ENDPOINTS)
    for area in (space, composing, contributions, editing, supports, reports):
        blueprint.register_blueprint(area.blueprint)
    # The public composer is the same bytes for everybody, so it carries no token. Checking records nothing.
    csrf.exempt(composing.check)
    return blueprint
