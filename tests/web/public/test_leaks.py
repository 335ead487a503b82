"""Nothing that waits for moderation or for the results is on any public page."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.models import ContributionState, RejectionReason
from consulta.database import writing
from consulta.decisions.models import Outcome
from consulta.plans.models import Plan, Topic
from consulta.proposals.models import Proposal, ProposalState
from consulta.referrals.models import ReferralState
from tests.factories.commitments import make_commitment
from tests.factories.contributions import make_contribution, make_reply
from tests.factories.decisions import make_decision
from tests.factories.people import make_person
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral, make_response

CANARY = "Canario9321"
WORDS = f"{CANARY} escribió esto que nadie debe leer todavía."


def pages_of(client: FlaskClient, plan: Plan, topic: Topic, *proposals: Proposal) -> dict[str, str]:
    """Every public page that could show something of a plan."""
    base = f"/planes/{plan.code}"
    lists = [f"{base}/propuestas{query}" for query in ("", "?estado=decided", "?desenlace=included", "?motivo=no_time")]
    paths = ["/", "/planes", base, f"{base}/temas/{topic.code}", *lists, f"{base}/compromisos", f"{base}/resultados"]
    paths += [f"{base}/compromisos/77", *(f"/propuestas/{proposal.folio}" for proposal in proposals)]
    paths += [f"/feeds{base}.atom", f"/feeds{base}/temas/{topic.code}.atom"]
    paths += [f"/feeds/propuestas/{proposal.folio}.atom" for proposal in proposals]
    return {path: client.get(path).text for path in paths}


@pytest.mark.parametrize(
    ("state", "proposal_state", "status"),
    [
        (ContributionState.PENDING, ProposalState.RECEIVED, 404),
        (ContributionState.OBSERVED, ProposalState.RECEIVED, 404),
        (ContributionState.REJECTED, ProposalState.INADMISSIBLE, 200),
        (ContributionState.WITHDRAWN, ProposalState.WITHDRAWN, 200),
        (ContributionState.HIDDEN, ProposalState.RECEIVED, 200),
    ],
)
def test_words_that_are_not_public_are_nowhere(
    session: Session,
    client: FlaskClient,
    plan: Plan,
    topic: Topic,
    state: ContributionState,
    proposal_state: ProposalState,
    status: int,
) -> None:
    source = make_contribution(
        session,
        topic,
        title=f"{CANARY} título",
        body=WORDS,
        state=state,
        person=make_person(session, public_name=f"{CANARY} autora"),
        reason=RejectionReason.SPAM,
        reason_text="Es publicidad y no una propuesta.",
    )
    proposal = make_proposal(session, topic, source=source, state=proposal_state, summary=None)
    root = make_contribution(session, topic, reply_count=1)
    other = make_proposal(session, topic, source=root)
    make_reply(session, root, body=WORDS, state=state)
    pages = pages_of(client, plan, topic, proposal, other)
    assert [path for path, page in pages.items() if CANARY in page] == []
    answer = client.get(f"/propuestas/{proposal.folio}")
    assert answer.status_code == status
    assert ("Es publicidad" in answer.text) == (state in (ContributionState.REJECTED, ContributionState.HIDDEN))


def test_what_was_redacted_is_nowhere(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    source = make_contribution(
        session,
        topic,
        title=CANARY,
        body=WORDS,
        public_title="Título público",
        public_body="Texto público y suficiente.",
    )
    proposal = make_proposal(session, topic, source=source)
    pages = pages_of(client, plan, topic, proposal)
    assert [path for path, page in pages.items() if CANARY in page] == []
    assert "Texto público y suficiente." in pages[f"/propuestas/{proposal.folio}"]


def decided(session: Session, topic: Topic) -> Proposal:
    """A decided proposal whose answer, justification and matrix all hold the canary."""
    proposal = make_proposal(session, topic, state=ProposalState.DECIDED)
    referral = make_referral(session, proposal, state=ReferralState.ANSWERED, answered_at=clock.now())
    make_response(session, referral, justification=f"{CANARY} " + "respondió la institución con su razón. " * 2)
    make_decision(
        session, proposal, outcome=Outcome.PARTIALLY_INCLUDED, justification=f"{CANARY} " + "decidió el equipo. " * 3
    )
    make_commitment(session, proposal.plan, number=77, name=f"{CANARY} compromiso", proposals=[proposal])
    return proposal


def test_a_decision_reads_as_forwarded_until_results(
    session: Session, client: FlaskClient, plan: Plan, topic: Topic
) -> None:
    proposal = decided(session, topic)
    answered = make_proposal(session, topic, state=ProposalState.FORWARDED)
    make_referral(session, answered, state=ReferralState.ANSWERED, answered_at=clock.now())
    pages = pages_of(client, plan, topic, proposal, answered)
    assert [path for path, page in pages.items() if CANARY in page] == []
    assert [path for path, page in pages.items() if "Incorporada en parte" in page] == []
    listing = f"/planes/{plan.code}/propuestas"
    assert proposal.folio not in pages[listing + "?estado=decided"]
    assert proposal.folio in client.get(listing + "?estado=forwarded").text
    assert client.get(f"/planes/{plan.code}/compromisos/77").status_code == 404


def test_results_bring_everything_out_together(session: Session, client: FlaskClient, plan: Plan, topic: Topic) -> None:
    proposal = decided(session, topic)
    with writing(session):
        session.get_one(Plan, plan.id).results_published_at = clock.now()
    page = client.get(f"/propuestas/{proposal.folio}").text
    assert page.count(CANARY) >= 3
    assert "Incorporada en parte" in page
    assert "1 entró al plan" in client.get(f"/planes/{plan.code}/resultados").text
    assert (
        proposal.folio in client.get(f"/planes/{plan.code}/propuestas?desenlace=partially_included&motivo=no_time").text
    )
    assert CANARY in client.get(f"/planes/{plan.code}/compromisos").text
    assert client.get(f"/planes/{plan.code}/compromisos/77").status_code == 200
