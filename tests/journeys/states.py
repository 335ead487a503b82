"""States of the site that its demonstration does not have, and the addresses at which they show."""

from datetime import timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.drafts import save_draft
from consulta.contributions.models import Contribution, ContributionState, Revision
from consulta.database import writing
from consulta.demo.people import loader_actor
from consulta.figures.models import PublishedFigure
from consulta.follows.models import Follow
from consulta.follows.tokens import Stop, make_stop
from consulta.guests.services import confirm_submission
from consulta.guests.tokens import make_link
from consulta.people.actors import Actor, actor_for
from consulta.people.models import Account, EmailChange, Passkey
from consulta.people.tokens import Purpose, make_token
from consulta.plans.models import Plan, PlanState
from consulta.privacy.services import ask_for_erasure, ask_without_account, confirm_erasure
from consulta.privacy.tokens import make_link as make_erasure_link
from consulta.proposals.models import Proposal, ProposalSource, ProposalState
from consulta.proposals.splitting import split_contribution
from tests.factories import store
from tests.factories.accounts import PASSWORD, make_account
from tests.factories.contributions import make_submission
from tests.factories.guests import send_text
from tests.factories.people import make_person
from tests.factories.plans import make_phase, make_plan, make_topic
from tests.journeys.serving import LiveSite
from tests.journeys.walking import client_of

Homes = dict[str, tuple[str, ...]]
# Somebody who has an account and has not written anything.
NEWCOMER = "nueva"
COORDINATION = "/coordinacion"
DAY = timedelta(days=1)


def add_states(site: LiveSite) -> Homes:
    """Store what is missing; what to open besides, by identity."""
    with site.database.session() as session:
        plan = session.scalars(sa.select(Plan).where(Plan.code == "demostracion")).one()
        return {
            "visitor": (
                _confirmation(site),
                *_mailed(site.app, session),
                *_sent_without_account(site.app, session, plan),
                _stopping(site.app, session),
                *_erased_without_account(site.app, session, plan),
                *_early_and_late(session),
                _edited(session, plan),
                "/cuenta/codigo/123456",
                "/buscar?q=nadalohallara",
            ),
            NEWCOMER: (
                "/participar/",
                "/cuenta/vinculadas",
                "/participar/seguir/",
                f"{COORDINATION}/",
                *_erased(session),
            ),
            "ciudadana": (*_own(session, plan), *_receipts(session, plan), *_followable(plan)),
            "coordinacion": ("/cuenta/datos/borrar", *_steps_back(session, plan), *_unwritten(session, plan)),
        }


def _confirmation(site: LiveSite) -> str:
    """What the mail to somebody who asks for an account leads to."""
    fields = {"public_name": "Quien llega", "email": "llega@demo.test", "password": PASSWORD, "consents": "y"}
    client_of(site, "visitor").submit("/cuenta/crear", **fields)
    return urlsplit(site.mails_to("llega@demo.test")[-1].link("/cuenta/confirmar/")).path


def _followable(plan: Plan) -> tuple[str, ...]:
    """The pages to which public pages lead whoever wants to follow: of something new, and of what is followed."""
    first, last = plan.topics[0], plan.topics[-1]
    topics = (f"/participar/seguir/temas/{plan.code}/{topic.code}" for topic in (first, last))
    return *topics, *(f"/participar/seguir/propuestas/{folio}" for folio in ("PROP-2018-0001", "PROP-2018-0002"))


def _stopping(app: Flask, session: Session) -> str:
    """What each mail to a follower leads to besides."""
    follow = session.scalars(sa.select(Follow).order_by(Follow.id).limit(1)).one()
    token = make_stop(app.config["SECRET_KEY"], Stop(follow.person_id, follow_id=follow.id))
    return f"/participar/avisos/{token}"


def _mailed(app: Flask, session: Session) -> tuple[str, ...]:
    """The other pages that mails lead to, with a link that works and with one that does not."""
    secret, invited = app.config["SECRET_KEY"], make_account(app, session, password_hash=None, confirmed_at=None)
    known = make_account(app, session, make_person(session, email=f"{NEWCOMER}@demo.test"))

    def link(path: str, purpose: Purpose, subject: Account | EmailChange) -> str:
        return f"/cuenta/{path}/{make_token(secret, purpose, subject)}"

    moving = store(session, EmailChange(account_id=known.id, email="otra@demo.test", asked_at=clock.now()))
    return (
        link("correo", Purpose.EMAIL_CHANGE, moving),
        link("recuperar", Purpose.RECOVERY, known),
        link("invitacion", Purpose.INVITATION, invited),
        *(f"/cuenta/{path}/gastado" for path in ("confirmar", "recuperar", "invitacion")),
    )


def _sent_without_account(app: Flask, session: Session, plan: Plan) -> tuple[str, ...]:
    """A text that waits for its author, one that was confirmed, and a link to nothing."""
    secret = app.config["SECRET_KEY"]
    waiting, done = (send_text(session, plan.topics[0]) for _ in range(2))
    confirm_submission(session, submission_id=done.id, form_key="confirma", secret_key=secret)
    return tuple(
        f"/participar/sin-cuenta/{end}" for end in (make_link(secret, waiting), make_link(secret, done), "nada")
    )


