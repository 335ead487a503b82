"""What happens to each proposal of the open plan, day by day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from consulta import clock
from consulta.contributions.models import Channel, Contribution, ContributionState, RejectionReason
from consulta.contributions.moderation import hide_contribution, observe_contribution, reject_contribution
from consulta.contributions.registration import Contributor, register_contribution
from consulta.contributions.services import appeal, reply, withdraw
from consulta.demo.lives import (
    Item,
    Stage,
    acknowledge,
    answer,
    decide,
    give_support,
    publish,
    report,
    rewrite,
    systematize,
    write,
)
from consulta.demo.texts import TEXT_NOTE, at, spread
from consulta.plans.models import Holiday
from consulta.plans.rules import add_working_days
from consulta.proposals.merging import merge_proposals
from consulta.proposals.models import ProposalState
from consulta.referrals.answering import return_referral
from consulta.referrals.dispatching import dispatch_proposals
from consulta.referrals.following import mark_no_answer
from consulta.referrals.models import AWAITING, Referral

COVER = (
    "Le remitimos las propuestas ciudadanas que son de su competencia. Le pedimos que responda cada una con su "
    "justificación, que se publicará con los resultados."
)
WAITING = ("pending", "observed", "rejected")


@dataclass(frozen=True)
class Days:
    """Days of the data file, which count from the opening."""

    opening: date

    def on(self, day: int) -> date:
        return self.opening + timedelta(days=day)


def live_through(stage: Stage, items: Sequence[Item], days: Days) -> None:
    """Everything that the file says happened, in its order."""
    for n, item in enumerate(sorted(items, key=lambda row: (row["day"], row["ref"]))):
        when = at(days.on(item["day"]), 8) + spread(n)
        if item["channel"] == Channel.WEB.value:
            _write(stage, item, when, days)
        else:
            _register(stage, item, days)
        if item["moderation"]:
            _moderate(stage, item, at(days.on(item["moderation"]["day"]), 17), days)
    for n, item in enumerate(items):
        if item["systematized_day"] is not None:
            systematize(stage, item, at(days.on(item["systematized_day"]), 10) + spread(n))
    for item in items:
        if item["merged_day"] is not None:
            _merge(stage, item, at(days.on(item["merged_day"]), 15))
    for n, item in enumerate(items):
        for row in item["referrals"]:
            _follow(stage, item, row, days, spread(n))
        if item["decision"]:
            decide(stage, item, at(days.on(item["decision"]["day"]), 11) + spread(n))


def _write(stage: Stage, item: Item, when: datetime, days: Days) -> None:
    """A web proposal, the replies to it and its supporters."""
    key = write(stage, item, when)
    if item["state"] in WAITING:
        return
    publish(stage, key, when + timedelta(minutes=30))
    if stage.session.get_one(Contribution, key).state is not ContributionState.PUBLISHED:
        return
    give_support(stage, key, item["supporters"], when + timedelta(hours=2))
    parents = {None: key}
    for n, row in enumerate(item["replies"]):
        moment = max(when + timedelta(hours=1), at(days.on(row["day"]), 9)) + timedelta(minutes=11 * n)
        found = stage.contribution(row["ref"])
        if found is None:
            with clock.set_to(moment):
                found = reply(
                    stage.session,
                    actor=stage.as_person(row["person"]),
                    parent_id=parents[row["parent"]],
                    body=row["body"],
                    form_key=stage.key(row["ref"]),
                    external_ref=stage.reference(row["ref"]),
                    provenance_note=TEXT_NOTE,
                )
        if row.get("state") not in WAITING:
            publish(stage, found.id, moment + timedelta(minutes=5))
        report(stage, found.id, row.get("reports", ()), moment + timedelta(minutes=9))
        parents[row["ref"]] = found.id
    for row in item.get("edits", ()):
        read_at = None if row["accepted_day"] is None else at(days.on(row["accepted_day"]), 9)
        rewrite(stage, item["person"], key, row["body"], at(days.on(row["day"]), 18), read_at)


def _register(stage: Stage, item: Item, days: Days) -> None:
    """What staff registered, some days after it came."""
    if stage.contribution(item["ref"]) is not None:
        return
    row = item["registration"]
    with clock.set_to(at(days.on(row["registered_day"]), 9)):
        register_contribution(
            stage.session,
            actor=stage.actor,
            plan_id=stage.plan_id,
            channel=Channel(item["channel"]),
            title=item["title"] or "",
            body=item["body"],
            received_on=days.on(row["received_day"]),
            contributor=Contributor(person_id=stage.persons[item["person"]]),
            topic_id=stage.topics[item["topic"]] if item["topic"] else None,
            external_ref=stage.reference(item["ref"]),
            provenance_note=TEXT_NOTE,
        )


def _moderate(stage: Stage, item: Item, when: datetime, days: Days) -> None:
    """Ask, reject, hide or withdraw, where the item says so and nobody has done anything since."""
    acts: Mapping[str, tuple[ContributionState, Callable[..., None]]] = {
        "observed": (ContributionState.PENDING, _observe),
        "rejected": (ContributionState.PENDING, _reject),
        "hidden": (ContributionState.PUBLISHED, _hide),
        "withdrawn": (ContributionState.PUBLISHED, _withdraw),
    }
    contribution = stage.contribution(item["ref"])
    if contribution is None or item["state"] not in acts or contribution.appealed_at is not None:
        return
    expected, act = acts[item["state"]]
    if contribution.state is expected:
        with clock.set_to(when):
            act(stage, item, contribution.id)
        _appeal(stage, item, contribution.id, days)


def _observe(stage: Stage, item: Item, key: int) -> None:
    missing = item["moderation"]["missing"]
    observe_contribution(stage.session, actor=stage.actor, contribution_id=key, missing=missing)


def _reject(stage: Stage, item: Item, key: int) -> None:
    reject_contribution(stage.session, actor=stage.actor, contribution_id=key, **_explanation(item))


def _hide(stage: Stage, item: Item, key: int) -> None:
    hide_contribution(stage.session, actor=stage.actor, contribution_id=key, **_explanation(item))


def _explanation(item: Item) -> dict[str, Any]:
    row = item["moderation"]
    return {"reason": RejectionReason(row["reason"]), "public_text": row["public_text"]}


def _withdraw(stage: Stage, item: Item, key: int) -> None:
    row = item["moderation"]
    actor = stage.as_person(item["person"]) if row["by"] == "author" else stage.actor
    withdraw(stage.session, actor=actor, contribution_id=key, reason=row["reason"] or "")


def _appeal(stage: Stage, item: Item, key: int, days: Days) -> None:
    row = item["moderation"]["appeal"]
    if row:
        with clock.set_to(at(days.on(row["day"]), 9)):
            author = stage.as_person(item["person"])
            appeal(stage.session, actor=author, contribution_id=key, version=None, text=row["text"])


def _merge(stage: Stage, item: Item, when: datetime) -> None:
    proposal = stage.proposal(item["ref"])
    if proposal.state not in (ProposalState.RECEIVED, ProposalState.SYSTEMATIZED):
        return
    main = stage.proposal(item["merged_into"])
    with clock.set_to(when):
        merge_proposals(
            stage.session, actor=stage.actor, main_id=main.id, main_version=None, versions={proposal.id: None}
        )


def _follow(stage: Stage, item: Item, row: Mapping[str, Any], days: Days, later: timedelta) -> None:
    """Send to one institution, and let happen what it did."""
    referral = _find(stage, item, row) or _send(stage, item, row, days, later)
    if referral.state not in AWAITING:
        return
    if row["acknowledged_day"] is not None:
        acknowledge(stage, referral, at(days.on(row["acknowledged_day"]), 10) + later)
    if row["response"]:
        given = {"ref": item["ref"], "responses": [{"institution": row["institution"], **row["response"]}]}
        answer(stage, given, at(days.on(row["answered_day"]), 14) + later)
    if row["returned_day"] is not None:
        with clock.set_to(at(days.on(row["returned_day"]), 10)):
            return_referral(
                stage.session,
                actor=stage.actor,
                referral_id=referral.id,
                version=None,
                reason=row["return_reason"],
                suggested_institution_id=stage.institutions.get(row["suggested_institution"] or ""),
            )
    if row["no_answer_day"] is not None:
        _give_up(stage, referral, max(days.on(row["no_answer_day"]), referral.due_on + timedelta(days=1)))


def _give_up(stage: Stage, referral: Referral, on: date) -> None:
    """Mark as without answer, unless holidays have moved the term past today."""
    if on < clock.today():
        with clock.set_to(at(on, 16)):
            mark_no_answer(stage.session, actor=stage.actor, referral_id=referral.id, version=None)


def _find(stage: Stage, item: Item, row: Mapping[str, Any]) -> Referral | None:
    statement = sa.select(Referral).where(
        Referral.proposal_id == stage.proposal(item["ref"]).id,
        Referral.institution_id == stage.institutions[row["institution"]],
    )
    return stage.session.scalars(statement.order_by(Referral.id).limit(1)).one_or_none()


def _send(stage: Stage, item: Item, row: Mapping[str, Any], days: Days, later: timedelta) -> Referral:
    sent_on = days.on(row["sent_day"])
    holidays = frozenset(stage.session.scalars(sa.select(Holiday.on)))
    with clock.set_to(at(sent_on, 9) + later):
        dispatch_proposals(
            stage.session,
            actor=stage.actor,
            plan_id=stage.plan_id,
            proposal_ids=[stage.proposal(item["ref"]).id],
            institution_ids=[stage.institutions[row["institution"]]],
            cover_text=COVER,
            due_on=add_working_days(sent_on, row["due_working_days"], holidays),
        )
    sent = _find(stage, item, row)
    if sent is None:
        raise LookupError(f"{item['ref']} was not sent")
    return sent
