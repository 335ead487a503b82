"""Topics: what is asked, in which order, when it is moderated, and which institutions may answer for it."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import Change, transaction
from consulta.contributions.models import Contribution
from consulta.errors import GuardRefused, Invalid, Problem
from consulta.people.actors import Actor
from consulta.people.models import Institution
from consulta.permissions import Permission
from consulta.plans.models import TITLE_MAX, Moderation, Plan, Thresholds, Topic, TopicCompetence, TopicState
from consulta.plans.rules import check_line
from consulta.proposals.models import Proposal
from consulta.text import Sanitized, clean, clean_line, sanitize

LINE_MAX, INTRO_MAX, CODE_MAX = 200, 20_000, 60


USUAL = Thresholds()
# Fewest and most of each threshold.
THRESHOLD_RANGES: Mapping[str, tuple[int, int]] = {
    "approvals": (0, 50),
    "trust_hours": (0, 24 * 30),
    "new_author_links": (0, 50),
    "first_day_proposals": (0, 500),
    "first_day_replies": (0, 500),
    "host_links": (0, 50),
    "same_text_accounts": (1, 500),
    "burst_accounts": (1, 200),
    "form_seconds": (0, 600),
    "text_points": (1, 30),
}


def check_thresholds(thresholds: Thresholds) -> list[Problem]:
    """What is out of range, field by field."""
    found = asdict(thresholds)
    return [
        Problem(name, "threshold_range", {"min": least, "max": most})
        for name, (least, most) in THRESHOLD_RANGES.items()
        if not least <= found[name] <= most
    ]


@dataclass(frozen=True)
class TopicText:
    """What is written about a topic, and when its contributions are read."""

    name: str
    one_line: str
    intro: str
    source_citation: str = ""
    moderation: Moderation = Moderation.BEFORE
    thresholds: Thresholds = USUAL

    def cleaned(self) -> "TopicText":
        return TopicText(
            clean_line(self.name),
            clean_line(self.one_line),
            clean(self.intro),
            clean(self.source_citation),
            self.moderation,
            self.thresholds,
        )

    def problems(self, *, intro_needed: bool) -> list[Problem]:
        problems = check_line("name", self.name, TITLE_MAX) + check_line("one_line", self.one_line, LINE_MAX)
        if self.intro or intro_needed:
            problems += check_line("intro", self.intro, INTRO_MAX)
        if self.source_citation:
            problems += check_line("source_citation", self.source_citation, 1000)
        return problems + check_thresholds(self.thresholds)

    def write(self, topic: Topic, intro_html: Sanitized) -> None:
        topic.name, topic.one_line, topic.moderation = self.name, self.one_line, self.moderation
        topic.intro, topic.intro_html = self.intro, intro_html
        topic.source_citation = self.source_citation or None
        usual = asdict(USUAL)
        topic.thresholds = {name: value for name, value in asdict(self.thresholds).items() if value != usual[name]}


def slug(name: str) -> str:
    """A name as part of an address: «Obra pública» is `obra-publica`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:CODE_MAX].strip("-")


def create_topic(
    session: Session,
    *,
    actor: Actor,
    plan_id: int,
    text: TopicText,
    code: str = "",
    form_key: str | None = None,
    external_ref: str | None = None,
) -> Topic:
    """A topic in draft at the end of the list; its code comes from its name unless one is given."""
    text = text.cleaned()
    code = slug(code or text.name)
    problems = text.problems(intro_needed=False)
    if text.name and not code:
        problems.append(Problem("name", "name_without_letters"))
    if problems:
        raise Invalid(*problems)
    html = sanitize(text.intro)
    with transaction(session, actor=actor) as change:
        plan = change.lock(Plan, plan_id)
        change.require(Permission.PLAN_MANAGE, plan)
        content = {"act": "topic.create", "plan": plan_id, "text": text}
        claim = change.claim(form_key, **content)
        if claim.earlier:
            return change.lock(Topic, int(claim.earlier))
        if session.scalar(sa.select(Topic.id).where(Topic.plan_id == plan_id, Topic.code == code)):
            raise Invalid(Problem("name", "topic_name_taken"))
        last = session.scalar(sa.select(sa.func.max(Topic.position)).where(Topic.plan_id == plan_id)) or 0
        topic = Topic(plan_id=plan_id, code=code, position=last + 1, state=TopicState.DRAFT, external_ref=external_ref)
        text.write(topic, html)
        change.create(topic, "topic.create", code=code)
        claim.fill(topic.id)
        change.stale(plan, topic, frame=True)
    return topic


