"""Taking part without an account: nothing exists before the address is proven, and then it exists once."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import Contribution, ContributionState
from consulta.contributions.moderation import observe_contribution
from consulta.contributions.services import appeal, withdraw
from consulta.database import Database
from consulta.errors import GuardRefused, Invalid, KeyReused, NotAllowed, WindowClosed
from consulta.guests.models import GuestSubmission, TrackingCode
from consulta.guests.queries import code_of, find_tracked
from consulta.guests.services import confirm_submission
from consulta.guests.tokens import make_link, read_link
from consulta.messages.catalogue import find_message
from consulta.messages.links import Site
from consulta.outbox.due import do_what_is_due
from consulta.outbox.models import OutboxRow
from consulta.people.models import Account, Person
from consulta.people.rules import CONSENT_VERSION
from consulta.plans.models import Topic
from consulta.proposals.models import ProposalState
from tests.factories import store
from tests.factories.contributions import make_contribution
from tests.factories.guests import SECRET, make_guest_contribution, send_text
from tests.factories.people import actor_of, make_coordinator, make_person
from tests.factories.plans import make_plan, make_trusting_topic
from tests.factories.proposals import make_proposal
from tests.parallel import in_parallel


@pytest.fixture
def topic(session: Session) -> Topic:
    """One that shows at once what people with an account write."""
    return make_trusting_topic(session, make_plan(session))


def count(session: Session, model: type) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def confirm(session: Session, waiting: GuestSubmission, form_key: str = "confirma") -> GuestSubmission:
    return confirm_submission(session, submission_id=waiting.id, form_key=form_key, secret_key=SECRET)


def test_sending_records_no_contribution_and_no_person(session: Session, topic: Topic) -> None:
    people = count(session, Person)
    waiting = send_text(session, topic)
    assert (count(session, Contribution), count(session, Person)) == (0, people)
    [row] = session.scalars(sa.select(OutboxRow)).all()
    assert (row.name, row.payload) == ("guest_confirm", {"submission_id": waiting.id})


def test_the_same_form_is_one_sending_and_no_other_text(session: Session, topic: Topic) -> None:
    same: dict[str, Any] = {
        "email": "ana@example.org",
        "public_name": "Ana",
        "form_key": "una",
        "body": "Propongo sembrar árboles.",
    }
    assert send_text(session, topic, **same).id == send_text(session, topic, **same).id
    with pytest.raises(KeyReused):
        send_text(session, topic, **{**same, "body": "Propongo otra cosa muy distinta."})
    assert (count(session, GuestSubmission), count(session, OutboxRow)) == (1, 1)


def test_a_confirmed_text_waits_for_a_reader_wherever_it_is(session: Session, topic: Topic) -> None:
    contribution = make_guest_contribution(session, topic)
    assert contribution.state is ContributionState.PENDING
    assert "no_account" in contribution.held_for
    assert contribution.person.consent_version == CONSENT_VERSION
    assert contribution.proposal_links[0].proposal.folio.startswith("PROP-")
    root = make_contribution(session, topic)
    reply = make_guest_contribution(session, topic, root)
    assert (reply.state, reply.parent_id, reply.proposal_links) == (ContributionState.PENDING, root.id, [])


def test_a_second_use_of_the_link_answers_the_first(session: Session, topic: Topic) -> None:
    waiting = send_text(session, topic)
    first, second = confirm(session, waiting), confirm(session, waiting, "otra")
    assert (first.contribution_id, first.confirmed_by) == (second.contribution_id, second.confirmed_by)
    assert (count(session, Contribution), count(session, TrackingCode)) == (1, 1)


def test_parallel_uses_of_one_link_make_one_contribution(database: Database, session: Session, topic: Topic) -> None:
    waiting = send_text(session, topic)
    acts = [lambda s, n=n: confirm(s, waiting, f"clave-{n}").contribution_id for n in range(20)]
    answers = in_parallel(database, acts)
    assert len(set(map(str, answers))) == 1
    assert (count(session, Contribution), count(session, TrackingCode)) == (1, 1)


def test_links_of_one_new_address_used_together_make_one_person(
    database: Database, session: Session, topic: Topic
) -> None:
    people, who = count(session, Person), {"email": "nueva@example.org", "public_name": "Nueva"}
    keys = [send_text(session, topic, **who).id for _ in range(8)]
    session.rollback()

    def use(key: int, s: Session) -> int | None:
        return confirm_submission(s, submission_id=key, form_key="x", secret_key=SECRET).contribution_id

    answers = in_parallel(database, [partial(use, key) for key in keys])
    assert all(isinstance(answer, int) for answer in answers), answers
    assert (count(session, Contribution), count(session, Person)) == (8, people + 1)


def test_the_same_name_and_address_are_one_person_and_never_an_account(session: Session, topic: Topic) -> None:
    known = make_person(session, public_name="Ana", email="ana@example.org")
    account = {"person_id": known.id, "email": known.email, "created_at": clock.now(), "confirmed_at": clock.now()}
    store(session, Account(**account))
    written = [
        confirm(session, send_text(session, topic, email="ana@example.org", public_name=name)).contribution
        for name in ("Ana", "Ana", "Vecina del norte")
    ]
    ids = [contribution.person_id for contribution in written if contribution]
    assert ids[0] == ids[1] != ids[2]
    assert known.id not in ids


@pytest.mark.parametrize(
    ("guest", "field"),
    [({"public_name": " "}, "public_name"), ({"email": "no es un correo"}, "email"), ({"body": "Corto"}, "body")],
)
def test_what_is_missing_is_said_beside_its_field(
    session: Session, topic: Topic, guest: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        send_text(session, topic, **guest)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert count(session, GuestSubmission) == 0


def test_a_text_cannot_be_confirmed_where_nobody_can_write(session: Session, topic: Topic) -> None:
    root = make_contribution(session, topic)
    late, lost = send_text(session, topic), send_text(session, topic, root)
    make_proposal(session, topic, source=root, state=ProposalState.RECEIVED)
    withdraw(session, actor=actor_of(root.person), contribution_id=root.id)
    with pytest.raises(GuardRefused):
        confirm(session, lost)
    with clock.set_to(clock.now() + timedelta(days=11)), pytest.raises(WindowClosed):
        confirm(session, late)
    assert count(session, TrackingCode) == 0


def test_a_text_that_nobody_confirms_is_forgotten_with_its_link(
    database: Database, session: Session, topic: Topic
) -> None:
    waiting = send_text(session, topic)
    key, token = waiting.id, make_link(SECRET, waiting)
    assert read_link(session, SECRET, token) is waiting
    assert read_link(session, "another secret", token) is None
    with clock.set_to(clock.now() + timedelta(days=7)):
        assert read_link(session, SECRET, token) is None
        do_what_is_due(database)
    assert count(session, GuestSubmission) == 0
    with pytest.raises(Invalid):
        confirm_submission(session, submission_id=key, form_key="confirma", secret_key=SECRET)


def test_a_folio_and_a_code_open_one_contribution_and_nothing_else_does(session: Session, topic: Topic) -> None:
    one, other = (make_guest_contribution(session, topic) for _ in range(2))
    folios = [contribution.proposal_links[0].proposal.folio for contribution in (one, other)]
    codes = [code_of(session, SECRET, contribution.id) or "" for contribution in (one, other)]
    assert [find_tracked(session, folio=folios[n], code=codes[n].lower()) for n in (0, 1)] == [one.id, other.id]
    assert find_tracked(session, folio=folios[0], code=codes[1]) is None
    assert find_tracked(session, folio="PROP-1900-0001", code=codes[0]) is None
    assert code_of(session, "another secret", one.id) is None
    kept = session.scalars(sa.select(TrackingCode).where(TrackingCode.contribution_id == one.id)).one()
    assert codes[0].replace("-", "") not in (kept.code_hash, kept.seed)


def test_a_reply_is_opened_by_the_folio_of_its_conversation(session: Session, topic: Topic) -> None:
    root = make_contribution(session, topic)
    proposal = make_proposal(session, topic, source=root)
    reply = make_guest_contribution(session, topic, root)
    code = code_of(session, SECRET, reply.id) or ""
    assert find_tracked(session, folio=proposal.folio, code=code) == reply.id


def test_a_guest_acts_on_the_own_contribution_alone(session: Session, topic: Topic) -> None:
    one, other = (make_guest_contribution(session, topic) for _ in range(2))
    with pytest.raises(NotAllowed):
        withdraw(session, actor=actor_of(one.person), contribution_id=other.id)
    withdraw(session, actor=actor_of(one.person), contribution_id=one.id, version=one.version)
    assert session.get_one(Contribution, one.id).state is ContributionState.WITHDRAWN
    with pytest.raises(NotAllowed):
        appeal(session, actor=actor_of(one.person), contribution_id=other.id, version=None, text="x" * 40)


def test_later_mails_lead_to_where_the_code_is_asked_for_and_do_not_tell_it(session: Session, topic: Topic) -> None:
    own = make_guest_contribution(session, topic)
    folio, code = own.proposal_links[0].proposal.folio, code_of(session, SECRET, own.id) or ""
    observe_contribution(
        session, actor=make_coordinator(session), contribution_id=own.id, missing="Falta decir en qué municipio."
    )
    site = Site("http://localhost", SECRET)
    first, later = (
        find_message(name).render(session, site, contribution_id=own.id)
        for name in ("contribution_received", "contribution_observed")
    )
    assert first
    assert later
    assert code in first.body
    assert code not in later.body
    for mail in (first, later):
        assert "http://localhost/seguimiento\n" in mail.body
        assert folio in mail.body
        assert "/participar/" not in mail.body
