"""The open-government team: plan, moderation, proposals, referrals, decisions, commitments."""

from flask import Blueprint

from consulta.permissions import Permission
from consulta.web.audiences import COORDINATION, Identify, audience_blueprint, changes_need
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
    representations,
    results,
    splitting,
    topics,
    window,
)
from consulta.web.coordination.trays import tray_context

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
    representations,
)


# What a write under each area needs; the services ask again for the object.
CHANGES_NEED = {
    "moderation": Permission.CONTRIBUTION_MODERATE,
    "moderation.withdraw_for_author": Permission.CONTRIBUTION_WITHDRAW,
    "moderation.texts.edit": Permission.TEXTS_KEEP,
    "registration": Permission.CONTRIBUTION_REGISTER,
    "plans": Permission.PLAN_MANAGE,
    "window": Permission.PLAN_MANAGE,
    "calendar": Permission.PLAN_MANAGE,
    "topics": Permission.PLAN_MANAGE,
    "documents": Permission.PLAN_MANAGE,
    "approval": Permission.PLAN_APPROVE,
    "proposals": Permission.PROPOSAL_SYSTEMATIZE,
    "batches": Permission.PROPOSAL_SYSTEMATIZE,
    "merging": Permission.PROPOSAL_SYSTEMATIZE,
    "splitting": Permission.PROPOSAL_SYSTEMATIZE,
    "dispatching": Permission.PROPOSAL_REFER,
    "referrals": Permission.PROPOSAL_REFER,
    "decisions": Permission.PROPOSAL_DECIDE,
    "commitments": Permission.COMMITMENT_EDIT,
    "results": Permission.RESULTS_PUBLISH,
    "figures": Permission.FIGURES_NOTE,
    "representations": Permission.REPRESENTATION_JUDGE,
    "representations.revoke": Permission.REPRESENTATION_REVOKE,
}


def coordination_blueprint(identify: Identify) -> Blueprint:
    blueprint = audience_blueprint(COORDINATION, __name__, identify)
    changes_need(blueprint, CHANGES_NEED)
    blueprint.context_processor(tray_context)
    for area in AREAS:
        blueprint.register_blueprint(area.blueprint)
    return blueprint
