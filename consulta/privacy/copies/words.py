"""What a person wrote and what became of it: as received, as everybody reads it, its steps and who has it now.

Of others it names nobody: who answered is a link, and who moderated is the team.
"""

from collections.abc import Iterator
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from consulta.audit.models import AuditEntry
from consulta.contributions.models import Contribution, PendingEdit, Revision, Submission
from consulta.decisions.models import Decision
from consulta.guests.models import TrackingCode
from consulta.messages.links import Site
from consulta.people.models import Institution
from consulta.plans.models import Plan, Topic
from consulta.privacy.copies.rows import Beside, Item, items, stream
from consulta.privacy.copies.telling import STEPS, UNDO, tell, tell_steps, tell_turn
from consulta.proposals.models import Proposal, ProposalSource
from consulta.proposals.standing import Standings, find_standings

_MINE = Contribution.person_id == sa.bindparam("person_id")
_IDS = sa.select(Contribution.id).where(_MINE)
_suggested, _organization = aliased(Institution), aliased(Institution)
_WORDS = (
    sa.select(
        Contribution.id,
        Contribution.plan_id,
        Plan.code.label("plan"),
        Topic.code.label("topic_code"),
        Topic.name.label("topic_name"),
        Contribution.parent_id,
        Contribution.channel,
        Submission.folio.label("submission"),
        Contribution.received_at,
        Contribution.late,
        Contribution.late_reason,
        Contribution.title,
        Contribution.body,
        sa.func.coalesce(_suggested.name, Contribution.suggested_institution_text).label("suggested_institution"),
        _organization.name.label("on_behalf_of"),
        Contribution.public_title,
        Contribution.public_body,
        Contribution.redaction_note,
        Contribution.state,
        Contribution.reason,
        Contribution.reason_text,
        Contribution.complete_by,
        Contribution.appeal,
        Contribution.appealed_at,
        Contribution.edited_at,
        Contribution.published_at,
        Contribution.support_count,
        Contribution.reply_count,
        Contribution.provenance_note,
        Contribution.address_prefix,
        Contribution.external_ref,
        PendingEdit.title.label("edit_title"),
        PendingEdit.body.label("edit_body"),
        PendingEdit.written_at.label("edit_written_at"),
        PendingEdit.rejected_at.label("edit_rejected_at"),
        PendingEdit.reason.label("edit_reason"),
        PendingEdit.reason_text.label("edit_reason_text"),
        TrackingCode.issued_at.label("code_issued_at"),
    )
    .join(Plan, Plan.id == Contribution.plan_id)
    .outerjoin(Topic, Topic.id == Contribution.topic_id)
    .outerjoin(Submission, Submission.id == Contribution.submission_id)
    .outerjoin(_suggested, _suggested.id == Contribution.suggested_institution_id)
    .outerjoin(_organization, _organization.id == Contribution.organization_id)
    .outerjoin(PendingEdit, PendingEdit.contribution_id == Contribution.id)
    .outerjoin(TrackingCode, TrackingCode.contribution_id == Contribution.id)
    .where(_MINE)
    .order_by(Contribution.id)
)
_PLACES = (
    sa.select(Contribution.id, Contribution.plan_id, Plan.results_published_at)
    .join(Plan, Plan.id == Contribution.plan_id)
    .where(_MINE)
    .order_by(Contribution.id)
)
_REVISIONS = (
    sa.select(
        Revision.contribution_id,
        Revision.number,
        Revision.title,
        Revision.body,
        Revision.was_public,
        Revision.replaced_at,
    )
    .where(Revision.contribution_id.in_(_IDS))
    .order_by(Revision.contribution_id, Revision.number)
)
_ENTRIES = (
    sa.select(
        AuditEntry.object_id,
        AuditEntry.at,
        AuditEntry.act,
        AuditEntry.from_state,
        AuditEntry.to_state,
        AuditEntry.reason,
        AuditEntry.detail,
    )
    .where(
        AuditEntry.object_type == Contribution.__tablename__,
        AuditEntry.object_id.in_(_IDS),
        AuditEntry.act.in_((*STEPS, UNDO)),
    )
    .order_by(AuditEntry.object_id, AuditEntry.id)
)
# A joined proposal shares the decision of the main one.
_DECISIONS = (
    sa.select(
        ProposalSource.contribution_id,
        Proposal.id.label("proposal_id"),
        Decision.outcome,
        Decision.reasons,
        Decision.reason_detail,
        Decision.justification,
        Decision.decided_at,
    )
    .join(Proposal, Proposal.id == ProposalSource.proposal_id)
    .join(Plan, Plan.id == Proposal.plan_id)
    .join(Decision, Decision.proposal_id == sa.func.coalesce(Proposal.main_proposal_id, Proposal.id))
    .where(
        ProposalSource.contribution_id.in_(_IDS),
        Decision.superseded_at.is_(None),
        Plan.results_published_at.is_not(None),
    )
    .order_by(ProposalSource.contribution_id, Proposal.id)
)
_SUBMISSIONS = (
    sa.select(
        Submission.folio,
        Plan.code.label("plan"),
        Submission.channel,
        Submission.received_on,
        Submission.received_by_role,
        Submission.place,
        Submission.registered_at,
        Submission.external_ref,
    )
    .join(Plan, Plan.id == Submission.plan_id)
    .where(Submission.person_id == sa.bindparam("person_id"))
    .order_by(Submission.id)
)


def contributions(session: Session, person_id: int, site: Site, today: date) -> Iterator[Item]:
    """Each contribution with all that is told of it, the oldest first."""
    standings = _standings(session, person_id, today)

    def beside(statement: sa.Executable) -> Beside:
        return Beside(stream(session, statement, person_id), lambda row: int(row[0]))

    revisions, entries, decisions = beside(_REVISIONS), beside(_ENTRIES), beside(_DECISIONS)
    for row in stream(session, _WORDS, person_id):
        found = standings[row.plan_id]
        turn = found.turn(row.id, row.state, row.complete_by, today=today)
        yield {
            **tell(row, found.of(row.id), decisions.of(row.id), site),
            "with": tell_turn(turn),
            "steps": list(tell_steps(entries.of(row.id))),
            "revisions": [dict(revision._mapping) for revision in revisions.of(row.id)],
        }


def submissions(session: Session, person_id: int) -> Iterator[Item]:
    """Letters and acts that brought several proposals of this person."""
    return items(session, _SUBMISSIONS, person_id)


def _standings(session: Session, person_id: int, today: date) -> dict[int, Standings]:
    """By plan, where everything stands."""
    keys: dict[tuple[int, bool], list[int]] = {}
    for row in stream(session, _PLACES, person_id):
        keys.setdefault((row.plan_id, row.results_published_at is not None), []).append(row.id)
    return {
        plan_id: find_standings(session, ids, has_results=has_results, today=today)
        for (plan_id, has_results), ids in keys.items()
    }
