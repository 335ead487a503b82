"""What every way to write in the site shares inside its transaction: with an account or by a link in a mail."""

from collections.abc import Sequence
from dataclasses import dataclass

from consulta.changes import Change
from consulta.contributions.counters import recount
from consulta.contributions.holding import Sending, Written, reasons
from consulta.contributions.models import Channel, Contribution, ContributionState, HeldFor
from consulta.contributions.moves import (
    add_proposal,
    lock_contribution,
    lock_frame,
    lock_topic,
    represents,
    require_open,
    tell_published,
)
from consulta.errors import GuardRefused, Invalid, Problem
from consulta.people.models import Institution
from consulta.permissions import Permission
from consulta.plans.models import Plan, Topic
from consulta.text import Sanitized


@dataclass(frozen=True)
class Writing:
    """A checked text with its markup, the signs found in it, and how it was sent."""

    written: Written
    html: Sanitized
    found: Sequence[HeldFor]
    sending: Sending | None = None
    external_ref: str | None = None
    provenance_note: str | None = None
    organization_id: int | None = None


def write_proposal(
    change: Change, topic_id: int, writing: Writing, *, institution_id: int | None = None, suggestion: str = ""
) -> Contribution:
    """A contribution of the actor under a topic, and its proposal with its folio. Raises WindowClosed, Invalid."""
    plan, topic = lock_topic(change, topic_id)
    require_open(change, plan, topic)
    contribution = _make(change, plan, topic, writing)
    contribution.suggested_institution_id = _public_body(change, institution_id)
    contribution.suggested_institution_text = suggestion or None
    change.create(contribution, "contribution.submit")
    proposal = add_proposal(change, contribution, external_ref=writing.external_ref)
    _finish(change, contribution, plan, topic)
    change.index(proposal)
    return contribution


def write_reply(change: Change, parent_id: int, writing: Writing) -> Contribution:
    """A contribution of the actor below another one that is shown. Raises WindowClosed, GuardRefused."""
    parent = lock_contribution(change, parent_id)
    plan, topic = lock_frame(change, parent.plan_id, parent.topic_id)
    require_open(change, plan, topic)
    if parent.state is not ContributionState.PUBLISHED:
        raise GuardRefused("parent_not_shown")
    contribution = _make(change, plan, topic, writing)
    contribution.parent_id, contribution.root_id = parent.id, parent.root_id or parent.id
    contribution.depth = parent.depth + 1
    change.create(contribution, "contribution.reply", parent_id=parent.id)
    _finish(change, contribution, plan, topic)
    return contribution


def _public_body(change: Change, institution_id: int | None) -> int | None:
    """The id of a suggested institution, which must be a public body."""
    if institution_id is None:
        return None
    institution = change.session.get(Institution, institution_id)
    if institution is None or not institution.is_public_body:
        raise Invalid(Problem("suggested_institution", "institution_unknown"))
    return institution.id


def _own_organization(change: Change, organization_id: int | None) -> int | None:
    """The id of the organisation that the actor represents at this moment, when the text is on its behalf."""
    if organization_id is None:
        return None
    organization = change.session.get(Institution, organization_id)
    if organization is None or not represents(change, organization_id):
        raise Invalid(Problem("organization", "organization_not_yours"))
    change.require(Permission.ORGANIZATION_SPEAK, organization)
    return organization_id


def _make(change: Change, plan: Plan, topic: Topic | None, writing: Writing) -> Contribution:
    """A contribution of the actor, not yet stored; shown at once where nothing holds it."""
    written, held_for = writing.written, reasons(list(writing.found), topic)
    return Contribution(
        plan_id=plan.id,
        topic_id=topic.id if topic else None,
        person_id=change.actor.person_id,
        organization_id=_own_organization(change, writing.organization_id),
        channel=Channel.WEB,
        received_at=change.now,
        title=written.title or None,
        body=written.body,
        public_title=written.title or None,
        public_body=written.body,
        public_html=writing.html,
        state=ContributionState.PENDING if held_for else ContributionState.PUBLISHED,
        published_at=None if held_for else change.now,
        held_for=[reason.value for reason in held_for],
        text_digest=written.digest,
        address_prefix=writing.sending.prefix if writing.sending else None,
        proposal_links=[],
        external_ref=writing.external_ref,
        provenance_note=writing.provenance_note,
    )


def _finish(change: Change, contribution: Contribution, plan: Plan, topic: Topic | None) -> None:
    recount(change, contribution, None)
    is_shown = contribution.state is ContributionState.PUBLISHED
    change.stale(plan, topic if is_shown else None)
    change.mail("contribution_received", contribution_id=contribution.id)
    if is_shown:
        tell_published(change, contribution)
