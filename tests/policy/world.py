"""A small consultation in which every address of the site names something that exists."""

from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from consulta import clock
from consulta.contributions.models import Contribution, ContributionState
from consulta.database import Base
from consulta.figures.models import PublishedFigure
from consulta.follows.tokens import Stop, make_stop
from consulta.guests.tokens import make_link
from consulta.people.models import Account, Institution, Membership, Passkey, Person, Role
from consulta.people.tokens import Purpose, make_token
from consulta.plans.models import Plan
from consulta.proposals.models import Proposal, ProposalState
from tests.clients import Clients
from tests.factories import store
from tests.factories.accounts import make_account, make_identity
from tests.factories.commitments import make_commitment
from tests.factories.contributions import make_contribution, make_draft, make_reply, make_submission
from tests.factories.follows import make_follow
from tests.factories.guests import send_text
from tests.factories.people import make_person
from tests.factories.plans import make_document, make_holiday, make_phase, make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral
from tests.factories.representation import make_representation

# The session of whoever asks is touched by reading, which changes nothing that anybody said or did.
BOOKKEEPING = frozenset({"login_session"})


@dataclass
class World:
    """Every part of an address, and those that one endpoint needs otherwise."""

    plan: Plan
    own: Contribution
    proposal: Proposal
    parts: dict[str, Any]
    special: dict[str, dict[str, Any]] = field(default_factory=dict)

    def address(self, rule: Rule) -> str:
        """A path that the rule serves."""
        known = {**self.parts, **self.special.get(rule.endpoint, {})}
        return fill(rule, known)


def fill(rule: Rule, parts: dict[str, Any]) -> str:
    built = rule.build({name: parts[name] for name in rule.arguments}, append_unknown=False)
    assert built is not None, rule
    return built[1]


def make_world(app: Flask, session: Session, client_as: Clients) -> World:
    for identity in ("participant", "liaison1", "liaison2"):
        client_as(identity)
    author = session.scalars(select(Person).where(Person.email == "participant@example.org")).one()
    ins1 = session.scalars(select(Institution).where(Institution.code == "INS1")).one()
    plan = make_plan(session)
    topic = make_topic(session, plan)
    own = make_contribution(session, topic, person=author)
    proposal = make_proposal(session, topic, source=own)
    reply = make_reply(session, own)
    referred = make_proposal(session, topic, state=ProposalState.FORWARDED)
    merged = make_proposal(session, topic, state=ProposalState.MERGED, main_proposal_id=proposal.id)
    referral = make_referral(session, referred, ins1)
    commitment = make_commitment(session, plan, lead_institution=ins1)
    pending = make_contribution(session, topic, state=ContributionState.PENDING)
    make_proposal(session, topic, source=pending, state=ProposalState.RECEIVED)
    draft = make_draft(session, author, topic)
    person = make_person(session)
    membership = store(session, Membership(person_id=person.id, role=Role.OBSERVER))
    make_account(app, session, person)
    _give_passkey(session, author)
    own_account = session.scalars(select(Account).where(Account.person_id == author.id)).one()
    document = make_document(session, plan)
    figure = store(session, PublishedFigure(plan_id=plan.id, key="total", label="Total", published_value=3))
    parts = {
        "plan_code": plan.code,
        "topic_code": topic.code,
        "folio": proposal.folio,
        "contribution_id": own.id,
        "draft_id": draft.id,
        "referral_id": referral.id,
        "number": commitment.number,
        "commitment_id": commitment.id,
        "figure_id": figure.id,
        "phase_id": make_phase(session, plan).id,
        "document_id": document.id,
        "file_name": document.file_name,
        "institution_id": ins1.id,
        "person_id": person.id,
        "membership_id": membership.id,
        "holiday_id": make_holiday(session, on=clock.today()).id,
        "session_id": 1,
        "passkey_id": 1,
        "identity_id": make_identity(session, own_account).id,
        "name": "ninguno",
        "digits": "123456",
        "key": proposal.folio,
        "verb": "publicar",
        "code": "spam",
        "token": _invitation(app, session),
        "representation_id": make_representation(session).id,
        "follow_id": make_follow(session, author, proposal=proposal).id,
    }
    world = World(plan, own, proposal, parts)
    dispatch = {"folio": referral.dispatch.folio}
    submission = {"folio": make_submission(session, plan).folio}
    world.special = {
        "public.conversations.branch": {"contribution_id": reply.id},
        "public.conversations.branch_news": {"contribution_id": reply.id},
        "institution.dispatches.show": dispatch,
        "coordination.referrals.letter": dispatch,
        "coordination.registration.show": submission,
        "coordination.registration.add_proposal": submission,
        "coordination.merging.unmerge": {"folio": merged.folio},
        "coordination.decisions.edit": {"folio": referred.folio},
        "coordination.splitting.take": {"contribution_id": reply.id},
    }
    stop = {"token": make_stop(app.config["SECRET_KEY"], Stop(author.id, follow_id=parts["follow_id"]))}
    link = make_link(app.config["SECRET_KEY"], send_text(session, topic))
    world.special["participant.guests.confirm"] = {"token": link}
    world.special |= {"participant.stopping.show": stop, "participant.stopping.obey": stop}
    world.special |= {
        rule.endpoint: {"contribution_id": pending.id}
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("coordination.moderation.")
    }
    return world


def _give_passkey(session: Session, owner: Person) -> None:
    """The first one of all, as the addresses say."""
    account = session.scalars(select(Account).where(Account.person_id == owner.id)).one()
    fields = {"credential_id": "Y2xhdmU", "public_key": "Y2xhdmU", "use_count": 0, "name": "Mi llave"}
    store(session, Passkey(account_id=account.id, created_at=clock.now(), **fields))


def _invitation(app: Flask, session: Session) -> str:
    account = make_account(app, session, password_hash=None, confirmed_at=None)
    return make_token(app.config["SECRET_KEY"], Purpose.INVITATION, account)


def fingerprint(engine: Engine) -> dict[str, int]:
    """A number for the content of each table; equal numbers mean that nothing was written."""
    with engine.connect() as connection:
        return {
            table.name: hash(tuple(map(repr, connection.execute(select(table).order_by(table.c.id)))))
            for table in Base.metadata.sorted_tables
            if table.name not in BOOKKEEPING
        }
