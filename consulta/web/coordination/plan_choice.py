"""Which plan a tray of the coordination is about."""

from collections.abc import Sequence

from flask import request

from consulta import clock
from consulta.plans.models import Plan
from consulta.plans.rules import Work, admits
from consulta.plans.team import find_plan
from consulta.web.context import db


def chosen_plan(plans: Sequence[Plan], work: Work) -> Plan | None:
    """The plan that `?plan=` names; else the first that admits the work now, else the newest."""
    code = request.args.get("plan")
    if code:
        return find_plan(db(), code)
    at_work = (plan for plan in plans if admits(plan, work, clock.now()))
    return next(at_work, plans[0] if plans else None)
