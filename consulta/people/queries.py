"""Reads about people, their accounts and sessions."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, joinedload

from consulta.audit.models import AuditEntry
from consulta.people.models import Account, Institution, LoginSession, Membership, Person
from consulta.plans.models import Topic, TopicCompetence
from consulta.text import clean_line


def open_sessions(session: Session, person_id: int | None, now: datetime) -> Sequence[LoginSession]:
    """The live sessions of a person, the one used last first."""
    query = (
        sa.select(LoginSession)
        .join(Account, Account.id == LoginSession.account_id)
        .where(Account.person_id == person_id, LoginSession.expires_at > now)
        .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
    )
    return session.scalars(query).all()


def list_accounts(session: Session, *, search: str = "", before: int | None = None, limit: int = 50) -> list[Account]:
    """Accounts with person and roles, the newest first; `before` is the id that ended the page above.

    One more than `limit` is answered when more follow. Three queries, whatever the number of people.
    """
    query = (
        sa.select(Account)
        .join(Account.person)
        .options(contains_eager(Account.person).selectinload(Person.memberships).selectinload(Membership.institution))
        .order_by(Account.id.desc())
        .limit(limit + 1)
    )
    if words := clean_line(search).lower():
        matches = [
            sa.func.lower(column).contains(words, autoescape=True) for column in (Person.public_name, Account.email)
        ]
        query = query.where(sa.or_(*matches))
    if before is not None:
        query = query.where(Account.id < before)
    return list(session.scalars(query))


def account_of_person(session: Session, person_id: int) -> Account | None:
    """The account of a person, with everything that its page shows."""
    query = (
        sa.select(Account)
        .where(Account.person_id == person_id)
        .options(joinedload(Account.person).selectinload(Person.memberships).selectinload(Membership.institution))
    )
    return session.scalars(query).one_or_none()


def list_institutions(session: Session) -> Sequence[Institution]:
    """Every institution by its name."""
    return session.scalars(sa.select(Institution).order_by(Institution.name, Institution.id)).all()


def history_of_person(session: Session, account: Account, limit: int = 20) -> Sequence[AuditEntry]:
    """What was done to a person and the account, the latest first."""
    subjects = (
        sa.and_(AuditEntry.object_type == Person.__tablename__, AuditEntry.object_id == account.person_id),
        sa.and_(AuditEntry.object_type == Account.__tablename__, AuditEntry.object_id == account.id),
    )
    query = sa.select(AuditEntry).where(sa.or_(*subjects)).order_by(AuditEntry.id.desc()).limit(limit)
    return session.scalars(query).all()


def topic_names(session: Session) -> dict[str, str]:
    """The topics that any plan has had, by code, with the name of the latest one."""
    rows = session.execute(sa.select(Topic.code, Topic.name).order_by(Topic.id))
    names: dict[str, str] = {row.code: row.name for row in rows}
    return dict(sorted(names.items(), key=lambda item: item[1]))


def competences_of(session: Session) -> dict[int, list[str]]:
    """The codes of the topics that each institution answers for."""
    rows = session.execute(sa.select(TopicCompetence.institution_id, TopicCompetence.topic_code))
    found: dict[int, list[str]] = {}
    for institution_id, code in rows:
        found.setdefault(institution_id, []).append(code)
    return found
