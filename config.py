"""Settings: each named once, with its type, default and environment variable (`CONSULTA_…`).

Secrets have no default outside development: a missing one stops the start with its name.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "CONSULTA_"
MIN_SECRET_LENGTH = 32


class ConfigError(Exception):
    """A setting is missing or cannot be used; the message names it."""


@dataclass(frozen=True)
class Config:
    """What the application is told from outside."""

    # `development` or `production`
    env: str
    # signs tokens; at least 32 characters, required in production
    secret_key: str
    # `sqlite:///…` or `postgresql+psycopg://…`; default: consulta.sqlite3 in the data folder
    database_url: str
    # `whoosh` or `postgresql`; default follows the database
    search: str
    # `smtp://user:password@host:port` or `smtps://…`; default: `.eml` files in the data folder
    mail_url: str
    # sender of every mail
    mail_from: str
    # the folder of database, index and mails, and where `consulta worker` runs of the list of erasures, which must
    # outlive the database and be saved apart from it; default `var`
    data_dir: Path
    # the public address of the site, for links in mails
    site_url: str
    # how many proxies in front set X-Forwarded-*; 0 believes none
    trusted_proxies: int
    # other limits than those of `consulta/limits/rules.py`, as in `post.account=2/60` (uses / seconds); `off` for
    # tests and measurements, which production refuses
    limits: str
    # whether nobody with a role enters without a second factor: `on` or `off`; production has it on and refuses `off`
    second_factor: bool = False
    # with whose accounts people may enter: `CONSULTA_OIDC_GOOGLE_CLIENT_ID` and `_CLIENT_SECRET`, likewise
    # `OIDC_MICROSOFT`, `OAUTH_FACEBOOK`, `OAUTH_X`; any other `OIDC_<NAME>` also needs `_ISSUER` and may have `_LABEL`.
    # The rest is in `consulta/people/providers.py`
    providers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_production(self) -> bool:
        return self.env == "production"


def from_environment(environ: Mapping[str, str] | None = None) -> Config:
    """Read every setting; raises ConfigError with one line that names what is wrong."""
    env = {k[len(PREFIX) :]: v for k, v in (environ or os.environ).items() if k.startswith(PREFIX)}
    mode = env.get("ENV", "development")
    if mode not in ("development", "production"):
        raise ConfigError(f"{PREFIX}ENV must be «development» or «production», not «{mode}»")
    data_dir = Path(env.get("DATA_DIR", "var")).resolve()
    database_url = _database_url(env.get("DATABASE_URL", ""), data_dir)
    search = env.get("SEARCH") or ("whoosh" if database_url.startswith("sqlite") else "postgresql")
    if search not in ("whoosh", "postgresql") or (search == "postgresql" and database_url.startswith("sqlite")):
        raise ConfigError(f"{PREFIX}SEARCH «{search}» does not work with this database")
    site_url = env.get("SITE_URL", "http://127.0.0.1:5000").rstrip("/")
    if mode == "production" and not site_url.startswith("https://"):
        raise ConfigError(f"{PREFIX}SITE_URL must be the public https:// address of the site")
    return Config(
        env=mode,
        secret_key=_secret(env.get("SECRET_KEY", ""), mode, data_dir),
        database_url=database_url,
        search=search,
        mail_url=env.get("MAIL_URL", ""),
        mail_from=env.get("MAIL_FROM", "consulta@localhost.localdomain"),
        data_dir=data_dir,
        site_url=site_url,
        trusted_proxies=_number("TRUSTED_PROXIES", env.get("TRUSTED_PROXIES", "0")),
        limits=_limits(env.get("LIMITS", ""), mode),
        second_factor=_second_factor(env.get("SECOND_FACTOR", ""), mode),
        providers={name: value for name, value in env.items() if name.startswith(("OIDC_", "OAUTH_"))},
    )


def _database_url(url: str, data_dir: Path) -> str:
    if not url:
        return f"sqlite:///{data_dir / 'consulta.sqlite3'}"
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url[len(plain) :]
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ConfigError(f"{PREFIX}DATABASE_URL must start with sqlite:/// or postgresql://")
    return url


def _number(name: str, value: str) -> int:
    if not value.isdigit():
        raise ConfigError(f"{PREFIX}{name} must be a whole number, not «{value}»")
    return int(value)


def _limits(value: str, mode: str) -> str:
    if value.strip() == "off" and mode == "production":
        raise ConfigError(f"{PREFIX}LIMITS cannot be «off» in production")
    return value


def _second_factor(value: str, mode: str) -> bool:
    if value not in ("", "on", "off"):
        raise ConfigError(f"{PREFIX}SECOND_FACTOR must be «on» or «off», not «{value}»")
    if value == "off" and mode == "production":
        raise ConfigError(f"{PREFIX}SECOND_FACTOR cannot be «off» in production")
    return value == "on" or mode == "production"


def _secret(value: str, mode: str, data_dir: Path) -> str:
    if mode == "production":
        if len(value) < MIN_SECRET_LENGTH or len(set(value)) < 10:
            raise ConfigError(f"{PREFIX}SECRET_KEY is missing, a default, or under {MIN_SECRET_LENGTH} characters")
        return value
    return value or _development_secret(data_dir)


def _development_secret(data_dir: Path) -> str:
    """A secret made once per data folder, so that development restarts keep their sessions."""
    path = data_dir / "development-secret"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii")
