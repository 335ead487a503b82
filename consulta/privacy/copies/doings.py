"""What a person does besides writing: drafts, supports, reports, what they follow and were told, and the log of it.

Of what others wrote only the address is named.
"""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.audit.models import AuditEntry
from consulta.contributions.models import Draft, Report, Support
from consulta.follows.models import Event, Follow, Notice
from consulta.messages.links import Site
from consulta.people.models import Account, Person
from consulta.plans.models import Plan, Topic
from consulta.privacy.copies.rows import Item, Row, items, stream
from consulta.proposals.models import Proposal

_WHO: sa.BindParameter[int] = sa.bindparam("person_id")
_DRAFTS = (
    sa.select(
        Draft.parent_id,
        Plan.code.label("plan"),
        Topic.code.label("topic"),
        Draft.fields.label("text"),
        Draft.updated_at,
    )
    .outerjoin(Topic, Topic.id == Draft.topic_id)
    .outerjoin(Plan, Plan.id == Topic.plan_id)
    .where(Draft.person_id == _WHO)
    .order_by(Draft.id)
)
_SUPPORTS = (
    sa.select(Support.contribution_id, Support.supported_at).where(Support.person_id == _WHO).order_by(Support.id)
)
_REPORTS = (
    sa.select(Report.contribution_id, Report.reason, Report.note, Report.reported_at, Report.state, Report.closed_at)
    .where(Report.person_id == _WHO)
    .order_by(Report.id)
)
_FOLLOWS = (
    sa.select(
        Plan.code.label("plan"),
        Topic.code.label("topic"),
        Proposal.folio.label("proposal"),
        Follow.mode,
        Follow.created_at,
    )
    .outerjoin(Topic, Topic.id == Follow.topic_id)
    .outerjoin(Proposal, Proposal.id == Follow.proposal_id)
    .outerjoin(Plan, Plan.id == sa.func.coalesce(Topic.plan_id, Proposal.plan_id))
    .where(Follow.person_id == _WHO)
    .order_by(Follow.id)
)
_NOTICES = (
    sa.select(
        Event.kind,
        Event.contribution_id,
        Proposal.folio.label("proposal"),
        Plan.code.label("plan"),
        Event.happened_at,
        Notice.mode,
        Notice.told_at,
        Notice.mail_id.is_not(None).label("was_mailed"),
    )
    .join(Event, Event.id == Notice.event_id)
    .outerjoin(Proposal, Proposal.id == Event.proposal_id)
    .outerjoin(Plan, Plan.id == Event.plan_id)
    .where(Notice.person_id == _WHO)
    .order_by(Notice.id)
)
_OWN_ROWS = sa.or_(
    sa.and_(AuditEntry.object_type == Person.__tablename__, AuditEntry.object_id == _WHO),
    sa.and_(
        AuditEntry.object_type == Account.__tablename__,
        AuditEntry.object_id == sa.select(Account.id).where(Account.person_id == _WHO).scalar_subquery(),
    ),
)
_LOG = (
    sa.select(
        AuditEntry.at,
        sa.case((AuditEntry.person_id == _WHO, True), else_=False).label("by_you"),
        AuditEntry.act,
        AuditEntry.object_type,
        AuditEntry.object_id,
        AuditEntry.from_state,
        AuditEntry.to_state,
    )
    .where(sa.or_(AuditEntry.person_id == _WHO, _OWN_ROWS))
    .order_by(AuditEntry.id)
)


def drafts(session: Session, person_id: int, site: Site) -> Iterator[Item]:
    for row in stream(session, _DRAFTS, person_id):
        yield {
            "plan": row.plan,
            "topic": row.topic,
            "reply_to": _address(row.parent_id, site),
            "text": row.text,
            "updated_at": row.updated_at,
        }


def supports(session: Session, person_id: int, site: Site) -> Iterator[Item]:
    return (_addressed(row, site) for row in stream(session, _SUPPORTS, person_id))


def reports(session: Session, person_id: int, site: Site) -> Iterator[Item]:
    return (_addressed(row, site) for row in stream(session, _REPORTS, person_id))


def follows(session: Session, person_id: int) -> Iterator[Item]:
    """Topics and proposals; a row with neither is about the answers to what they write."""
    return items(session, _FOLLOWS, person_id)


def notices(session: Session, person_id: int, site: Site) -> Iterator[Item]:
    return (_addressed(row, site) for row in stream(session, _NOTICES, person_id))


def log(session: Session, person_id: int) -> Iterator[Item]:
    """What they did, and what was done to their account. Reasons and details may speak of others and are not told."""
    return items(session, _LOG, person_id)


def _addressed(row: Row, site: Site) -> Item:
    """A row with the address of its contribution in place of the id."""
    found = dict(row._mapping)
    return {"contribution": _address(found.pop("contribution_id"), site), **found}


def _address(contribution_id: int | None, site: Site) -> str | None:
    return site.contribution(contribution_id) if contribution_id is not None else None
