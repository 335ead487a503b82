"""What is indexed: plans, topics, proposals with their published words, and commitments once results are public.

The same selections decide what a hit may show, so a stale index never shows what is not public.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.commitments.models import Commitment, CommitmentState
from consulta.contributions.models import Contribution, ContributionState
from consulta.plans.models import Plan, Topic, TopicState
from consulta.plans.queries import is_announced
from consulta.proposals.models import Proposal, ProposalSource, ProposalState

PROPOSAL, COMMITMENT, TOPIC, PLAN = "proposal", "commitment", "topic", "plan"
KINDS = (PROPOSAL, COMMITMENT, TOPIC, PLAN)
BATCH = 500


@dataclass(frozen=True)
class Document:
    """One thing that can be found, with the words it is found by."""

    kind: str
    object_id: int
    plan: str
    title: str
    text: str

    @property
    def key(self) -> tuple[str, int]:
        return self.kind, self.object_id


def public_proposals() -> sa.Select[int, str, str | None, str | None, str, str | None, str]:
    """Proposals, a row for each of their published sources: id, folio, title, summary, plan, public title and body."""
    return (
        sa.select(
            Proposal.id,
            Proposal.folio,
            Proposal.title,
            Proposal.summary,
            Plan.code,
            Contribution.public_title,
            Contribution.public_body,
        )
        .join(Plan, Plan.id == Proposal.plan_id)
        .join(ProposalSource, ProposalSource.proposal_id == Proposal.id)
        .join(Contribution, Contribution.id == ProposalSource.contribution_id)
        .where(
            Contribution.state == ContributionState.PUBLISHED,
            Proposal.state != ProposalState.VOIDED,
            is_announced(clock.today()),
        )
        .order_by(Proposal.id, ProposalSource.position)
    )


def public_commitments() -> sa.Select[int, str, str, str, str, str]:
    """Commitments of plans with public results: id, folio, name, plan, problem and description."""
    return (
        sa.select(
            Commitment.id, Commitment.folio, Commitment.name, Plan.code, Commitment.problem, Commitment.description
        )
        .join(Plan, Plan.id == Commitment.plan_id)
        .where(
            Plan.results_published_at.is_not(None),
            Commitment.state != CommitmentState.DROPPED,
            is_announced(clock.today()),
        )
        .order_by(Commitment.id)
    )


def public_topics() -> sa.Select[int, str, str, str, str]:
    """Topics that are not drafts: id, name, plan, one line and introduction."""
    return (
        sa.select(Topic.id, Topic.name, Plan.code, Topic.one_line, Topic.intro)
        .join(Plan, Plan.id == Topic.plan_id)
        .where(Topic.state != TopicState.DRAFT, is_announced(clock.today()))
        .order_by(Topic.id)
    )


def public_plans() -> sa.Select[int, str, str, str]:
    """Plans that were announced: id, title, code and objective."""
    return (
        sa.select(Plan.id, Plan.title, Plan.code, Plan.objective).where(is_announced(clock.today())).order_by(Plan.id)
    )


def documents_of(session: Session, kind: str, ids: Iterable[int]) -> list[Document]:
    """The documents of the objects of a kind that are public now; the others are simply not there."""
    wanted = sorted(set(ids))
    if kind == PROPOSAL:
        return _proposal_documents(session, wanted)
    if kind == COMMITMENT:
        rows = session.execute(public_commitments().where(Commitment.id.in_(wanted)))
        return [Document(kind, row[0], row[3], row[2], f"{row[1]} {row[4]} {row[5]}") for row in rows]
    if kind == TOPIC:
        topics = session.execute(public_topics().where(Topic.id.in_(wanted)))
        return [Document(kind, row[0], row[2], row[1], f"{row[3]} {row[4]}") for row in topics]
    plans = session.execute(public_plans().where(Plan.id.in_(wanted)))
    return [Document(kind, row[0], row[2], row[1], row[3]) for row in plans]


def _proposal_documents(session: Session, ids: list[int]) -> list[Document]:
    found: dict[int, Document] = {}
    for row in session.execute(public_proposals().where(Proposal.id.in_(ids))):
        key, folio, title, summary, plan, public_title, public_body = row
        if key in found:
            text = f"{found[key].text} {public_title or ''} {public_body}"
            found[key] = Document(PROPOSAL, key, plan, found[key].title, text)
        else:
            shown = title or summary or public_title or ""
            text = " ".join(part for part in (folio, summary, public_title, public_body) if part)
            found[key] = Document(PROPOSAL, key, plan, shown, text)
    return list(found.values())


def all_documents(session: Session) -> Iterator[Document]:
    """Everything that can be found, read in batches."""
    for kind, model in ((PLAN, Plan), (TOPIC, Topic), (COMMITMENT, Commitment), (PROPOSAL, Proposal)):
        last = 0
        while ids := session.scalars(sa.select(model.id).where(model.id > last).order_by(model.id).limit(BATCH)).all():
            yield from documents_of(session, kind, ids)
            last = ids[-1]


def affected(session: Session, name: str, object_id: int) -> list[tuple[str, int]]:
    """Which documents a change of an object (by its table's name) makes out of date."""
    if name == "contribution":
        rows = session.scalars(sa.select(ProposalSource.proposal_id).where(ProposalSource.contribution_id == object_id))
        return [(PROPOSAL, proposal_id) for proposal_id in rows]
    if name == "plan":
        topics = session.scalars(sa.select(Topic.id).where(Topic.plan_id == object_id))
        commitments = session.scalars(sa.select(Commitment.id).where(Commitment.plan_id == object_id))
        return [(PLAN, object_id), *((TOPIC, key) for key in topics), *((COMMITMENT, key) for key in commitments)]
    return [(name, object_id)] if name in KINDS else []
