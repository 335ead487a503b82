"""What moderators read: one contribution with what surrounds it, who is reading it, and stored texts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from consulta.audit.models import AuditEntry
from consulta.contributions.models import Contribution, ContributionState, Revision
from consulta.contributions.queries import WITH_AUTHOR
from consulta.errors import NotFound
from consulta.moderation.models import Act, Claim, ModerationAct, StaffNote, StoredText
from consulta.moderation.rules import FIRST_TEXTS, ON_WORDS
from consulta.people.models import Person
from consulta.proposals.models import Proposal, ProposalSource

Row = TypeVar("Row", AuditEntry, Revision)
RECENT = 5
# How much of a long history is shown beside its beginning.
LATEST = 10
AROUND = 3
WORDS_MAX = 6
ACCENTED = {sign: f"[{group}]" for group in ("aá", "eé", "ií", "oó", "uúü") for sign in group}

# The acts that were done by somebody who had read what is shown since.
_READING = (
    ModerationAct.contribution_id == Contribution.id,
    ModerationAct.undone_at.is_(None),
    ModerationAct.act.not_in([act for act in ON_WORDS if act is not Act.ACCEPT]),
)


@dataclass(frozen=True)
class Surroundings:
    """What stands beside a reply: the first of its siblings that were before it, and how many they are."""

    siblings: Sequence[Contribution]
    sibling_count: int


@dataclass(frozen=True)
class Ends(Generic[Row]):
    """The first and the latest rows of a history, in order; `omitted` come after the first one."""

    rows: Sequence[Row]
    omitted: int


@dataclass(frozen=True)
class AuthorRecord:
    """What else somebody wrote: how many in each state, and the latest."""

    counts: dict[ContributionState, int]
    latest: Sequence[Contribution]


def find_to_moderate(session: Session, contribution_id: int) -> Contribution:
    """A contribution with what a moderator weighs. Raises NotFound."""
    statement = (
        sa.select(Contribution)
        .where(Contribution.id == contribution_id)
        .options(
            *WITH_AUTHOR,
            joinedload(Contribution.plan),
            joinedload(Contribution.topic),
            joinedload(Contribution.suggested_institution),
            joinedload(Contribution.submission),
            joinedload(Contribution.parent).options(*WITH_AUTHOR),
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
        .options(*WITH_AUTHOR, joinedload(Contribution.topic), joinedload(Contribution.plan))
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
    latest = sa.select(Contribution).where(*before).options(*WITH_AUTHOR)
    rows = session.scalars(latest.order_by(Contribution.received_at.desc(), Contribution.id.desc()).limit(AROUND)).all()
    count = session.scalar(sa.select(sa.func.count()).select_from(Contribution).where(*before)) or 0
    return Surroundings(rows[::-1], count)


def author_record(session: Session, contribution: Contribution) -> AuthorRecord:
    """What else the same author wrote."""
    others = (Contribution.person_id == contribution.person_id, Contribution.id != contribution.id)
    counted = sa.select(Contribution.state, sa.func.count()).where(*others).group_by(Contribution.state)
    latest = sa.select(Contribution).where(*others).order_by(Contribution.received_at.desc(), Contribution.id.desc())
    return AuthorRecord(dict(session.execute(counted).all()), session.scalars(latest.limit(RECENT)).all())


def read_audit(session: Session, contribution: Contribution) -> Ends[AuditEntry]:
    """What was done to a contribution."""
    return _ends(session, AuditEntry, AuditEntry.object_type == "contribution", AuditEntry.object_id == contribution.id)


def read_revisions(session: Session, contribution: Contribution) -> Ends[Revision]:
    """What a contribution said before."""
    return _ends(session, Revision, Revision.contribution_id == contribution.id)


def _ends(session: Session, model: type[Row], *where: sa.ColumnElement[bool]) -> Ends[Row]:
    """The first and the latest of what may be without end. Two queries."""
    ids = sa.select(model.id).where(*where)
    first, latest = ids.order_by(model.id).limit(1), ids.order_by(model.id.desc()).limit(LATEST)
    shown = sa.or_(*(model.id.in_(sa.select(part.subquery().c.id)) for part in (first, latest)))
    rows = session.scalars(sa.select(model).where(shown).order_by(model.id)).all()
    count = session.scalar(sa.select(sa.func.count()).select_from(ids.subquery())) or 0
    return Ends(rows, count - len(rows))


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


def mentions(typed: str) -> sa.ColumnElement[bool]:
    """Whether a contribution has every word in its public text or in the name of its author, whatever the accents; or
    belongs to the proposal whose folio was typed. What was taken out of a text is not found."""
    name = sa.select(Person.public_name).where(Person.id == Contribution.person_id).scalar_subquery()
    fields = (Contribution.public_title, Contribution.public_body, name)
    words = [_pattern(word) for word in typed.split()[:WORDS_MAX]]
    every = [sa.or_(*(field.regexp_match(word) for field in fields)) for word in words]
    of_folio = (
        sa.select(ProposalSource.id)
        .join(Proposal, Proposal.id == ProposalSource.proposal_id)
        .where(
            Proposal.folio == typed.strip().upper(),
            ProposalSource.contribution_id == sa.func.coalesce(Contribution.root_id, Contribution.id),
        )
    )
    return sa.or_(sa.and_(*every), of_folio.exists())


def _pattern(word: str) -> str:
    """What finds a word with other accents and capitals; as every engine reads it."""
    return "(?i)" + "".join(ACCENTED.get(sign, sign if sign.isalnum() else f"\\{sign}") for sign in word.lower())


def edited_since_review() -> sa.ScalarSelect[datetime]:
    """When its author first changed what somebody had read; null where nobody has read it, or nothing changed."""
    reviewed = sa.select(sa.func.max(ModerationAct.done_at)).where(*_READING).correlate(Contribution)
    edited = sa.select(sa.func.min(Revision.replaced_at)).where(
        Revision.contribution_id == Contribution.id, Revision.replaced_at > reviewed.scalar_subquery()
    )
    return edited.correlate(Contribution).scalar_subquery()


def is_reviewed() -> sa.ColumnElement[bool]:
    """Whether somebody has read it, and its words are still those."""
    return sa.and_(sa.select(ModerationAct.id).where(*_READING).exists(), edited_since_review().is_(None))


def has_open_appeal() -> sa.ColumnElement[bool]:
    """Whether its author asked that what was rejected or hidden be read again, and nobody has answered yet."""
    answered = sa.select(ModerationAct.id).where(
        ModerationAct.contribution_id == Contribution.id,
        ModerationAct.undone_at.is_(None),
        ModerationAct.act.in_((Act.HIDE, Act.REPORT)),
        ModerationAct.done_at > Contribution.appealed_at,
    )
    hidden = sa.and_(Contribution.state == ContributionState.HIDDEN, ~answered.exists())
    waits = sa.or_(Contribution.state == ContributionState.PENDING, hidden)
    return sa.and_(Contribution.appealed_at.is_not(None), waits)


def waits_for_answer(session: Session, contribution: Contribution) -> bool:
    """Whether a contribution waits for the answer to an appeal."""
    asked = sa.select(Contribution.id).where(Contribution.id == contribution.id, has_open_appeal())
    return session.scalar(asked) is not None


def was_kept(session: Session, batch: str) -> bool:
    """Whether there is an act of this name, which can be taken back for some seconds."""
    return session.scalar(sa.select(ModerationAct.id).where(ModerationAct.batch == batch).limit(1)) is not None


def stored_texts(session: Session) -> dict[str, str]:
    """The wording for each reason: the team's own, else the one that comes with the site."""
    return {**FIRST_TEXTS, **dict(session.execute(sa.select(StoredText.code, StoredText.text)).all())}


def find_stored_text(session: Session, code: str) -> StoredText:
    """A stored text; one that nobody wrote is there in its first wording, as version 0. Raises NotFound."""
    if code not in FIRST_TEXTS:
        raise NotFound("StoredText", code)
    found = session.scalars(sa.select(StoredText).where(StoredText.code == code)).one_or_none()
    return found or StoredText(code=code, text=FIRST_TEXTS[code], version=0)
