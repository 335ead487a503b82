"""Sign up, sign in, recover: Flask-Security lives here and nowhere else."""

from flask import Blueprint, Flask

from consulta.people.actors import VISITOR
from consulta.web.audiences import ACCOUNT, Identify, audience_blueprint


def prepare_accounts(app: Flask) -> Identify:
    return lambda: VISITOR


def account_blueprint(identify: Identify) -> Blueprint:
    return audience_blueprint(ACCOUNT, __name__, identify)
