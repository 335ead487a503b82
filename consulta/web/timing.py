"""Since when somebody has a form: a moment that the form carries, signed."""

from itsdangerous import BadSignature, Signer

from consulta import clock
from consulta.web.context import parts

MILLISECONDS = 1000


def _signer() -> Signer:
    return Signer(parts().config.secret_key, salt="form-started")


def started_now() -> str:
    """The present moment, signed, for a form that is shown for the first time."""
    return _signer().sign(str(round(clock.now().timestamp() * MILLISECONDS))).decode()


def seconds_since(started: str) -> float | None:
    """Seconds since a signed moment; None for one that we did not sign."""
    try:
        moment = int(_signer().unsign(started)) / MILLISECONDS
    except (BadSignature, ValueError):
        return None
    return max(0.0, clock.now().timestamp() - moment)
