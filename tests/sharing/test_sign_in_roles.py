"""Sign-in providers give roles that the agreements know, or the place does not start."""

import json
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from app.identity.providers.provider import Provider
from app.serving import serve
from app.settings import Settings, settings
from app.sharing.checked.sign_in_roles import RoleCheck, UnknownRoles, check_roles
from app.sharing.commands.checking import isa
from tests.conftest import the_agreements
from tests.identity.openid_provider import a_provider

AGREEMENTS = the_agreements().documents


def checked(*roles: dict[str, str], **changed: Any) -> RoleCheck:
    asked = a_provider("https://sign-in.example", **{"assurance": ["AAL3_ANY"], "roles": list(roles), **changed})
    return check_roles({"cis2": Provider.model_validate(asked)}, AGREEMENTS)


NURSE = {"says": "R8001", "at": "RL4C", "role": "community-nurse"}


def test_a_role_that_the_agreement_knows_is_given_where_it_is_held() -> None:
    assert checked(NURSE).wrong == ()
    checked(NURSE).demand()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"role": "comunity-nurse"}, "no agreement knows"),
        ({"at": "WH100"}, "where no agreement lets it be held"),
        ({"at": "ZZ999"}, "where no agreement lets it be held"),
    ],
)
def test_a_role_that_no_agreement_knows_keeps_the_place_from_starting(changed: dict[str, str], why: str) -> None:
    with pytest.raises(UnknownRoles, match=why):
        checked({**NURSE, **changed}).demand()


def test_a_national_code_that_leads_to_nobody_is_told() -> None:
    doubtful = checked(NURSE).doubtful

    assert "nobody becomes `community-nurse` by R0700: no sign-in provider's table has it" in doubtful
    assert any("nobody becomes `gp` by R8000, R0260, R0270" in one for one in doubtful)
    assert not any("housing-officer" in one for one in doubtful)  # a local role has no national codes


def test_a_code_that_is_none_of_a_roles_own_is_told() -> None:
    doubtful = checked({**NURSE, "says": "R8014"}).doubtful
    assert any("`community-nurse` for R8014, which is none of its national codes" in one for one in doubtful)


def test_groups_of_a_council_are_compared_by_role_alone() -> None:
    homes = {"says": "homes-officers", "at": "WH100", "role": "housing-officer"}
    assert checked(homes, kind="groups") == RoleCheck((), ())


def test_a_provider_of_national_roles_that_is_asked_for_no_assurance_is_told() -> None:
    assert any("asks for no assurance" in one for one in checked(NURSE, assurance=[]).doubtful)
    assert not any("assurance" in one for one in checked(NURSE, assurance=[], authentication_level=2).doubtful)


@pytest.fixture
def misspelt(tmp_path: Any) -> Any:
    file = tmp_path / "providers.yaml"
    roles = [{**NURSE, "role": "comunity-nurse"}]
    file.write_text(yaml.safe_dump({"providers": [a_provider("https://sign-in.example", roles=roles)]}))
    file.chmod(0o600)
    return file


def test_the_place_does_not_start_with_a_role_that_no_agreement_knows(
    misspelt: Any, tmp_path: Any, database_url: str
) -> None:
    place = Settings(var=tmp_path, sign_in_providers=misspelt, public_url="https://record.example")
    with pytest.raises(UnknownRoles, match="comunity-nurse"):
        serve(place, database_url, port=0)


def test_isa_check_tells_of_it(misspelt: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PISANO_SIGN_IN_PROVIDERS", str(misspelt))
    monkeypatch.setenv("PISANO_PUBLIC_URL", "https://record.example")
    settings.cache_clear()
    try:
        checked = CliRunner().invoke(isa, ["check", "--json"])
    finally:
        settings.cache_clear()
    assert checked.exit_code == 1
    assert any("comunity-nurse" in one["text"] for one in json.loads(checked.output)["findings"])
