"""What an operator configures: environment variables that begin with PISANO_, and DATABASE_URL.

A variable that holds a password is better a file: `database_url` in the folder that PISANO_SECRETS names.
"""

import os
from datetime import timedelta
from functools import lru_cache
from getpass import getuser
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.vocabulary.ods_code import OdsCode

SETTINGS_FILE = "settings.env"
"""In `var`: settings that stay with the folder, such as that it is a demonstration; the environment overrules it."""

ROOT = Path(__file__).resolve().parent.parent


_LOOPBACK = ("127.0.0.1", "localhost", "::1")

OdsCodeText = Annotated[str, AfterValidator(OdsCode)]


class Settings(BaseSettings):
    """Raises pydantic's `ValidationError` at start-up where settings contradict each other."""

    model_config = SettingsConfigDict(
        env_prefix="PISANO_", env_nested_delimiter="__", env_ignore_empty=True, extra="ignore"
    )

    var: Path = Field(default=ROOT / "var", description="Everything that this installation makes.")
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="A PostgreSQL server of 15 or later; the embedded one where empty.",
    )
    agreements: Path = Field(default=ROOT / "isa", description="The folder of agreements.")
    code_lists: Path | None = Field(
        default=None, description="A folder of code lists beside those that come with the service, or in their place."
    )
    localities: Path | None = Field(
        default=None, description="The folder of localities and their teams; the demonstration's own in one."
    )
    signed_agreements: bool = Field(
        default=False, description="Serve only agreements that their parties signed and that began here."
    )
    demonstration: bool = Field(default=False, description="A place of synthetic people; never beside a real sign-in.")
    sign_in_providers: Path | None = Field(default=None, description="The file of OpenID providers.")
    public_url: str | None = Field(
        default=None, description="Where people and systems reach this place, such as https://record.example.nhs.uk."
    )
    jwks_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(), description="Whose addresses of systems' keys may be fetched: hosts, parted by spaces."
    )
    subscription_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(), description="Who may be told of what systems subscribe to: hosts, parted by spaces."
    )
    loopback_http: bool = Field(default=False, description="Fetch by plain http from this machine: for tests.")
    session_idle_minutes: int = Field(default=15, ge=1, le=60, description="How long a session lasts unused.")
    session_hours: int = Field(default=10, ge=1, le=24, description="How long a session lasts in all.")
    operator: str | None = Field(
        default=None, max_length=200, description="Who types a command, as in a container everybody is one user."
    )
    secrets: Path | None = Field(default=None, description="The folder of keys; `var/secrets` where empty.")
    mllp_partner: OdsCodeText | None = Field(
        default=None, description="Who sends HL7 v2; nobody is listened to if empty."
    )
    mllp_host: str = "127.0.0.1"
    mllp_port: int = 2575
    folders: Path | None = Field(default=None, description="Watched for files: `<ODS code>/<adapter>/<file>`.")
    service_processes: int | None = Field(
        default=None,
        ge=1,
        le=16,
        description="How many processes answer; one for two cores, at most four, where empty.",
    )
    seal_every: timedelta = Field(
        default=timedelta(hours=1), description="How often the worker checks the trail and seals its head; PT0S: never."
    )
    head_receivers: Path | None = Field(
        default=None, description="The file that names who is given signed heads of the trail."
    )
    watch: bool = Field(default=True, description="Whether the worker watches each day's looking for what is odd.")
    watch_keep: timedelta = Field(
        default=timedelta(weeks=104),
        ge=timedelta(weeks=12),
        description="How long the watch keeps numbers of days, rotas and the news list; P84D at least.",
    )
    push_bytes: int = Field(default=10_000_000, gt=0, description="The most that one push over FHIR may hold.")
    push_entries: int = Field(default=1_000, gt=0, description="The most entries of one bundle.")
    push_depth: int = Field(default=30, gt=0, le=60, description="How deep a push may be nested.")
    push_processes: int | None = Field(
        default=None,
        ge=0,
        le=64,
        description="How many processes file what is pushed; one more than cores, four at most, where empty.",
    )
    push_string: int = Field(default=1_000_000, gt=0, description="The most characters of one text in a push.")
    smtp_host: str | None = Field(default=None, description="By which server mail leaves; it waits while empty.")
    smtp_port: int = 587
    smtp_sender: str = Field(default="", description="As whom mail is sent, such as mdt@example.nhs.uk.")
    smtp_tls: bool = Field(default=True, description="Encrypt on the way to the server; off for tests alone.")
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("var", "agreements", "code_lists", "folders", "localities")
    @classmethod
    def _absolute(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        return value and value.resolve()

    @field_validator("database_url")
    @classmethod
    def _of_postgres(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value and urlsplit(value.get_secret_value()).scheme not in ("postgresql", "postgresql+psycopg"):
            raise ValueError("DATABASE_URL is no address such as postgresql://user:password@host:5432/database")
        return value

    @field_validator("public_url")
    @classmethod
    def _of_the_web(cls, value: str | None, info: ValidationInfo) -> str | None:
        parts = urlsplit(value or "https://x")
        if parts.scheme != "https" and (parts.scheme, parts.hostname in _LOOPBACK) != ("http", True):
            raise ValueError("PISANO_PUBLIC_URL begins with https://, and with http:// only on this machine")
        if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment or parts.username:
            raise ValueError("PISANO_PUBLIC_URL is a scheme and a host, such as https://record.example.nhs.uk")
        return value and value.rstrip("/")

    @field_validator("jwks_hosts", "subscription_hosts", mode="before")
    @classmethod
    def _parted_by_spaces(cls, value: object) -> object:
        return frozenset(value.lower().split()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _mail_has_a_sender(self) -> Self:
        if self.smtp_host and "@" not in self.smtp_sender:
            raise ValueError("mail needs a sender; set PISANO_SMTP_SENDER, or unset PISANO_SMTP_HOST")
        return self

    @model_validator(mode="after")
    def _demonstration_stands_alone(self) -> Self:
        if self.demonstration and self.sign_in_providers is not None:
            raise ValueError(
                "a demonstration place cannot have real sign-in; unset PISANO_DEMONSTRATION or PISANO_SIGN_IN_PROVIDERS"
            )
        return self

    @model_validator(mode="after")
    def _people_come_back(self) -> Self:
        if self.sign_in_providers is not None and self.public_url is None:
            raise ValueError("say where providers send people back to: set PISANO_PUBLIC_URL")
        return self

    @property
    def address(self) -> str:
        """Where people and systems reach this place, without a slash at its end."""
        return self.public_url or "http://127.0.0.1:8000"

    @property
    def localities_folder(self) -> Path | None:
        """Where localities are read from, if there are any."""
        return self.localities or (ROOT / "app/demonstration/localities" if self.demonstration else None)

    @property
    def secrets_folder(self) -> Path:
        """Where keys are kept, each a file of mode 0600."""
        return self.secrets or self.var / "secrets"


@lru_cache
def settings() -> Settings:
    """The settings of this process, read once: from the environment, secret files, and `settings.env` in `var`."""
    folder = os.environ.get("PISANO_SECRETS", "")
    var = Path(os.environ.get("PISANO_VAR") or ROOT / "var")
    return Settings(_secrets_dir=folder if folder and Path(folder).is_dir() else None, _env_file=var / SETTINGS_FILE)


def who_types() -> str:
    """Who types this command, as the trail is told: whom the place was told of, else the operating system's user."""
    return settings().operator or getuser()
