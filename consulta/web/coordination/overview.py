"""The first page of the team: how much waits in each tray, how old and how late, and what is best done next."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from consulta.permissions import Permission, allows
from consulta.web.context import actor
from consulta.web.coordination.trays import team_work
from consulta.web.coordination.workload import Pile, Workload
from consulta.web.i18n import gettext

blueprint = Blueprint("overview", __name__)


@dataclass(frozen=True)
class Tray:
    """A pile of work with its name and address."""

    label: str
    path: str
    pile: Pile
    act: str

    @property
    def waiting_since(self) -> date | datetime | None:
        return self.pile.oldest


@blueprint.get("/")
def index() -> ResponseReturnValue:
    trays = _trays()
    return render_template("coordination/overview/index.html", trays_of_work=trays, best=_best(trays))


def _trays() -> list[Tray]:
    work = team_work()
    return [
        Tray(gettext("Aportes en revisión"), "/coordinacion/moderacion", work.pending, gettext("Revisar aportes")),
        Tray(
            gettext("Aportes denunciados"),
            "/coordinacion/moderacion?ver=denunciados",
            work.reported,
            gettext("Leer las denuncias"),
        ),
        Tray(
            gettext("Textos nuevos de autores"),
            "/coordinacion/moderacion?ver=textos-nuevos",
            work.rewritten,
            gettext("Leer los textos nuevos"),
        ),
        Tray(
            gettext("Aportes en subsanación"),
            "/coordinacion/moderacion?ver=en-subsanacion",
            work.observed,
            gettext("Ver qué falta completar"),
        ),
        Tray(
            gettext("Propuestas por sistematizar"),
            "/coordinacion/propuestas",
            work.to_systematize,
            gettext("Sistematizar propuestas"),
        ),
        Tray(
            gettext("Propuestas por remitir"), "/coordinacion/remitir", work.to_forward, gettext("Remitir propuestas")
        ),
        Tray(
            gettext("Remisiones sin respuesta"),
            "/coordinacion/remisiones",
            work.awaiting,
            gettext("Ver remisiones"),
        ),
        Tray(gettext("Propuestas por decidir"), "/coordinacion/decidir", work.to_decide, gettext("Decidir propuestas")),
        Tray(
            gettext("Compromisos en revisión institucional"),
            "/coordinacion/compromisos",
            work.in_review,
            gettext("Ver compromisos"),
        ),
        *_only_for_who_judges(work),
    ]


def _only_for_who_judges(work: Workload) -> list[Tray]:
    if not allows(actor(), Permission.REPRESENTATION_JUDGE):
        return []
    label, act = gettext("Organizaciones por confirmar"), gettext("Ver las solicitudes")
    return [Tray(label, "/coordinacion/organizaciones", work.to_confirm, act)]


def _best(trays: list[Tray]) -> Tray | None:
    """What is best done next: what is late, then what comes first on the way of a proposal."""
    waiting = [tray for tray in trays if tray.pile.count]
    return max(waiting, key=lambda tray: (tray.pile.late > 0, -trays.index(tray)), default=None)