def _erased_without_account(app: Flask, session: Session, plan: Plan) -> tuple[str, ...]:
    """The question behind the link of a mail, its wait, and a link to nothing."""
    secret, links = app.config["SECRET_KEY"], []
    for number in range(2):
        waiting = send_text(session, plan.topics[0])
        sent = confirm_submission(session, submission_id=waiting.id, form_key="confirma", secret_key=secret)
        author = session.get_one(Contribution, sent.contribution_id).person
        asked = ask_without_account(session, actor=Actor(author.id, author.public_name))
        links.append(make_erasure_link(secret, asked))
        if number:
            confirm_erasure(session, erasure_id=asked.id, is_sure=True)
    return tuple(f"/seguimiento/borrar/{link}" for link in (*links, "nada"))


def _erased(session: Session) -> tuple[str, ...]:
    """Who asked, and can still call it off."""
    account = session.scalars(sa.select(Account).where(Account.email == f"{NEWCOMER}@demo.test")).one()
    ask_for_erasure(session, actor=actor_for(account.person), is_sure=True)
    return "/cuenta/datos", "/cuenta/datos/borrar"


def _early_and_late(session: Session) -> tuple[str, ...]:
    """A topic before its consultation, after it, and in the middle without any proposal."""
    today = clock.today()
    windows = ((today + DAY, today + 9 * DAY), (today - 9 * DAY, today - DAY), (today - DAY, today + DAY))
    addresses = []
    for opens_on, closes_on in windows:
        plan = make_plan(session, opens_on=opens_on, closes_on=closes_on)
        path = f"/planes/{plan.code}"
        addresses += [path, f"{path}/temas/{make_topic(session, plan).code}"]
    return (*addresses, f"{path}/propuestas", f"{path}/compromisos", f"{path}/resultados", f"{path}/cifras")


def _edited(session: Session, plan: Plan) -> str:
    """What everybody can compare after an author changed a published text."""
    published = sa.select(Contribution).where(
        Contribution.plan_id == plan.id, Contribution.state == ContributionState.PUBLISHED
    )
    said = session.scalars(published.order_by(Contribution.id).limit(1)).one()
    body = f"Antes: {said.public_body}"
    with writing(session):
        said.edited_at = now = clock.now()
        words = {"body": body, "public_body": body, "was_public": True, "replaced_at": now}
        session.add(Revision(contribution_id=said.id, number=1, **words))
    return f"/aportes/{said.id}/cambios"


def _receipts(session: Session, plan: Plan) -> tuple[str, ...]:
    """Of a proposal and of a reply."""
    own = (
        sa.select(Contribution)
        .join(Account, Account.person_id == Contribution.person_id)
        .where(Account.email == "ciudadana@demo.test", Contribution.plan_id == plan.id)
        .order_by(Contribution.id)
    )
    first = session.scalars(own.where(Contribution.parent_id.is_(None)).limit(1)).one()
    folio = session.scalars(
        sa.select(Proposal.folio).join(ProposalSource).where(ProposalSource.contribution_id == first.id)
    )
    reply = session.scalars(own.where(Contribution.parent_id.is_not(None)).limit(1)).one()
    return f"/participar/recibo/{folio.one()}", f"/participar/recibo/{reply.id}"


def _own(session: Session, plan: Plan) -> tuple[str, ...]:
    """Entering again, a key of a device, and what somebody began to write and kept."""
    account = session.scalars(sa.select(Account).where(Account.email == "ciudadana@demo.test")).one()
    made = {"credential_id": "llave", "public_key": "x", "use_count": 0, "created_at": clock.now()}
    key = store(session, Passkey(account_id=account.id, name="Mi teléfono", **made))
    fields = {"title": "Un título", "body": "Apenas empecé a escribir."}
    who = actor_for(account.person)
    draft = save_draft(session, actor=who, topic_id=plan.topics[0].id, parent_id=None, fields=fields)
    return "/cuenta/confirme", f"/cuenta/llaves/{key.id}/nombre", f"/participar/borradores/{draft.id}"


def _steps_back(session: Session, plan: Plan) -> tuple[str, ...]:
    """Where a coordinator undoes: a merge, a split, a decision."""

    def first(state: ProposalState) -> Proposal:
        of_plan = sa.select(Proposal).where(Proposal.plan_id == plan.id, Proposal.state == state)
        return session.scalars(of_plan.order_by(Proposal.id).limit(1)).one()

    published = sa.select(ProposalSource.contribution_id).join(Contribution).join(Proposal)
    published = published.where(Proposal.plan_id == plan.id, Contribution.state == ContributionState.PUBLISHED)
    key = session.scalars(published.order_by(ProposalSource.id).limit(1)).one()
    half = split_contribution(session, actor=loader_actor(session), contribution_id=key, title="La otra mitad")
    return (
        f"{COORDINATION}/propuestas/{first(ProposalState.MERGED).folio}/separar",
        f"{COORDINATION}/propuestas/{half.folio}/anular",
        f"{COORDINATION}/decidir/{first(ProposalState.DECIDED).folio}/reabrir",
    )


def _unwritten(session: Session, plan: Plan) -> tuple[str, ...]:
    """A calendar that is still written; in the open plan a letter, and a figure that others printed."""
    early = make_plan(session, state=PlanState.PREPARATION, opens_on=None, closes_on=None)
    phase, letter = make_phase(session, early), make_submission(session, plan)
    figure = store(
        session, PublishedFigure(plan_id=plan.id, key="total", label="Total de propuestas", published_value=3)
    )
    calendar = f"{COORDINATION}/planes/{early.code}/calendario"
    return (
        f"{COORDINATION}/planes/{early.code}",
        calendar,
        f"{calendar}/nueva",
        f"{calendar}/{phase.id}",
        f"{COORDINATION}/entregas/{letter.folio}/propuestas/nueva",
        f"{COORDINATION}/planes/{plan.code}/cifras/{figure.id}",
    )
