"""Which tray somebody is working through: every page and form of moderation carries it in its address."""

from flask import request

from consulta.moderation.queries import Tray


def tray_asked() -> Tray:
    return next((tray for tray in Tray if tray.value == request.args.get("ver")), Tray.PENDING)
