"""Two versions of a text side by side: what stayed, what left and what came, word by word."""

import enum
import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# A word or a mark with the blanks after it, or a break between lines: joined again they are the text.
_PARTS = re.compile(r"[^\S\n]*\n\s*|\w+[^\S\n]*|[^\w\s]+[^\S\n]*|\s+")


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
    """How one text becomes another, in the order of reading; how many blanks follow a word makes no difference."""
    old, new = _PARTS.findall(before), _PARTS.findall(after)
    matcher = SequenceMatcher(None, [part.rstrip(" ") for part in old], [part.rstrip(" ") for part in new])
    pieces: list[Piece] = []
    for operation, start, end, new_start, new_end in matcher.get_opcodes():
        if operation == "equal":
            pieces.append(Piece(Kind.SAME, "".join(new[new_start:new_end])))
            continue
        if end > start:
            pieces.append(Piece(Kind.REMOVED, "".join(old[start:end])))
        if new_end > new_start:
            pieces.append(Piece(Kind.ADDED, "".join(new[new_start:new_end])))
    return pieces
