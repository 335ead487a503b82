"""Every published figure of a plan, computed from the data, beside what its source printed."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from consulta.changes import transaction
from consulta.contributions.models import Channel
from consulta.decisions.models import Outcome
from consulta.errors import Invalid, Problem
from consulta.figures.models import FigureStatus, PublishedFigure
from consulta.figures.queries import Counts, count_plan
from consulta.figures.rules import Sum, check_figure, check_note, compare, value_of_terms
from consulta.people.actors import Actor
from consulta.permissions import Permission
from consulta.plans.models import Plan, Topic
from consulta.proposals.models import ProposalState
from consulta.proposals.rules import ADMITTED
from consulta.referrals.models import ReferralState
from consulta.text import clean, clean_line


@dataclass(frozen=True)
class Figure:
    """One figure: what the data says, what a source printed (None: nothing), and how they compare."""

    key: str
    label: str
    value: int
    published: int | None
    difference: int | None
    status: FigureStatus
    note: str | None
    source: str | None = None
    record: PublishedFigure | None = None


@dataclass(frozen=True)
class Accounting:
    """The accounting of a plan: its counts, the sums (a)-(h), and its figures by key."""

    counts: Counts
    sums: tuple[Sum, ...]
    figures: tuple[Figure, ...]

    def figure(self, key: str) -> Figure:
        return next(figure for figure in self.figures if figure.key == key)

    @property
    def holds(self) -> bool:
        return all(one.holds for one in self.sums)

    @property
    def unexplained(self) -> list[Figure]:
        """Figures that do not agree and have no note."""
        return [f for f in self.figures if f.status is FigureStatus.MISMATCH and not f.note]


def account(session: Session, plan: Plan, *, public: bool = True) -> Accounting:
    """Compute everything; nothing here is typed or stored."""
    counts = count_plan(session, plan, public=public)
    printed = {
        figure.key: figure
        for figure in session.scalars(sa.select(PublishedFigure).where(PublishedFigure.plan_id == plan.id))
    }
    topics = session.scalars(sa.select(Topic).where(Topic.plan_id == plan.id).order_by(Topic.position)).all()
    values = compute_values(counts, plan, topics)
    for key, figure in printed.items():
        if figure.terms is not None:
            values[key] = value_of_terms(figure.terms)
    figures = tuple(_figure(key, value, printed.get(key)) for key, value in values.items())
    return Accounting(counts, compute_sums(counts), figures)


def compute_sums(counts: Counts) -> tuple[Sum, ...]:
    """The equations (a) to (h) of the accounting."""
    states = counts.by_state
    received = sum(counts.by_channel.values())
    admitted = _admitted(counts)
    distinct = admitted - states[ProposalState.MERGED]
    decided = states[ProposalState.DECIDED]
    in_template = counts.template_in_submissions + counts.template_elsewhere
    persons = tuple((f"persons.{code}", n) for code, n in sorted(counts.persons_by_topic.items()))
    institution = counts.by_channel[Channel.INSTITUTION]
    undecided = sum(states[s] for s in ADMITTED if s not in (ProposalState.MERGED, ProposalState.DECIDED))
    return (
        Sum("received.by_channel", received, tuple((f"channel.{c.value}", counts.by_channel[c]) for c in Channel)),
        Sum(
            "received.by_topic",
            received,
            tuple((f"topic.{code or 'none'}", n) for code, n in sorted(counts.by_topic.items(), key=str)),
        ),
        Sum("received.by_state", received, tuple((f"state.{s.value}", states[s]) for s in ProposalState)),
        Sum(
            "received.by_admission",
            received,
            (
                ("admitted", admitted),
                ("inadmissible", states[ProposalState.INADMISSIBLE]),
                ("withdrawn", states[ProposalState.WITHDRAWN]),
                ("unmoderated", counts.unmoderated),
            ),
        ),
        Sum("admitted", admitted, (("distinct", distinct), ("merged", states[ProposalState.MERGED]))),
        Sum("distinct", distinct, (("decided", decided), ("pending", undecided - counts.unmoderated))),
        Sum("decided", decided, tuple((f"outcome.{o.value}", counts.by_outcome[o.value]) for o in Outcome)),
        Sum(
            "referrals",
            sum(counts.by_referral_state.values()),
            tuple((f"referral.{s.value}", counts.by_referral_state[s]) for s in ReferralState),
        ),
        Sum(
            "in_template",
            in_template,
            (("submissions", counts.template_in_submissions), ("elsewhere", counts.template_elsewhere)),
        ),
        Sum("persons", counts.unique_persons, persons, at_most=True),
        Sum("received.by_origin", received, (("citizen", received - institution), ("institution", institution))),
    )


def _admitted(counts: Counts) -> int:
    return sum(counts.by_state[state] for state in ADMITTED) - counts.unmoderated


def compute_values(counts: Counts, plan: Plan, topics: Sequence[Topic]) -> dict[str, int]:
    """The value of every key that a plan publishes, in the order of the page."""
    channel = counts.by_channel
    received = sum(channel.values())
    citizen = received - channel[Channel.INSTITUTION]
    values = {"total": citizen, "received.all": received, "web.total": channel[Channel.WEB]}
    values |= {f"web.topic.{topic.code}": counts.web_by_topic[topic.code] for topic in topics}
    values |= {f"web.persons.{topic.code}": counts.persons_by_topic[topic.code] for topic in topics}
    values["web.persons.sum"] = sum(counts.persons_by_topic.values())
    values["web.persons.unique"] = counts.unique_persons
    values |= {f"received.channel.{c.value}": channel[c] for c in Channel}
    values |= {f"received.state.{s.value}": counts.by_state[s] for s in ProposalState if s is not ProposalState.VOIDED}
    values["submissions.total"] = counts.submissions
    values["in_template"] = counts.template_in_submissions + counts.template_elsewhere
    values["workshop.ideas"] = channel[Channel.WORKSHOP]
    values["total.without_facebook"] = citizen - channel[Channel.FACEBOOK]
    values["total.coincidence"] = channel[Channel.WEB] + channel[Channel.WORKSHOP] + channel[Channel.FACEBOOK]
    values["late"] = counts.late
    values["admitted"] = _admitted(counts)
    values["unmoderated"] = counts.unmoderated
    values["distinct"] = _admitted(counts) - counts.by_state[ProposalState.MERGED]
    values |= {f"outcome.{outcome.value}": counts.by_outcome[outcome.value] for outcome in Outcome}
    values["decided.without_institution"] = counts.without_institution
    values["referrals.total"] = sum(counts.by_referral_state.values())
    values |= {f"referrals.state.{s.value}": counts.by_referral_state[s] for s in ReferralState}
    values["voided"] = counts.voided
    values["topics.count"] = counts.topics
    if plan.opens_on and plan.closes_on:
        values["site.days"] = (plan.closes_on - plan.opens_on).days + 1
    return values


def _figure(key: str, value: int, printed: PublishedFigure | None) -> Figure:
    if printed is None:
        return Figure(key, key, value, None, None, FigureStatus.NOT_PUBLISHED, None)
    difference, status = compare(value, printed.published_value, ambiguous=printed.ambiguous)
    return Figure(
        key, printed.label, value, printed.published_value, difference, status, printed.note, printed.source, printed
    )


def explain_figure(
    session: Session, *, actor: Actor, figure_id: int, note: str, version: int | None
) -> PublishedFigure:
    """Say in plain words why a published figure does not agree with the data."""
    text = clean(note)
    if problems := check_note(text):
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        figure = change.lock(PublishedFigure, figure_id, seen=version)
        change.require(Permission.FIGURES_NOTE, figure)
        figure.note = text
        change.edit(figure, "figure.explain")
        change.stale(change.lock(Plan, figure.plan_id))
    return figure


def add_figure(
    session: Session,
    *,
    actor: Actor,
    plan_id: int,
    key: str,
    label: str,
    published_value: int | None,
    source: str,
    ambiguous: bool,
    note: str = "",
    form_key: str | None = None,
) -> PublishedFigure:
    """Put a figure that somebody printed beside the one that the data gives; neither is ever corrected."""
    label, source, note = clean_line(label), clean_line(source), clean(note)
    if problems := check_figure(label=label, published_value=published_value, source=source, note=note):
        raise Invalid(*problems)
    with transaction(session, actor=actor) as change:
        plan = change.lock(Plan, plan_id)
        change.require(Permission.FIGURES_NOTE, plan)
        content = {"plan": plan_id, "key": key, "label": label, "value": published_value, "source": source}
        claim = change.claim(form_key, **content, note=note)
        if claim.earlier:
            return session.get_one(PublishedFigure, int(claim.earlier))
        accounting = account(session, plan)
        if key not in {figure.key for figure in accounting.figures}:
            raise Invalid(Problem("key", "figure_unknown"))
        if accounting.figure(key).record is not None:
            raise Invalid(Problem("key", "figure_taken"))
        figure = PublishedFigure(plan_id=plan.id, key=key, label=label, published_value=published_value)
        figure.source, figure.ambiguous, figure.note = source or None, ambiguous, note or None
        change.create(figure, "figure.add", key=key, published=published_value)
        change.stale(plan)
        claim.fill(figure.id)
    return figure
