"""The trays of moderators: what stands in each, since when, why, and what comes next for whom."""

import enum
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from consulta.contributions.models import (
    Channel,
    Contribution,
    ContributionState,
    HeldFor,
    PendingEdit,
    Report,
    ReportReason,
    ReportState,
)
from consulta.contributions.queries import WITH_AUTHOR
from consulta.database import table_of
from consulta.keys import place_after, read_place
from consulta.moderation.models import Claim
from consulta.moderation.queries import edited_since_review, has_open_appeal, is_reviewed, mentions
from consulta.moderation.rules import BATCH_MAX
from consulta.plans.models import Moderation, Topic

TRAY_PAGE = 25
# Where a report has something to say: what is shown, and what it has hidden.
REPORTABLE = (ContributionState.PUBLISHED, ContributionState.HIDDEN)
Condition = sa.ColumnElement[bool]


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
class Selection:
    """A tray, and what of it: of one topic, there for one reason, with the text of another one, of one author, or with
    some words."""

    tray: Tray = Tray.PENDING
    topic_id: int | None = None
    why: HeldFor | ReportReason | None = None
    same_as: int | None = None
    person_id: int | None = None
    words: str = ""

    @property
    def is_part(self) -> bool:
        return self != Selection(self.tray)

    @property
    def size(self) -> int:
        """Rows of a page: as many of one campaign as an act on several takes."""
        return TRAY_PAGE if self.same_as is None and self.person_id is None else BATCH_MAX


@dataclass(frozen=True)
class Waiting:
    """One row of a tray, and since when it waits there."""

    contribution: Contribution
    since: datetime


@dataclass(frozen=True)
class TrayPage:
    rows: Sequence[Waiting]
    following: str | None


Place = tuple[datetime, int]


def list_tray(session: Session, chosen: Selection, *, cursor: str = "") -> TrayPage:
    """What waits there, the longest first. Raises NotFound for a cursor that nobody gave."""
    since = _since(chosen.tray)
    statement = (
        sa.select(Contribution, since)
        .where(*_chosen(chosen))
        .options(*WITH_AUTHOR, joinedload(Contribution.topic), joinedload(Contribution.plan))
        .order_by(since, Contribution.id)
        .limit(chosen.size + 1)
    )
    if cursor:
        statement = statement.where(_behind(since, read_place(cursor)))
    rows = [Waiting(contribution, at) for contribution, at in session.execute(statement)]
    if len(rows) <= chosen.size:
        return TrayPage(rows, None)
    last = rows[chosen.size - 1]
    return TrayPage(rows[: chosen.size], place_after(last.since, last.contribution.id))


def count_chosen(session: Session, chosen: Selection) -> int:
    """How many stand in a part of a tray."""
    return session.scalar(sa.select(sa.func.count()).select_from(Contribution).where(*_chosen(chosen))) or 0


def count_trays(session: Session) -> dict[Tray, int]:
    """How many stand in each tray. One query."""
    columns = [
        sa.select(sa.func.count()).select_from(Contribution).where(*_chosen(Selection(tray))).scalar_subquery()
        for tray in Tray
    ]
    return dict(zip(Tray, map(int, session.execute(sa.select(*columns)).one()), strict=True))


def topics_in_tray(session: Session, tray: Tray) -> Sequence[Topic]:
    """The topics that have something there, by plan and order."""
    there = sa.select(Contribution.topic_id).where(*_chosen(Selection(tray)))
    statement = sa.select(Topic).where(Topic.id.in_(there)).options(joinedload(Topic.plan))
    return session.scalars(statement.order_by(Topic.plan_id.desc(), Topic.position)).all()


def reasons_in_tray(session: Session, tray: Tray) -> Counter[HeldFor | ReportReason]:
    """Why things are in a tray, and how many for each reason; only of trays that have reasons."""
    found: Counter[HeldFor | ReportReason] = Counter()
    if tray is Tray.REPORTED:
        reported = sa.select(Report.reason, sa.func.count(sa.distinct(Report.contribution_id)))
        said = reported.join(Report.contribution).where(Report.state == ReportState.OPEN, *_chosen(Selection(tray)))
        for reason, count in session.execute(said.group_by(Report.reason)):
            found[reason] += count
    elif tray in (Tray.PENDING, Tray.APPEALED):
        held = sa.select(sa.func.min(Contribution.id), sa.func.count()).where(*_chosen(Selection(tray)))
        groups = held.group_by(_held_codes()).subquery()
        codes = sa.select(Contribution.held_for, groups.c[1]).join(groups, groups.c[0] == Contribution.id)
        known = {reason.value: reason for reason in HeldFor}
        for held_for, count in session.execute(codes):
            for code in known.keys() & held_for:
                found[known[code]] += count
    return found


def place_in(session: Session, chosen: Selection, contribution_id: int) -> Place | None:
    """Where a contribution stands in the order of a tray; None where it does not."""
    found = session.scalar(sa.select(_since(chosen.tray)).where(*_chosen(chosen), Contribution.id == contribution_id))
    return None if found is None else (found, contribution_id)


def next_to_read(
    session: Session, chosen: Selection, *, person_id: int | None, now: datetime, after: Place | None = None
) -> int | None:
    """The one that has waited longest, that nobody else is reading and that somebody else wrote; behind `after` when
    there is one there."""
    others = sa.select(Claim.contribution_id).where(Claim.ends_at > now, Claim.person_id != person_id)
    since = _since(chosen.tray)
    statement = (
        sa.select(Contribution.id)
        .where(*_chosen(chosen), Contribution.id.not_in(others), Contribution.person_id != person_id)
        .order_by(since, Contribution.id)
        .limit(1)
    )
    if after is not None:
        statement = statement.where(Contribution.id != after[1])
        found = session.scalar(statement.where(_behind(since, after)))
        if found is not None:
            return found
    return session.scalar(statement)


