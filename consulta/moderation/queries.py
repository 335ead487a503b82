"""What moderators read: the trays, one contribution with what surrounds it, who is reading it, and stored texts."""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from consulta.audit.models import AuditEntry
from consulta.contributions.models import Channel, Contribution, ContributionState, PendingEdit, Report, ReportState
from consulta.contributions.queries import Page, page_of
from consulta.errors import NotFound
from consulta.keys import read_place
from consulta.moderation.models import Claim, ModerationAct, StaffNote, StoredText
from consulta.moderation.rules import FIRST_TEXTS
from consulta.plans.models import Moderation, Topic
from consulta.proposals.models import ProposalSource

TRAY_PAGE = 25
RECENT = 5
AROUND = 3
# Where a report has something to say: what is shown, and what it has hidden.
REPORTABLE = (ContributionState.PUBLISHED, ContributionState.HIDDEN)


class Tray(enum.Enum):
    """What the moderation tray shows; each has its part of the address."""

    PENDING = "en-revision"
    REPORTED = "denunciados"
    EDITED = "textos-nuevos"
    UNREVIEWED = "publicados-sin-revisar"
    APPEALED = "reclamados"
    OBSERVED = "en-subsanacion"
    ALL = "todos"


@dataclass(frozen=True)
class Surroundings:
    """What stands beside a reply: the first of its siblings that were before it, and how many they are."""

    siblings: Sequence[Contribution]
    sibling_count: int


@dataclass(frozen=True)
class AuthorRecord:
    """What else somebody wrote: how many in each state, and the latest."""

    counts: dict[ContributionState, int]
    latest: Sequence[Contribution]


def list_tray(
    session: Session, tray: Tray, *, topic_id: int | None = None, cursor: str = "", size: int = TRAY_PAGE
) -> Page:
    """Contributions to moderate, the oldest first."""
    statement = (
        sa.select(Contribution)
        .where(*_in_tray(tray, topic_id))
        .options(joinedload(Contribution.person), joinedload(Contribution.topic), joinedload(Contribution.plan))
        .order_by(Contribution.received_at, Contribution.id)
        .limit(size + 1)
    )
    if cursor:
        at, key = read_place(cursor)
        statement = statement.where(
            sa.or_(Contribution.received_at > at, sa.and_(Contribution.received_at == at, Contribution.id > key))
        )
    return page_of(session.scalars(statement).all(), size, "received_at")


def count_trays(session: Session, topic_id: int | None = None) -> dict[Tray, int]:
    """How many stand in each tray. One query."""
    columns = [
        sa.select(sa.func.count()).select_from(Contribution).where(*_in_tray(tray, topic_id)).scalar_subquery()
        for tray in Tray
    ]
    return dict(zip(Tray, map(int, session.execute(sa.select(*columns)).one()), strict=True))


def next_to_read(
    session: Session,
    tray: Tray,
    *,
    person_id: int | None,
    now: datetime,
    topic_id: int | None = None,
    after: Contribution | None = None,
) -> int | None:
    """The one that has waited longest and that nobody else is reading; behind `after` when there is one there."""
    others = sa.select(Claim.contribution_id).where(Claim.ends_at > now, Claim.person_id != person_id)
    statement = (
        sa.select(Contribution.id)
        .where(*_in_tray(tray, topic_id), Contribution.id.not_in(others))
        .order_by(Contribution.received_at, Contribution.id)
        .limit(1)
    )
    if after is not None:
        statement = statement.where(Contribution.id != after.id)
        place = sa.or_(
            Contribution.received_at > after.received_at,
            sa.and_(Contribution.received_at == after.received_at, Contribution.id > after.id),
        )
        found = session.scalar(statement.where(place))
        if found is not None:
            return found
    return session.scalar(statement)


def _in_tray(tray: Tray, topic_id: int | None) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [] if topic_id is None else [Contribution.topic_id == topic_id]
    pending = Contribution.state == ContributionState.PENDING
    match tray:
        case Tray.PENDING:
            conditions.append(pending)
        case Tray.REPORTED:
            conditions += [Contribution.state.in_(REPORTABLE), is_reported()]
        case Tray.EDITED:
            waiting = sa.select(PendingEdit.contribution_id).where(PendingEdit.rejected_at.is_(None))
            conditions += [Contribution.state == ContributionState.PUBLISHED, Contribution.id.in_(waiting)]
        case Tray.UNREVIEWED:
            conditions += [Contribution.state == ContributionState.PUBLISHED, _is_unreviewed()]
        case Tray.OBSERVED:
            conditions.append(Contribution.state == ContributionState.OBSERVED)
        case Tray.APPEALED:
            conditions += [pending, Contribution.appealed_at.is_not(None)]
        case Tray.ALL:
            conditions.append(sa.true())
    return conditions


def _is_unreviewed() -> sa.ColumnElement[bool]:
    """Shown without anybody having read it, as topics that are moderated afterwards do."""
    afterwards = sa.select(Topic.id).where(Topic.moderation == Moderation.AFTER)
    reviewed = sa.select(ModerationAct.id).where(
        ModerationAct.contribution_id == Contribution.id, ModerationAct.undone_at.is_(None)
    )
    return sa.and_(Contribution.channel == Channel.WEB, Contribution.topic_id.in_(afterwards), ~reviewed.exists())


