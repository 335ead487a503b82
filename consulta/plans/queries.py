"""Plans, topics and documents as anybody may read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, undefer

from consulta.database import read_rows
from consulta.errors import NotFound
from consulta.people.models import PUBLIC_BODIES, Institution
from consulta.plans.models import Document, Plan, PlanState, Thresholds, Topic, TopicCompetence, TopicState


@dataclass(frozen=True)
class SuggestibleInstitutions:
    """Institutions that a writer may suggest: those competent for the topic, then the others."""

    competent: list[tuple[str, str]]
    others: list[tuple[str, str]]


def is_announced(today: date | sa.BindParameter[date]) -> sa.ColumnElement[bool]:
    """A plan in preparation is public once its notice is; any other always is."""
    return sa.or_(Plan.state != PlanState.PREPARATION, Plan.notice_published_on <= today)


def public_plans(session: Session, today: date) -> list[Plan]:
    """Every announced plan, the newest period first."""
    statement = sa.select(Plan).where(is_announced(today)).order_by(Plan.period_start_on.desc(), Plan.id.desc())
    return list(session.scalars(statement))


_TITLES = (
    sa.select(Plan.code, Plan.title)
    .where(is_announced(sa.bindparam("today", type_=sa.Date())))
    .order_by(Plan.period_start_on.desc(), Plan.id.desc())
)


def plan_titles(session: Session, today: date) -> Sequence[Any]:
    """Code and title of every announced plan, the newest period first."""
    return read_rows(session, _TITLES, {"today": today})


def find_public_plan(session: Session, code: str, today: date) -> Plan:
    """Raises NotFound for one that does not exist or is not announced yet."""
    statement = sa.select(Plan).where(Plan.code == code, is_announced(today))
    plan = session.scalars(statement.options(joinedload(Plan.coordinator_institution))).one_or_none()
    if plan is None:
        raise NotFound("Plan", code)
    return plan


def public_topics(session: Session, plan: Plan) -> list[Topic]:
    """Published and closed topics, in their order."""
    statement = sa.select(Topic).where(Topic.plan_id == plan.id, Topic.state != TopicState.DRAFT)
    return list(session.scalars(statement.order_by(Topic.position, Topic.id)))


def find_public_topic(session: Session, plan: Plan, code: str) -> Topic:
    statement = sa.select(Topic).where(Topic.plan_id == plan.id, Topic.code == code, Topic.state != TopicState.DRAFT)
    topic = session.scalars(statement).one_or_none()
    if topic is None:
        raise NotFound("Topic", code)
    return topic


_THRESHOLDS = sa.select(Topic.thresholds).where(Topic.id == sa.bindparam("topic_id"))


def thresholds_of(session: Session, topic_id: int | None) -> Thresholds:
    """What holds a contribution in a topic; the usual where there is none."""
    rows = read_rows(session, _THRESHOLDS, {"topic_id": topic_id}) if topic_id is not None else []
    return Thresholds(**rows[0].thresholds) if rows else Thresholds()


def public_documents(session: Session, plan: Plan) -> list[Document]:
    """Documents to download, without their content."""
    statement = sa.select(Document).where(Document.plan_id == plan.id, Document.withdrawn_at.is_(None))
    return list(session.scalars(statement.order_by(Document.id)))


def find_public_document(session: Session, plan: Plan, document_id: int) -> Document:
    """A document with its content."""
    statement = sa.select(Document).where(
        Document.id == document_id, Document.plan_id == plan.id, Document.withdrawn_at.is_(None)
    )
    document = session.scalars(statement.options(undefer(Document.content))).one_or_none()
    if document is None:
        raise NotFound("Document", document_id)
    return document


def suggestible_institutions(session: Session, topic_code: str, today: date) -> SuggestibleInstitutions:
    """Public bodies that exist today, as (code, name)."""
    competent = sa.exists().where(
        TopicCompetence.institution_id == Institution.id, TopicCompetence.topic_code == topic_code
    )
    rows = session.execute(
        sa.select(Institution.code, Institution.name, competent.label("is_competent"))
        .where(
            Institution.kind.in_(PUBLIC_BODIES),
            sa.or_(Institution.valid_to.is_(None), Institution.valid_to >= today),
            sa.or_(Institution.valid_from.is_(None), Institution.valid_from <= today),
        )
        .order_by(Institution.name)
    ).all()
    return SuggestibleInstitutions(
        [(row.code, row.name) for row in rows if row.is_competent],
        [(row.code, row.name) for row in rows if not row.is_competent],
    )
