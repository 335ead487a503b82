"""Putting words back as they were before an act of some seconds ago: from what was received, and from what was kept of
earlier words. The record of an act never holds words."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from consulta.changes import Change
from consulta.contributions.holding import Written
from consulta.contributions.models import Contribution, PendingEdit, Revision
from consulta.contributions.revisions import own_edit_of
from consulta.moderation.models import Act, ModerationAct
from consulta.proposals.models import Proposal
from consulta.text import sanitize


def shows_what_was_received(contribution: Contribution) -> bool:
    """Whether everybody reads what came, word for word."""
    shown = (contribution.public_title, contribution.public_body)
    return contribution.redaction_note is None and shown == (contribution.title, contribution.body)


def put_words_back(
    change: Change, contribution: Contribution, proposals: Sequence[Proposal], act: ModerationAct
) -> None:
    """What an act changed in the words, as it was before; nothing for an act that changes none."""
    match act.act:
        case Act.ACCEPT:
            _unpublish_edit(change, contribution, proposals, act)
        case Act.DECLINE:
            _wait_again(change, contribution)
        case Act.REDACT:
            _show(contribution, proposals, contribution.title, contribution.body)
            contribution.redaction_note = None
            _show_revisions(change, contribution)
            if act.before["had_edit"]:
                _wait_again(change, contribution)


def _unpublish_edit(
    change: Change, contribution: Contribution, proposals: Sequence[Proposal], act: ModerationAct
) -> None:
    """The new words wait again, and those that they replaced are shown."""
    latest = sa.select(Revision).where(Revision.contribution_id == contribution.id).order_by(Revision.number.desc())
    earlier = change.session.scalars(latest.limit(1)).one()
    change.session.add(
        PendingEdit(
            contribution_id=contribution.id,
            title=contribution.title,
            body=contribution.body,
            html=contribution.public_html,
            written_at=datetime.fromisoformat(act.before["written_at"]),
        )
    )
    if earlier.public_body is None:
        _show(contribution, proposals, earlier.title, earlier.body)
    else:
        _show(contribution, proposals, earlier.public_title, earlier.public_body)
    contribution.title, contribution.body = earlier.title, earlier.body
    contribution.text_digest = Written(earlier.title or "", earlier.body, contribution.is_reply).digest
    edited_at = act.before["edited_at"]
    contribution.edited_at = datetime.fromisoformat(edited_at) if edited_at else None
    change.session.delete(earlier)


def _wait_again(change: Change, contribution: Contribution) -> None:
    edit = own_edit_of(change.session, contribution.id)
    if edit is not None:
        edit.rejected_at = edit.reason = edit.reason_text = None


def _show(contribution: Contribution, proposals: Sequence[Proposal], title: str | None, body: str) -> None:
    for proposal in proposals:
        if proposal.title == contribution.public_title:
            proposal.title = title
    contribution.public_title, contribution.public_body, contribution.public_html = title, body, sanitize(body)


def _show_revisions(change: Change, contribution: Contribution) -> None:
    """Nothing had been taken out of the earlier words before: they are those that were received."""
    change.session.execute(
        sa.update(Revision)
        .where(Revision.contribution_id == contribution.id, Revision.was_public)
        .values(public_title=Revision.title, public_body=Revision.body),
        execution_options={"synchronize_session": False},
    )
