"""The tray «Sistematizar» and the team's page of a proposal: people's words beside the systematised wording."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired

from consulta import clock
from consulta.contributions.models import Channel
from consulta.permissions import Permission, require
from consulta.plans.models import Plan, PlanState, Topic
from consulta.plans.rules import Work, admits
from consulta.plans.team import all_plans, find_plan, topics_of
from consulta.proposals.models import Proposal, ProposalState
from consulta.proposals.queries import (
    TrayFilter,
    TrayPage,
    find_proposal,
    history_of,
    proposals_from,
    read_tray,
    replies_below,
    waiting_by_topic,
)
from consulta.proposals.services import CORRECTABLE, correct_proposal, systematize_proposal
from consulta.web.context import actor, db
from consulta.web.coordination.acts import act_sentence
from consulta.web.fields import ChoiceField, LineField
from consulta.web.filters import label
from consulta.web.forms import Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("proposals", __name__, url_prefix="/propuestas")

MERGEABLE = (ProposalState.RECEIVED, ProposalState.SYSTEMATIZED)
ALL = "todas"


class SystematizeForm(Form):
    topic_final_id = ChoiceField(_l("Tema final"), [InputRequired(_l("Elija el tema final."))], coerce=int)
    summary = LineField(_l("Resumen en una línea"), [InputRequired(_l("Escriba el resumen en una línea."))])

    def __init__(self, topics: Sequence[Topic], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.topic_final_id.choices = topic_choices(topics)


def topic_choices(topics: Sequence[Topic]) -> list[tuple[str, str]]:
    return [("", gettext("Elija un tema")), *((str(topic.id), topic.name) for topic in topics)]


@blueprint.get("")
def index() -> ResponseReturnValue:
    plans = all_plans(db())
    plan = _chosen_plan(plans)
    if plan is None:
        return render_template("coordination/proposals/no_plan.html")
    topics = topics_of(db(), plan.id)
    wanted, shown = _filter(plan, topics)
    page = read_tray(db(), wanted, request.args.get("pagina", ""))
    return render_template(
        "coordination/proposals/index.html",
        plans=plans,
        plan=plan,
        topics=topics,
        shown=shown,
        page=page,
        waiting=waiting_by_topic(db(), plan.id),
        channels=[(channel.value, label(channel)) for channel in Channel],
        states=[(state.value, label(state)) for state in ProposalState],
        topic_choices=topic_choices(topics),
        form=Form(formdata=None),
        waiting_days=_waiting_days(page),
        works=admits(plan, Work.SYSTEMATIZE, clock.now()),
    )


def _waiting_days(page: TrayPage) -> int:
    """Civil days since the oldest one shown was received."""
    if not page.proposals:
        return 0
    return (clock.today() - clock.local_date(page.proposals[0].received_at)).days


def _chosen_plan(plans: Sequence[Plan]) -> Plan | None:
    """The plan asked for; else the one where systematising is the present work, else the newest."""
    code = request.args.get("plan")
    if code:
        return find_plan(db(), code)
    order = (PlanState.SYSTEMATIZATION, PlanState.OPEN)
    at_work = sorted((plan for plan in plans if plan.state in order), key=lambda plan: order.index(plan.state))
    return next(iter([*at_work, *plans]), None)


def _filter(plan: Plan, topics: Sequence[Topic]) -> tuple[TrayFilter, dict[str, str]]:
    """The filter that the address asks for; what it does not know is left out."""
    codes = {topic.code: topic.id for topic in topics} | {"sin-tema": 0}
    topic, channel = request.args.get("tema", ""), request.args.get("canal", "")
    state = request.args.get("estado", "") or ProposalState.RECEIVED.value
    channels = {member.value: member for member in Channel}
    states = {member.value: member for member in ProposalState}
    if state not in states and state != ALL:
        state = ProposalState.RECEIVED.value
    wanted = TrayFilter(plan.id, states.get(state), codes.get(topic), channels.get(channel))
    shown = {"tema": topic if topic in codes else "", "canal": channel if channel in channels else "", "estado": state}
    return wanted, shown


@blueprint.get("/<folio>")
def show(folio: str) -> ResponseReturnValue:
    proposal = find_proposal(db(), folio)
    return show_page(proposal, systematize_form(proposal))


@blueprint.post("/<folio>/sistematizar")
def systematize(folio: str) -> ResponseReturnValue:
    """Topic and summary: the first time, or a correction, as the state says."""
    require(actor(), Permission.PROPOSAL_SYSTEMATIZE)
    proposal = find_proposal(db(), folio)
    form = SystematizeForm(topics_of(db(), proposal.plan_id))
    act = correct_proposal if proposal.state in CORRECTABLE else systematize_proposal
    if form.validate_on_submit():
        form.attempt(
            lambda: act(
                db(),
                actor=actor(),
                proposal_id=proposal.id,
                version=form.seen_version,
                topic_id=form.topic_final_id.data,
                summary=form.summary.data,
            )
        )
        if form.succeeded:
            flash(gettext("%(folio)s quedó con su tema y su resumen.", folio=proposal.folio))
            return redirect(_way_back(proposal), 303)
    return show_page(find_proposal(db(), folio), form)


def _way_back(proposal: Proposal) -> str:
    """To the tray when its quick form was used, with the filters that it had; else to the proposal."""
    if request.form.get("from") != "tray":
        return url_for("coordination.proposals.show", folio=proposal.folio)
    kept: dict[str, Any] = {key: request.form[key] for key in ("tema", "canal", "estado") if request.form.get(key)}
    return url_for("coordination.proposals.index", plan=proposal.plan.code, **kept)


def systematize_form(proposal: Proposal) -> SystematizeForm:
    """The form filled with what is known: the topic it was sent to is the first suggestion."""
    form = SystematizeForm(topics_of(db(), proposal.plan_id), formdata=None, obj=proposal)
    if form.topic_final_id.data is None:
        form.topic_final_id.data = proposal.topic_received_id
    return form


def show_page(proposal: Proposal, form: Form) -> ResponseReturnValue:
    """The page of a proposal, with whichever form has something to say."""
    roots = [source.root_id or source.id for source in proposal.sources]
    replies = replies_below(db(), roots)
    keys = [source.id for source in proposal.sources] + [reply.id for reply in replies]
    works = admits(proposal.plan, Work.SYSTEMATIZE, clock.now())
    related = proposals_from(db(), keys)
    return form.page(
        "coordination/proposals/show.html",
        proposal=proposal,
        replies=replies,
        related=related,
        history=[(entry, act_sentence(entry)) for entry in history_of(db(), proposal)],
        works=works,
        may_write=works and proposal.state in (ProposalState.RECEIVED, *CORRECTABLE),
        may_void=works and proposal.state in MERGEABLE and _is_extra(proposal, related),
        may_merge=works and proposal.state in MERGEABLE and not proposal.merged_proposals,
        systematize=form if isinstance(form, SystematizeForm) else systematize_form(proposal),
    )


def _is_extra(proposal: Proposal, related: Mapping[int, list[Proposal]]) -> bool:
    """Whether it was split off or taken, so that it may be voided; the service judges again."""
    source = proposal.first_source
    live = [row.id for row in related.get(source.id, []) if row.state is not ProposalState.VOIDED]
    return source.is_reply or (bool(live) and min(live) != proposal.id)
