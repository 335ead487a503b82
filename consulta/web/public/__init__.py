"""Anyone: plans, topics, proposals, results, commitments, figures, search. The same bytes for everybody."""

from flask import Blueprint

from consulta.web.audiences import PUBLIC, audience_blueprint
from consulta.web.public import (
    about,
    commitments,
    conversations,
    feeds,
    figures,
    moderation,
    plans,
    proposals,
    results,
    revisions,
    search,
    start,
    topics,
)

AREAS = (
    start,
    plans,
    topics,
    proposals,
    conversations,
    revisions,
    feeds,
    commitments,
    results,
    figures,
    moderation,
    search,
    about,
)


def public_blueprint() -> Blueprint:
    public = audience_blueprint(PUBLIC, __name__)
    for area in AREAS:
        public.register_blueprint(area.blueprint)
    return public
