"""What a provider says of somebody becomes the roles that its table knows, and never more than they selected."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.providers.claims import signed_in
from app.identity.providers.provider import Provider, UnusableProviders, read_providers

from .openid_provider import NRBAC, a_provider, put_providers

ISSUER = "https://sign-in.example"
ROLES = [
    {"says": "R8001", "at": "RL4C", "role": "community-nurse"},
    {"says": "R8000", "at": "RL4", "role": "acute-clinician"},
]
CIS2 = Provider.model_validate(a_provider(ISSUER, roles=ROLES, nhs_number_claim="nhs_number"))
COUNCIL = Provider.model_validate(
    a_provider(
        "https://council.example",
        id="council",
        kind="groups",
        trained_until=None,
        training_claim="ig_training",
        roles=[
            {"says": "homes-officers", "at": "WH100", "role": "housing-officer"},
            {"says": "care", "at": "LA508", "role": "social-worker"},
        ],
    )
)


def positions(provider: Provider, **claims: Any) -> list[tuple[str, str]]:
    found = signed_in(provider, {"sub": "s", **claims})
    return [(str(one.role), str(one.organisation)) for one in found.positions]


def test_only_the_role_that_was_selected_counts_never_the_union() -> None:
    assert positions(CIS2, nhsid_nrbac_roles=NRBAC, selected_roleid="111") == [("community-nurse", "RL4C")]
    assert positions(CIS2, nhsid_nrbac_roles=NRBAC, selected_roleid="222") == [("acute-clinician", "RL4")]


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"nhsid_nrbac_roles": []},
        {"nhsid_nrbac_roles": NRBAC},
        {"nhsid_nrbac_roles": NRBAC, "selected_roleid": ""},
        {"nhsid_nrbac_roles": NRBAC, "selected_roleid": "999"},
        {"nhsid_nrbac_roles": NRBAC, "selected_roleid": "333"},
        {"nhsid_nrbac_roles": NRBAC[:1] * 2, "selected_roleid": "111"},
        {"nhsid_nrbac_roles": [{"person_roleid": "111"}], "selected_roleid": "111"},
        {"nhsid_nrbac_roles": [{"person_roleid": "111", "role_code": "R8001"}], "selected_roleid": "111"},
        {"nhsid_nrbac_roles": {"111": NRBAC[0]}, "selected_roleid": "111"},
        {"nhsid_nrbac_roles": [1, None, "x"], "selected_roleid": "111"},
        {"nhsid_nrbac_roles": [{**NRBAC[0], "person_roleid": None}], "selected_roleid": None},
        {"nhsid_nrbac_roles": [{name: one for name, one in NRBAC[0].items() if name != "person_roleid"}]},
        {"nhsid_nrbac_roles": [{**NRBAC[0], "person_roleid": ""}], "selected_roleid": ""},
        {"nhsid_nrbac_roles": [{**NRBAC[0], "person_roleid": 111}], "selected_roleid": 111},
        {"groups": ["homes-officers"], "selected_roleid": "111"},
    ],
)
def test_whoever_has_no_role_selected_that_is_known_here_has_none(claims: dict[str, Any]) -> None:
    assert positions(CIS2, **claims) == []


def test_of_the_whole_of_what_nhs_cis2_tells_the_selected_role_alone_counts() -> None:
    """As its userinfo writes them: each role with its place in the hierarchy, activities, areas of work, workgroups."""
    told = {
        "nhsid_useruid": "555036632103",
        "name": "USERQ RANDOM Mr",
        "nhsid_nrbac_roles": [
            {
                "person_orgid": "555254239107",
                "person_roleid": "555254240100",
                "org_code": "RL4C",
                "role_name": '"Clinical":"Clinical Provision":"Nurse Access Role"',
                "role_code": "S8000:G8000:R8001",
                "activities": ["Receive Self Claimed LR Alerts"],
                "activity_codes": ["B0016"],
                "workgroups": ["north"],
                "aow": ["Community nursing"],
                "aow_codes": ["A01"],
            },
            {
                "person_orgid": "555254239107",
                "person_roleid": "555254242106",
                "org_code": "RL4",
                "role_code": "S8000:G8000:R8000",
            },
        ],
    }
    assert positions(CIS2, **told, selected_roleid="555254240100") == [("community-nurse", "RL4C")]
    assert positions(CIS2, **told, selected_roleid="555254242106") == [("acute-clinician", "RL4")]
    assert positions(CIS2, **told) == []
    assert signed_in(CIS2, {"sub": "555036632103", **told}).name == "USERQ RANDOM Mr"


@pytest.mark.parametrize("code", ["XR8001", "R80011", "S8000:G8000", "S8000:G8000:R8001X", "r8001", "S8000 R8001"])
def test_a_code_is_read_whole(code: str) -> None:
    other = [{**NRBAC[0], "role_code": code}]
    assert positions(CIS2, nhsid_nrbac_roles=other, selected_roleid="111") == []


def test_a_role_counts_at_its_own_organisation_only() -> None:
    at_another = [dict(NRBAC[0], org_code="RL4")]
    assert positions(CIS2, nhsid_nrbac_roles=at_another, selected_roleid="111") == []


def test_the_teams_are_those_of_the_selected_role() -> None:
    assert signed_in(CIS2, {"sub": "s", "nhsid_nrbac_roles": NRBAC, "selected_roleid": "111"}).teams == {"north"}
    assert signed_in(CIS2, {"sub": "s", "nhsid_nrbac_roles": NRBAC, "selected_roleid": "222"}).teams == frozenset()


def test_a_provider_of_groups_names_no_teams_whatever_else_it_tells() -> None:
    told = {"sub": "s", "groups": ["care"], "nhsid_nrbac_roles": NRBAC, "selected_roleid": "111"}
    assert signed_in(COUNCIL, told).teams == frozenset()
    assert positions(COUNCIL, **{name: one for name, one in told.items() if name not in ("sub", "groups")}) == []


def test_a_group_is_a_role_where_the_table_says_so() -> None:
    assert positions(COUNCIL, groups=["homes-officers", "all"]) == [("housing-officer", "WH100")]
    assert positions(COUNCIL, groups=["care", "homes-officers"]) == [
        ("housing-officer", "WH100"),
        ("social-worker", "LA508"),
    ]
    for groups in (None, "homes-officers", {"homes-officers": 1}, [1], ["Homes-Officers"], []):
        assert positions(COUNCIL, groups=groups) == []


def test_training_is_told_of_somebody_or_answered_for_by_their_organisation() -> None:
    assert signed_in(CIS2, {"sub": "s"}).training_until == date(2099, 3, 31)
    assert signed_in(COUNCIL, {"sub": "s", "ig_training": "2027-01-31"}).training_until == date(2027, 1, 31)
    for said in (None, "soon", 20270131, ["2027-01-31"]):
        assert signed_in(COUNCIL, {"sub": "s", "ig_training": said}).training_until is None


def test_somebodys_own_nhs_number_keeps_them_from_their_own_record() -> None:
    own = signed_in(CIS2, {"sub": "s", "nhs_number": "999 000 0018"}).nhs_number
    assert own is not None
    assert own.digits == "9990000018"
    assert signed_in(CIS2, {"sub": "s", "nhs_number": "999 000 0019"}).nhs_number is None


def test_a_name_is_what_can_be_printed() -> None:
    assert signed_in(CIS2, {"sub": "s", "given_name": "Hal", "family_name": "Okafor"}).name == "Hal Okafor"
    for said in (None, 7, "two\nlines", " ", ["x"]):
        assert signed_in(CIS2, {"sub": "s", "name": said}).name == "s"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=20), inner, max_size=4),
    max_leaves=8,
)
names = st.sampled_from(["nhsid_nrbac_roles", "selected_roleid", "groups", "name", "ig_training", "nhs_number"])


@given(st.dictionaries(names, json_values), st.sampled_from([CIS2, COUNCIL]))
def test_whatever_a_provider_says_nobody_fails_to_sign_in_and_nobody_gains_a_role(
    claims: dict[str, Any], provider: Provider
) -> None:
    assert signed_in(provider, {"sub": "s", **claims}).positions == ()


def test_a_file_of_providers_is_read(tmp_path: Path) -> None:
    path = put_providers(
        tmp_path / "providers", a_provider(ISSUER), a_provider(ISSUER + "/2", id="council", kind="groups")
    )
    assert list(read_providers(path)) == ["cis2", "council"]
    assert "a secret that both know" not in repr(read_providers(path))


@pytest.mark.parametrize(
    ("changed", "because"),
    [
        ({"algorithm": "HS256"}, "algorithm"),
        ({"algorithm": "none"}, "algorithm"),
        ({"client_secret": None}, "either a client_secret or a client_key"),
        ({"kind": "ldap"}, "kind"),
        ({"id": "../x"}, "id"),
        ({"unknown": 1}, "unknown"),
        ({"roles": [{"says": "R8001", "at": "?", "role": "community-nurse"}]}, "ODS code"),
        ({"roles": [{"says": "R8001", "at": "RL4", "role": "Nurse"}]}, "role"),
    ],
)
def test_a_provider_that_cannot_be_carried_out_is_told_without_its_secret(
    tmp_path: Path, changed: dict[str, Any], because: str
) -> None:
    path = put_providers(tmp_path / "providers", a_provider(ISSUER, **changed))
    with pytest.raises(UnusableProviders, match=because) as refused:
        read_providers(path)
    assert "a secret that both know" not in str(refused.value)


def test_a_file_that_others_can_reach_or_that_is_none_is_refused(tmp_path: Path) -> None:
    path = put_providers(tmp_path / "providers", a_provider(ISSUER))
    path.chmod(0o644)
    with pytest.raises(UnusableProviders, match="others can reach"):
        read_providers(path)
    with pytest.raises(UnusableProviders, match="cannot be read"):
        read_providers(tmp_path / "nowhere")
    path.chmod(0o600)
    for content in ("providers: [", "[]", "providers: {}", ""):
        path.write_text(content)
        with pytest.raises(UnusableProviders):
            read_providers(path)


def test_two_providers_of_one_name_or_issuer_are_refused(tmp_path: Path) -> None:
    for other in (a_provider(ISSUER, id="another"), a_provider("https://another.example")):
        with pytest.raises(UnusableProviders, match="same id, or the same issuer"):
            read_providers(put_providers(tmp_path / "providers", a_provider(ISSUER), other))
