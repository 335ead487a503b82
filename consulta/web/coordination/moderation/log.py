"""The log of moderation: who did what, when and why. The observers of the forum read it too."""

from datetime import MAXYEAR, MINYEAR, date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from consulta.contributions.queries import list_plans
from consulta.keys import key_of
from consulta.moderation.log import list_log, list_moderators
from consulta.web.context import db
from consulta.web.coordination.moderation.words import ACT_WORDS, LOGGED, act_sentence

blueprint = Blueprint("log", __name__, url_prefix="/registro")


@blueprint.get("")
def index() -> ResponseReturnValue:
    asked = request.args
    act = asked.get("paso", "")
    cursor = asked.get("pagina", "")
    chosen: dict[str, Any] = {
        "paso": act if act in LOGGED else "",
        "quien": key_of(asked.get("quien")),
        "plan": key_of(asked.get("plan")),
        "desde": _day(asked.get("desde")),
        "hasta": _day(asked.get("hasta")),
    }
    page = list_log(
        db(),
        [chosen["paso"]] if chosen["paso"] else LOGGED,
        person_id=chosen["quien"],
        plan_id=chosen["plan"],
        since=chosen["desde"],
        until=chosen["hasta"],
        cursor=cursor,
    )
    return render_template(
        "coordination/moderation/log.html",
        page=page,
        chosen=chosen,
        kept={name: value for name, value in chosen.items() if value},
        acts=[(name, ACT_WORDS[name]) for name in LOGGED],
        moderators=list_moderators(db()),
        plans=list_plans(db()),
        act_sentence=act_sentence,
        is_first=not cursor,
    )


def _day(typed: str | None) -> date | None:
    """The civil day that a date field sends; None for anything else, and for years that no clock has."""
    try:
        day = date.fromisoformat(typed or "")
    except ValueError:
        return None
    return day if MINYEAR < day.year < MAXYEAR else None
