"""The OpenID providers that a place's organisations have, as an operator's file names them."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)

from app.errors import DomainError
from app.vocabulary.ods_code import OdsCode
from app.vocabulary.token import Role

PROVED: Final = "P9"
"""How NHS login calls an identity that was proved, in `vot` and in `identity_proofing_level`; P5 and P0 are not."""


class UnusableProviders(DomainError):
    """The file of sign-in providers is missing, open to others, or says what cannot be carried out."""


class Kind(StrEnum):
    """How a provider says what somebody may do."""

    NRBAC = "nrbac"  # NHS CIS2: `nhsid_nrbac_roles`, of which `selected_roleid` is the one they took
    GROUPS = "groups"  # a directory: the groups that they are in
    PERSON = "person"  # NHS login: whoever a record is about, for themselves, in no role


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True)


class RoleOf(_Strict):
    """What a national role code, or a group, is here: a role of the agreement, at one organisation."""

    says: str = Field(min_length=1, description="A code such as R8001, or the name of a group.")
    at: Annotated[OdsCode, BeforeValidator(OdsCode)]
    role: Annotated[Role, BeforeValidator(Role)]


class Provider(_Strict):
    """One provider. What it says is believed as far as its key signed it, and its table of roles knows it."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    name: str = Field(min_length=1, description="As its button calls it.")
    issuer: str = Field(min_length=1, max_length=255)
    client_id: str = Field(min_length=1)
    client_secret: SecretStr | None = None
    client_key: dict[str, Any] | None = Field(
        default=None, repr=False, description="A private JWK, for RS256 or ES256, or for RS512 where its `alg` says so."
    )
    scope: str = "openid profile"
    algorithm: Literal["RS256", "RS512", "PS256", "ES256"] = "RS256"
    assurance: tuple[str, ...] = Field(default=(), description="What `acr` must be one of; any where empty.")
    authentication_level: int | None = Field(
        default=None, ge=1, le=3, description="The least `authentication_assurance_level` that NHS CIS2 must tell."
    )
    identity_level: int | None = Field(
        default=None, ge=1, le=3, description="The least `id_assurance_level` that NHS CIS2 must tell."
    )
    userinfo: bool = Field(default=False, description="Whether roles and names are told there.")
    kind: Kind
    groups_claim: str = "groups"
    roles: tuple[RoleOf, ...] = ()
    vectors: tuple[str, ...] = Field(
        default=(), description="What `vot` must be one of, asked for as `vtr` (RFC 8485), for `kind: person`."
    )
    trained_until: date | None = Field(default=None, description="Until when its organisations answer for training.")
    training_claim: str | None = Field(default=None, description="A claim that tells the last day of somebody's.")
    nhs_number_claim: str | None = None

    @model_validator(mode="after")
    def _roles_for_staff_alone(self) -> Self:
        if self.kind is not Kind.PERSON:
            if "roles" not in self.model_fields_set or self.vectors:
                raise ValueError("a provider of staff has `roles`, and no `vectors`")
            return self
        if self.roles or self.trained_until or self.training_claim:
            raise ValueError("whoever signs in for themselves has no roles and no training: leave both out")
        if not self.vectors or any(PROVED not in vector.split(".") for vector in self.vectors):
            raise ValueError("each of `vectors` asks for an identity that was proved, such as P9.Cp.Cd")
        return self


def _each_by_its_own_id(providers: list[Provider]) -> list[Provider]:
    if len({one.id for one in providers}) < len(providers) or len({one.issuer for one in providers}) < len(providers):
        raise ValueError("two providers have the same id, or the same issuer")
    if any((one.client_secret is None) == (one.client_key is None) for one in providers):
        raise ValueError("each provider has either a client_secret or a client_key")
    return providers


class _File(_Strict):
    providers: Annotated[list[Provider], AfterValidator(_each_by_its_own_id)]


def read_providers(path: Path) -> Mapping[str, Provider]:
    """The providers of a file, by id; raises `UnusableProviders`."""
    try:
        if path.stat().st_mode & 0o077:
            raise UnusableProviders(f"others can reach `{path}`, which holds secrets; run `chmod 600` on it")
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
        return {one.id: one for one in _File.model_validate(said).providers}
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise UnusableProviders(f"`{path}` cannot be read as the file of sign-in providers") from None
    except ValidationError as error:
        wrong = sorted({".".join(str(part) for part in one["loc"]) + ": " + one["msg"] for one in error.errors()})
        raise UnusableProviders(f"the file of sign-in providers cannot be used: {'; '.join(wrong)}") from None
