"""The console command `consulta`. Each command ends with zero, or with one clear line on error and non-zero."""

import argparse
import logging
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import sqlalchemy as sa

import config as settings
from consulta import create_app, launcher, schema
from consulta.database import Database
from consulta.demo import loader
from consulta.demo.accounts import PASSWORD
from consulta.errors import Invalid, NotFound, Refusal
from consulta.figures.audit import find_differences
from consulta.labels import label
from consulta.messages.links import Site
from consulta.messages.sending import open_post
from consulta.outbox.worker import Worker
from consulta.people.accounts import find_account
from consulta.people.actors import Actor
from consulta.people.models import STAFF_ROLES, Institution, Role
from consulta.people.rules import PUBLIC_NAME_MIN
from consulta.people.second_factor import reset_second_factor
from consulta.people.services import invite_person
from consulta.privacy.ledger import FILE_NAME, ErasureList
from consulta.privacy.retiring import replay
from consulta.search.index import open_index, rebuild
from consulta.web.account.passwords import hash_password
from consulta.web.wording import problem_sentence, refusal_sentence

LAST_PORT = 65535
OPERATOR = Actor(None, "Línea de comandos", frozenset({(Role.ADMIN, None)}))


class CommandFailed(Exception):
    """What was asked could not be done; the message is the one line that says why."""


