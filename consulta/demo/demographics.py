"""What some of the invented contributors of the open plan told of themselves."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution
from consulta.demographics.models import AgeRange, Demographics, Department, Sex
from consulta.demographics.rules import CONSENT_VERSION
from consulta.plans.models import Plan

# Taken in turn; rows of different lengths, so that all sorts of people come out.
SEXES = (Sex.WOMAN, Sex.MAN, Sex.WOMAN, None, Sex.MAN)
AGES = (
    AgeRange.FROM_30,
    AgeRange.FROM_18,
    None,
    AgeRange.FROM_45,
    AgeRange.FROM_25,
    AgeRange.FROM_60,
    AgeRange.FROM_18,
)
DEPARTMENTS = (
    *(Department.SAN_SALVADOR, Department.SANTA_ANA, None, Department.SAN_SALVADOR, Department.SAN_MIGUEL),
    *(Department.LA_LIBERTAD, Department.MORAZAN, Department.SAN_SALVADOR, None),
)
STATED_AGO = timedelta(days=2)


def load_demographics(session: Session, plan: Plan) -> None:
    """For those who wrote in this plan; what they tell now says nothing of a plan that is over."""
    wrote = sa.select(Contribution.person_id).where(Contribution.plan_id == plan.id)
    stated_at = clock.now() - STATED_AGO
    for n, person_id in enumerate(session.scalars(wrote.distinct().order_by(Contribution.person_id))):
        told = Demographics(
            person_id=person_id,
            sex=SEXES[n % len(SEXES)],
            age_range=AGES[n % len(AGES)],
            department=DEPARTMENTS[n % len(DEPARTMENTS)],
            consent_at=stated_at,
            consent_version=CONSENT_VERSION,
        )
        if told.sex or told.age_range or told.department:
            session.add(told)
