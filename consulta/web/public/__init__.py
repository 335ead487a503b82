"""Anyone: plans, topics, proposals, results, commitments, figures, search. The same bytes for everybody."""

from flask import Blueprint

from consulta.web.audiences import PUBLIC, audience_blueprint


def public_blueprint() -> Blueprint:
    return audience_blueprint(PUBLIC, __name__)
