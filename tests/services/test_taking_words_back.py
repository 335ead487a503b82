"""Taking back, within seconds, what changed the words: new words shown or not, personal data taken out, and what stays
hidden after a report."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta import clock
from consulta.contributions.editing import accept_edit, edit_contribution, reject_edit
from consulta.contributions.models import (
    Contribution,
    ContributionState,
    PendingEdit,
    RejectionReason,
    Report,
    ReportReason,
    Revision,
)
from consulta.contributions.redacting import redact_contribution
from consulta.contributions.reporting import report_contribution, uphold_hiding
from consulta.database import writing
from consulta.errors import GuardRefused, NotFound
from consulta.moderation.claims import claim_contribution
from consulta.moderation.models import ModerationAct
from consulta.moderation.public import count_moderation
from consulta.moderation.rules import UNDO_TIME
from consulta.moderation.undoing import undo_acts
from consulta.outbox.models import OutboxRow, OutboxState
from consulta.people.actors import Actor
from consulta.people.models import Role
from consulta.proposals.models import ProposalState
from tests.factories.contributions import make_contribution
from tests.factories.people import actor_of, make_actor, make_coordinator
from tests.factories.plans import make_plan, make_topic
from tests.factories.proposals import make_proposal

NOON = clock.now()
WHY = "El texto muestra el teléfono de una persona."
Act = Callable[[Session, Actor, Contribution], object]


def accept(session: Session, actor: Actor, one: Contribution) -> object:
    return accept_edit(session, actor=actor, contribution_id=one.id, batch="b")


def decline(session: Session, actor: Actor, one: Contribution) -> object:
    reason = RejectionReason.PERSONAL_DATA
    return reject_edit(session, actor=actor, contribution_id=one.id, reason=reason, text=WHY, batch="b")


def redact(session: Session, actor: Actor, one: Contribution, body: str = "Sin teléfono.") -> object:
    common = {"public_title": "", "public_body": body, "note": "Un teléfono."}
    return redact_contribution(session, actor=actor, contribution_id=one.id, batch="b", **common)  # type: ignore[arg-type]


def uphold(session: Session, actor: Actor, one: Contribution) -> object:
    with clock.set_to(NOON - timedelta(minutes=1)):
        reason = ReportReason.PERSONAL_DATA
        report_contribution(session, actor=make_actor(session), contribution_id=one.id, reason=reason)
    common = {"version": None, "reason": RejectionReason.PERSONAL_DATA, "public_text": WHY, "batch": "b"}
    return uphold_hiding(session, actor=actor, contribution_id=one.id, **common)  # type: ignore[arg-type]


@pytest.fixture
def edited(session: Session) -> Contribution:
    """Shown, changed once in public, and with newer words that wait."""
    one = make_contribution(session, make_topic(session, make_plan(session)), received_at=NOON - timedelta(days=3))
    make_proposal(session, source=one, title=one.title, state=ProposalState.RECEIVED)
    for number in range(2):
        with clock.set_to(NOON - timedelta(days=2 - number)):
            words = {"title": f"Título nuevo {number}", "body": f"Propongo algo muy distinto, número {number}."}
            edit_contribution(session, actor=actor_of(one.person), contribution_id=one.id, version=None, **words)
            if not number:
                accept_edit(session, actor=make_actor(session, Role.MODERATOR), contribution_id=one.id)
    return one


def words_of(session: Session, one: Contribution) -> object:
    """Everything that is said of it anywhere, and since when."""
    session.rollback()
    session.expire_all()
    own = (one.title, one.body, one.public_title, one.public_body, str(one.public_html), one.redaction_note)
    edits = [
        (edit.title, edit.body, str(edit.html), edit.written_at, edit.rejected_at, edit.reason, edit.reason_text)
        for edit in session.scalars(sa.select(PendingEdit))
    ]
    kept = sa.select(Revision.number, Revision.body, Revision.public_title, Revision.public_body, Revision.was_public)
    proposals = [link.proposal.title for link in one.proposal_links]
    return own, one.edited_at, one.text_digest, edits, session.execute(kept).all(), proposals


@pytest.mark.parametrize("act", [accept, decline, redact])
def test_words_come_back_as_they_were(session: Session, edited: Contribution, act: Act) -> None:
    actor, before = make_actor(session, Role.MODERATOR), words_of(session, edited)
    with clock.set_to(NOON):
        act(session, actor, edited)
        assert words_of(session, edited) != before
    with clock.set_to(NOON + UNDO_TIME):
        undo_acts(session, actor=actor, batch="b")
    assert words_of(session, edited) == before
    held = session.scalars(sa.select(OutboxRow.state).where(OutboxRow.hold_key == f"b-{edited.id}"))
    assert held.all() == [OutboxState.CANCELLED]
    assert count_moderation(session, edited.plan).acts.total() == 0


def test_what_a_report_hid_waits_for_a_verdict_again(session: Session, edited: Contribution) -> None:
    actor = make_actor(session, Role.MODERATOR)
    with clock.set_to(NOON):
        uphold(session, actor, edited)
        assert edited.reason_text == WHY
        undo_acts(session, actor=actor, batch="b")
    assert edited.state is ContributionState.HIDDEN
    assert edited.reason_text is not None
    assert edited.reason_text.startswith("Alguien avisó")
    assert session.scalars(sa.select(Report.closed_at)).all() == [None]
    assert count_moderation(session, edited.plan).hidden == {}


def test_a_second_redaction_is_corrected_by_a_third(session: Session, edited: Contribution) -> None:
    actor = make_actor(session, Role.MODERATOR)
    redact(session, actor, edited)
    with writing(session):
        session.execute(sa.delete(ModerationAct).where(ModerationAct.batch == "b"))
    redact(session, actor, edited, body="Tampoco la calle.")
    with pytest.raises(NotFound):
        undo_acts(session, actor=actor, batch="b")
    assert edited.public_body == "Tampoco la calle."


def test_no_record_of_an_act_holds_words(session: Session, edited: Contribution) -> None:
    redact(session, make_actor(session, Role.MODERATOR), edited)
    records = repr(session.scalars(sa.select(ModerationAct.before)).all())
    assert "Propongo" not in records
    assert "Título" not in records


@pytest.mark.parametrize("act", [accept, decline, redact, uphold])
def test_somebody_elses_claim_holds_for_words_too(session: Session, edited: Contribution, act: Act) -> None:
    claim_contribution(session, actor=make_coordinator(session), contribution_id=edited.id)
    with pytest.raises(GuardRefused, match="claimed_by_other"):
        act(session, make_actor(session, Role.MODERATOR), edited)
