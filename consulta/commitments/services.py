"""Writing commitments, and their way to validation."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import folios
from consulta.changes import Change, transaction
from consulta.commitments.drafts import CommitmentDraft, apply_draft, check_draft
from consulta.commitments.linking import LINKABLE
from consulta.commitments.models import Commitment, CommitmentActor, CommitmentProposal, CommitmentState
from consulta.commitments.queries import orphaned_count
from consulta.errors import GuardRefused, Invalid, NotFound, NotInThisState, NotNow, Problem
from consulta.people.actors import Actor
from consulta.people.models import Institution
from consulta.people.rules import exists_between
from consulta.permissions import Permission
from consulta.plans.models import Plan
from consulta.plans.rules import Work, admits
from consulta.proposals.models import Proposal
from consulta.text import clean

EDITABLE = (CommitmentState.DRAFT, CommitmentState.OBSERVED, CommitmentState.VALIDATED)


def create_commitment(
    session: Session,
    *,
    actor: Actor,
    plan_id: int,
    draft: CommitmentDraft,
    form_key: str,
    external_ref: str | None = None,
    provenance_note: str | None = None,
) -> Commitment:
    """Begin a commitment with the next number of its plan; the same form key gives the same one."""
    draft = _checked(draft)
    with transaction(session, actor=actor) as change:
        plan = _working_plan(change, plan_id)
        change.require(Permission.COMMITMENT_EDIT, plan)
        claim = change.claim(form_key, plan=plan_id, draft=asdict(draft))
        if claim.earlier:
            return change.lock(Commitment, int(claim.earlier))
        last = session.scalar(sa.select(sa.func.max(Commitment.number)).where(Commitment.plan_id == plan_id))
        commitment = Commitment(
            folio=change.folio(folios.COMMITMENT),
            plan_id=plan_id,
            number=(last or 0) + 1,
            state=CommitmentState.DRAFT,
            external_ref=external_ref,
            provenance_note=provenance_note,
        )
        _write(change, plan, commitment, draft)
        change.create(commitment, "commitment.create")
        _write_actors(change, plan, commitment, draft.actor_ids)
        _write_links(change, plan, commitment, draft.proposal_ids)
        _show(change, plan, commitment)
        claim.fill(commitment.id)
    return commitment


def edit_commitment(
    session: Session, *, actor: Actor, commitment_id: int, version: int | None, draft: CommitmentDraft
) -> Commitment:
    """Change the fields; a validated one goes back to draft, so that its institution sees it again."""
    draft = _checked(draft)
    with transaction(session, actor=actor) as change:
        commitment, plan = _lock(change, commitment_id, version)
        change.require(Permission.COMMITMENT_EDIT, commitment)
        if commitment.state not in EDITABLE:
            raise NotInThisState(commitment, CommitmentState.DRAFT)
        _write(change, plan, commitment, draft)
        _write_actors(change, plan, commitment, draft.actor_ids)
        _write_links(change, plan, commitment, draft.proposal_ids)
        _keep_edited(change, commitment, "commitment.edit")
        _show(change, plan, commitment)
    return commitment


def link_proposals(
    session: Session, *, actor: Actor, commitment_id: int, version: int | None, proposal_ids: Sequence[int]
) -> Commitment:
    """Say which proposals a commitment answers; replaces the list. Refused when a published inclusion would be left."""
    with transaction(session, actor=actor) as change:
        commitment, plan = _lock(change, commitment_id, version)
        change.require(Permission.COMMITMENT_EDIT, commitment)
        if commitment.state not in EDITABLE:
            raise NotInThisState(commitment, CommitmentState.DRAFT)
        _write_links(change, plan, commitment, proposal_ids)
        _keep_edited(change, commitment, "commitment.link", proposals=sorted(set(proposal_ids)))
        _show(change, plan, commitment)
    return commitment


def send_to_institution(session: Session, *, actor: Actor, commitment_id: int, version: int | None) -> Commitment:
    """Ask the lead institution to review it."""
    with transaction(session, actor=actor) as change:
        commitment, plan = _lock(change, commitment_id, version)
        change.move(commitment, CommitmentState.INSTITUTION_REVIEW)
        commitment.observation = None
        change.mail("commitment_review", commitment_id=commitment.id)
        _show(change, plan, commitment)
    return commitment


def observe_commitment(
    session: Session, *, actor: Actor, commitment_id: int, version: int | None, observation: str
) -> Commitment:
    """The lead institution says what must change."""
    text = clean(observation)
    if not text:
        raise Invalid(Problem("observation", "observation_missing"))
    with transaction(session, actor=actor) as change:
        commitment, plan = _lock(change, commitment_id, version)
        commitment.observation = text
        change.move(commitment, CommitmentState.OBSERVED, reason=text)
        change.mail("commitment_observed", commitment_id=commitment.id)
        _show(change, plan, commitment)
    return commitment


def validate_commitment(session: Session, *, actor: Actor, commitment_id: int, version: int | None) -> Commitment:
    """The lead institution accepts it; it must pass the five letters."""
    with transaction(session, actor=actor) as change:
        commitment, plan = _lock(change, commitment_id, version)
        change.move(commitment, CommitmentState.VALIDATED)
        change.mail("commitment_validated", commitment_id=commitment.id)
        _show(change, plan, commitment)
    return commitment


def drop_commitment(
    session: Session, *, actor: Actor, commitment_id: int, version: int | None, reason: str
) -> Commitment:
    """Leave it out of the plan; it stays listed. Refused while a published inclusion would be left without any."""
    with transaction(session, actor=actor, reason=clean(reason)) as change:
        commitment, plan = _lock(change, commitment_id, version)
        orphans = orphaned_count(session, commitment) if plan.has_results else 0
        change.move(commitment, CommitmentState.DROPPED, facts={"orphaned_count": orphans})
        _show(change, plan, commitment)
    return commitment


def _checked(draft: CommitmentDraft) -> CommitmentDraft:
    cleaned = draft.cleaned()
    if problems := check_draft(cleaned):
        raise Invalid(*problems)
    return cleaned


def _working_plan(change: Change, plan_id: int) -> Plan:
    plan = change.lock(Plan, plan_id)
    if not admits(plan, Work.COMMIT, change.now):
        raise NotNow(plan, Work.COMMIT.value)
    return plan


def _lock(change: Change, commitment_id: int, version: int | None) -> tuple[Commitment, Plan]:
    commitment = change.lock(Commitment, commitment_id, seen=version)
    return commitment, _working_plan(change, commitment.plan_id)


def _write(change: Change, plan: Plan, commitment: Commitment, draft: CommitmentDraft) -> None:
    lead = change.session.get(Institution, draft.lead_institution_id)
    if lead is None or not lead.is_public_body:
        raise Invalid(Problem("lead_institution_id", "not_a_public_body"))
    if lead.id != commitment.lead_institution_id and not _exists_in(plan, lead):
        raise Invalid(Problem("lead_institution_id", "institution_of_another_time"))
    apply_draft(commitment, draft)


def _exists_in(plan: Plan, institution: Institution) -> bool:
    return exists_between(institution, plan.period_start_on, plan.period_end_on)


def _write_actors(change: Change, plan: Plan, commitment: Commitment, actor_ids: Sequence[int]) -> None:
    """Every named actor is a registered institution or organisation; a new one exists in the plan's period."""
    kept = [link for link in commitment.actors if link.institution_id in actor_ids]
    new = set(actor_ids) - {link.institution_id for link in kept}
    for key in sorted(new):
        institution = change.session.get(Institution, key)
        if institution is None:
            raise NotFound("Institution", key)
        if not _exists_in(plan, institution):
            raise Invalid(Problem("state_actor_ids", "institution_of_another_time"))
    commitment.actors = kept + [CommitmentActor(institution_id=key) for key in sorted(new)]


