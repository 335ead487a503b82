"""What becomes of the words of who is erased: of each contribution, its versions, and the proposals made of it."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa

from consulta.changes import Change
from consulta.contributions.models import Contribution, ContributionState, Report, Revision
from consulta.contributions.moderation import lock_in_order
from consulta.plans.models import Plan
from consulta.privacy.rules import ERASED_TEXT, Scrubber
from consulta.privacy.subjects import Subject
from consulta.proposals.models import Proposal, ProposalSource
from consulta.proposals.moves import refresh
from consulta.text import sanitize

# Words of others about the texts of the person.
NOTES = ("redaction_note", "reason_text", "late_reason", "provenance_note")


def reword(change: Change, subject: Subject, chosen: Collection[int], scrubber: Scrubber) -> None:
    """Leave of every text what is public and speaks of nobody; `chosen` are those that the person has replaced."""
    contributions = list(lock_in_order(change, subject.contributions).values())
    former = {}
    for contribution in contributions:
        former[contribution.id] = contribution.public_title
        is_kept = contribution.state is ContributionState.PUBLISHED and contribution.id not in chosen
        _reword(contribution, scrubber, is_kept=is_kept)
        _reword_versions(change, contribution, scrubber, is_kept=is_kept)
        for name in NOTES:
            if scrubber.touches(text := getattr(contribution, name)):
                setattr(contribution, name, scrubber.scrub(text))
        contribution.version += 1
        change.stale(contribution.plan, contribution.topic)
    change.session.flush()
    for proposal in _fed(change, subject.contributions):
        _reword_proposal(proposal, former, scrubber)
        proposal.version += 1
        refresh(change, proposal)
    _scrub_reports(change, subject.contributions, scrubber)
    _renew_totals(change, contributions)


def is_erased(text: str | None) -> bool:
    """Whether a text was replaced at the wish of who wrote it."""
    return text == ERASED_TEXT


def _reword(contribution: Contribution, scrubber: Scrubber, *, is_kept: bool) -> None:
    title, body = contribution.public_title, contribution.public_body
    if is_kept:
        title, body = scrubber.scrub(title) if title else None, scrubber.scrub(body)
    else:
        title, body = None, ERASED_TEXT
    if body != contribution.public_body:
        contribution.public_html = sanitize(body)
    contribution.title = contribution.public_title = title
    contribution.body = contribution.public_body = body


def _reword_versions(change: Change, contribution: Contribution, scrubber: Scrubber, *, is_kept: bool) -> None:
    versions = sa.select(Revision).where(Revision.contribution_id == contribution.id)
    for version in change.session.scalars(versions):
        if is_kept and version.was_public and version.public_body is not None:
            version.public_title = scrubber.scrub(version.public_title) if version.public_title else None
            version.public_body = scrubber.scrub(version.public_body)
            version.title, version.body = version.public_title, version.public_body
        else:
            version.title, version.body = None, ERASED_TEXT
            version.public_title = version.public_body = None


def _fed(change: Change, ids: Collection[int]) -> Iterable[Proposal]:
    """The proposals made of them, which are locked by now."""
    made = sa.select(ProposalSource.proposal_id).where(ProposalSource.contribution_id.in_(ids))
    return change.session.scalars(sa.select(Proposal).where(Proposal.id.in_(made)).order_by(Proposal.id)).all()


def _reword_proposal(proposal: Proposal, former: dict[int, str | None], scrubber: Scrubber) -> None:
    """Its title and summary are words of its sources: they go with the last of them, and lose what is personal."""
    sources = proposal.sources
    if all(is_erased(source.public_body) for source in sources):
        proposal.title, proposal.summary = None, ERASED_TEXT if proposal.summary else None
        return
    copied = next((one for one in sources if one.id in former and former[one.id] == proposal.title), None)
    if copied is not None:
        proposal.title = copied.public_title
    elif proposal.title:
        proposal.title = scrubber.scrub(proposal.title)
    if proposal.summary:
        proposal.summary = scrubber.scrub(proposal.summary)


def _scrub_reports(change: Change, ids: Collection[int], scrubber: Scrubber) -> None:
    """What others said when they reported a text may quote it."""
    for report in change.session.scalars(sa.select(Report).where(Report.contribution_id.in_(ids))):
        if scrubber.touches(report.note):
            report.note = scrubber.scrub(report.note or "")


def _renew_totals(change: Change, contributions: Iterable[Contribution]) -> None:
    """Who took part is told in totals of each plan."""
    for plan_id in sorted({one.plan_id for one in contributions}):
        change.stale(change.session.get_one(Plan, plan_id), frame=True)
