"""What templates can say: dates, numbers and labels as people in El Salvador write them."""

import enum
import functools
import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from flask import Flask, request

from consulta import clock, labels, text
from consulta.contributions.models import Contribution, HeldFor
from consulta.permissions import Permission, allows
from consulta.plans.models import Plan, PlanState
from consulta.plans.rules import Work, admits
from consulta.web.context import actor
from consulta.web.i18n import gettext

LOCALE = "es_SV"


def label(member: enum.Enum) -> str:
    return gettext(labels.label(member))


def explain(member: enum.Enum) -> str:
    return gettext(labels.explain(member))


def standing(plan: Plan) -> str:
    """What happens in a plan now; its window may be closed, or not open yet, while the consultation goes on."""
    if plan.state is PlanState.OPEN and not admits(plan, Work.CONTRIBUTE, clock.now()):
        return gettext("Ahora no se reciben propuestas.")
    return explain(plan.state)


def held(codes: Iterable[str]) -> list[HeldFor]:
    """The reasons for which a contribution waits; a code of another time is left out."""
    known = {reason.value: reason for reason in HeldFor}
    return [known[code] for code in codes if code in known]


def _day(value: date | datetime) -> date:
    return clock.local_date(value) if isinstance(value, datetime) else value


@functools.lru_cache(maxsize=2048)
def _written(day: date, pattern: str) -> str:
    """Pages repeat the same few days, and writing one out costs as much as a row."""
    return format_date(day, pattern, locale=LOCALE)


def long_date(value: date | datetime | None) -> str:
    """«1 de junio de 2018»"""
    return "" if value is None else _written(_day(value), "d 'de' MMMM 'de' y")


def short_date(value: date | datetime | None) -> str:
    """«01/06/2018»"""
    return "" if value is None else _written(_day(value), "dd/MM/y")


def month(value: date | None) -> str:
    """«junio de 2018»"""
    return "" if value is None else _written(value, "MMMM 'de' y")


def moment(value: datetime | None) -> str:
    """«1 de junio de 2018, 2:00 p. m.»"""
    if value is None:
        return ""
    return f"{long_date(value)}, {hour(value)}"


def hour(value: datetime) -> str:
    """«2:00 p. m.», which never breaks at the end of a line."""
    local = value.astimezone(clock.LOCAL_ZONE).replace(tzinfo=None)
    half = "a" if local.hour < 12 else "p"
    return f"{format_datetime(local, 'h:mm', locale=LOCALE)}\N{NO-BREAK SPACE}{half}.\N{NO-BREAK SPACE}m."


def iso(value: date | datetime | None) -> str:
    """For `datetime` attributes: a civil day, or a moment in UTC."""
    return "" if value is None else value.isoformat()


def number(value: float | int | None) -> str:
    """«1,234.5»; a whole one without asking the locale, for every text of a conversation has some."""
    if isinstance(value, int):
        return f"{value:,}"
    return "—" if value is None else format_decimal(value, locale=LOCALE)


def percent(part: float, whole: float) -> str:
    """One decimal, half up: «33.3%»"""
    if not whole:
        return "—"
    return f"{format_decimal(tenths_of(part, whole) / 10, format='#,##0.0', locale=LOCALE)}%"


def tenths_of(part: float, whole: float) -> int:
    """Tenths of a percent, half up."""
    return int(part * 1000 / whole + 0.5)


def dollars(value: Any) -> str:
    return "" if value is None else format_currency(value, "USD", "¤#,##0.00", locale=LOCALE)


def signature(said: Any) -> str:
    """Who said it, and for whom: of a contribution, or of a row with `author` and `organization`."""
    if isinstance(said, Contribution):
        name, organization = said.person.public_name, said.organization and said.organization.name
    else:
        name, organization = said.author, said.organization
    if organization is None:
        return str(name)
    return gettext("%(name)s, en nombre de %(organization)s", name=name, organization=organization)


def can(permission: str, subject: Any = None) -> bool:
    """Whether the reader of a private page may do something; decides what is shown, never what is done."""
    return allows(actor(), Permission(permission), subject)


def register_filters(app: Flask) -> None:
    app.jinja_env.filters.update(
        label=label,
        signature=signature,
        explain=explain,
        held=held,
        date=long_date,
        short_date=short_date,
        month=month,
        moment=moment,
        hour=hour,
        iso=iso,
        standing=standing,
        number=number,
        percent=percent,
        dollars=dollars,
        excerpt=text.excerpt,
    )
    static_folder = Path(app.root_path) / "static"
    digests: dict[str, str] = {}

    def asset(path: str) -> str:
        """The address of a static file, with a digest of its content so that it can be kept for a year."""
        if path not in digests:
            digests[path] = hashlib.sha256((static_folder / path).read_bytes()).hexdigest()[:12]
        return f"/static/{path}?v={digests[path]}"

    def root() -> str:
        return request.script_root

    app.jinja_env.globals.update(asset=asset, can=can, today=clock.today, clock_now=clock.now)
    app.context_processor(lambda: {"root": root()})
