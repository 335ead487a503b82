"""What is asked of an index, the same for every engine."""

from collections.abc import Sequence
from dataclasses import dataclass

Key = tuple[str, int]
HITS_MAX = 100


@dataclass(frozen=True)
class Question:
    """Stems, all of them or any, in one plan or in all, of one kind or of all."""

    terms: Sequence[str]
    plan: str | None = None
    kind: str | None = None
    match_all: bool = True
    limit: int = HITS_MAX
