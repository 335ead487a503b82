"""Sign up, sign in, recover. Flask-Security serves these pages alone, through `web/sign_in.py`."""

from flask import Blueprint, Flask, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from consulta.web.account import (
    address,
    codes,
    copying,
    data,
    erasure,
    fresh,
    identities,
    own,
    passkeys,
    providers,
    recovery,
    representation,
    second_step,
    sign_in,
    sign_up,
    state,
    statistics,
)
from consulta.web.account.provider_clients import prepare_providers
from consulta.web.audiences import ACCOUNT, Identify, audience_blueprint
from consulta.web.i18n import lazy_gettext as _l
from consulta.web.sign_in import prepare_sign_in

STALE_FORM = _l("El formulario venció o su sesión cambió. No se guardó nada de lo que envió.")
STALE_FORM_ADVICE = _l("Vuelva a la página anterior, recárguela e inténtelo de nuevo.")


def prepare_accounts(app: Flask) -> Identify:
    app.register_error_handler(CSRFError, _stale_form)
    prepare_providers(app)
    return prepare_sign_in(app, app.extensions["consulta"].config.is_production)


def account_blueprint(identify: Identify) -> Blueprint:
    blueprint = audience_blueprint(ACCOUNT, __name__, identify)
    keeping = (own, address, identities, representation, statistics, data, copying, erasure)
    for area in (sign_in, codes, passkeys, providers, second_step, fresh, sign_up, recovery, *keeping, state):
        blueprint.register_blueprint(area.blueprint)
    blueprint.register_blueprint(passkeys.own)
    return blueprint


def _stale_form(error: CSRFError) -> ResponseReturnValue:
    """A form without the token of this session: it was not sent from a page that this browser was given."""
    page = render_template(
        "errors/error.html",
        status=400,
        heading=_l("No pudimos recibir el formulario"),
        advice=STALE_FORM_ADVICE,
        sentence=STALE_FORM,
        incident="",
    )
    return page, 400, {"Cache-Control": "no-store"}
