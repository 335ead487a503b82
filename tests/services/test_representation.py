"""Representing an organisation: asked once at a time, confirmed by somebody else, ended without changing what was
written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.audit.models import AuditEntry
from consulta.contributions.editing import edit_contribution
from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.services import appeal, complete, reply, withdraw
from consulta.database import Database
from consulta.errors import GuardRefused, Invalid, KeyReused, NotAllowed
from consulta.messages.catalogue import find_message
from consulta.messages.links import Site
from consulta.outbox.models import OutboxRow
from consulta.people.actors import Actor, actor_for
from consulta.people.models import Institution, InstitutionKind, Membership, Person, Role
from consulta.representation.models import Representation, RepresentationState
from consulta.representation.services import (
    Organization,
    ask_to_represent,
    confirm_representation,
    decline_representation,
    revoke_representation,
    stop_representing,
)
from consulta.representation.similar import look_alike
from tests.factories import SCRIPT
from tests.factories.contributions import make_contribution
from tests.factories.people import actor_of, make_actor, make_coordinator, make_institution, make_person
from tests.factories.plans import make_plan, make_topic, make_trusting_topic
from tests.factories.representation import make_organization, make_representation, make_representative
from tests.services.contributions.test_writing import submit

NEW = Organization(None, "ADES", "Asociación de Desarrollo", InstitutionKind.CIVIL_SOCIETY)
OTHER = "Propongo que cada escuela publique en línea lo que gasta."
SAID = {"post": "Directora", "evidence": f"Pregunten en la oficina. {SCRIPT}"}


def ask(session: Session, actor: Actor, organization: Organization = NEW, **changes: str) -> Representation:
    return ask_to_represent(session, actor=actor, organization=organization, **{**SAID, **changes})


def speaker(session: Session, organization: Institution) -> Actor:
    """Who represents an organisation, as a request of theirs knows them."""
    person = session.get_one(Person, make_representative(session, organization).id, populate_existing=True)
    return actor_for(person)


def told(session: Session, name: str, representation: Representation) -> str:
    """The body of a mail that waits to be sent."""
    assert name in session.scalars(sa.select(OutboxRow.name)).all()
    mail = find_message(name).render(session, Site("https://c.example", "x"), representation_id=representation.id)
    assert mail is not None
    return mail.body


def test_a_new_organisation_is_added_when_its_representative_is_confirmed(session: Session) -> None:
    person, coordinator = make_person(session), make_coordinator(session)
    asked = ask(session, actor_of(person))
    assert session.scalar(sa.select(Institution)) is None
    done = confirm_representation(
        session, actor=coordinator, representation_id=asked.id, version=asked.version, organization=NEW
    )
    place = session.scalars(sa.select(Institution)).one()
    assert (place.code, place.kind, done.institution_id) == ("ADES", InstitutionKind.CIVIL_SOCIETY, place.id)
    held = session.scalars(sa.select(Membership).where(Membership.person_id == person.id)).one()
    assert (held.role, held.institution_id, person.is_staff) == (Role.ORG_REP, place.id, False)
    assert "usted representa a Asociación de Desarrollo" in told(session, "representation_confirmed", done)
    acts = session.scalars(sa.select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts == ["representation.ask", "representation.confirmed", "institution.create", "person.give_role"]


@pytest.mark.parametrize(
    ("organization", "changes", "fields"),
    [
        (Organization(), {}, {"name", "code", "kind"}),
        (Organization(None, "MH", "Hacienda", InstitutionKind.MINISTRY), {}, {"kind"}),
        (Organization(999_999), {}, {"organization"}),
        (NEW, {"post": " ", "evidence": ""}, {"post", "evidence"}),
        (NEW, {"post": "x" * 121, "evidence": "x" * 1001}, {"post", "evidence"}),
    ],
)
def test_a_request_says_which_organisation_and_how_to_check(
    session: Session, organization: Organization, changes: dict[str, str], fields: set[str]
) -> None:
    with pytest.raises(Invalid) as refusal:
        ask(session, make_actor(session), organization, **changes)
    assert {problem.field for problem in refusal.value.problems} == fields
    assert session.scalar(sa.select(Representation)) is None


def test_a_public_body_is_not_represented_like_this(session: Session) -> None:
    ministry = make_institution(session)
    with pytest.raises(Invalid):
        ask(session, make_actor(session), Organization(ministry.id))


def test_one_request_waits_at_a_time_and_one_organisation_is_represented(session: Session) -> None:
    actor = make_actor(session)
    first = ask(session, actor)
    with pytest.raises(GuardRefused):
        ask(session, actor)
    stop_representing(session, actor=actor, representation_id=first.id)
    assert first.state is RepresentationState.WITHDRAWN
    held = speaker(session, make_organization(session))
    with pytest.raises(GuardRefused):
        ask(session, held)


def test_who_is_declined_or_revoked_reads_why(session: Session) -> None:
    coordinator, admin = make_coordinator(session), make_actor(session, Role.ADMIN)
    asked = ask(session, make_actor(session))
    with pytest.raises(Invalid):
        decline_representation(session, actor=coordinator, representation_id=asked.id, version=1, reason=" ")
    done = decline_representation(
        session, actor=coordinator, representation_id=asked.id, version=1, reason="No consta."
    )
    assert "> No consta." in told(session, "representation_declined", done)
    person_id = speaker(session, make_organization(session)).person_id
    held = session.scalars(sa.select(Representation).where(Representation.person_id == person_id)).one()
    revoke_representation(session, actor=admin, representation_id=held.id, version=1, reason="Ya no trabaja allí.")
    assert "> Ya no trabaja allí." in told(session, "representation_revoked", held)
    assert session.scalar(sa.select(Membership).where(Membership.role == Role.ORG_REP)) is None


def test_nobody_judges_the_own_request_nor_ends_that_of_another(session: Session) -> None:
    coordinator = make_coordinator(session)
    own, other = ask(session, coordinator), make_representation(session)
    with pytest.raises(NotAllowed):
        confirm_representation(session, actor=coordinator, representation_id=own.id, version=1, organization=NEW)
    with pytest.raises(NotAllowed):
        stop_representing(session, actor=make_actor(session), representation_id=other.id)


def test_an_acronym_is_of_one_organisation(session: Session) -> None:
    make_organization(session, code="ades")
    asked = ask(session, make_actor(session))
    with pytest.raises(Invalid) as refusal:
        confirm_representation(
            session, actor=make_coordinator(session), representation_id=asked.id, version=1, organization=NEW
        )
    assert refusal.value.problems[0].field == "code"
    assert asked.state is RepresentationState.WAITING


@pytest.mark.parametrize(
    ("code", "name", "is_alike"),
    [
        ("fgc", "Otra cosa", True),  # the same acronym
        ("X", "Fundacion Guardabosques", True),  # without accents
        ("X", "Fundación Guardabosques de Morazán", True),
        ("X", "Fundación", True),
        ("X", "Guardia", False),
        ("X", "", False),
    ],
)
def test_those_that_may_be_the_same_are_shown(code: str, name: str, *, is_alike: bool) -> None:
    known = Institution(code="FGC", name="Fundación Guardabosques", kind=InstitutionKind.CIVIL_SOCIETY)
    assert (look_alike([known], code, name) == [known]) is is_alike


def test_what_is_written_for_an_organisation_stays_when_nobody_represents_it(session: Session) -> None:
    organization, topic = make_organization(session), make_trusting_topic(session, make_plan(session))
    actor = speaker(session, organization)
    written = submit(session, actor, topic, form_key="uno", organization_id=organization.id)
    held = session.scalars(sa.select(Representation)).one()
    stop_representing(session, actor=actor, representation_id=held.id)
    session.expire_all()
    assert written.organization_id == organization.id
    assert held.state is RepresentationState.ENDED
    with pytest.raises(Invalid):  # though the request began before
        submit(session, actor, topic, form_key="dos", organization_id=organization.id)
    assert session.scalar(sa.select(sa.func.count(Contribution.id))) == 1


@pytest.mark.parametrize(
    ("state", "act"),
    [
        (ContributionState.PUBLISHED, partial(edit_contribution, title="Otro", body=OTHER)),
        (ContributionState.PENDING, partial(edit_contribution, title="Otro", body=OTHER)),
        (ContributionState.OBSERVED, partial(complete, title="Otro", body=OTHER)),
        (ContributionState.REJECTED, partial(appeal, text=OTHER)),
    ],
)
def test_who_represents_it_no_more_takes_its_words_back_but_does_not_change_them(
    session: Session, state: ContributionState, act: Callable[..., Contribution]
) -> None:
    organization, topic = make_organization(session), make_topic(session, make_plan(session))
    actor = speaker(session, organization)
    person = session.get_one(Person, actor.person_id)
    written, other = (
        make_contribution(session, topic, person=person, state=state, organization_id=organization.id) for _ in range(2)
    )
    act(session, actor=actor, contribution_id=other.id, version=1)
    held = session.scalars(sa.select(Representation)).one()
    stop_representing(session, actor=actor, representation_id=held.id)
    with pytest.raises(GuardRefused) as refusal:  # though the request began before
        act(session, actor=actor, contribution_id=written.id, version=1)
    assert refusal.value.code == "organization_no_longer_yours"
    if state is not ContributionState.REJECTED:
        withdraw(session, actor=actor, contribution_id=written.id, version=1)


def test_nobody_writes_for_an_organisation_of_others(session: Session) -> None:
    organization, other = make_organization(session), make_organization(session)
    topic, actor = make_topic(session, make_plan(session)), speaker(session, organization)
    for key, who in enumerate((make_actor(session), actor, make_coordinator(session))):
        with pytest.raises(Invalid):
            submit(session, who, topic, form_key=str(key), organization_id=other.id)


def test_a_key_records_a_text_for_one_or_for_the_other(session: Session) -> None:
    organization, topic = make_organization(session), make_trusting_topic(session, make_plan(session))
    actor = speaker(session, organization)
    first = submit(session, actor, topic, form_key="k", organization_id=organization.id)
    assert submit(session, actor, topic, form_key="k", organization_id=organization.id).id == first.id
    with pytest.raises(KeyReused):
        submit(session, actor, topic, form_key="k")


def test_only_a_post_for_an_organisation_asks_for_it(session: Session, database: Database) -> None:
    """On behalf of an organisation a post asks two things more: for it, and for the right to."""
    organization, topic = make_organization(session), make_trusting_topic(session, make_plan(session))
    root = submit(session, make_actor(session), topic, form_key="raíz")
    counts = []
    for actor, place in ((make_actor(session), None), (speaker(session, organization), organization.id)):
        asked: list[str] = []
        with noted(database, asked):
            reply(session, actor=actor, parent_id=root.id, body="Sí.", form_key=f"{place}", organization_id=place)
        counts.append(sum("FROM institution" in one or "FROM membership" in one for one in asked))
    assert counts == [0, 2]


@contextmanager
def noted(database: Database, asked: list[str]) -> Iterator[None]:
    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    yield
    sa.event.remove(database.engine, "before_cursor_execute", note)
