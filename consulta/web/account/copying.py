"""Taking the own data away: one zip for programs and for people, for who entered just now."""

from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import SpooledTemporaryFile
from typing import IO

from flask import Blueprint, render_template, send_file, stream_template
from flask.typing import ResponseReturnValue

from consulta import clock
from consulta.limits.rules import Deed
from consulta.messages.links import Site
from consulta.privacy.copies.archive import Contents, as_json, write_archive
from consulta.privacy.copying import record_copy, told_contributions, told_files
from consulta.web.account.fresh import needs_fresh
from consulta.web.audiences import ask_to_sign_in
from consulta.web.context import actor, db, parts
from consulta.web.forms import ActionForm
from consulta.web.limiting import spend
from consulta.web.own_words import HOLDERS, STEPS

blueprint = Blueprint("copying", __name__, url_prefix="/datos/copia")
# What is larger waits on the disk.
IN_MEMORY = 1024 * 1024


@blueprint.before_request
def _only_signed_in() -> ResponseReturnValue | None:
    return None if actor().is_known else ask_to_sign_in()


@blueprint.route("", methods=["GET", "POST"])
@needs_fresh
def download() -> ResponseReturnValue:
    """What the copy holds and the button that makes it; the log and the owner hear of each one."""
    form = ActionForm()
    if form.validate_on_submit():
        file = form.attempt(_make)
        if file is not None:
            return _send(file)
    return form.page("account/copy/show.html")


def _make() -> IO[bytes]:
    spend(Deed.COPY, account=actor().person_id)
    with ExitStack() as unless_made:
        file: IO[bytes] = unless_made.enter_context(SpooledTemporaryFile(max_size=IN_MEMORY))
        write_archive(file, _contents(), clock.now())
        record_copy(db(), actor=actor())
        unless_made.pop_all()
    return file


def _contents() -> Contents:
    """First what people read, then what programs read."""
    person_id, site = actor().person_id or 0, Site(parts().config.site_url)
    yield "LEAME.txt", [render_template("account/copy/readme.txt", made_at=clock.now(), site=site), "\n"]
    yield "aportes.html", _readable(person_id, site)
    for name, tell in told_files(db(), person_id, site).items():
        yield name, as_json(tell())


def _readable(person_id: int, site: Site) -> Iterator[str]:
    return stream_template(
        "account/copy/contributions.html",
        contributions=told_contributions(db(), person_id, site),
        name=actor().name,
        made_at=clock.now(),
        steps=STEPS,
        holders=HOLDERS,
    )


def _send(file: IO[bytes]) -> ResponseReturnValue:
    size = file.tell()
    file.seek(0)
    name = f"mis-datos-{clock.today().isoformat()}.zip"
    answer = send_file(file, "application/zip", as_attachment=True, download_name=name, etag=False)
    answer.content_length = size
    answer.headers["Cache-Control"] = "no-store"
    return answer
