"""Two people, or one who clicks twice, doing the same at the same moment: exactly one effect."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta.commitments.models import CommitmentState
from consulta.commitments.services import observe_commitment, validate_commitment
from consulta.contributions.models import Contribution, ContributionState, RejectionReason
from consulta.contributions.moderation import publish_contribution, reject_contribution
from consulta.contributions.services import submit_contribution
from consulta.database import Base, Database
from consulta.decisions.models import Decision, Outcome
from consulta.decisions.services import decide_proposal
from consulta.errors import Refusal
from consulta.people.accounts import accept_invitation, set_password, update_hash
from consulta.people.actors import Actor
from consulta.people.models import Account, Role
from consulta.plans.models import Plan, Topic
from consulta.proposals.merging import merge_proposals
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.dispatching import dispatch_proposals
from consulta.referrals.models import Dispatch, Reason, Referral
from tests.factories.accounts import make_account
from tests.factories.commitments import make_commitment
from tests.factories.contributions import make_contribution
from tests.factories.people import make_actor, make_coordinator, make_institution
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.parallel import in_parallel

WORDS = "Propongo publicar los datos de gasto de cada escuela del país."
WHY = "Queda fuera del alcance de gobierno abierto por su materia."

Act = Callable[[Session], Any]


@pytest.fixture
def plan(session: Session) -> Plan:
    return make_plan(session)


@pytest.fixture
def topic(session: Session, plan: Plan) -> Topic:
    return make_topic(session, plan)


@pytest.fixture
def team(session: Session) -> list[Actor]:
    return [make_coordinator(session) for _ in range(2)]


def count(database: Database, model: type[Base]) -> int:
    with database.session() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def refused(answers: list[Any]) -> list[Exception]:
    """The refusals; any other error is one of ours."""
    errors = [answer for answer in answers if isinstance(answer, Exception)]
    assert [error for error in errors if not isinstance(error, Refusal)] == []
    return errors


def test_fifty_submissions_get_fifty_folios(database: Database, session: Session, topic: Topic) -> None:
    topic_id = topic.id

    def post(actor: Actor, n: int) -> Act:
        return lambda s: (
            submit_contribution(
                s, actor=actor, topic_id=topic_id, title="", body=f"{WORDS} {n}", form_key=f"clave-{n}"
            ).id
        )

    answers = in_parallel(database, [post(make_actor(session), n) for n in range(50)])
    assert refused(answers) == []
    with database.session() as reading:
        folios = reading.scalars(sa.select(Proposal.folio).order_by(Proposal.folio)).all()
    assert [int(folio[-4:]) for folio in folios] == list(range(1, 51))


def test_two_decisions_at_once_are_one(database: Database, session: Session, topic: Topic, team: list[Actor]) -> None:
    proposal = make_proposal(session, topic)

    def decide(actor: Actor, version: int | None) -> Act:
        return lambda s: decide_proposal(
            s,
            actor=actor,
            proposal_id=proposal.id,
            version=version,
            outcome=Outcome.NOT_INCLUDED,
            reasons=[Reason.OUT_OF_SCOPE],
            justification=f"{WHY} {actor.person_id}",
        )

    answers = in_parallel(database, [decide(team[n % 2], proposal.version if n < 4 else None) for n in range(8)])
    assert len(refused(answers)) == 7
    assert count(database, Decision) == 1


def test_two_merges_at_once_never_make_a_chain(
    database: Database, session: Session, topic: Topic, team: list[Actor]
) -> None:
    """A into B and B into A: one of them is too late."""
    one, other = make_proposal(session, topic).id, make_proposal(session, topic).id

    def merge(actor: Actor, source: int, main: int) -> Act:
        return lambda s: merge_proposals(s, actor=actor, main_id=main, main_version=None, versions={source: None})

    answers = in_parallel(database, [merge(team[0], one, other), merge(team[1], other, one)] * 3)
    assert len(refused(answers)) == 5
    with database.session() as reading:
        found = reading.scalars(sa.select(Proposal)).all()
        merged = [proposal for proposal in found if proposal.state is ProposalState.MERGED]
        assert [proposal.main_proposal_id is not None for proposal in found].count(True) == len(merged) == 1


def test_a_proposal_sent_twice_at_once_has_one_live_referral(
    database: Database, session: Session, plan: Plan, topic: Topic, team: list[Actor]
) -> None:
    proposal, place, plan_id = make_proposal(session, topic).id, make_institution(session).id, plan.id

    def send(actor: Actor, n: int) -> Act:
        return lambda s: dispatch_proposals(
            s,
            actor=actor,
            plan_id=plan_id,
            proposal_ids=[proposal],
            institution_ids=[place],
            cover_text=f"Les remitimos esta propuesta. {n}",
            form_key=f"oficio-{n}",
        )

    answers = in_parallel(database, [send(team[n % 2], n) for n in range(6)])
    assert len(refused(answers)) == 5
    assert (count(database, Dispatch), count(database, Referral)) == (1, 1)


def test_publishing_and_rejecting_at_once_leaves_one_of_them(
    database: Database, session: Session, topic: Topic, team: list[Actor]
) -> None:
    contribution = make_contribution(session, topic, state=ContributionState.PENDING)
    make_proposal(session, topic, source=contribution, state=ProposalState.RECEIVED)
    key, version = contribution.id, contribution.version

    def publish(s: Session) -> Contribution:
        return publish_contribution(s, actor=team[0], contribution_id=key, version=version)

    def reject(s: Session) -> Contribution:
        reason = RejectionReason.SPAM
        return reject_contribution(
            s, actor=team[1], contribution_id=key, reason=reason, public_text="Es publicidad.", version=version
        )

    answers = in_parallel(database, [publish, reject] * 3)
    assert len(refused(answers)) == 5
    with database.session() as reading:
        kept = reading.get_one(Contribution, key)
        proposal = reading.scalars(sa.select(Proposal)).one()
        is_published = kept.state is ContributionState.PUBLISHED
        assert proposal.state is (ProposalState.RECEIVED if is_published else ProposalState.INADMISSIBLE)
        assert kept.version == version + 1


def test_an_institution_validates_or_observes_but_not_both(database: Database, session: Session, plan: Plan) -> None:
    place = make_institution(session)
    commitment = make_commitment(session, plan, lead_institution=place, state=CommitmentState.INSTITUTION_REVIEW)
    liaisons = [make_actor(session, (Role.LIAISON, place)) for _ in range(2)]
    key, version = commitment.id, commitment.version

    def validate(s: Session) -> object:
        return validate_commitment(s, actor=liaisons[0], commitment_id=key, version=version)

    def observe(s: Session) -> object:
        words = "Falta decir quién mide el avance de cada producto."
        return observe_commitment(s, actor=liaisons[1], commitment_id=key, version=version, observation=words)

    assert len(refused(in_parallel(database, [validate, observe] * 3))) == 5


def test_an_invitation_is_accepted_once(app: Flask, database: Database, session: Session) -> None:
    account = make_account(app, session, password_hash=None, confirmed_at=None)
    password = "la ceiba del parque da sombra"

    def accept(n: int) -> Act:
        return lambda s: accept_invitation(
            s, account_id=account.id, password=password, consents=True, hash_password=lambda typed: f"{typed}-{n}"
        )

    assert len(refused(in_parallel(database, [accept(n) for n in range(6)]))) == 5


def test_a_recovery_link_sets_one_password(app: Flask, database: Database, session: Session) -> None:
    """The link is read before the password is hashed; whoever comes second finds another password there."""
    account = make_account(app, session)

    def choose(n: int) -> Act:
        return lambda s: set_password(
            s,
            account_id=account.id,
            password="la ceiba del parque da sombra",
            hash_password=lambda typed: f"{typed}-{n}",
            seen_hash=account.password_hash,
            act="account.recover",
        )

    assert len(refused(in_parallel(database, [choose(n) for n in range(6)]))) == 5


def test_a_stronger_hash_never_brings_an_old_password_back(app: Flask, session: Session) -> None:
    account = make_account(app, session)
    seen = account.password_hash
    set_password(
        session,
        account_id=account.id,
        password="la ceiba del parque da sombra",
        hash_password=lambda typed: "nueva",
        seen_hash=seen,
        act="account.recover",
    )
    update_hash(session, account_id=account.id, seen_hash=seen, password_hash="la misma de antes")
    assert session.get_one(Account, account.id).password_hash == "nueva"
