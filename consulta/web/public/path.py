"""The thread of one proposal with its dates: who has it, since when, by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from consulta import clock
from consulta.commitments.models import Commitment
from consulta.decisions.models import Decision
from consulta.decisions.public import commitments_of, decision_of, referrals_of
from consulta.proposals.details import PathDates, Row, path_dates
from consulta.proposals.models import Proposal, ProposalState
from consulta.proposals.paths import Standing, Step, standings_of
from consulta.referrals.models import Referral
from consulta.web.i18n import gettext
from consulta.web.public.words import STEP_LABELS, joined, steps_of, written_date


@dataclass(frozen=True)
class DatedPath:
    """What the steps are made of; `standing` is of the proposal whose path it follows, its `own` or the main one's."""

    proposal: Proposal
    own: Standing
    standing: Standing
    dates: PathDates
    referrals: Sequence[Referral]
    decision: Decision | None
    commitments: Sequence[Commitment]

    def steps(self) -> list[dict[str, Any]]:
        """The steps as the thread shows them."""
        order = list(Step)
        present = order.index(self.standing.step)
        found = []
        for position, step in enumerate(steps_of(self.standing)):
            state = "present" if position == present else "done" if position < present else "future"
            row: dict[str, Any] = {"label": str(STEP_LABELS[step]), "state": state}
            if state != "future":
                row["at"] = _written(self._date_of(step))
            if state == "present":
                row |= self._present(step)
            found.append(row)
        return found

    def reached(self) -> list[tuple[Step, datetime]]:
        """The steps since it came, each with the moment from which anybody could know of it."""
        steps = steps_of(self.standing)[1 : list(Step).index(self.standing.step) + 1]
        return [(step, at) for step in steps if (at := self._public_since(step))]

    def _public_since(self, step: Step) -> datetime | None:
        at, results = self._date_of(step), self.proposal.plan.results_published_at
        return max(at, results) if step is Step.DECIDED and at and results else at

    def _date_of(self, step: Step) -> datetime | None:
        match step:
            case Step.RECEIVED:
                return self.proposal.received_at
            case Step.PUBLISHED:
                return self.dates.published_at
            case Step.SYSTEMATIZED:
                return self.dates.merged_at or self.dates.systematized_at
            case Step.AT_INSTITUTION:
                return self.standing.since
            case Step.DECIDED:
                return self.decision.decided_at if self.decision else None
            case Step.IN_MATRIX:
                return self.proposal.plan.results_published_at

    def _present(self, step: Step) -> dict[str, Any]:
        """Who has it now and by when, at the step where it is."""
        row: dict[str, Any] = {"who": gettext("El punto de contacto")}
        if step is Step.AT_INSTITUTION and self.standing.holders:
            row = {
                "who": joined(self.standing.holders),
                "due": _written(self.standing.due_on),
                "late": self.standing.late,
            }
            if self.standing.late:
                row["note"] = gettext("Respuesta atrasada")
        elif step is Step.AT_INSTITUTION:
            row["note"] = gettext("Las instituciones ya respondieron o venció su plazo.")
        elif step is Step.DECIDED:
            row = {}
        elif step is Step.IN_MATRIX:
            root = request.script_root
            first = self.commitments[0]
            row = {
                "who": first.lead_institution.name,
                "url": f"{root}/planes/{self.proposal.plan.code}/compromisos/{first.number}",
            }
        if self.standing.state in (ProposalState.WITHDRAWN, ProposalState.INADMISSIBLE, ProposalState.VOIDED):
            row = {}
        return row


def dated_path(session: Session, proposal: Proposal, sources: Sequence[Row]) -> DatedPath:
    """The path of a proposal; one that was joined to another follows the other's."""
    plan, carrier_id = proposal.plan, proposal.main_proposal_id or proposal.id
    keys = [proposal.id, carrier_id]
    standings = standings_of(session, keys, has_results=plan.has_results, today=clock.today())
    return DatedPath(
        proposal,
        own=standings[proposal.id],
        standing=standings[carrier_id],
        dates=path_dates(session, proposal.id, [source.id for source in sources]),
        referrals=referrals_of(session, carrier_id),
        decision=decision_of(session, plan, carrier_id),
        commitments=commitments_of(session, plan, carrier_id),
    )


def _written(value: date | datetime | None) -> str | None:
    if value is None:
        return None
    return written_date(clock.local_date(value) if isinstance(value, datetime) else value)
