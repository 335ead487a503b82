"""Mails: every one that is asked for exists, says one thing in short sentences, and tells no outcome early."""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from consulta import clock
from consulta.decisions.models import Outcome
from consulta.messages.catalogue import MESSAGES, find_message
from consulta.messages.links import Site
from consulta.messages.mail import BadAddress, Mail
from consulta.messages.wording import long_date
from consulta.people.models import Role
from consulta.proposals.models import ProposalState
from tests.factories.contributions import make_contribution
from tests.factories.decisions import make_decision
from tests.factories.people import make_institution, make_member, make_person
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_dispatch, make_referral

SITE = Site("https://consulta.example.org", "secret")
ASKED = re.compile(r"\.mail\(\s*\"([a-z_]+)\"")


def written(session: Session, name: str, **ids: Any) -> list[Mail]:
    """The mails of a message, one for each of its readers."""
    message = find_message(name)
    readers = message.each(session, **ids) if message.each else [{}]
    mails = [message.render(session, SITE, **{**ids, **reader}) for reader in readers]
    return [mail for mail in mails if mail is not None]


def test_every_message_that_is_asked_for_is_written() -> None:
    sources = (Path(__file__).parents[2] / "consulta").rglob("*.py")
    asked = {name for source in sources for name in ASKED.findall(source.read_text(encoding="utf-8"))}
    assert asked <= MESSAGES.keys()
    assert {"contribution_received", "results_published"} <= asked


@pytest.mark.parametrize(
    "address", ["a@b.org\r\nBcc: c@d.org", "a@b.org\n", "a@b.org, c@d.org", "Ana <a@b.org>", "ana"]
)
def test_an_address_is_one_plain_address(address: str) -> None:
    with pytest.raises(BadAddress):
        Mail(address, "Asunto", "Texto")


def test_a_subject_is_one_line(session: Session) -> None:
    with pytest.raises(BadAddress):
        Mail("a@b.org", "Asunto\r\nBcc: c@d.org", "Texto")
    person = make_person(session, public_name="x\r\nBcc: y@example.org")
    contribution = make_contribution(session, make_topic(session, make_plan(session)), person=person)
    make_proposal(session, source=contribution)
    (mail,) = written(session, "contribution_received", contribution_id=contribution.id)
    assert mail.to == person.email
    assert "\n" not in mail.subject


def test_templates_in_text_stay_text(session: Session) -> None:
    contribution = make_contribution(session, make_topic(session, make_plan(session)), body="{{config}} ${7*7} %(x)s")
    proposal = make_proposal(session, source=contribution)
    (mail,) = written(session, "contribution_received", contribution_id=contribution.id)
    assert "> {{config}} ${7*7} %(x)s" in mail.body
    assert proposal.folio in mail.subject


def test_institution_hears_of_a_dispatch_once_an_address(session: Session) -> None:
    ministry = make_institution(session, email="oficina@example.org")
    liaison = make_member(session, Role.LIAISON, ministry)
    make_member(session, Role.LIAISON, make_institution(session))
    plan = make_plan(session)
    dispatch = make_dispatch(session, plan, ministry)
    for _ in range(2):
        make_referral(session, make_proposal(session, make_topic(session, plan)), dispatch=dispatch)
    mails = written(session, "referral_dispatched", dispatch_id=dispatch.id)
    assert {mail.to for mail in mails} == {liaison.email, "oficina@example.org"}
    assert all("2 propuestas" in mail.body and dispatch.folio in mail.subject for mail in mails)


def test_authors_of_merged_proposals_hear_of_the_main_one(session: Session) -> None:
    plan = make_plan(session)
    topic = make_topic(session, plan)
    main = make_proposal(session, topic, state=ProposalState.FORWARDED)
    make_proposal(session, topic, state=ProposalState.MERGED, main_proposal_id=main.id)
    make_referral(session, main)
    assert len(written(session, "proposal_forwarded", proposal_id=main.id)) == 2


def test_outcomes_are_told_only_when_results_are_public(session: Session) -> None:
    plan = make_plan(session)
    person = make_person(session)
    topic = make_topic(session, plan)
    for _ in range(2):
        source = make_contribution(session, topic, person=person)
        proposal = make_proposal(session, source=source, state=ProposalState.DECIDED)
        make_decision(session, proposal, outcome=Outcome.INCLUDED)
    assert written(session, "results_published", plan_id=plan.id, person_id=person.id) == []
    public = make_plan(session, results_published_at=clock.now())
    source = make_contribution(session, make_topic(session, public), person=person)
    decided = make_proposal(session, source=source, state=ProposalState.DECIDED)
    make_decision(session, decided, outcome=Outcome.INCLUDED)
    (mail,) = written(session, "results_published", plan_id=public.id, person_id=person.id)
    assert f"- {decided.folio}: Incorporada" in mail.body


def test_a_mail_about_a_text_leads_to_that_text(session: Session) -> None:
    plan = make_plan(session)
    contribution = make_contribution(session, make_topic(session, plan))
    make_proposal(session, source=contribution)
    (mail,) = written(session, "contribution_received", contribution_id=contribution.id)
    assert f"https://consulta.example.org/participar/aportes/{contribution.id}/\n" in mail.body
    assert f"La consulta cierra el {long_date(plan.closes_on)}." in mail.body
