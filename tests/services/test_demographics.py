"""What people tell of themselves: with consent, taken back at any time, and shown in totals that name nobody."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.audit.models import AuditEntry
from consulta.demographics.models import AgeRange, Demographics, Department, Sex
from consulta.demographics.queries import organizations_of, participants_of
from consulta.demographics.rules import CONSENT_VERSION
from consulta.people.models import PersonKind
from consulta.plans.models import Plan
from tests.clients import Client, Clients
from tests.factories import store
from tests.factories.contributions import make_contribution
from tests.factories.people import make_person
from tests.factories.plans import make_plan, make_topic
from tests.factories.representation import make_organization

PAGE = "/cuenta/datos-para-estadisticas"
TOLD = {"sex": "woman", "age_range": "18-24", "department": "morazan"}


def make_participants(session: Session, told: list[Sex | None], **plan_fields: date) -> Plan:
    """A plan in which people wrote the day before yesterday, half of them twice; the text of one is not public."""
    plan = make_plan(session, **plan_fields)
    topic, day = make_topic(session, plan), clock.now() - timedelta(days=2)
    for n, sex in enumerate(told):
        person = make_person(session)
        for _ in range(1 + n % 2):
            make_contribution(session, topic, person=person, received_at=day)
        if sex is not None:
            consent = {"consent_at": day, "consent_version": CONSENT_VERSION}
            store(session, Demographics(person_id=person.id, sex=sex, department=Department.MORAZAN, **consent))
    return plan


def test_what_is_told_needs_consent_and_can_be_taken_back(session: Session, client_as: Clients) -> None:
    mine = client_as("participant")
    assert "checked" not in mine.get(PAGE).text
    assert mine.submit(PAGE, **TOLD).status_code == 422
    assert mine.submit(PAGE, consents="y").status_code == 422
    assert mine.submit(PAGE, **{**TOLD, "sex": "otro"}, consents="y").status_code == 422
    assert mine.submit(PAGE, **TOLD, consents="y").status_code == 303
    session.rollback()
    told = session.scalars(sa.select(Demographics)).one()
    assert (told.sex, told.age_range, told.department) == (Sex.WOMAN, AgeRange.FROM_18, Department.MORAZAN)
    assert told.consent_version == CONSENT_VERSION
    page = mine.get(PAGE).text
    assert '<option selected value="woman">' in page
    assert "checked" not in page  # consent is given each time
    assert 'selected value="woman"' not in client_as("participant2").get(PAGE).text
    assert mine.submit(f"{PAGE}/borrar").status_code == 303
    session.rollback()
    assert session.scalars(sa.select(Demographics)).all() == []
    entries = session.execute(sa.select(AuditEntry.act, AuditEntry.detail).order_by(AuditEntry.id)).all()
    assert [tuple(entry) for entry in entries] == [
        ("account.tell_demographics", {}),
        ("account.forget_demographics", {}),
    ]


def test_totals_count_each_person_once_with_who_said_nothing(session: Session, client: Client) -> None:
    plan = make_participants(session, [Sex.WOMAN] * 7 + [Sex.MAN] * 6 + [None] * 3)
    found = participants_of(session, plan, clock.start_of_day(clock.today()))
    assert found.whole == 16
    assert [group.count for group in found.divisions[0].groups] == [7, 6]
    assert [division.not_stated for division in found.divisions] == [3, 16, 3]
    page = client.get(f"/planes/{plan.code}/cifras").text
    assert "Quiénes participaron" in page
    assert "Morazán" in page
    assert "También particip" not in page


def test_organisations_that_took_part_are_counted_once(session: Session, client: Client) -> None:
    """By what somebody wrote on their behalf, by a letter of their own, and by one that is in no list."""
    plan = make_participants(session, [None, None])
    topic, day = plan.topics[0], clock.now() - timedelta(days=2)
    spoken, sent = make_organization(session), make_organization(session)
    own = make_person(session, kind=PersonKind.ORGANIZATION, institution_id=sent.id)
    unlisted = make_person(session, kind=PersonKind.ORGANIZATION)
    for person, place in ((None, spoken), (None, spoken), (None, sent), (own, None), (unlisted, None)):
        make_contribution(session, topic, person=person, organization_id=place and place.id, received_at=day)
    make_contribution(session, topic, organization_id=make_organization(session).id)  # of today
    assert organizations_of(session, plan, clock.start_of_day(clock.today())) == 3
    assert "También participaron 3 organizaciones" in client.get(f"/planes/{plan.code}/cifras").text


def test_a_small_group_has_no_number_nor_what_would_tell_it(session: Session, client: Client) -> None:
    plan = make_participants(session, [Sex.WOMAN] * 2 + [Sex.MAN] * 8 + [None] * 6)
    sexes = participants_of(session, plan, clock.start_of_day(clock.today())).divisions[0]
    assert [(group.count, group.is_small) for group in sexes.groups] == [(None, True), (None, False)]
    assert sexes.not_stated == 6
    page = client.get(f"/planes/{plan.code}/cifras").text
    assert "menos de 5" in page
    assert "no se muestra" in page


@pytest.mark.parametrize("told", [[Sex.WOMAN] * 9, []])
def test_few_people_are_not_divided_at_all(session: Session, client: Client, told: list[Sex | None]) -> None:
    plan = make_participants(session, told)
    assert participants_of(session, plan, clock.start_of_day(clock.today())).divisions == ()
    assert "Mujer" not in client.get(f"/planes/{plan.code}/cifras").text


def test_totals_do_not_move_with_who_writes_today(app: Flask, session: Session) -> None:
    plan = make_participants(session, [Sex.WOMAN] * 10)
    today = clock.start_of_day(clock.today())
    before = participants_of(session, plan, today)
    person = make_person(session)
    make_contribution(session, make_topic(session, plan), person=person)
    consent = {"consent_at": clock.now(), "consent_version": CONSENT_VERSION}
    store(session, Demographics(person_id=person.id, sex=Sex.MAN, **consent))
    assert participants_of(session, plan, today) == before
    assert participants_of(session, plan, today + timedelta(days=1)).whole == 11


def test_the_totals_of_two_days_never_tell_of_one_person(session: Session) -> None:
    """What newcomers told joins the totals five persons at a time."""
    plan = make_participants(session, [Sex.WOMAN] * 10)
    topic, today = plan.topics[0], clock.start_of_day(clock.today())
    seen = []
    for day in range(1, 7):
        at = today + timedelta(days=day)
        person = make_person(session)
        make_contribution(session, topic, person=person, received_at=at)
        consent = {"consent_at": at, "consent_version": CONSENT_VERSION}
        store(session, Demographics(person_id=person.id, sex=Sex.MAN, **consent))
        found = participants_of(session, plan, at + timedelta(hours=1))
        women, men = found.divisions[0].groups
        seen.append((found.whole, women.count, men.count, found.divisions[0].not_stated))
    assert seen == [(10 + n, 10, 0, n) for n in range(1, 5)] + [(15, 10, 5, 0), (16, 10, 5, 1)]


def test_what_is_told_after_a_plan_says_nothing_of_it(session: Session, client: Client) -> None:
    plan = make_participants(session, [Sex.WOMAN] * 12, period_end_on=clock.today() - timedelta(days=30))
    found = participants_of(session, plan, clock.start_of_day(clock.today()))
    assert (found.whole, found.are_silent) == (12, True)
    assert "Ninguna dijo su sexo" in client.get(f"/planes/{plan.code}/cifras").text
