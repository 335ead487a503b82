"""The repository of a plan: files offered for download, and those withdrawn."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms.validators import InputRequired

from consulta import clock
from consulta.permissions import Permission, require
from consulta.plans.documents import add_document, withdraw_document
from consulta.plans.files import UploadedFile
from consulta.plans.models import DOCUMENT_MAX_BYTES, DocumentKind, Plan
from consulta.plans.team import find_document, find_plan
from consulta.web.context import actor, db
from consulta.web.fields import ChoiceField, DayField, LineField, WordsField, options
from consulta.web.forms import Form
from consulta.web.i18n import gettext
from consulta.web.i18n import lazy_gettext as _l

blueprint = Blueprint("documents", __name__, url_prefix="/planes/<plan_code>/documentos")
# Room for the other fields; what is larger still is refused before it is read.
UPLOAD_MAX_BYTES = DOCUMENT_MAX_BYTES + 1024 * 1024


class DocumentForm(Form):
    title = LineField(_l("Título"), [InputRequired(_l("Escriba el título del documento."))])
    kind = ChoiceField(_l("Tipo de documento"), [InputRequired(_l("Elija el tipo de documento."))], coerce=DocumentKind)
    issued_on = DayField(_l("Fecha del documento"), [InputRequired(_l("Diga la fecha del documento."))])
    edition = LineField(_l("Versión"), [InputRequired(_l("Escriba la versión del documento."))], default="1")
    upload = FileField(_l("Archivo"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = options(DocumentKind, blank=gettext("Elija un tipo"))


class WithdrawForm(Form):
    reason = WordsField(_l("Motivo"), [InputRequired(_l("Escriba por qué se retira."))])


def uploaded(value: Any) -> UploadedFile:
    """What a file field holds; one byte more than the limit is read, so that the limit can be judged."""
    if not isinstance(value, FileStorage):
        return UploadedFile("", b"")
    return UploadedFile(value.filename or "", value.stream.read(DOCUMENT_MAX_BYTES + 1))


def allow_upload(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Raise the limit of the request; runs before anything reads the form."""
    if request.method == "POST":
        request.max_content_length = UPLOAD_MAX_BYTES


@blueprint.url_value_preprocessor
def _allow_upload(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if endpoint == "coordination.documents.new":
        allow_upload(endpoint, values)


@blueprint.get("")
def index(plan_code: str) -> ResponseReturnValue:
    return _list(find_plan(db(), plan_code), WithdrawForm(formdata=None))


@blueprint.route("/nuevo", methods=["GET", "POST"])
def new(plan_code: str) -> ResponseReturnValue:
    require(actor(), Permission.PLAN_MANAGE)
    plan = find_plan(db(), plan_code)
    form = DocumentForm()
    if request.method != "POST":
        form.issued_on.data = clock.today()
    if form.validate_on_submit():
        form.attempt(
            lambda: add_document(
                db(),
                actor=actor(),
                plan_id=plan.id,
                upload=uploaded(form.upload.data),
                title=form.title.data,
                kind=form.kind.data,
                issued_on=form.issued_on.data,
                edition=form.edition.data,
                form_key=form.form_key.data,
            )
        )
        if form.succeeded:
            flash(gettext("El documento ya se puede descargar."))
            return redirect(url_for("coordination.documents.index", plan_code=plan_code), 303)
    return form.page("coordination/documents/new.html", plan=plan)


@blueprint.get("/<int:document_id>")
def download(plan_code: str, document_id: int) -> ResponseReturnValue:
    """The file for the team, withdrawn ones too; never shown inside a page of the site."""
    document = find_document(db(), find_plan(db(), plan_code), document_id)
    response = Response(document.content, content_type=document.media_type)
    response.headers.set("Content-Disposition", "attachment", filename=document.file_name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/<int:document_id>/retirar", methods=["GET", "POST"])
def withdraw(plan_code: str, document_id: int) -> ResponseReturnValue:
    require(actor(), Permission.PLAN_MANAGE)
    plan = find_plan(db(), plan_code)
    document = find_document(db(), plan, document_id)
    form = WithdrawForm()
    if form.validate_on_submit():
        form.attempt(lambda: withdraw_document(db(), actor=actor(), document_id=document.id, reason=form.reason.data))
        if form.succeeded:
            flash(gettext("El documento ya no se ofrece al público."))
            return redirect(url_for("coordination.documents.index", plan_code=plan_code), 303)
    return form.page("coordination/documents/withdraw.html", plan=plan, document=document)


def _list(plan: Plan, form: Form) -> ResponseReturnValue:
    return form.page("coordination/documents/index.html", plan=plan, documents=plan.documents)