def _write_links(change: Change, plan: Plan, commitment: Commitment, proposal_ids: Sequence[int] | None) -> None:
    """Replace what it answers; None leaves it. Refused when a published inclusion would be left without any."""
    if proposal_ids is None:
        return
    wanted, linked = set(proposal_ids), {link.proposal_id for link in commitment.proposal_links}
    for proposal_id in sorted(wanted - linked):
        if change.session.get(Proposal, proposal_id) is None:
            raise Invalid(Problem("proposal_ids", "unknown_choice"))
        proposal = change.lock(Proposal, proposal_id)
        if proposal.plan_id != plan.id or proposal.state not in LINKABLE:
            raise Invalid(Problem("proposal_ids", "proposal_not_linkable", {"folio": proposal.folio}))
    removed = linked - wanted
    if plan.has_results and orphaned_count(change.session, commitment, only=removed):
        raise GuardRefused("only_commitment")
    kept = [link for link in commitment.proposal_links if link.proposal_id in wanted]
    new = [CommitmentProposal(proposal_id=key) for key in sorted(wanted - linked)]
    commitment.proposal_links = kept + new


def _keep_edited(change: Change, commitment: Commitment, act: str, **detail: Any) -> None:
    """What was validated is read again by its institution, so it goes back to draft."""
    if commitment.state is CommitmentState.VALIDATED:
        change.move(commitment, CommitmentState.DRAFT, act=act, **detail)
    else:
        change.edit(commitment, act, **detail)


def _show(change: Change, plan: Plan, commitment: Commitment) -> None:
    """Matrices are public once results are; before that nothing public changes."""
    if plan.has_results:
        change.stale(plan)
        change.index(commitment)
