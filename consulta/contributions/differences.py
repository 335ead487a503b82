"""Two versions of a text side by side: what stayed, what left and what came, word by word."""

import enum
import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# A word with the blanks after it, or blanks at the start: joined again they are the text.
_WORDS = re.compile(r"\S+\s*|\s+")


class Kind(enum.Enum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Piece:
    """Some words in a row that share a fate."""

    kind: Kind
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """How one text becomes another: `before` is what stayed and left, `after` what stayed and came."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces: list[Piece] = []
    for operation, start, end, new_start, new_end in SequenceMatcher(None, old, new).get_opcodes():
        if operation == "equal":
            pieces.append(Piece(Kind.SAME, "".join(old[start:end])))
            continue
        if end > start:
            pieces.append(Piece(Kind.REMOVED, "".join(old[start:end])))
        if new_end > new_start:
            pieces.append(Piece(Kind.ADDED, "".join(new[new_start:new_end])))
    return pieces
