"""What somebody is writing: the form, the place it is for, and the draft that waits while its author signs in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from flask import session
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, SelectField, StringField, TextAreaField

from consulta import clock
from consulta.contributions.drafts import place_of
from consulta.contributions.models import SUGGESTION_MAX, Contribution, ContributionState, Draft
from consulta.contributions.queries import list_institutions
from consulta.contributions.rules import check_text
from consulta.database import read_rows
from consulta.errors import Invalid, NotFound, Problem, StaleVersion
from consulta.keys import key_of
from consulta.people.models import Institution
from consulta.plans.models import Plan, Topic, TopicState
from consulta.plans.rules import Work, admits, may_contribute
from consulta.text import clean, clean_line
from consulta.web.context import db
from consulta.web.forms import Difference, Form
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.participant.on_behalf import BehalfForm
from consulta.web.participant.sending import SENDING_FIELDS

REPLY = "reply"
OTHER = "other"
DRAFT_KEY = "draft"
PLACE_FIELDS = ("kind", "plan", "topic", "parent")
WORD_FIELDS = ("title", "body", "suggested_institution", "suggested_institution_text", "organization")
# `saved` goes along with a text of which a draft is kept, which then ends with it: the stamp of that draft.
FIELDS = (*PLACE_FIELDS, *WORD_FIELDS, *SENDING_FIELDS, "saved")
TEXT_CAP = 20_000
_STAMP = re.compile(r"[0-9]{1,17}")


class ComposeForm(BehalfForm):
    """A proposal or a reply, with where it goes."""

    kind = HiddenField(default="proposal")
    plan = HiddenField()
    topic = HiddenField()
    parent = HiddenField()
    saved = HiddenField()
    title = StringField(_l("Título"))
    body = TextAreaField(_l("Su propuesta"))
    suggested_institution = SelectField(_l("¿Qué institución debería responder?"), choices=[], validate_choice=False)
    suggested_institution_text = StringField(_l("Si es otra, ¿cuál?"))

    @property
    def is_reply(self) -> bool:
        return bool(self.kind.data == REPLY)

    @property
    def draft(self) -> dict[str, str]:
        """What was typed, field by field."""
        return {name: str(self[name].data or "")[:TEXT_CAP] for name in FIELDS}

    @property
    def words(self) -> dict[str, str]:
        """What a draft keeps."""
        return {name: self.draft[name] for name in WORD_FIELDS}

    @property
    def seen_draft(self) -> int | None:
        """The stamp of the draft that this text goes on from."""
        stamp = str(self.saved.data or "")
        return int(stamp) if _STAMP.fullmatch(stamp) else None

    @property
    def suggestion(self) -> str:
        """The institution that was typed by hand, when it is not one of the list."""
        if self.suggested_institution.data != OTHER:
            return ""
        return clean_line(self.suggested_institution_text.data or "")

    def _take_stale(self, refusal: StaleVersion) -> None:
        """A draft that changed in another window: both texts are shown, and saving again keeps the one that is here."""
        super()._take_stale(refusal)
        self.saved.data = str(refusal.present)

    def _compare(self, subject: object) -> list[Difference]:
        if isinstance(subject, Draft):
            subject = SimpleNamespace(**{name: subject.fields.get(name, "") for name in ("title", "body")})
        return super()._compare(subject)


class CheckForm(ComposeForm):
    """The same from a public page, which carries no token; it is only looked at."""

    class Meta(Form.Meta):
        csrf = False


@dataclass(frozen=True)
class Place:
    """Where a text goes: a topic, or under a contribution that is shown. Its records are read when something asks."""

    topic_id: int | None
    parent_id: int | None = None

    @property
    def key(self) -> str:
        """What tells it from every other place."""
        return place_of(self.topic_id, self.parent_id)

    @cached_property
    def topic(self) -> Topic | None:
        return None if self.topic_id is None else db().get_one(Topic, self.topic_id, options=[joinedload(Topic.plan)])

    @cached_property
    def parent(self) -> Contribution | None:
        return None if self.parent_id is None else db().get_one(Contribution, self.parent_id)

    @property
    def plan(self) -> Plan:
        where = self.topic or self.parent
        assert where is not None
        return where.plan

    @property
    def is_open(self) -> bool:
        """Whether a text can be sent there now."""
        now = clock.now()
        if self.topic is None:
            return admits(self.plan, Work.CONTRIBUTE, now)
        return may_contribute(self.plan, self.topic, now)

    @cached_property
    def institutions(self) -> Sequence[Institution]:
        """Those that can be suggested, read when something asks for them."""
        return () if self.parent_id else list_institutions(db(), public_only=True)

    def institution(self, code: str) -> Institution | None:
        if code in ("", OTHER):
            return None
        return next((institution for institution in self.institutions if institution.code == code), None)


def find_place(form: ComposeForm) -> Place:
    """The place that a form names. Raises NotFound when nobody can write there."""
    if form.is_reply:
        form.body.label.text = _l("Su respuesta")
        parent = str(form.parent.data or "")
        found = read_rows(db(), _PARENT, {"id": key_of(parent)})
        if not found:
            raise NotFound("Contribution", parent)
        return Place(found[0].topic_id, found[0].id)
    named = {"plan": str(form.plan.data or ""), "topic": str(form.topic.data or "")}
    found = read_rows(db(), _TOPIC, named)
    if not found:
        raise NotFound("Topic", named["topic"])
    return Place(found[0].id)


def offer_choices(form: ComposeForm, place: Place) -> None:
    """Fill the choices of a form that is shown."""
    form.offer_organization()
    form.suggested_institution.choices = [
        ("", str(_l("No sé"))),
        *((institution.code, institution.name) for institution in place.institutions),
        (OTHER, str(_l("Otra institución"))),
    ]


_PARENT = sa.select(Contribution.id, Contribution.topic_id).where(
    Contribution.id == sa.bindparam("id"), Contribution.state == ContributionState.PUBLISHED
)
_TOPIC = (
    sa.select(Topic.id)
    .join(Topic.plan)
    .where(Plan.code == sa.bindparam("plan"), Topic.code == sa.bindparam("topic"), Topic.state != TopicState.DRAFT)
)


def check_draft(form: ComposeForm, place: Place) -> bool:
    """Whether the text can be sent as it is; else the form says field by field what is wrong."""
    code = form.suggested_institution.data or ""
    problems = check_text(
        title=clean_line(form.title.data or ""),
        body=clean(form.body.data or ""),
        is_reply=form.is_reply,
        suggestion=form.suggestion,
    )
    if code not in ("", OTHER) and not form.is_reply and place.institution(code) is None:
        problems.append(Problem("suggested_institution", "institution_unknown"))
    if len(form.suggestion) > SUGGESTION_MAX:
        problems = [problem for problem in problems if problem.field != "suggested_institution"]
        facts = {"max": SUGGESTION_MAX, "length": len(form.suggestion)}
        problems.append(Problem("suggested_institution_text", "text_too_long", facts))
    problems += form.check_organization()
    if not problems:
        return True
    form.attempt(lambda: _refuse(problems))
    return False


def _refuse(problems: list[Problem]) -> None:
    raise Invalid(*problems)


def keep_draft(form: ComposeForm) -> None:
    """Bind what was typed to the session, so that it survives signing in."""
    session[DRAFT_KEY] = form.draft


def forget_draft() -> None:
    session.pop(DRAFT_KEY, None)


def kept_form() -> CheckForm | None:
    """The form of the kept draft, if there is one."""
    draft: dict[str, Any] | None = session.get(DRAFT_KEY)
    return None if not draft else CheckForm(formdata=MultiDict(draft))
