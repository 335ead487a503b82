"""Following a topic or a proposal, how to hear of each, and the list of all that somebody follows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField

from consulta import clock
from consulta.follows.models import Mode
from consulta.follows.news import places_of
from consulta.follows.queries import answers_mode, find_follow, find_own_follow, latest_news, list_follows
from consulta.follows.rules import PROPOSAL_MODE, TOPIC_MODE
from consulta.follows.services import change_mode, follow, silence_everything, stop_following
from consulta.limits.rules import Deed
from consulta.plans.queries import find_public_plan, find_public_topic
from consulta.proposals.details import find_public_proposal
from consulta.web.context import actor, db
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.limiting import spend

blueprint = Blueprint("follows", __name__, url_prefix="/seguir")
STOP = "dejar"
NEWS_SHOWN = 5


MODES = {
    Mode.AT_ONCE: _l("Al momento: un correo por minuto como máximo"),
    Mode.DAILY: _l("Resumen diario: un correo a las 7:00 a. m., si hay novedades"),
    Mode.WEEKLY: _l("Resumen semanal: un correo los lunes a las 7:00 a. m., si hay novedades"),
    Mode.OFF: _l("Sin correos: solo en «Lo que sigo»"),
}


class FollowForm(Form):
    """How to hear of one thing; the button «dejar» stops following it."""

    mode = RadioField(_l("¿Cómo quiere enterarse?"))

    def __init__(self, **shown: Any) -> None:
        super().__init__(**shown)
        self.mode.choices = [(mode.value, sentence) for mode, sentence in MODES.items()]


@dataclass(frozen=True)
class Subject:
    """A topic or a proposal to follow: its ids as the services take them, its page, and what is suggested for it."""

    ids: dict[str, int]
    name: str
    path: str
    suggested: Mode
    is_topic: bool
    title: str = ""


@blueprint.get("/")
def index() -> ResponseReturnValue:
    return _list_page(FollowForm(formdata=None))


@blueprint.route("/temas/<plan_code>/<topic_code>", methods=["GET", "POST"])
def topic(plan_code: str, topic_code: str) -> ResponseReturnValue:
    plan = find_public_plan(db(), plan_code, clock.today())
    found = find_public_topic(db(), plan, topic_code)
    path = f"/planes/{plan.code}/temas/{found.code}"
    return _subject_page(Subject({"topic_id": found.id}, found.name, path, TOPIC_MODE, is_topic=True))


@blueprint.route("/propuestas/<folio>", methods=["GET", "POST"])
def proposal(folio: str) -> ResponseReturnValue:
    found = find_public_proposal(db(), folio)
    path, place = f"/propuestas/{found.folio}", places_of(db(), [found.id])[found.id]
    return _subject_page(
        Subject({"proposal_id": found.id}, found.folio, path, PROPOSAL_MODE, is_topic=False, title=place.title)
    )


@blueprint.post("/respuestas")
def answers() -> ResponseReturnValue:
    """How to hear of the answers to what one writes."""
    return _change(FollowForm(), lambda mode: follow(db(), actor=actor(), mode=mode))


@blueprint.post("/<int:follow_id>")
def change(follow_id: int) -> ResponseReturnValue:
    """Another mode for one row of the list, or no longer following it."""
    find_own_follow(db(), actor().person_id, follow_id)
    if STOP in request.form:
        return _act(ActionForm(), lambda: stop_following(db(), actor=actor(), follow_id=follow_id), _stopped())
    return _change(FollowForm(), lambda mode: change_mode(db(), actor=actor(), follow_id=follow_id, mode=mode))


@blueprint.post("/nada")
def silence() -> ResponseReturnValue:
    """No more mails of anything."""
    said = gettext("Ya no le enviaremos correos de lo que sigue. Su lista queda aquí.")
    return _act(ActionForm(), lambda: silence_everything(db(), actor=actor()), said)


def _subject_page(subject: Subject) -> ResponseReturnValue:
    own = find_follow(db(), actor().person_id, **subject.ids)
    form = FollowForm(mode=(own.mode if own else subject.suggested).value)
    if form.validate_on_submit():
        form.attempt(lambda: _follow_or_stop(form, subject, own.id if own else None))
        if _wants_json():
            return jsonify(following=STOP not in request.form) if form.succeeded else (_problem(form), form.status)
        if form.succeeded:
            flash(_stopped() if STOP in request.form else _saved() if own else _begun(subject))
            return redirect(request.path, 303)
    return form.page("participant/follows/subject.html", subject=subject, is_followed=own is not None)


def _follow_or_stop(form: FollowForm, subject: Subject, follow_id: int | None) -> None:
    spend(Deed.FOLLOW, account=actor().person_id)
    if STOP not in request.form:
        follow(db(), actor=actor(), mode=Mode(form.mode.data), **subject.ids)
    elif follow_id is not None:
        stop_following(db(), actor=actor(), follow_id=follow_id)


def _change(form: FollowForm, act: Callable[[Mode], Any]) -> ResponseReturnValue:
    return _act(form, lambda: act(Mode(form.mode.data)), _saved())


def _act(form: Form, act: Callable[[], Any], said: str) -> ResponseReturnValue:
    """Do one thing of the list and show it again."""
    if form.validate_on_submit():
        form.attempt(act)
        if form.succeeded:
            flash(said)
            return redirect(url_for("participant.follows.index"), 303)
    return _list_page(form)


def _list_page(form: Form) -> ResponseReturnValue:
    cursor = request.args.get("pagina", "")
    page = list_follows(db(), actor().person_id or 0, cursor)
    return form.page(
        "participant/follows/index.html",
        rows=page.rows,
        news=() if cursor else latest_news(db(), actor().person_id or 0, NEWS_SHOWN),
        following=page.following,
        is_first=not cursor,
        answers=answers_mode(db(), actor().person_id),
        modes=tuple(Mode),
    )


def _begun(subject: Subject) -> str:
    return gettext("Ya sigue %(name)s.", name=subject.name)


def _saved() -> str:
    return gettext("Guardamos cómo quiere enterarse.")


def _stopped() -> str:
    return gettext("Ya no sigue eso. No le enviaremos más avisos.")


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(("text/html", "application/json")) == "application/json"


def _problem(form: Form) -> Any:
    return jsonify(error=" ".join([*form.form_problems, *(str(e) for errors in form.errors.values() for e in errors)]))
