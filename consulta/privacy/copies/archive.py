"""One zip with files of text, written piece by piece: nothing is ever whole in memory."""

import enum
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import IO, Any

from consulta import clock
from consulta.privacy.copies.rows import Item

Contents = Iterable[tuple[str, Iterable[str]]]


def write_archive(file: IO[bytes], contents: Contents, made_at: datetime) -> None:
    """Write files of text, in UTF-8, in their order; what is told of a file's time is El Salvador's."""
    made = made_at.astimezone(clock.LOCAL_ZONE).timetuple()[:6]
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in contents:
            entry = zipfile.ZipInfo(name, (made[0], made[1], made[2], made[3], made[4], made[5]))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as member, io.TextIOWrapper(member, "utf-8", newline="") as text:
                text.writelines(pieces)


def as_json(told: Item | Iterator[Item]) -> Iterator[str]:
    """An object, or a list as the API gives it: codes as they are, times in UTC."""
    if isinstance(told, dict):
        yield _written(told) + "\n"
        return
    yield '{"items": ['
    before = "\n"
    for item in told:
        yield before + _written(item)
        before = ",\n"
    yield "\n]}\n"


def _written(item: Item) -> str:
    return json.dumps(item, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no plain form of {type(value).__name__}")