class Orders(argparse.ArgumentParser):
    """Says in one line that an order is not understood, and where it is explained."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"consulta: orden incompleta o desconocida; vea «{self.prog} --help»\n")


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= LAST_PORT:
        raise ValueError(text)
    return port


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options) or 0
        return status
    except (settings.ConfigError, CommandFailed, launcher.LaunchFailed) as error:
        return _fail(str(error))
    except Refusal as refusal:
        return _fail(_sentence(refusal))
    except sa.exc.DBAPIError as error:
        return _fail(f"base de datos: {str(error.orig).splitlines()[0]}")
    except OSError as error:
        return _fail(f"{error.strerror}: {error.filename}" if error.filename else str(error))


def _fail(line: str) -> int:
    print(f"consulta: {' '.join(line.split())}", file=sys.stderr)
    return 1


def _sentence(refusal: Refusal) -> str:
    if isinstance(refusal, Invalid):
        return " ".join(problem_sentence(problem) for problem in refusal.problems)
    if isinstance(refusal, NotFound):
        return f"no existe: {refusal.kind} {refusal.key or ''}"
    return refusal_sentence(refusal)


def _parser() -> argparse.ArgumentParser:
    parser = Orders(prog="consulta", description="Consulta pública de planes de gobierno abierto.")
    nouns = parser.add_subparsers(required=True, metavar="COMANDO")

    db = nouns.add_parser("db", help="base de datos").add_subparsers(required=True, metavar="ACCIÓN")
    db.add_parser("upgrade", help="migrar al esquema más nuevo").set_defaults(run=upgrade)

    demo = nouns.add_parser("demo", help="demostración").add_subparsers(required=True, metavar="ACCIÓN")
    demo.add_parser("load", help="cargar lo que falte de la demostración").set_defaults(run=load_demo)

    users = nouns.add_parser("users", help="cuentas").add_subparsers(required=True, metavar="ACCIÓN")
    add = users.add_parser("add", help="invitar a una persona")
    add.add_argument("email", metavar="EMAIL")
    add.add_argument("--role", required=True, choices=[role.value for role in Role if role in STAFF_ROLES])
    add.add_argument("--institution", metavar="CODE")
    add.set_defaults(run=add_user)
    reset = users.add_parser("reset", help="quitar el segundo paso y las llaves de quien los perdió")
    reset.add_argument("email", metavar="EMAIL")
    reset.set_defaults(run=reset_user)

    search = nouns.add_parser("search", help="buscador").add_subparsers(required=True, metavar="ACCIÓN")
    search.add_parser("rebuild", help="rehacer el índice desde la base de datos").set_defaults(run=rebuild_search)

    worker = nouns.add_parser("worker", help="todo lo que corre en segundo plano")
    worker.add_argument("--once", action="store_true", help="hacer lo pendiente y terminar")
    worker.set_defaults(run=run_worker)

    erasures = nouns.add_parser("erasures", help="personas borradas").add_subparsers(required=True, metavar="ACCIÓN")
    again = erasures.add_parser("replay", help="volver a borrar lo que trajo de vuelta una copia restaurada")
    again.add_argument("file", metavar="ARCHIVO", nargs="?", help="la lista; si falta, la de la carpeta de datos")
    again.set_defaults(run=replay_erasures)

    nouns.add_parser("audit", help="volver a calcular todas las cifras").set_defaults(run=audit)

    serve = nouns.add_parser("run", help="sitio y segundo plano para desarrollo, con la demostración")
    serve.add_argument("--port", type=_port, default=5000, help=f"de 1 a {LAST_PORT}")
    serve.set_defaults(run=run_site)
    return parser


def _open() -> tuple[settings.Config, Database]:
    """The settings and a database with the present schema."""
    config, database = _connect()
    if not schema.is_current(database):
        raise CommandFailed("la base de datos no tiene el esquema actual: ejecute «consulta db upgrade»")
    return config, database


def _connect() -> tuple[settings.Config, Database]:
    config = settings.from_environment()
    config.data_dir.mkdir(parents=True, exist_ok=True)
    return config, Database(config.database_url)


def upgrade(options: argparse.Namespace) -> None:
    _, database = _connect()
    schema.upgrade(database)


def load_demo(options: argparse.Namespace) -> None:
    config, database = _open()
    _load_demo(config, database)


def _load_demo(config: settings.Config, database: Database) -> None:
    if config.is_production:
        raise CommandFailed("la demostración no se carga en producción: sus cuentas tienen contraseña conocida")
    with create_app(config, database).app_context():
        password_hash = hash_password(PASSWORD)
    loader.load(database, password_hash=password_hash)


def add_user(options: argparse.Namespace) -> None:
    config, database = _open()
    with database.session() as session:
        institution_id = None
        if options.institution:
            institution_id = session.scalar(sa.select(Institution.id).where(Institution.code == options.institution))
            if institution_id is None:
                raise CommandFailed(f"no existe la institución «{options.institution}»")
        invite_person(
            session,
            actor=OPERATOR,
            public_name=_name_from(options.email, Role(options.role)),
            email=options.email,
            role=Role(options.role),
            institution_id=institution_id,
            allows_test=not config.is_production,
        )


def reset_user(options: argparse.Namespace) -> None:
    """For the last administrator, whom nobody else can help."""
    _, database = _open()
    with database.session() as session:
        account = find_account(session, options.email)
        if account is None:
            raise CommandFailed(f"no existe la cuenta «{options.email}»")
        reset_second_factor(session, actor=OPERATOR, person_id=account.person_id)


def _name_from(email: str, role: Role) -> str:
    """A first public name, to be changed by its owner: what stands before the @, or the role when that is too short."""
    name = email.partition("@")[0]
    return name if len(name) >= PUBLIC_NAME_MIN else label(role)


def rebuild_search(options: argparse.Namespace) -> None:
    config, database = _open()
    rebuild(open_index(config, database), database)


def run_worker(options: argparse.Namespace) -> None:
    config, database = _open()
    site, erasures = Site(config.site_url, config.secret_key), ErasureList(config.data_dir / FILE_NAME)
    worker = Worker(database, open_index(config, database), open_post(config), site, erasures)
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: worker.stop())
    worker.run(once=options.once)
    if options.once and worker.post_trouble is not None:
        raise CommandFailed(f"el correo espera: {worker.post_trouble}")


def replay_erasures(options: argparse.Namespace) -> int:
    """After a restore, before anybody is let in; doing it again changes nothing."""
    config, database = _open()
    path = Path(options.file) if options.file else config.data_dir / FILE_NAME
    if not path.is_file():
        raise CommandFailed(f"no existe la lista de borrados «{path}»")
    erased, bad = replay(database, ErasureList(path))
    print("1 persona borrada de nuevo" if erased == 1 else f"{erased} personas borradas de nuevo")
    if bad:
        raise CommandFailed(str(bad[0]) if len(bad) == 1 else f"{bad[0]} (y {len(bad) - 1} líneas más)")
    return 0


def audit(options: argparse.Namespace) -> int:
    _, database = _open()
    with database.reading() as session:
        differences = list(find_differences(session))
    for line in differences:
        print(line)
    if differences:
        raise CommandFailed("1 cifra no cuadra" if len(differences) == 1 else f"{len(differences)} cifras no cuadran")
    return 0


def run_site(options: argparse.Namespace) -> int:
    """Migrate, load the demonstration into an empty database, and serve until stopped."""
    launcher.name_site(options.port)
    config, database = _connect()
    if not schema.is_current(database):
        schema.upgrade(database)
    if loader.is_empty(database) and not config.is_production:
        print("Cargando la demostración…", flush=True)
        _load_demo(config, database)
    database.engine.dispose()
    return launcher.serve(config, options.port)


if __name__ == "__main__":
    sys.exit(main())
