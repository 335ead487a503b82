"""People who take part: check, write, reply, support, withdraw, and their own space."""

from flask import Blueprint
from flask_wtf import CSRFProtect

from consulta.web.audiences import PARTICIPANT, Identify, audience_blueprint
from consulta.web.participant import (
    composing,
    contributions,
    editing,
    follows,
    guests,
    reports,
    saved,
    similar,
    space,
    stopping,
    supports,
)

# What a visitor reaches: to check a text and see what is like it, and to keep it while signing in; a text that is
# sent when the session is over is kept too. Who finds their own data reports it, and the link in a mail stops it
# without a session.
OPEN_ENDPOINTS = frozenset(
    {
        "participant.composing.check",
        "participant.composing.show_draft",
        "participant.composing.keep_draft",
        "participant.composing.submit",
        "participant.similar.find",
        "participant.guests.send",
        "participant.guests.sent",
        "participant.guests.confirm",
        "participant.reports.write",
        "participant.reports.heard",
        "participant.stopping.show",
        "participant.stopping.obey",
    }
)


def participant_blueprint(identify: Identify, csrf: CSRFProtect) -> Blueprint:
    blueprint = audience_blueprint(PARTICIPANT, __name__, identify, OPEN_ENDPOINTS)
    for area in (
        space,
        composing,
        guests,
        similar,
        saved,
        contributions,
        editing,
        supports,
        reports,
        follows,
        stopping,
    ):
        blueprint.register_blueprint(area.blueprint)
    # The public composer is the same bytes for everybody, so it carries no token. Looking records nothing.
    csrf.exempt(composing.check)
    csrf.exempt(similar.find)
    csrf.exempt(guests.confirm)
    # What is signed in the link allows it, and mail programs have no token.
    csrf.exempt(stopping.obey)
    return blueprint
