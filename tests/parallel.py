"""Acts that begin at the same moment, each in a thread with a session of its own."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy.orm import Session

from consulta.database import Database

Result = TypeVar("Result")


def in_parallel(database: Database, acts: Sequence[Callable[[Session], Result]]) -> list[Result | Exception]:
    """What each act answers, or the error that it raised."""
    ready = threading.Barrier(len(acts))
    answers: dict[int, Result | Exception] = {}

    def run(index: int) -> None:
        ready.wait()
        with database.session() as session:
            try:
                answers[index] = acts[index](session)
            except Exception as error:
                answers[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[index] for index in range(len(acts))]
