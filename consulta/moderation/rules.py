"""Which acts a state admits, how long an act can be taken back, and how long a claim lasts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from consulta.contributions.models import ContributionState, RejectionReason
from consulta.contributions.rules import LOST, check_completion, check_public_text
from consulta.errors import Problem
from consulta.moderation.models import COMPLETION, NOTE_MAX, Act
from consulta.plans.rules import Work

UNDO_TIME = timedelta(seconds=10)
# Longer than the time to undo, so that whoever is told was told of something that stands.
MAIL_WAITS = timedelta(seconds=15)
CLAIM_TIME = timedelta(minutes=10)
BATCH_MAX = 100

_S = ContributionState


@dataclass(frozen=True)
class ActRule:
    """From which states an act is possible, where it leads (None: the state stays), and who is told."""

    starts: tuple[ContributionState, ...]
    to: ContributionState | None
    mail: str | None = None
    # Whether it needs the code of a reason and a text for everybody to read.
    is_explained: bool = False
    # What its plan must still admit.
    work: Work = Work.MODERATE


ACTS: Mapping[Act, ActRule] = {
    Act.PUBLISH: ActRule((_S.PENDING,), _S.PUBLISHED, "contribution_published"),
    Act.OBSERVE: ActRule((_S.PENDING,), _S.OBSERVED, "contribution_observed"),
    Act.REJECT: ActRule((_S.PENDING, _S.OBSERVED), _S.REJECTED, "contribution_rejected", is_explained=True),
    Act.HIDE: ActRule((_S.PUBLISHED,), _S.HIDDEN, "contribution_hidden", is_explained=True, work=Work.PROTECT),
    Act.UNHIDE: ActRule((_S.HIDDEN,), _S.PUBLISHED, "contribution_published", work=Work.PROTECT),
    Act.REVIEW: ActRule((_S.PUBLISHED,), None, work=Work.PROTECT),
    Act.EXPIRE: ActRule((_S.OBSERVED,), _S.REJECTED, "contribution_rejected", is_explained=True),
}
# They say nothing of whether somebody has read what is shown.
ON_WORDS = (Act.ACCEPT, Act.DECLINE, Act.REDACT)
# What can be done with several at once: nothing that asks each author for something else.
BATCH_ACTS = (Act.PUBLISH, Act.REVIEW, Act.REJECT, Act.HIDE, Act.UNHIDE)

# The wording that comes with the site, until the coordinator writes another.
FIRST_TEXTS: Mapping[str, str] = {
    RejectionReason.SPAM.value: (
        "El texto anuncia productos o servicios, o se envió de forma automática. No contiene una propuesta para el "
        "plan."
    ),
    RejectionReason.OFFENSIVE.value: (
        "El texto insulta o discrimina a personas. Puede enviar su propuesta de nuevo sin esas expresiones."
    ),
    RejectionReason.PERSONAL_DATA.value: (
        "El texto contiene datos personales de otra persona. Para protegerla no se publica. Puede enviarlo de nuevo "
        "sin esos datos."
    ),
    RejectionReason.EMPTY.value: (
        "El texto no contiene una propuesta que se pueda analizar. Puede enviar otra que diga qué debería hacerse y "
        "para qué."
    ),
    RejectionReason.NOT_PUBLIC.value: (
        "El texto trata un asunto privado o que está en manos de un tribunal. Esta consulta no puede resolverlo."
    ),
    RejectionReason.TEST.value: "El texto es una prueba de envío y no contiene una propuesta.",
    COMPLETION: (
        "Para analizar su propuesta necesitamos saber más. Díganos qué debería hacerse, dónde y a quién beneficiaría."
    ),
}


def work_of(act: Act) -> Work:
    """What the plan must still admit for an act, and for taking it back."""
    if act in ACTS:
        return ACTS[act].work
    return Work.PROTECT if act is Act.REDACT else Work.MODERATE


def problems_of(act: Act, reason: RejectionReason | None, text: str, complete_by: date, today: date) -> list[Problem]:
    """What is missing in the words of an act, field by field; `text` is cleaned."""
    if act is Act.OBSERVE:
        return check_completion(text=text, complete_by=complete_by, today=today)
    if act is Act.UNHIDE:
        if LOST in text:
            return [Problem("reason", "text_unreadable")]
        return [] if text else [Problem("reason", "reason_missing")]
    if not ACTS[act].is_explained:
        return []
    missing = [] if reason else [Problem("reason", "reason_code_missing")]
    return missing + check_public_text(text=text)


def check_note(text: str) -> list[Problem]:
    """What is wrong with a cleaned note."""
    if not text:
        return [Problem("text", "note_missing")]
    if LOST in text:
        return [Problem("text", "text_unreadable")]
    if len(text) > NOTE_MAX:
        return [Problem("text", "text_too_long", {"max": NOTE_MAX, "length": len(text)})]
    return []


def check_stored_text(text: str) -> list[Problem]:
    """A stored text must be good for the field that it is put into."""
    return check_public_text(text=text, field="text")


def is_recent(done_at: datetime, now: datetime) -> bool:
    """Whether an act can still be taken back; the last moment is the end of the tenth second."""
    return now - done_at <= UNDO_TIME
