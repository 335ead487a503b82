"""How much waits, for the list of trays beside every page of the team."""

from collections.abc import Callable

from flask import g

from consulta import clock
from consulta.web.context import db
from consulta.web.coordination.workload import Workload, read_workload


def team_work() -> Workload:
    """What waits in each tray, read once a request."""
    if "team_work" not in g:
        g.team_work = read_workload(db(), clock.today())
    found: Workload = g.team_work
    return found


def tray_context() -> dict[str, Callable[[], Workload]]:
    """For the layout of the audience, which asks only when it is drawn: an error page reads nothing."""
    return {"team_work": team_work}
