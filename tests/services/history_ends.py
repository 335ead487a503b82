"""What is left of a random consultation, done at once: until its results can be published."""

from typing import Any

import sqlalchemy as sa

from consulta.commitments.drafts import CommitmentDraft
from consulta.commitments.models import Commitment, CommitmentProposal, CommitmentState
from consulta.commitments.services import create_commitment
from consulta.contributions import moderation
from consulta.contributions.models import Contribution, ContributionState, RejectionReason
from consulta.decisions.models import WITH_COMMITMENT, Decision, Outcome
from consulta.decisions.services import decide_proposal
from consulta.plans.models import PlanState
from consulta.plans.services import move_plan
from consulta.proposals.models import Proposal
from consulta.proposals.services import systematize_proposal
from consulta.referrals.following import mark_no_answer
from consulta.referrals.models import AWAITING, Reason, Referral
from tests.services.histories import REASON, History
from tests.services.history_acts import publish


def finish(h: History) -> None:
    """Moderate, answer for, decide and promise whatever still waits, move the plan on, and publish."""
    h.days += 60
    moderate_the_rest(h)
    for state in (PlanState.SYSTEMATIZATION, PlanState.INSTITUTIONAL_ANALYSIS):
        h.attempt("advance", lambda state=state: _move(h, state))
    decide_the_rest(h)
    promise_the_rest(h)
    h.attempt("advance", lambda: _move(h, PlanState.DRAFTING))
    h.attempt("publish", lambda: publish(h, None))


def _move(h: History, state: PlanState) -> Any:
    return move_plan(h.session, actor=h.coordinator, plan_id=h.plan_id, version=None, to=state)


def moderate_the_rest(h: History) -> None:
    for row in h.all(Contribution, Contribution.state.in_((ContributionState.PENDING, ContributionState.OBSERVED))):
        common: dict[str, Any] = {"actor": h.coordinator, "contribution_id": row.id}
        reject = row.state is ContributionState.OBSERVED
        h.attempt(
            "moderate",
            lambda common=common, reject=reject: (
                moderation.reject_contribution(h.session, reason=RejectionReason.EMPTY, public_text=REASON, **common)
                if reject
                else moderation.publish_contribution(h.session, **common)
            ),
        )


def decide_the_rest(h: History) -> None:
    """Systematise, mark as without answer, and leave out for its scope whatever is not decided."""
    for referral in h.all(Referral, Referral.state.in_(AWAITING)):
        h.attempt(
            "follow",
            lambda key=referral.id: mark_no_answer(h.session, actor=h.coordinator, referral_id=key, version=None),
        )
    for row in h.all(Proposal):
        h.attempt(
            "systematize",
            lambda key=row.id: systematize_proposal(
                h.session,
                actor=h.coordinator,
                proposal_id=key,
                version=None,
                topic_id=h.topics[0].id,
                summary="Gasto abierto",
            ),
        )
        h.attempt(
            "decide",
            lambda key=row.id: decide_proposal(
                h.session,
                actor=h.coordinator,
                proposal_id=key,
                version=None,
                outcome=Outcome.NOT_INCLUDED,
                reasons=(Reason.OUT_OF_SCOPE,),
                justification=h.justify(),
            ),
        )


def promise_the_rest(h: History) -> None:
    """One commitment that answers whatever was included."""
    included = h.session.scalars(
        sa.select(Decision.proposal_id).where(Decision.superseded_at.is_(None), Decision.outcome.in_(WITH_COMMITMENT))
    ).all()
    linked = set(
        h.session.scalars(
            sa.select(CommitmentProposal.proposal_id)
            .join(Commitment, CommitmentProposal.commitment_id == Commitment.id)
            .where(Commitment.state != CommitmentState.DROPPED)
        )
    )
    if linked.issuperset(included):
        return
    draft = CommitmentDraft(
        name="Publicar lo que se incorporó",
        lead_institution_id=h.places[0].id,
        description=f"Lo que se publicará: {h.justify()}",
        proposal_ids=tuple(included),
    )
    h.attempt(
        "promise",
        lambda: create_commitment(h.session, actor=h.coordinator, plan_id=h.plan_id, draft=draft, form_key=h.key()),
    )