def edit_topic(session: Session, *, actor: Actor, topic_id: int, version: int | None, text: TopicText) -> Topic:
    """Change what is written; a published topic keeps an introduction, and the code never changes."""
    text = text.cleaned()
    if problems := text.problems(intro_needed=False):
        raise Invalid(*problems)
    html = sanitize(text.intro)
    with transaction(session, actor=actor) as change:
        topic, plan = _lock(change, topic_id, version)
        if topic.state is not TopicState.DRAFT and not text.intro:
            raise Invalid(Problem("intro", "intro_missing"))
        before = topic.intro
        text.write(topic, html)
        change.edit(topic, "topic.edit", before=before, moderation=topic.moderation.value, thresholds=topic.thresholds)
        change.stale(plan, topic, frame=True)
    return topic


def move_topic(session: Session, *, actor: Actor, topic_id: int, version: int | None, to: TopicState) -> Topic:
    """Publish, close, open again, or take back to draft one that nobody has used."""
    with transaction(session, actor=actor) as change:
        topic, plan = _lock(change, topic_id, version)
        change.move(topic, to, facts={"contribution_count": _use_count(session, topic)})
        change.stale(plan, topic, frame=True)
    return topic


def place_topic(session: Session, *, actor: Actor, topic_id: int, earlier: bool) -> Topic:
    """Exchange a topic with the one before it (`earlier`) or after it; at the end of the list nothing changes."""
    with transaction(session, actor=actor) as change:
        topic, plan = _lock(change, topic_id, None)
        topics = list(session.scalars(sa.select(Topic).where(Topic.plan_id == plan.id).order_by(Topic.position)))
        place = topics.index(topic)
        other = place - 1 if earlier else place + 1
        if 0 <= other < len(topics):
            topics[place], topics[other] = topics[other], topics[place]
            for position, row in enumerate(topics, start=1):
                row.position = position
            change.edit(topic, "topic.place", position=topic.position)
            change.stale(plan, topic, frame=True)
    return topic


def delete_topic(session: Session, *, actor: Actor, topic_id: int, version: int | None) -> None:
    """Delete a topic that nobody has written to and no proposal was moved to."""
    with transaction(session, actor=actor) as change:
        topic, plan = _lock(change, topic_id, version)
        if _use_count(session, topic):
            raise GuardRefused("topic_in_use")
        change.record("topic.delete", topic, code=topic.code, name=topic.name)
        session.delete(topic)
        change.stale(plan, topic, frame=True)


def set_competences(
    session: Session, *, actor: Actor, plan_id: int, topic_code: str, institution_ids: Collection[int]
) -> None:
    """Say which public bodies may answer for a topic; it holds for every plan that has this topic."""
    with transaction(session, actor=actor) as change:
        plan = change.lock(Plan, plan_id)
        change.require(Permission.PLAN_MANAGE, plan)
        wanted = set(institution_ids)
        found = list(
            session.scalars(sa.select(Institution).where(Institution.id.in_(wanted)).order_by(Institution.code))
        )
        if len(found) != len(wanted) or not all(institution.is_public_body for institution in found):
            raise Invalid(Problem("institution_ids", "not_public_body"))
        present = {
            row.institution_id: row
            for row in session.scalars(sa.select(TopicCompetence).where(TopicCompetence.topic_code == topic_code))
        }
        for institution_id in present.keys() - wanted:
            session.delete(present[institution_id])
        session.add_all(
            TopicCompetence(institution_id=key, topic_code=topic_code) for key in sorted(wanted - present.keys())
        )
        change.record(
            "plan.set_competences", plan, topic=topic_code, institutions=[institution.code for institution in found]
        )
        change.stale(plan, frame=True)


def _lock(change: Change, topic_id: int, version: int | None) -> tuple[Topic, Plan]:
    topic = change.lock(Topic, topic_id, seen=version)
    plan = change.lock(Plan, topic.plan_id)
    change.require(Permission.PLAN_MANAGE, plan)
    return topic, plan


def _use_count(session: Session, topic: Topic) -> int:
    written = sa.select(sa.func.count()).select_from(Contribution).where(Contribution.topic_id == topic.id)
    counted = (
        sa.select(sa.func.count())
        .select_from(Proposal)
        .where(sa.or_(Proposal.topic_received_id == topic.id, Proposal.topic_final_id == topic.id))
    )
    return (session.scalar(written) or 0) + (session.scalar(counted) or 0)
