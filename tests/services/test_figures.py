"""The accounting of a plan: what is counted where, and what it says beside a printed figure."""

import pytest
from sqlalchemy.orm import Session

from consulta.contributions.models import Channel, ContributionState
from consulta.database import writing
from consulta.decisions.models import Outcome
from consulta.errors import Invalid
from consulta.figures.models import FigureStatus, PublishedFigure
from consulta.figures.rules import compare, value_of_terms
from consulta.figures.services import account, explain_figure
from consulta.proposals.models import ProposalState
from tests.factories import store
from tests.factories.contributions import make_contribution
from tests.factories.decisions import make_decision
from tests.factories.people import make_coordinator, make_person
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal
from tests.factories.referrals import make_referral


def test_each_proposal_counts_once_in_every_sum(session: Session) -> None:
    plan = make_plan(session)
    topic, other = make_topic(session, plan), make_topic(session, plan)
    person = make_person(session)
    main = make_proposal(session, topic, source=make_contribution(session, topic, person=person))
    make_proposal(session, other, source=make_contribution(session, other, person=person))
    make_proposal(session, topic, state=ProposalState.MERGED, main_proposal_id=main.id)
    pending = make_contribution(session, topic, state=ContributionState.PENDING)
    make_proposal(session, topic, source=pending, state=ProposalState.RECEIVED)
    own = make_contribution(session, plan=plan, channel=Channel.INSTITUTION)
    make_proposal(session, source=own, channel=Channel.INSTITUTION, topic_received_id=None)
    make_proposal(session, topic, state=ProposalState.VOIDED)
    accounting = account(session, plan)
    values = {f.key: f.value for f in accounting.figures}
    assert accounting.holds
    assert (values["received.all"], values["total"], values["web.total"], values["voided"]) == (5, 4, 4, 1)
    assert (values["admitted"], values["unmoderated"], values["distinct"]) == (4, 1, 3)
    assert (values["web.persons.sum"], values["web.persons.unique"]) == (4, 3)


def test_before_results_a_decided_one_counts_as_sent(session: Session) -> None:
    plan = make_plan(session)
    topic = make_topic(session, plan)
    sent = make_proposal(session, topic, state=ProposalState.DECIDED)
    make_referral(session, sent)
    never_sent = make_proposal(session, topic, state=ProposalState.DECIDED)
    for proposal in (sent, never_sent):
        make_decision(session, proposal)
    public = {f.key: f.value for f in account(session, plan).figures}
    known = {f.key: f.value for f in account(session, plan, public=False).figures}
    assert public["received.state.decided"] == public["outcome.not_included"] == 0
    assert (public["received.state.forwarded"], public["received.state.systematized"]) == (1, 1)
    assert known["received.state.decided"] == known[f"outcome.{Outcome.NOT_INCLUDED.value}"] == 2
    assert known["decided.without_institution"] == 1


def test_published_figures_stand_beside_the_data(session: Session) -> None:
    plan = make_plan(session)
    make_proposal(session, make_topic(session, plan))
    for key, value in (("web.total", 1), ("total", 3), ("received.all", None)):
        store(session, PublishedFigure(plan_id=plan.id, key=key, label=key, published_value=value))
    store(
        session,
        PublishedFigure(plan_id=plan.id, key="agenda", label="Agenda", published_value=180, terms={"sum": [100, 80]}),
    )
    accounting = account(session, plan)
    found = {f.key: (f.difference, f.status) for f in accounting.figures if f.record}
    assert found == {
        "total": (-2, FigureStatus.MISMATCH),
        "received.all": (None, FigureStatus.NOT_PUBLISHED),
        "web.total": (0, FigureStatus.MATCH),
        "agenda": (0, FigureStatus.MATCH),
    }
    assert [f.key for f in accounting.unexplained] == ["total"]


def test_a_note_explains_a_figure_and_an_empty_one_is_refused(session: Session) -> None:
    plan = make_plan(session)
    actor = make_coordinator(session)
    figure = store(session, PublishedFigure(plan_id=plan.id, key="total", label="Total", published_value=3))
    with pytest.raises(Invalid):
        explain_figure(session, actor=actor, figure_id=figure.id, note=" ", version=1)
    explain_figure(session, actor=actor, figure_id=figure.id, note="Otra fuente contó dos veces.", version=1)
    assert account(session, plan).unexplained == []


@pytest.mark.parametrize(
    ("value", "published", "ambiguous", "expected"),
    [
        (107, 107, False, (0, FigureStatus.MATCH)),
        (157, 141, False, (16, FigureStatus.MISMATCH)),
        (47, None, False, (None, FigureStatus.NOT_PUBLISHED)),
        # it agrees, but only by leaving something out
        (141, 141, True, (0, FigureStatus.AMBIGUOUS)),
        (29, None, True, (None, FigureStatus.AMBIGUOUS)),
    ],
)
def test_comparing_figures(value: int, published: int | None, ambiguous: bool, expected: object) -> None:
    assert compare(value, published, ambiguous=ambiguous) == expected


def test_terms_are_added_or_multiplied() -> None:
    assert value_of_terms({"sum": [7, 33, 11]}) == 51
    assert value_of_terms({"product": [3, 26]}) == 78


def test_a_hidden_source_keeps_its_proposal_admitted(session: Session) -> None:
    plan = make_plan(session)
    topic = make_topic(session, plan)
    proposal = make_proposal(session, topic)
    with writing(session):
        session.merge(proposal.first_source).state = ContributionState.HIDDEN
    assert account(session, plan).figure("admitted").value == 1
