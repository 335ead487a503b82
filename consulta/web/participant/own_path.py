"""The way of an own proposal as its author sees it: from where it waits before it is shown to where it stands now."""

from typing import Any

from consulta.contributions.models import ContributionState
from consulta.proposals.paths import Step
from consulta.web.filters import label, long_date
from consulta.web.participant.standing import OwnStanding
from consulta.web.public.words import STEP_LABELS, small_path

NOT_YET = (ContributionState.PENDING, ContributionState.OBSERVED)


def own_path(own: OwnStanding) -> list[dict[str, Any]]:
    """The steps as the thread shows them; none for a reply, which goes no way."""
    if not own.proposals:
        return []
    contribution = own.contribution
    first = {"label": STEP_LABELS[Step.RECEIVED], "state": "done", "at": long_date(contribution.received_at)}
    begun, *later = small_path(own.proposals[0])
    if contribution.state is ContributionState.PUBLISHED:
        return [{**first, "state": begun["state"]}, *later]
    now: dict[str, Any] = {"label": label(contribution.state), "state": "present", "who": own.holder}
    if own.turn.due_on is not None:
        now |= {"due": long_date(own.turn.due_on), "late": own.turn.late}
    return [first, now, *({**step, "state": "future"} for step in later if contribution.state in NOT_YET)]
