"""What erasing somebody means for words: which go, and what looks personal in those that stay."""

import re
from collections.abc import Iterable
from datetime import timedelta

# How long a request waits, so that it can be called off.
ERASURE_TERM = timedelta(hours=24)
# How long the link that proves the address of somebody without an account can be used.
PROOF_TERM = timedelta(days=7)
# How long the address stays for the last mail when that cannot be sent.
FAREWELL_TERM = timedelta(days=7)
ERASED_TEXT = "[Texto borrado a petición de quien lo escribió]"
TAKEN_OUT = "[dato personal retirado]"
GROUND = "Ley para la Protección de Datos Personales (decreto 144 de 2024): derecho de cancelación"

_EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_DUI = r"(?<![\d-])\d{8}-\d(?!\d)"
# Eight digits, with or without what people write in their middle; two years are a term, as in «2018-2020».
_TELEPHONE = r"(?<![\d-])(?!(?:19|20)\d\d[ -](?:19|20)\d\d(?!\d))(?:\(?\+?503\)?[ -]?)?\d{4}[ -]?\d{4}(?![\d-]*\d)"
_LOOKS_PERSONAL = re.compile(f"{_EMAIL}|{_DUI}|{_TELEPHONE}")


class Scrubber:
    """Takes out of a text what looks personal, and the names and addresses of one person."""

    def __init__(self, names: Iterable[str], addresses: Iterable[str]) -> None:
        own = [_as_written(value) for value in sorted({*names, *addresses}, key=len, reverse=True) if value]
        self._own = re.compile(rf"(?<!\w)(?:{'|'.join(own)})(?!\w)") if own else None

    def scrub(self, text: str) -> str:
        """The text without them; the same when there was nothing."""
        # First what belongs to the person: a name may be an address.
        if self._own is not None:
            text = self._own.sub(TAKEN_OUT, text)
        return _LOOKS_PERSONAL.sub(TAKEN_OUT, text)

    def touches(self, text: str | None) -> bool:
        """Whether there is something to take out."""
        return text is not None and self.scrub(text) != text


def _as_written(value: str) -> str:
    """A name or an address as people write it: any blanks, and any case unless it could be a common word."""
    pattern = r"\s+".join(re.escape(word) for word in value.split())
    return pattern if value.isalpha() else f"(?i:{pattern})"
