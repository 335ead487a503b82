"""One proposal's life, step by step, through the same services as people use.

Each step looks at what is there first, so that a load that was cut short goes on where it stopped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.editing import accept_edit, edit_contribution
from consulta.contributions.models import Contribution, ContributionState, ReportReason, Support
from consulta.contributions.moderation import publish_contribution
from consulta.contributions.reporting import report_contribution
from consulta.contributions.revisions import own_edit_of
from consulta.contributions.services import reply, submit_contribution, support
from consulta.decisions.models import Outcome
from consulta.decisions.services import decide_proposal
from consulta.demo.people import institutions_by_code, loader_actor, persons_by_ref
from consulta.demo.texts import DECISION_NOTE, RESPONSE_NOTE, TEXT_NOTE
from consulta.people.models import Person
from consulta.plans.models import Plan, Topic
from consulta.proposals.models import Proposal, ProposalState
from consulta.proposals.services import systematize_proposal
from consulta.referrals.answering import acknowledge_referral, respond_to_referral
from consulta.referrals.models import Reason, Referral, ReferralState, ResponseOutcome

Item = Mapping[str, Any]
MINUTE = timedelta(minutes=1)


@dataclass
class Stage:
    """What every step needs: the plan, its topics, the cast."""

    session: Session
    plan_id: int
    prefix: str

    def __post_init__(self) -> None:
        self.actor = loader_actor(self.session)
        self.institutions = {code: place.id for code, place in institutions_by_code(self.session).items()}
        self.persons = {ref: person.id for ref, person in persons_by_ref(self.session).items()}
        topics = self.session.scalars(sa.select(Topic).where(Topic.plan_id == self.plan_id))
        self.topics = {topic.code: topic.id for topic in topics}

    @property
    def plan(self) -> Plan:
        return self.session.get_one(Plan, self.plan_id)

    def reference(self, ref: str) -> str:
        return f"demo:{self.prefix}:{ref}"

    def contribution(self, ref: str) -> Contribution | None:
        statement = sa.select(Contribution).where(Contribution.external_ref == self.reference(ref))
        return self.session.scalars(statement).one_or_none()

    def proposal(self, ref: str) -> Proposal:
        return self.session.scalars(sa.select(Proposal).where(Proposal.external_ref == self.reference(ref))).one()

    def as_person(self, ref: str) -> Any:
        """The loader on behalf of a contributor."""
        return loader_actor(self.session, self.session.get_one(Person, self.persons[ref]))

    def key(self, ref: str) -> str:
        """A form key that is the same at every load."""
        return self.reference(ref)


def write(stage: Stage, item: Item, when: datetime) -> int:
    """A web proposal as its author sends it; the id of its contribution."""
    found = stage.contribution(item["ref"])
    if found is not None:
        return found.id
    suggested = item.get("suggested_institution") or ""
    with clock.set_to(when):
        contribution = submit_contribution(
            stage.session,
            actor=stage.as_person(item["person"]),
            topic_id=stage.topics[item["topic"]],
            title=item.get("title") or "",
            body=item["body"],
            form_key=stage.key(item["ref"]),
            organization_id=stage.institutions.get(item.get("organization", "")),
            suggested_institution_id=stage.institutions.get(suggested),
            suggested_institution_text=None if suggested in stage.institutions else suggested or None,
            external_ref=stage.reference(item["ref"]),
            provenance_note=item.get("note", TEXT_NOTE),
        )
    return contribution.id


def publish(stage: Stage, contribution_id: int, when: datetime) -> None:
    contribution = stage.session.get_one(Contribution, contribution_id)
    if contribution.state is ContributionState.PENDING:
        with clock.set_to(when):
            publish_contribution(stage.session, actor=stage.actor, contribution_id=contribution_id)


def converse(stage: Stage, parent_id: int, ref: str, replies: Iterable[Item], first: datetime) -> None:
    """The replies below a contribution, published; each may have replies of its own and a `day` or an order."""
    for n, row in enumerate(replies, start=1):
        own = f"{ref}-r{n}"
        when = max(first + n * 7 * MINUTE, row.get("when", first))
        found = stage.contribution(own)
        if found is None:
            with clock.set_to(when):
                found = reply(
                    stage.session,
                    actor=stage.as_person(row["person"]),
                    parent_id=parent_id,
                    body=row["body"],
                    form_key=stage.key(own),
                    external_ref=stage.reference(own),
                    provenance_note=TEXT_NOTE,
                )
        publish(stage, found.id, when + 5 * MINUTE)
        converse(stage, found.id, own, row.get("replies", ()), when + 9 * MINUTE)


def give_support(stage: Stage, contribution_id: int, supporters: Iterable[str], when: datetime) -> None:
    known = set(stage.session.scalars(sa.select(Support.person_id).where(Support.contribution_id == contribution_id)))
    for ref in supporters:
        if stage.persons[ref] not in known:
            with clock.set_to(when):
                support(stage.session, actor=stage.as_person(ref), contribution_id=contribution_id)


def rewrite(
    stage: Stage, author: str, contribution_id: int, body: str, when: datetime, read_at: datetime | None
) -> None:
    """New words of the author; published at `read_at`, or still waiting."""
    contribution = stage.session.get_one(Contribution, contribution_id)
    own = own_edit_of(stage.session, contribution_id)
    if body in (contribution.body, own.body if own else None):
        return
    with clock.set_to(when):
        edit_contribution(
            stage.session,
            actor=stage.as_person(author),
            contribution_id=contribution_id,
            title=contribution.public_title or "",
            body=body,
            version=None,
        )
    if read_at is not None:
        with clock.set_to(read_at):
            accept_edit(stage.session, actor=stage.actor, contribution_id=contribution_id)


def report(stage: Stage, contribution_id: int, rows: Iterable[Item], when: datetime) -> None:
    """What people say of a contribution; each of them is heard once."""
    for row in rows:
        with clock.set_to(when):
            report_contribution(
                stage.session,
                actor=stage.as_person(row["person"]),
                contribution_id=contribution_id,
                reason=ReportReason(row["reason"]),
                note=row["note"],
            )


def systematize(stage: Stage, item: Item, when: datetime) -> None:
    proposal = stage.proposal(item["ref"])
    if proposal.state is ProposalState.RECEIVED:
        topic = item.get("topic_final") or item["topic"]
        with clock.set_to(when):
            systematize_proposal(
                stage.session,
                actor=stage.actor,
                proposal_id=proposal.id,
                version=None,
                topic_id=stage.topics[topic],
                summary=item["summary"],
            )


def acknowledge(stage: Stage, referral: Referral, when: datetime) -> None:
    if referral.state is ReferralState.SENT:
        with clock.set_to(when):
            acknowledge_referral(stage.session, actor=stage.actor, referral_id=referral.id, version=None)


def referral_of(stage: Stage, ref: str, institution: str) -> Referral:
    """The newest referral of a proposal at an institution."""
    statement = (
        sa.select(Referral)
        .where(
            Referral.proposal_id == stage.proposal(ref).id, Referral.institution_id == stage.institutions[institution]
        )
        .order_by(Referral.id.desc())
        .limit(1)
    )
    return stage.session.scalars(statement).one()


def answer(stage: Stage, item: Item, when: datetime) -> None:
    """Every institution of an item acknowledges and answers."""
    for row in item["responses"]:
        referral = referral_of(stage, item["ref"], row["institution"])
        if referral.response is not None:
            continue
        acknowledge(stage, referral, when)
        with clock.set_to(when + 30 * MINUTE):
            respond_to_referral(
                stage.session,
                actor=stage.actor,
                referral_id=referral.id,
                version=None,
                outcome=ResponseOutcome(row["outcome"]),
                reasons=[Reason(code) for code in row.get("reasons", ())],
                reason_detail=row.get("reason_detail") or row.get("other_text") or "",
                justification=row["justification"],
                external_ref=stage.reference(f"{item['ref']}-{row['institution']}"),
                provenance_note=RESPONSE_NOTE,
            )


def decide(stage: Stage, item: Item, when: datetime) -> None:
    proposal, row = stage.proposal(item["ref"]), item["decision"]
    if proposal.state is ProposalState.DECIDED:
        return
    with clock.set_to(when):
        decide_proposal(
            stage.session,
            actor=stage.actor,
            proposal_id=proposal.id,
            version=None,
            outcome=Outcome(row["outcome"]),
            reasons=[Reason(code) for code in row.get("reasons", ())],
            reason_detail=row.get("reason_detail") or row.get("other_text") or "",
            justification=row["justification"],
            external_ref=stage.reference(f"{item['ref']}-decision"),
            provenance_note=DECISION_NOTE,
        )
