"""What a contribution said before: kept at each change, and read by everybody where it was public."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import Change
from consulta.contributions.differences import Piece, differences
from consulta.contributions.models import Contribution, ContributionState, PendingEdit, RejectionReason, Revision
from consulta.contributions.queries import WITH_AUTHOR
from consulta.contributions.rules import REDACTED_MEANWHILE_TEXT
from consulta.errors import NotFound

CHANGES_PAGE = 10


@dataclass(frozen=True)
class PublicChange:
    """One public change; `title` and `body` are None when the team took personal data out of what it replaced."""

    at: datetime
    title: Sequence[Piece] | None
    body: Sequence[Piece] | None


def keep_revision(change: Change, contribution: Contribution, *, is_public: bool) -> None:
    """Keep the present words before they are replaced; `is_public`: for everybody to compare with the next."""
    number = sa.select(sa.func.coalesce(sa.func.max(Revision.number), 0)).where(
        Revision.contribution_id == contribution.id
    )
    change.session.add(
        Revision(
            contribution_id=contribution.id,
            number=(change.session.scalar(number) or 0) + 1,
            title=contribution.title,
            body=contribution.body,
            was_public=is_public,
            public_title=contribution.public_title if is_public else None,
            public_body=contribution.public_body if is_public else None,
            replaced_at=change.now,
        )
    )
    change.session.flush()


def withhold_revisions(change: Change, contribution: Contribution) -> None:
    """After a redaction: no earlier public words are shown any more, and an edit that waits has to be written again.

    Which of them hold what was taken out nobody has looked at, so none is trusted.
    """
    change.session.execute(
        sa.update(Revision)
        .where(Revision.contribution_id == contribution.id, Revision.was_public)
        .values(public_title=None, public_body=None),
        execution_options={"synchronize_session": False},
    )
    edit = pending_edit_of(change.session, contribution.id)
    if edit is not None:
        close_edit(change, edit, RejectionReason.PERSONAL_DATA, REDACTED_MEANWHILE_TEXT)


def close_edit(change: Change, edit: PendingEdit, reason: RejectionReason, text: str) -> None:
    """End the wait of an edit that is not published; its author keeps the words and reads why."""
    edit.rejected_at, edit.reason, edit.reason_text = change.now, reason, text
    change.record("contribution.edit_reject", edit.contribution, reason=text)
    change.mail("edit_rejected", contribution_id=edit.contribution_id)


def pending_edit_of(session: Session, contribution_id: int) -> PendingEdit | None:
    """The edit of a contribution that waits for moderation."""
    edit = own_edit_of(session, contribution_id)
    return edit if edit is not None and edit.rejected_at is None else None


def own_edit_of(session: Session, contribution_id: int) -> PendingEdit | None:
    """The edit that waits, or that was not published, as its author sees it."""
    return session.scalars(sa.select(PendingEdit).where(PendingEdit.contribution_id == contribution_id)).one_or_none()


def find_changed(session: Session, contribution_id: int) -> Contribution:
    """A contribution whose words are public and were edited in public. Raises NotFound."""
    contribution = session.get(Contribution, contribution_id, options=WITH_AUTHOR)
    if contribution is None or contribution.state is not ContributionState.PUBLISHED or contribution.edited_at is None:
        raise NotFound("Contribution", contribution_id)
    return contribution


def public_changes(
    session: Session, contribution: Contribution, after: int | None = None
) -> tuple[list[PublicChange], int | None]:
    """The public changes, the newest first, and where the next page begins; `after` is where the page before ended."""
    statement = (
        sa.select(Revision)
        .where(Revision.contribution_id == contribution.id, Revision.was_public)
        .order_by(Revision.number.desc())
        .limit(CHANGES_PAGE + 2)
    )
    newer: Contribution | Revision = contribution
    if after is not None:
        statement = statement.where(Revision.number <= after)
    rows = list(session.scalars(statement))
    if after is not None:
        if not rows or rows[0].number != after:
            raise NotFound("Page", after)
        newer = rows.pop(0)
    changes = []
    for row in rows[:CHANGES_PAGE]:
        changes.append(_compare(row, newer))
        newer = row
    following = rows[CHANGES_PAGE - 1].number if len(rows) > CHANGES_PAGE else None
    return changes, following


def _compare(older: Revision, newer: Contribution | Revision) -> PublicChange:
    if older.public_body is None or newer.public_body is None:
        return PublicChange(older.replaced_at, None, None)
    title = differences(older.public_title or "", newer.public_title or "")
    return PublicChange(older.replaced_at, title, differences(older.public_body, newer.public_body))