def count_turned_down(session: Session, person_ids: Collection[int]) -> dict[int, int]:
    """How many texts of each author the team refused or hid; what only a report has hidden is nobody's verdict."""
    if not person_ids:
        return {}
    hidden = sa.and_(Contribution.state == ContributionState.HIDDEN, ~is_reported())
    turned_down = sa.or_(Contribution.state == ContributionState.REJECTED, hidden)
    counted = sa.select(Contribution.person_id, sa.func.count()).where(
        Contribution.person_id.in_(person_ids), turned_down
    )
    return dict(session.execute(counted.group_by(Contribution.person_id)).all())


def count_same_texts(session: Session, tray: Tray, ids: Collection[int]) -> dict[int, int]:
    """How many in a tray say what each of some contributions says, itself among them; only where they are several."""
    if not ids:
        return {}
    this, number = aliased(table_of(Contribution)), sa.func.count()
    same = (
        sa.select(this.c.id, number)
        .join_from(this, Contribution, Contribution.text_digest == this.c.text_digest)
        .where(this.c.id.in_(ids), *_chosen(Selection(tray)))
    )
    return dict(session.execute(same.group_by(this.c.id).having(number > 1)).all())


def is_reported() -> Condition:
    """Whether a contribution has reports that nobody has read."""
    return _open_report().exists()


def is_unreviewed(session: Session, contribution: Contribution) -> bool:
    """Whether a published contribution still waits to be read."""
    return place_in(session, Selection(Tray.UNREVIEWED), contribution.id) is not None


def find_edited(session: Session, ids: Collection[int]) -> dict[int, HeldFor]:
    """Those of some contributions that wait to be read again, because their authors changed what somebody had read."""
    if not ids:
        return {}
    changed = (Contribution.id.in_(ids), _in_tray(Tray.UNREVIEWED), edited_since_review().is_not(None))
    return dict.fromkeys(session.scalars(sa.select(Contribution.id).where(*changed)), HeldFor.EDITED)


def _behind(since: sa.ColumnElement[datetime], place: Place) -> Condition:
    at, key = place
    return sa.or_(since > at, sa.and_(since == at, Contribution.id > key))


def _since(tray: Tray) -> sa.ColumnElement[datetime]:
    """Since when a contribution waits in a tray: since the report, the new words or the appeal that put it there."""
    match tray:
        case Tray.REPORTED:
            return _open_report(sa.func.min(Report.reported_at)).scalar_subquery()
        case Tray.EDITED:
            written = sa.select(PendingEdit.written_at).where(PendingEdit.contribution_id == Contribution.id)
            return written.correlate(Contribution).scalar_subquery()
        case Tray.PENDING | Tray.APPEALED:
            return sa.func.coalesce(Contribution.appealed_at, Contribution.received_at)
        case Tray.UNREVIEWED:
            return sa.func.coalesce(edited_since_review(), Contribution.received_at)
        case _:
            return Contribution.received_at.expression


def _chosen(chosen: Selection) -> list[Condition]:
    conditions = [_in_tray(chosen.tray)]
    if chosen.topic_id is not None:
        conditions.append(Contribution.topic_id == chosen.topic_id)
    if chosen.person_id is not None:
        conditions.append(Contribution.person_id == chosen.person_id)
    if chosen.same_as is not None:
        like = aliased(table_of(Contribution))
        text = sa.select(like.c.text_digest).where(like.c.id == chosen.same_as).scalar_subquery()
        conditions.append(Contribution.text_digest == text)
    if chosen.words:
        conditions.append(mentions(chosen.words))
    if isinstance(chosen.why, HeldFor):
        conditions.append(_held_codes().contains(f'"{chosen.why.value}"', autoescape=True))
    elif chosen.why is not None:
        conditions.append(_open_report().where(Report.reason == chosen.why).exists())
    return conditions


def _in_tray(tray: Tray) -> Condition:
    state = Contribution.state
    match tray:
        case Tray.PENDING:
            return state == ContributionState.PENDING
        case Tray.REPORTED:
            return sa.and_(state.in_(REPORTABLE), is_reported())
        case Tray.EDITED:
            waiting = sa.select(PendingEdit.contribution_id).where(PendingEdit.rejected_at.is_(None))
            return sa.and_(state == ContributionState.PUBLISHED, Contribution.id.in_(waiting))
        case Tray.UNREVIEWED:
            return sa.and_(state == ContributionState.PUBLISHED, _is_unreviewed())
        case Tray.OBSERVED:
            return state == ContributionState.OBSERVED
        case Tray.APPEALED:
            return has_open_appeal()
        case Tray.ALL:
            return sa.true()


def _is_unreviewed() -> Condition:
    """Shown without anybody having read it as it is now, as topics that are moderated afterwards do."""
    afterwards = sa.select(Topic.id).where(Topic.moderation == Moderation.AFTER)
    return sa.and_(Contribution.channel == Channel.WEB, Contribution.topic_id.in_(afterwards), ~is_reviewed())


def _open_report(*columns: sa.ColumnElement[datetime]) -> sa.Select[datetime]:
    """The open reports of a contribution."""
    return (
        sa.select(*(columns or (Report.id,)))
        .where(Report.contribution_id == Contribution.id, Report.state == ReportState.OPEN)
        .correlate(Contribution)
    )


def _held_codes() -> sa.ColumnElement[str]:
    """The codes of why a contribution waits, as the database keeps them."""
    return sa.cast(Contribution.held_for, sa.Text)
