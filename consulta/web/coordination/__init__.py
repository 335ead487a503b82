"""The open-government team: plan, moderation, proposals, referrals, decisions, commitments."""

from flask import Blueprint

from consulta.web.audiences import COORDINATION, Identify, audience_blueprint
from consulta.web.coordination import (
    approval,
    batches,
    calendar,
    commitments,
    decisions,
    dispatching,
    documents,
    figures,
    merging,
    moderation,
    overview,
    plans,
    proposals,
    referrals,
    registration,
    results,
    splitting,
    topics,
    window,
)

AREAS = (
    overview,
    moderation,
    registration,
    plans,
    window,
    calendar,
    topics,
    documents,
    approval,
    proposals,
    batches,
    merging,
    splitting,
    dispatching,
    referrals,
    decisions,
    commitments,
    results,
    figures,
)


def coordination_blueprint(identify: Identify) -> Blueprint:
    blueprint = audience_blueprint(COORDINATION, __name__, identify)
    for area in AREAS:
        blueprint.register_blueprint(area.blueprint)
    return blueprint
