"""Workers die with -9 while they tell followers: each of them is told of each event once, in one mail."""

from pathlib import Path

import pytest

from consulta.database import Database
from tests.drills.telling import Workers, prepare, what_is_wrong

pytestmark = pytest.mark.drill
FOLLOWERS, PROPOSALS, KILLS, DIGEST_KILLS = 40, 4, 5, 3


def test_each_follower_is_told_once_however_workers_die(database: Database, tmp_path: Path) -> None:
    prepare(database, FOLLOWERS, PROPOSALS)
    with Workers(database, tmp_path) as workers:
        killed = workers.kill_some(KILLS)
        assert workers.finish() == 0
        killed += workers.kill_some(DIGEST_KILLS, days=9)
        assert workers.finish(days=9) == 0
    with database.session() as session:
        assert what_is_wrong(session, tmp_path, FOLLOWERS) == []
    assert killed >= 3


def test_the_drill_notices_a_worker_that_forgets_the_rest(sqlite_copy: Database, tmp_path: Path) -> None:
    prepare(sqlite_copy, FOLLOWERS, 1)
    with Workers(sqlite_copy, tmp_path) as workers:
        assert workers.finish(variant="hasty") == 0
    with sqlite_copy.session() as session:
        problems = what_is_wrong(session, tmp_path, FOLLOWERS)
    assert f"proposal_published was told to 5 of {FOLLOWERS}" in problems
