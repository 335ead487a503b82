"""How one contribution is told to who wrote it, of the rows that were read for it."""

from collections.abc import Iterator, Mapping, Sequence

from consulta.contributions.models import ContributionState
from consulta.contributions.rules import is_in_thread
from consulta.messages.links import Site
from consulta.privacy.copies.rows import Item, Row
from consulta.proposals.paths import Standing
from consulta.proposals.standing import Turn

UNDO = "contribution.undo"
# The steps that are told, and whether the author reads their reason; what the team says among itself is no step.
STEPS: Mapping[str, bool] = {
    "contribution.submit": False,
    "contribution.reply": False,
    "contribution.register": False,
    "contribution.publish": False,
    "contribution.observe": True,
    "contribution.complete": False,
    "contribution.reject": True,
    "contribution.expire": True,
    "contribution.appeal": True,
    "contribution.hide": True,
    "contribution.unhide": False,
    "contribution.redact": True,
    "contribution.withdraw": False,
    "contribution.edit": False,
    "contribution.edit_wait": False,
    "contribution.edit_accept": False,
    "contribution.edit_reject": True,
    "contribution.edit_discard": False,
}


def tell(row: Row, proposals: Sequence[Standing], decisions: Sequence[Row], site: Site) -> Item:
    """The words and the state of a contribution, with the proposals that come from it."""
    decided = {found.proposal_id: found for found in decisions}
    return {
        "id": row.id,
        "kind": "proposal" if row.parent_id is None else "reply",
        "address": site.contribution(row.id) if is_in_thread(row) else None,
        "reply_to": site.contribution(row.parent_id) if row.parent_id is not None else None,
        "plan": row.plan,
        "topic": {"code": row.topic_code, "name": row.topic_name} if row.topic_code else None,
        "channel": row.channel,
        "submission": row.submission,
        "received_at": row.received_at,
        "late": row.late,
        "late_reason": row.late_reason,
        "received": {"title": row.title, "body": row.body, "suggested_institution": row.suggested_institution},
        "public": {
            "title": row.public_title,
            "body": row.public_body,
            "is_shown": row.state is ContributionState.PUBLISHED,
        },
        "redaction_note": row.redaction_note,
        "provenance_note": row.provenance_note,
        "on_behalf_of": row.on_behalf_of,
        "state": row.state,
        "reason": row.reason,
        "reason_text": row.reason_text,
        "appeal": row.appeal,
        "appealed_at": row.appealed_at,
        "edited_at": row.edited_at,
        "proposals": [_proposal(one, decided.get(one.proposal_id), site) for one in proposals],
        "edit": _edit(row),
        "support_count": row.support_count,
        "reply_count": row.reply_count,
        "tracking_code_issued_at": row.code_issued_at,
        "network": row.address_prefix,
        "external_ref": row.external_ref,
    }


def tell_turn(turn: Turn) -> Item | None:
    """Who has it and by when; nobody once there is nothing left to do."""
    if turn.holder is None:
        return None
    return {"who": turn.holder, "institutions": turn.institutions, "due_on": turn.due_on, "late": turn.late}


def _proposal(standing: Standing, decision: Row | None, site: Site) -> Item:
    return {
        "folio": standing.folio,
        "address": site.proposal(standing.folio),
        "state": standing.state,
        "merged_into": standing.main_folio,
        "institutions": standing.holders,
        "sent_at": standing.since,
        "due_on": standing.due_on,
        "late": standing.late,
        "decision": None
        if decision is None
        else {
            "outcome": decision.outcome,
            "reasons": decision.reasons,
            "reason_detail": decision.reason_detail,
            "justification": decision.justification,
            "decided_at": decision.decided_at,
        },
    }


def tell_steps(entries: Sequence[Row]) -> Iterator[Item]:
    """The dated steps; what was taken back within seconds was none."""
    kept: list[Row] = []
    for entry in entries:
        if entry.act != UNDO:
            kept.append(entry)
            continue
        undone = f"contribution.{entry.detail.get('undone')}"
        last = next((place for place in reversed(range(len(kept))) if kept[place].act == undone), None)
        if last is not None:
            del kept[last]
    for entry in kept:
        reason = entry.reason if STEPS[entry.act] else None
        yield {"at": entry.at, "act": entry.act, "from": entry.from_state, "to": entry.to_state, "reason": reason}


def _edit(row: Row) -> Item | None:
    """The new words that wait, or that were not published."""
    if row.edit_body is None:
        return None
    return {
        "title": row.edit_title,
        "body": row.edit_body,
        "written_at": row.edit_written_at,
        "rejected_at": row.edit_rejected_at,
        "reason": row.edit_reason,
        "reason_text": row.edit_reason_text,
    }
