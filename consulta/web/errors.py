"""Errors as pages: what happened to what was typed, what to do, and an incident number when it is our fault."""

import logging
import secrets

from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

from consulta import clock
from consulta.errors import NotAllowed, NotFound, Refusal, TooMany
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.wording import refusal_sentence

log = logging.getLogger("consulta")

# status: (title, what to do)
PAGES = {
    400: (_l("No entendimos la solicitud"), _l("Vuelva a la página anterior e inténtelo de nuevo.")),
    401: (_l("Su sesión terminó"), _l("Entre de nuevo para continuar. No se guardó nada de lo que envió.")),
    403: (
        _l("Esta página es para otras personas"),
        _l("Su cuenta no puede verla. Si la necesita para su trabajo, pida el permiso al equipo de la consulta."),
    ),
    404: (_l("No encontramos esta página"), _l("Revise la dirección o busque por folio o por palabra.")),
    405: (_l("Esta página no admite ese envío"), _l("Vuelva a la página anterior e inténtelo de nuevo.")),
    409: (_l("No se pudo hacer en este momento"), _l("Vuelva a la página y revise el estado actual.")),
    413: (_l("El envío es demasiado grande"), _l("Acorte el texto o envíe un archivo más pequeño.")),
    415: (_l("No entendimos la solicitud"), _l("Vuelva a la página anterior e inténtelo de nuevo.")),
    422: (_l("Revise lo que escribió"), _l("Vuelva a la página anterior y corrija los datos.")),
    429: (_l("Demasiados envíos seguidos"), _l("No se guardó nada. Vuelva a la página anterior y espere un momento.")),
    500: (_l("Algo falló de nuestro lado"), _l("No se guardó ningún cambio. Inténtelo de nuevo en unos minutos.")),
    503: (_l("El servicio no está disponible"), _l("No se guardó ningún cambio. Inténtelo de nuevo en unos minutos.")),
}


def register_errors(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(NotAllowed, lambda error: _page(403))
    app.register_error_handler(NotFound, lambda error: _page(404))
    app.register_error_handler(TooMany, _too_many)
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(OperationalError, _database_down)
    app.register_error_handler(Exception, _our_fault)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    page, status, headers = _page(error.code or 500)
    # What belongs to the answer beside its page: the methods that an address takes, when to come back.
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return page, status, {**headers, **kept}


def _refusal(error: Exception) -> ResponseReturnValue:
    sentence = refusal_sentence(error) if isinstance(error, Refusal) else ""
    return _page(409, sentence)


def _too_many(error: TooMany) -> ResponseReturnValue:
    page, status, headers = _page(429, refusal_sentence(error))
    return page, status, {**headers, "Retry-After": str(clock.seconds_until(error.again_at))}


def _database_down(error: OperationalError) -> ResponseReturnValue:
    incident = secrets.token_hex(4)
    log.error("database unavailable, incident %s", incident, exc_info=error)
    return _page(503, incident=incident)


def _our_fault(error: Exception) -> ResponseReturnValue:
    if isinstance(error, HTTPException):
        return _http_error(error)
    incident = secrets.token_hex(4)
    log.error("unexpected failure, incident %s", incident, exc_info=error)
    return _page(InternalServerError.code, incident=incident)


def _page(status: int, sentence: str = "", incident: str = "") -> tuple[Response | str, int, dict[str, str]]:
    """The page of an error; as problem+json under the API."""
    title, advice = PAGES.get(status, PAGES[500])
    if request.path.startswith("/api/"):
        problem = jsonify(type="about:blank", title=str(title), status=status, detail=sentence or str(advice))
        problem.content_type = "application/problem+json"
        return problem, status, {"Cache-Control": "no-store"}
    page = render_template(
        "errors/error.html", status=status, heading=title, advice=advice, sentence=sentence, incident=incident
    )
    return page, status, {"Cache-Control": "no-store"}
