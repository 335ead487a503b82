"""Cursors of long lists: where a page ended, signed, so that only those this site gave are taken."""

import base64
import binascii
import hashlib
import hmac

from flask import abort, request

from consulta.web.context import parts

_SIGNATURE_BYTES = 9


def cursor(scope: str, *position: int) -> str:
    """The text that stands in `?pagina=` for a position in the list that `scope` names."""
    payload = ",".join(str(number) for number in position).encode()
    return base64.urlsafe_b64encode(_signature(scope, payload) + payload).decode().rstrip("=")


def read_cursor(scope: str, length: int) -> tuple[int, ...] | None:
    """The position asked for, None for the first page; 404 for a cursor that was not given for this list."""
    text = request.args.get("pagina")
    if text is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        abort(404)
    signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(scope, payload)):
        abort(404)
    position = tuple(int(number) for number in payload.decode().split(","))
    if len(position) != length:
        abort(404)
    return position


def _signature(scope: str, payload: bytes) -> bytes:
    key = parts().config.secret_key.encode()
    return hmac.digest(key, b"cursor\0" + scope.encode() + b"\0" + payload, hashlib.sha256)[:_SIGNATURE_BYTES]
