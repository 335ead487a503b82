"""The way of a commitment: written, read by its institution, kept or dropped."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from consulta.clock import now
from consulta.commitments.drafts import CommitmentDraft
from consulta.commitments.models import Commitment, CommitmentState
from consulta.commitments.queries import possible_actors
from consulta.commitments.services import (
    create_commitment,
    drop_commitment,
    edit_commitment,
    link_proposals,
    observe_commitment,
    send_to_institution,
    validate_commitment,
)
from consulta.decisions.models import Outcome
from consulta.errors import GuardRefused, Invalid, KeyReused, NotAllowed, NotNow, StaleVersion
from consulta.people.models import Role
from consulta.plans.models import PlanState
from consulta.proposals.models import ProposalState
from tests.factories.commitments import make_commitment
from tests.factories.decisions import make_decision
from tests.factories.people import make_actor, make_coordinator, make_institution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal


def draft(session: Session, **changes: object) -> CommitmentDraft:
    fields = {"name": "Publicar el gasto de cada mes", "lead_institution_id": make_institution(session).id, **changes}
    return CommitmentDraft(**fields)  # type: ignore[arg-type]


def test_numbers_and_folios_follow_and_a_key_records_once(session: Session) -> None:
    plan, actor, text = make_plan(session), make_coordinator(session), draft(session)
    first = create_commitment(session, actor=actor, plan_id=plan.id, draft=text, form_key="uno")
    again = create_commitment(session, actor=actor, plan_id=plan.id, draft=text, form_key="uno")
    second = create_commitment(session, actor=actor, plan_id=plan.id, draft=text, form_key="dos")
    assert (first.id, first.number, second.number) == (again.id, 1, 2)
    assert first.folio != second.folio
    with pytest.raises(KeyReused):
        create_commitment(session, actor=actor, plan_id=plan.id, draft=draft(session, problem="Otro"), form_key="uno")


def test_who_is_gone_before_the_plan_begins_takes_no_part(session: Session) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    gone = make_institution(session, valid_to=plan.period_start_on - timedelta(days=1))
    until_then = make_institution(session, valid_to=plan.period_start_on)
    for changes in ({"lead_institution_id": gone.id}, {"actor_ids": (gone.id,)}):
        with pytest.raises(Invalid):
            create_commitment(
                session, actor=actor, plan_id=plan.id, draft=draft(session, **changes), form_key=str(changes)
            )
    last = draft(session, lead_institution_id=until_then.id, actor_ids=(until_then.id,))
    create_commitment(session, actor=actor, plan_id=plan.id, draft=last, form_key="uno")
    assert until_then in possible_actors(session, plan)
    assert gone not in possible_actors(session, plan)
    assert gone in possible_actors(session, plan, make_commitment(session, plan, lead_institution=gone))


def test_a_validated_one_that_changes_goes_back_to_draft(session: Session) -> None:
    plan, actor = make_plan(session), make_coordinator(session)
    commitment = make_commitment(session, plan, state=CommitmentState.VALIDATED)
    edit_commitment(session, actor=actor, commitment_id=commitment.id, version=1, draft=draft(session))
    assert session.get_one(Commitment, commitment.id).state is CommitmentState.DRAFT


def test_of_two_coordinators_the_second_is_told(session: Session) -> None:
    commitment = make_commitment(session, make_plan(session))
    edit_commitment(
        session, actor=make_coordinator(session), commitment_id=commitment.id, version=1, draft=draft(session)
    )
    with pytest.raises(StaleVersion):
        drop_commitment(
            session, actor=make_coordinator(session), commitment_id=commitment.id, version=1, reason="No hay fondos"
        )
    assert session.get_one(Commitment, commitment.id).state is CommitmentState.DRAFT


def test_only_the_lead_observes_and_validates(session: Session) -> None:
    lead = make_institution(session)
    commitment = make_commitment(session, make_plan(session), lead_institution=lead)
    send_to_institution(session, actor=make_coordinator(session), commitment_id=commitment.id, version=1)
    for stranger in (make_coordinator(session), make_actor(session, (Role.LIAISON, make_institution(session)))):
        with pytest.raises(NotAllowed):
            validate_commitment(session, actor=stranger, commitment_id=commitment.id, version=2)
    liaison = make_actor(session, (Role.LIAISON, lead))
    with pytest.raises(Invalid):
        observe_commitment(session, actor=liaison, commitment_id=commitment.id, version=2, observation=" \u200b ")
    observe_commitment(session, actor=liaison, commitment_id=commitment.id, version=2, observation="Falta la meta.")
    assert session.get_one(Commitment, commitment.id).state is CommitmentState.OBSERVED


def test_a_published_inclusion_keeps_a_commitment(session: Session) -> None:
    plan = make_plan(session, state=PlanState.DRAFTING, results_published_at=now())
    proposal = make_proposal(session, make_topic(session, plan), state=ProposalState.DECIDED)
    make_decision(session, proposal, outcome=Outcome.INCLUDED)
    actor, only = make_coordinator(session), make_commitment(session, plan, proposals=[proposal])
    with pytest.raises(GuardRefused, match="only_commitment"):
        drop_commitment(session, actor=actor, commitment_id=only.id, version=1, reason="No hay fondos")
    with pytest.raises(GuardRefused, match="only_commitment"):
        link_proposals(session, actor=actor, commitment_id=only.id, version=1, proposal_ids=[])
    make_commitment(session, plan, proposals=[proposal])
    drop_commitment(session, actor=actor, commitment_id=only.id, version=1, reason="Otro compromiso la responde")
    assert session.get_one(Commitment, only.id).state is CommitmentState.DROPPED


def test_an_approved_plan_takes_no_more_commitments(session: Session) -> None:
    plan = make_plan(session, state=PlanState.APPROVED)
    with pytest.raises(NotNow):
        create_commitment(
            session, actor=make_coordinator(session), plan_id=plan.id, draft=draft(session), form_key="uno"
        )
