"""Referrals as lists show them, to liaisons and to the coordination: groups by name, and days left."""

from collections.abc import Sequence
from dataclasses import dataclass

from consulta import clock
from consulta.plans.rules import working_days_between
from consulta.referrals.models import Referral
from consulta.referrals.queries import Group, holidays
from consulta.referrals.rules import is_overdue
from consulta.web.context import db
from consulta.web.i18n import gettext as _

# What `?estado=` says.
GROUPS = {
    "por-responder": Group.AWAITING,
    "atrasadas": Group.OVERDUE,
    "sin-respuesta": Group.NO_ANSWER,
    "respondidas": Group.ANSWERED,
    "devueltas": Group.RETURNED,
    "anuladas": Group.CANCELLED,
}


@dataclass(frozen=True)
class Row:
    """A referral in a list, with how many working days are left (negative: that many late)."""

    referral: Referral
    days_left: int
    is_overdue: bool


def rows_of(referrals: Sequence[Referral]) -> list[Row]:
    today, days_off = clock.today(), holidays(db())
    return [
        Row(referral, working_days_between(today, referral.due_on, days_off), is_overdue(referral, today))
        for referral in referrals
    ]


def group_label(group: Group) -> str:
    return {
        Group.AWAITING: _("Por responder"),
        Group.OVERDUE: _("Atrasadas"),
        Group.NO_ANSWER: _("Marcadas sin respuesta"),
        Group.ANSWERED: _("Respondidas"),
        Group.RETURNED: _("Devueltas"),
        Group.CANCELLED: _("Anuladas"),
    }[group]
