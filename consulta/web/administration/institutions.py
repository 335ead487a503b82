"""Institutions: what they are called, how long they existed, and which topics they answer for."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import DateField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from consulta.errors import NotFound
from consulta.people.institutions import InstitutionDetails, create_institution, edit_institution
from consulta.people.models import Institution, InstitutionKind
from consulta.people.queries import list_institutions
from consulta.plans.team import competences_of, topic_names
from consulta.web.context import actor, db, parts
from consulta.web.filters import label
from consulta.web.forms import ActionForm, Form
from consulta.web.i18n import gettext as _
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("institutions", __name__, url_prefix="/instituciones")


class InstitutionForm(Form):
    """Everything but the code, which never changes once given."""

    name = StringField(_l("Nombre completo"), [InputRequired(_l("Escriba el nombre completo."))])
    kind = SelectField(_l("Tipo"), [InputRequired(_l("Elija el tipo de institución."))])
    email = StringField(_l("Correo de contacto"))
    valid_from = DateField(_l("Existe desde"), [Optional()])
    valid_to = DateField(_l("Existió hasta"), [Optional()])
    successor = SelectField(_l("La sustituyó"))
    competences = SelectMultipleField(
        _l("Temas de su competencia"), option_widget=CheckboxInput(), widget=ListWidget(prefix_label=False)
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)
        self.kind.choices = [("", _("Elija un tipo")), *((kind.value, label(kind)) for kind in InstitutionKind)]
        places = [(str(place.id), f"{place.name} ({place.code})") for place in list_institutions(db())]
        self.successor.choices = [("", _("Ninguna")), *places]
        self.competences.choices = list(topic_names(db()).items())

    @property
    def details(self) -> InstitutionDetails:
        return InstitutionDetails(
            name=self.name.data or "",
            kind=InstitutionKind(self.kind.data),
            email=self.email.data or "",
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
            successor_id=int(self.successor.data) if self.successor.data else None,
            competences=frozenset(self.competences.data or ()),
        )


class NewInstitutionForm(InstitutionForm):
    code = StringField(_l("Siglas"), [InputRequired(_l("Escriba las siglas."))])


@blueprint.get("")
def index() -> ResponseReturnValue:
    return ActionForm().page(
        "administration/institutions/index.html",
        institutions=list_institutions(db()),
        competences=competences_of(db()),
        names=topic_names(db()),
    )


@blueprint.route("/nueva", methods=["GET", "POST"])
def create() -> ResponseReturnValue:
    form = NewInstitutionForm()
    if form.validate_on_submit():
        form.attempt(
            lambda: create_institution(
                db(),
                actor=actor(),
                code=form.code.data or "",
                details=form.details,
                allows_test=not parts().config.is_production,
            )
        )
        if form.succeeded:
            flash(_("Agregamos la institución."))
            return redirect(url_for(".index"), 303)
    return form.page("administration/institutions/edit.html", institution=None)


@blueprint.route("/<int:institution_id>", methods=["GET", "POST"])
def edit(institution_id: int) -> ResponseReturnValue:
    institution = db().get(Institution, institution_id)
    if institution is None:
        raise NotFound("Institution", institution_id)
    form = InstitutionForm(data=_present(institution))
    if form.validate_on_submit():
        form.attempt(
            lambda: edit_institution(
                db(),
                actor=actor(),
                institution_id=institution_id,
                version=form.seen_version,
                details=form.details,
                allows_test=not parts().config.is_production,
            )
        )
        if form.succeeded:
            flash(_("Guardamos los cambios."))
            return redirect(url_for(".index"), 303)
    return form.page("administration/institutions/edit.html", institution=institution)


def _present(institution: Institution) -> dict[str, Any]:
    """The record as the form's fields hold it."""
    return {
        "version": institution.version,
        "name": institution.name,
        "kind": institution.kind.value,
        "email": institution.email,
        "valid_from": institution.valid_from,
        "valid_to": institution.valid_to,
        "successor": str(institution.successor_id or ""),
        "competences": competences_of(db()).get(institution.id, []),
    }