def is_reported() -> sa.ColumnElement[bool]:
    """Whether a contribution has reports that nobody has read."""
    return (
        sa.select(Report.id)
        .where(Report.contribution_id == Contribution.id, Report.state == ReportState.OPEN)
        .correlate(Contribution)
        .exists()
    )


def is_unreviewed(session: Session, contribution: Contribution) -> bool:
    """Whether a published contribution still waits to be read."""
    statement = sa.select(Contribution.id).where(
        Contribution.id == contribution.id, *_in_tray(Tray.UNREVIEWED, contribution.topic_id)
    )
    return session.scalar(statement) is not None


def find_to_moderate(session: Session, contribution_id: int) -> Contribution:
    """A contribution with what a moderator weighs. Raises NotFound."""
    statement = (
        sa.select(Contribution)
        .where(Contribution.id == contribution_id)
        .options(
            joinedload(Contribution.person),
            joinedload(Contribution.plan),
            joinedload(Contribution.topic),
            joinedload(Contribution.suggested_institution),
            joinedload(Contribution.submission),
            joinedload(Contribution.parent).joinedload(Contribution.person),
            selectinload(Contribution.revisions),
            selectinload(Contribution.proposal_links).joinedload(ProposalSource.proposal),
        )
    )
    contribution = session.scalars(statement).one_or_none()
    if contribution is None:
        raise NotFound("Contribution", contribution_id)
    return contribution


def find_many(session: Session, ids: Collection[int]) -> list[Contribution]:
    """Contributions in the order of the tray; unknown ids are left out."""
    statement = (
        sa.select(Contribution)
        .where(Contribution.id.in_(ids))
        .options(joinedload(Contribution.person), joinedload(Contribution.topic), joinedload(Contribution.plan))
        .order_by(Contribution.received_at, Contribution.id)
    )
    return list(session.scalars(statement))


def look_around(session: Session, contribution: Contribution) -> Surroundings | None:
    """What others answered to the same before it; None for what is not a reply."""
    if contribution.parent_id is None:
        return None
    before = (
        Contribution.parent_id == contribution.parent_id,
        Contribution.id != contribution.id,
        Contribution.received_at <= contribution.received_at,
        Contribution.state == ContributionState.PUBLISHED,
    )
    latest = sa.select(Contribution).where(*before).options(joinedload(Contribution.person))
    rows = session.scalars(latest.order_by(Contribution.received_at.desc(), Contribution.id.desc()).limit(AROUND)).all()
    count = session.scalar(sa.select(sa.func.count()).select_from(Contribution).where(*before)) or 0
    return Surroundings(rows[::-1], count)


def author_record(session: Session, contribution: Contribution) -> AuthorRecord:
    """What else the same author wrote."""
    others = (Contribution.person_id == contribution.person_id, Contribution.id != contribution.id)
    counted = sa.select(Contribution.state, sa.func.count()).where(*others).group_by(Contribution.state)
    latest = sa.select(Contribution).where(*others).order_by(Contribution.received_at.desc(), Contribution.id.desc())
    return AuthorRecord(dict(session.execute(counted).all()), session.scalars(latest.limit(RECENT)).all())


def list_audit(session: Session, contribution: Contribution) -> Sequence[AuditEntry]:
    """What was done to a contribution, in order."""
    statement = sa.select(AuditEntry).where(
        AuditEntry.object_type == "contribution", AuditEntry.object_id == contribution.id
    )
    return session.scalars(statement.order_by(AuditEntry.id)).all()


def live_claim(session: Session, contribution_id: int, now: datetime) -> Claim | None:
    """Who is reading it at this moment."""
    statement = sa.select(Claim).where(Claim.contribution_id == contribution_id, Claim.ends_at > now)
    return session.scalars(statement.options(joinedload(Claim.person))).one_or_none()


def live_claims(session: Session, ids: Collection[int], now: datetime) -> dict[int, Claim]:
    """Who is reading which of some contributions."""
    if not ids:
        return {}
    statement = sa.select(Claim).where(Claim.contribution_id.in_(ids), Claim.ends_at > now)
    claims = session.scalars(statement.options(joinedload(Claim.person)))
    return {claim.contribution_id: claim for claim in claims}


def list_notes(session: Session, contribution_id: int) -> Sequence[StaffNote]:
    """The team's notes on a contribution, in order."""
    statement = sa.select(StaffNote).where(StaffNote.contribution_id == contribution_id)
    return session.scalars(statement.options(joinedload(StaffNote.person)).order_by(StaffNote.id)).all()


def stored_texts(session: Session) -> dict[str, str]:
    """The wording for each reason: the team's own, else the one that comes with the site."""
    return {**FIRST_TEXTS, **dict(session.execute(sa.select(StoredText.code, StoredText.text)).all())}


def find_stored_text(session: Session, code: str) -> StoredText:
    """A stored text; one that nobody wrote is there in its first wording, as version 0. Raises NotFound."""
    if code not in FIRST_TEXTS:
        raise NotFound("StoredText", code)
    found = session.scalars(sa.select(StoredText).where(StoredText.code == code)).one_or_none()
    return found or StoredText(code=code, text=FIRST_TEXTS[code], version=0)


def topics_in_tray(session: Session, tray: Tray) -> Sequence[Topic]:
    """The topics that have something there, by plan and order."""
    there = sa.select(Contribution.topic_id).where(*_in_tray(tray, None))
    statement = sa.select(Topic).where(Topic.id.in_(there)).options(joinedload(Topic.plan))
    return session.scalars(statement.order_by(Topic.plan_id.desc(), Topic.position)).all()
