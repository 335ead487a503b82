"""`/api/v1/plans/<plan>/figures`: the accounting of a plan, one object a figure."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.cache_versions import plan_scope
from consulta.figures.services import Figure, account
from consulta.plans.queries import find_public_plan
from consulta.web.context import db
from consulta.web.pages import public_page

blueprint = Blueprint("figures", __name__)


@blueprint.get("/plans/<plan_code>/figures")
@public_page(lambda plan_code: (plan_scope(plan_code),))
def index(plan_code: str) -> ResponseReturnValue:
    """Every figure that the plan publishes; the list is short and comes whole."""
    plan = find_public_plan(db(), plan_code, clock.today())
    return jsonify(items=[figure_fields(figure) for figure in account(db(), plan).figures], next=None)


def figure_fields(figure: Figure) -> dict[str, object]:
    """The public fields of a figure; `difference` is value − published."""
    return {
        "key": figure.key,
        "value": figure.value,
        "published": figure.published,
        "difference": figure.difference,
        "status": figure.status.value,
        "note": figure.note,
    }
