"""The parts of the site that are for one person: what the header links, and where somebody lands after entering."""

from dataclasses import dataclass

from consulta.people.actors import Actor
from consulta.web.audiences import ADMINISTRATION, COORDINATION, INSTITUTION, PARTICIPANT, Audience
from consulta.web.i18n import gettext


@dataclass(frozen=True)
class Space:
    label: str
    path: str


def spaces_of(reader: Actor) -> list[Space]:
    """Their own space first, then those of their work."""
    words: list[tuple[Audience, str]] = [
        (PARTICIPANT, gettext("Mi espacio")),
        (INSTITUTION, gettext("Mi institución")),
        (COORDINATION, gettext("Coordinación")),
        (ADMINISTRATION, gettext("Administración")),
    ]
    return [Space(word, f"{one.path}/") for one, word in words if one.admits and one.admits(reader)]


def first_space(reader: Actor) -> str:
    """The path where somebody's work waits: a tray for the team, the own space for everybody else."""
    spaces = spaces_of(reader)
    return spaces[1 if len(spaces) > 1 else 0].path
