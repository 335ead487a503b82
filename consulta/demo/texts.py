"""The texts and figures of the demonstration, as data files."""

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from consulta import clock

FOLDER = Path(__file__).parent / "data"

TEXT_NOTE = "Texto de demostración."
RESPONSE_NOTE = "Respuesta de demostración: la fuente no publica la respuesta a cada propuesta."
DECISION_NOTE = "Decisión de demostración: la fuente no publica el resultado de cada propuesta."
DATED_TEXT_NOTE = "Texto de demostración. Fecha de demostración."


def read(name: str) -> Any:
    """The content of a data file."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def day(text: str) -> date:
    return date.fromisoformat(text)


def at(on: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a civil day in El Salvador."""
    return datetime.combine(on, time(hour, minute), clock.LOCAL_ZONE).astimezone(UTC)


def spread(n: int) -> timedelta:
    """Minutes that keep things of one day apart and in order."""
    return timedelta(minutes=n % 300)
