"""Anyone: plans, topics, proposals, results, commitments, figures, search. The same bytes for everybody."""

from flask import Blueprint

from consulta.web.audiences import PUBLIC, audience_blueprint
from consulta.web.public import about, commitments, figures, plans, proposals, results, revisions, search, start, topics


def public_blueprint() -> Blueprint:
    public = audience_blueprint(PUBLIC, __name__)
    for area in (start, plans, topics, proposals, revisions, commitments, results, figures, search, about):
        public.register_blueprint(area.blueprint)
    return public
