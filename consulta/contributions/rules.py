"""What a contribution may become, and what its text must be."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from consulta.contributions.models import (
    BODY_MAX,
    BODY_MIN,
    PUBLIC_TEXT_MAX,
    PUBLIC_TEXT_MIN,
    REPLY_MIN,
    SUGGESTION_MAX,
    TITLE_MAX,
    Channel,
    Contribution,
    ContributionState,
    HeldFor,
)
from consulta.errors import Problem
from consulta.permissions import Permission
from consulta.plans.models import Moderation, Topic
from consulta.plans.rules import Work
from consulta.states import StateMachine, Transition

COMPLETION_DAYS = 10
# What stands where the bytes that came were no text.
LOST = "\N{REPLACEMENT CHARACTER}"
# So long after a contribution came its author corrects it without a public record.
FREE_EDITING = timedelta(minutes=15)
NOT_MODERATED = (ContributionState.PENDING, ContributionState.OBSERVED)
# In these everybody has read its words, and they are shown or a tombstone says what happened.
SHOWN_ONCE = (ContributionState.PUBLISHED, ContributionState.HIDDEN)
# Where the public version can still come to be read, so that personal data must be able to leave it.
REDACTABLE = (*NOT_MODERATED, ContributionState.PUBLISHED, ContributionState.HIDDEN)
# What its author can still rewrite; an observed one is completed instead.
EDITABLE = (ContributionState.PENDING, ContributionState.PUBLISHED)
# What its author can ask, once, to have read again, and what the plan must still admit for that.
APPEALABLE = {ContributionState.REJECTED: Work.MODERATE, ContributionState.HIDDEN: Work.PROTECT}
NOT_COMPLETED_TEXT = "No se recibió lo que se pidió dentro del plazo."
REDACTED_MEANWHILE_TEXT = (
    "El equipo quitó datos personales de su texto mientras su cambio esperaba. "
    "Escríbalo de nuevo a partir del texto público."
)
# What staff registers came through any channel but the site itself.
REGISTERED_CHANNELS = tuple(channel for channel in Channel if channel is not Channel.WEB)


def is_in_thread(contribution: Any) -> bool:
    """Whether it has a place in its thread; `contribution` is one, or a row with its state and `published_at`."""
    was_shown = contribution.state is ContributionState.WITHDRAWN and contribution.published_at is not None
    return contribution.state in SHOWN_ONCE or was_shown


def check_text(*, title: str, body: str, is_reply: bool, suggestion: str = "") -> list[Problem]:
    """What is wrong with cleaned text, field by field."""
    problems = []
    shortest = REPLY_MIN if is_reply else BODY_MIN
    if not body:
        problems.append(Problem("body", "reply_missing" if is_reply else "body_missing"))
    elif len(body) < shortest:
        problems.append(Problem("body", "text_too_short", {"min": shortest, "length": len(body)}))
    elif len(body) > BODY_MAX:
        problems.append(Problem("body", "text_too_long", {"max": BODY_MAX, "length": len(body)}))
    if len(title) > TITLE_MAX:
        problems.append(Problem("title", "text_too_long", {"max": TITLE_MAX, "length": len(title)}))
    problems += [
        Problem(field, "text_unreadable") for field, text in (("title", title), ("body", body)) if LOST in text
    ]
    if len(suggestion) > SUGGESTION_MAX:
        problems.append(
            Problem("suggested_institution", "text_too_long", {"max": SUGGESTION_MAX, "length": len(suggestion)})
        )
    return problems


def check_public_text(*, text: str, field: str = "reason_text") -> list[Problem]:
    """What is wrong with a cleaned sentence that the author or the public will read."""
    if not text:
        return [Problem(field, "public_reason_missing")]
    if LOST in text:
        return [Problem(field, "text_unreadable")]
    if len(text) < PUBLIC_TEXT_MIN:
        return [Problem(field, "text_too_short", {"min": PUBLIC_TEXT_MIN, "length": len(text)})]
    if len(text) > PUBLIC_TEXT_MAX:
        return [Problem(field, "text_too_long", {"max": PUBLIC_TEXT_MAX, "length": len(text)})]
    return []


def check_completion(*, text: str, complete_by: date, today: date) -> list[Problem]:
    """What is wrong with a request for completion."""
    problems = check_public_text(text=text)
    if complete_by <= today:
        problems.append(Problem("complete_by", "date_not_future"))
    return problems


def check_redaction(*, title: str, body: str, note: str) -> list[Problem]:
    """What is wrong with a public version: its fields are those of the form that writes it."""
    problems = []
    if not body:
        problems.append(Problem("public_body", "public_text_missing"))
    elif len(body) > BODY_MAX:
        problems.append(Problem("public_body", "text_too_long", {"max": BODY_MAX, "length": len(body)}))
    if len(title) > TITLE_MAX:
        problems.append(Problem("public_title", "text_too_long", {"max": TITLE_MAX, "length": len(title)}))
    fields = (("public_title", title), ("public_body", body), ("redaction_note", note))
    problems += [Problem(field, "text_unreadable") for field, text in fields if LOST in text]
    if not note:
        problems.append(Problem("redaction_note", "redaction_unexplained"))
    elif len(note) > PUBLIC_TEXT_MAX:
        problems.append(Problem("redaction_note", "text_too_long", {"max": PUBLIC_TEXT_MAX, "length": len(note)}))
    return problems


def check_registration(
    *, channel: Channel, received_on: date, today: date, is_late: bool, late_reason: str, is_public_body: bool
) -> list[Problem]:
    """What is wrong with what staff registers from another channel."""
    problems = []
    if channel not in REGISTERED_CHANNELS:
        problems.append(Problem("channel", "channel_not_registered"))
    if channel is Channel.INSTITUTION and not is_public_body:
        problems.append(Problem("channel", "channel_of_institutions"))
    if received_on > today:
        problems.append(Problem("received_on", "date_in_future"))
    if is_late and not late_reason:
        problems.append(Problem("late_reason", "late_reason_missing"))
    return problems


def check_appeal(*, text: str) -> list[Problem]:
    if not text:
        return [Problem("text", "appeal_missing")]
    return check_public_text(text=text, field="text")


def is_free_to_edit(contribution: Contribution, now: datetime) -> bool:
    """Whether an edit leaves no public record: nothing was public yet, or the author only just wrote it."""
    if contribution.state is not ContributionState.PUBLISHED:
        return True
    return now - contribution.received_at <= FREE_EDITING


def edit_waits(contribution: Contribution, topic: Topic | None, *, shows_signs: bool = False) -> bool:
    """Whether new words wait for moderation: where somebody reads before publication, where they show signs of abuse,
    where they come without an account, and after the team took personal data out, which would else come back."""
    if contribution.state is not ContributionState.PUBLISHED:
        return False
    reads_first = topic is None or topic.moderation is Moderation.BEFORE
    is_of_guest = HeldFor.NO_ACCOUNT.value in contribution.held_for
    return reads_first or shows_signs or is_of_guest or contribution.redaction_note is not None


def _may_publish(contribution: Contribution, facts: Mapping[str, Any]) -> str | None:
    return None if contribution.public_body.strip() else "public_text_missing"


def _is_observed(contribution: Contribution, facts: Mapping[str, Any]) -> str | None:
    return None if contribution.reason_text and contribution.complete_by else "completion_unexplained"


def _is_explained(contribution: Contribution, facts: Mapping[str, Any]) -> str | None:
    return None if contribution.reason and contribution.reason_text else "rejection_unexplained"


def _may_appeal(contribution: Contribution, facts: Mapping[str, Any]) -> str | None:
    if facts["appealed_before"]:
        return "appealed_already"
    return "results_are_public" if contribution.plan.has_results else None


def _may_withdraw(contribution: Contribution, facts: Mapping[str, Any]) -> str | None:
    """Only while every proposal it feeds is still `received` and none is the main one of a merge."""
    return "already_processed" if facts["in_process"] else None


def may_be_undone(contribution: Contribution, facts: Mapping[str, Any]) -> str | None:
    """Only who did it, within seconds, and while nobody has been told."""
    if not facts["by_same_person"]:
        return "undo_not_yours"
    return None if facts["in_time"] else "undo_too_late"


def _may_be_unpublished(contribution: Contribution, facts: Mapping[str, Any]) -> str | None:
    """What was shown for some seconds goes back only if nothing hangs on it."""
    return may_be_undone(contribution, facts) or ("undo_in_use" if facts["in_use"] else None)


_S, _MODERATE = ContributionState, Permission.CONTRIBUTION_MODERATE
CONTRIBUTION_STATES = StateMachine(
    Contribution,
    (
        Transition(None, _S.PENDING, None),
        Transition(None, _S.PUBLISHED, None, _may_publish),
        Transition(_S.PENDING, _S.PUBLISHED, _MODERATE, _may_publish),
        Transition(_S.PENDING, _S.OBSERVED, _MODERATE, _is_observed),
        Transition(_S.OBSERVED, _S.PENDING, Permission.CONTRIBUTION_COMPLETE),
        Transition(_S.PENDING, _S.REJECTED, _MODERATE, _is_explained),
        Transition(_S.OBSERVED, _S.REJECTED, _MODERATE, _is_explained),
        Transition(_S.REJECTED, _S.PENDING, Permission.CONTRIBUTION_COMPLETE, _may_appeal),
        Transition(_S.PUBLISHED, _S.HIDDEN, _MODERATE, _is_explained),
        Transition(_S.HIDDEN, _S.PUBLISHED, _MODERATE, needs_reason=True),
        Transition(_S.PENDING, _S.WITHDRAWN, Permission.CONTRIBUTION_WITHDRAW, _may_withdraw),
        Transition(_S.OBSERVED, _S.WITHDRAWN, Permission.CONTRIBUTION_WITHDRAW, _may_withdraw),
        Transition(_S.PUBLISHED, _S.WITHDRAWN, Permission.CONTRIBUTION_WITHDRAW, _may_withdraw),
        Transition(_S.HIDDEN, _S.WITHDRAWN, Permission.CONTRIBUTION_WITHDRAW, _may_withdraw),
    ),
    undos=(
        Transition(_S.PUBLISHED, _S.PENDING, _MODERATE, _may_be_unpublished),
        Transition(_S.OBSERVED, _S.PENDING, _MODERATE, may_be_undone),
        Transition(_S.REJECTED, _S.PENDING, _MODERATE, may_be_undone),
        Transition(_S.REJECTED, _S.OBSERVED, _MODERATE, may_be_undone),
        Transition(_S.HIDDEN, _S.PUBLISHED, _MODERATE, may_be_undone),
        Transition(_S.PUBLISHED, _S.HIDDEN, _MODERATE, may_be_undone),
    ),
)
