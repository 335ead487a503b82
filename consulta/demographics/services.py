"""Telling something of oneself for the statistics, and taking it back."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import transaction
from consulta.demographics.models import AgeRange, Demographics, Department, Sex
from consulta.demographics.queries import own_demographics
from consulta.demographics.rules import CONSENT_VERSION
from consulta.errors import Invalid, Problem
from consulta.people.accounts import own_account
from consulta.people.actors import Actor
from consulta.people.models import Account
from consulta.permissions import Permission


def tell_demographics(
    session: Session,
    *,
    actor: Actor,
    sex: Sex | None,
    age_range: AgeRange | None,
    department: Department | None,
    consents: bool,
) -> None:
    """Keep what somebody tells of themselves, with the time and the text of their consent. The log names no values."""
    found = [
        None if sex or age_range or department else Problem("sex", "demographics_empty"),
        None if consents else Problem("consents", "demographics_consent"),
    ]
    if problems := [problem for problem in found if problem]:
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        account = change.lock(Account, own_account(session, actor).id)
        change.require(Permission.ACCOUNT_KEEP, account)
        told = own_demographics(session, account.person_id)
        if told is None:
            told = Demographics(person_id=account.person_id)
            session.add(told)
        told.sex, told.age_range, told.department = sex, age_range, department
        told.consent_at, told.consent_version = change.now, CONSENT_VERSION
        change.record("account.tell_demographics", account)


def forget_demographics(session: Session, *, actor: Actor) -> None:
    """Delete what somebody told; nothing of it is kept."""
    with transaction(session, actor=actor) as change:
        account = change.lock(Account, own_account(session, actor).id)
        change.require(Permission.ACCOUNT_KEEP, account)
        session.execute(
            sa.delete(Demographics).where(Demographics.person_id == account.person_id),
            execution_options={"synchronize_session": False},
        )
        change.record("account.forget_demographics", account)
