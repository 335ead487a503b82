"""The links that mails carry into the account pages."""

from flask import render_template
from flask.typing import ResponseReturnValue

from consulta.people.models import Account, SignUp
from consulta.people.tokens import Purpose, read_sign_up, read_token
from consulta.web.context import db, parts


def account_of(purpose: Purpose, token: str) -> Account | None:
    """The account of a link that still works."""
    return read_token(db(), parts().config.secret_key, purpose, token)


def sign_up_of(token: str) -> SignUp | None:
    """The account that a link would make, if it still works."""
    return read_sign_up(db(), parts().config.secret_key, token)


def expired_page(purpose: Purpose) -> ResponseReturnValue:
    return render_template("account/link_expired.html", purpose=purpose.value), 404
