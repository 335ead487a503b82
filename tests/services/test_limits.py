"""Limits: how often each thing may be done, counted in the database for every process."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config import ConfigError, from_environment
from consulta import clock
from consulta.database import Database
from consulta.errors import TooMany
from consulta.limits.models import Spent
from consulta.limits.rules import DEFAULTS, Deed, Scope, prefix_of, read_limits
from consulta.limits.spending import Spending, forget_spent
from tests.parallel import in_parallel

NEAR, FAR = "192.0.2.0/24", "198.51.100.0/24"
SETTING = "post.account=3/60 post.prefix=5/60 post.all=6/60"


@pytest.fixture
def spending(database: Database) -> Spending:
    return Spending(database, "clave", read_limits(SETTING))


def keys(session: Session) -> dict[str, int]:
    session.rollback()
    return dict(session.execute(sa.select(Spent.key, Spent.count)).all())


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::7", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),  # the fourth version inside of the sixth
        ("fe80::1%eth0", "fe80::/48"),
        ("no es una dirección", "unknown"),
        (None, "unknown"),
    ],
)
def test_only_the_prefix_of_an_address_is_kept(address: str | None, prefix: str) -> None:
    assert prefix_of(address) == prefix


@pytest.mark.parametrize(
    "setting", ["post.account", "post.account=0/60", "nada.account=1/1", "post.nadie=1/1", "post.here=1/1", "of"]
)
def test_a_setting_that_says_nothing_stops_the_start(setting: str) -> None:
    with pytest.raises(ValueError):
        read_limits(setting)


def test_a_limit_ends_and_its_window_begins_anew(spending: Spending) -> None:
    now = clock.now()
    with clock.set_to(now):
        for _ in range(3):
            spending.spend(Deed.POST, account=1, prefix=NEAR)
        with pytest.raises(TooMany) as refusal:
            spending.spend(Deed.POST, account=1, prefix=NEAR)
    assert refusal.value.again_at == now + timedelta(seconds=60)
    with clock.set_to(refusal.value.again_at):
        spending.spend(Deed.POST, account=1, prefix=NEAR)


def test_accounts_share_their_prefix_and_everybody_the_site(spending: Spending) -> None:
    for account in range(5):
        spending.spend(Deed.POST, account=account, prefix=NEAR)
    with pytest.raises(TooMany):
        spending.spend(Deed.POST, account=9, prefix=NEAR)
    spending.spend(Deed.POST, account=9, prefix=FAR)
    with pytest.raises(TooMany):
        spending.spend(Deed.POST, account=10, prefix=FAR)


def test_one_folio_is_tried_so_often_from_each_prefix(database: Database, session: Session) -> None:
    spending = Spending(database, "clave", read_limits("track.here=2/60 track.account=3/60"))
    for _ in range(2):
        spending.spend(Deed.TRACK, account="PROP-2018-0001", prefix=NEAR)
    with pytest.raises(TooMany):
        spending.spend(Deed.TRACK, account="PROP-2018-0001", prefix=NEAR)
    spending.spend(Deed.TRACK, account="PROP-2018-0002", prefix=NEAR)
    spending.spend(Deed.TRACK, account="PROP-2018-0001", prefix=FAR)
    with pytest.raises(TooMany):
        spending.spend(Deed.TRACK, account="PROP-2018-0001", prefix=FAR)


def test_what_is_given_back_counts_nowhere(database: Database, session: Session) -> None:
    spending = Spending(database, "clave", read_limits(""))
    for _ in range(2):
        spending.spend(Deed.TRACK, account="PROP-2018-0001", prefix=NEAR)
    spending.give_back(Deed.TRACK, account="PROP-2018-0001", prefix=NEAR)
    assert set(keys(session).values()) == {1}
    for _ in range(2):
        spending.give_back(Deed.TRACK, account="PROP-2018-0001", prefix=NEAR)
    assert set(keys(session).values()) == {0}


def test_what_is_refused_takes_nothing_from_the_neighbours(spending: Spending, session: Session) -> None:
    for _ in range(3):
        spending.spend(Deed.POST, account=1, prefix=NEAR)
    for _ in range(4):
        with pytest.raises(TooMany):
            spending.spend(Deed.POST, account=1, prefix=NEAR)
    assert keys(session)["post:prefix:192.0.2.0/24"] == 3


def test_a_post_sent_again_is_one_use_of_its_account(spending: Spending, session: Session) -> None:
    for _ in range(5):
        spending.spend(Deed.POST, account=1, prefix=NEAR, use="clave-del-formulario")
    assert keys(session) == {"post:account:1": 1, "post:all": 5, f"post:prefix:{NEAR}": 5}


@pytest.mark.parametrize("deed", [one for one in Deed if one is not Deed.POST and Scope.ACCOUNT in DEFAULTS[one]])
def test_one_form_key_opens_no_door_to_try_without_end(database: Database, deed: Deed) -> None:
    spending = Spending(database, "clave", read_limits(f"{deed.value}.all=2/60"))
    for _ in range(2):
        spending.spend(deed, account="ana@example.org", prefix=NEAR, use="la-misma-clave")
    with pytest.raises(TooMany):
        spending.spend(deed, account="ana@example.org", prefix=NEAR, use="la-misma-clave")


def test_what_was_typed_is_kept_as_a_digest(spending: Spending, session: Session) -> None:
    for typed in ("Ana@example.org", " ana@EXAMPLE.org "):
        spending.spend(Deed.SIGN_IN, account=typed)
    counted = [count for key, count in keys(session).items() if ":account:" in key]
    assert counted == [2]
    assert "ana" not in " ".join(keys(session)).lower()


def test_guesses_at_an_address_do_not_keep_its_owner_out(database: Database) -> None:
    spending = Spending(database, "clave", read_limits("sign_in.here=2/60 sign_in.account=5/3600"))
    places = [f"10.0.{place}.0/24" for place in range(3)]
    for _ in range(2):
        spending.spend(Deed.SIGN_IN, account="ana@example.org", prefix=NEAR)
    for _ in range(9):  # what is refused is not counted for anybody
        with pytest.raises(TooMany):
            spending.spend(Deed.SIGN_IN, account="ana@example.org", prefix=NEAR)
    for place in places:
        spending.spend(Deed.SIGN_IN, account="Ana@example.org", prefix=place)
    with pytest.raises(TooMany):  # from everywhere
        spending.spend(Deed.SIGN_IN, account="ana@example.org", prefix=FAR)
    spending.spend(Deed.SIGN_IN, account="luz@example.org", prefix=FAR)


@pytest.mark.parametrize(
    "deed", [deed for deed, scopes in DEFAULTS.items() if {Scope.HERE, Scope.ACCOUNT} <= scopes.keys()]
)
def test_one_place_alone_never_reaches_the_wall_of_all(deed: Deed) -> None:
    close, wide = DEFAULTS[deed][Scope.HERE], DEFAULTS[deed][Scope.ACCOUNT]
    assert wide.most >= 10 * close.most * wide.seconds / close.seconds


def test_fifty_at_once_pass_as_many_as_the_limit(database: Database, spending: Spending) -> None:
    answers = in_parallel(database, [lambda s: spending.spend(Deed.POST, account=1, prefix=NEAR)] * 50)
    assert [type(answer) for answer in answers].count(TooMany) == 47


def test_windows_that_are_over_are_forgotten(spending: Spending, session: Session) -> None:
    spending.spend(Deed.POST, account=1, prefix=NEAR)
    spending.spend(Deed.SIGN_UP, account="ana@example.org", prefix=NEAR)
    with clock.set_to(clock.now() + timedelta(minutes=2)):
        forget_spent(session)
    assert {key.partition(":")[0] for key in keys(session)} == {"sign_up"}


def test_who_cannot_be_counted_is_refused(tmp_path: Path) -> None:
    """A database that does not answer opens no door."""
    nowhere = Database(f"sqlite:///{tmp_path / 'no' / 'nada.sqlite3'}")
    with pytest.raises(OperationalError):
        Spending(nowhere, "clave", read_limits("")).spend(Deed.SIGN_IN, account="ana@example.org", prefix=NEAR)


def test_production_refuses_to_run_without_limits() -> None:
    site = {"CONSULTA_SITE_URL": "https://consulta.example", "CONSULTA_SECRET_KEY": "abcdefghij-0123456789-klmnopqrst"}
    with pytest.raises(ConfigError, match="LIMITS"):
        from_environment({**site, "CONSULTA_ENV": "production", "CONSULTA_LIMITS": "off"})


def test_limits_that_are_off_count_nothing(database: Database, session: Session) -> None:
    Spending(database, "clave", read_limits("off")).spend(Deed.POST, account=1, prefix=NEAR)
    assert keys(session) == {}


def test_nobody_fills_the_history_of_a_text_edit_by_edit(database: Database) -> None:
    spending, start = Spending(database, "clave", read_limits("")), clock.now()
    for minute in range(0, 40, 2):
        with clock.set_to(start + timedelta(minutes=minute)):
            spending.spend(Deed.EDIT, account=1, prefix=NEAR)
    with clock.set_to(start + timedelta(minutes=59)), pytest.raises(TooMany):
        spending.spend(Deed.EDIT, account=1, prefix=NEAR)
