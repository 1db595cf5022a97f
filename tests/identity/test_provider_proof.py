"""A provider's token is believed if its key signed it by its one algorithm, for us, just now, and for this sign-in."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from app.identity.providers.proof import NoProof, UnknownKey, read_id_token, read_logout_token
from app.identity.providers.provider import Provider

from .openid_provider import EC, KEY, a_provider
from .systems import unsigned

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = int(NOON.timestamp())
ISSUER = "https://sign-in.example"
PROVIDER = Provider.model_validate(a_provider(ISSUER))
BY_EC = Provider.model_validate(a_provider(ISSUER, algorithm="ES256"))
KEYS = {
    "keys": [
        KEY.as_dict(private=False),
        EC.as_dict(private=False),
        OctKey.generate_key(256, {"kid": "secret"}).as_dict(private=True),
        {"kty": "OKP"},
        7,
    ]
}
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


def token(
    said: dict[str, Any], changed: dict[str, Any], *, key: Any = KEY, algorithm: str = "RS256", **header: Any
) -> str:
    whole = {name: value for name, value in {**said, **changed}.items() if value is not None}
    head = {"alg": algorithm, "kid": key.kid, **header}
    return jwt.encode(head, whole, key, algorithms=[algorithm])


def id_token(key: Any = KEY, algorithm: str = "RS256", **changed: Any) -> str:
    said = {
        "iss": ISSUER,
        "sub": "nurse-1",
        "aud": "pisano",
        "iat": NOW,
        "exp": NOW + 300,
        "nonce": "n",
        "sid": "s",
    }
    return token(said, changed, key=key, algorithm=algorithm)


def read(text: str, provider: Provider = PROVIDER, at: datetime = NOON) -> Any:
    return read_id_token(text, provider, KEYS, nonce="n", access_token="a", at=at)


def logout_token(key: Any = KEY, algorithm: str = "RS256", typ: str = "logout+jwt", **changed: Any) -> str:
    said = {
        "iss": ISSUER,
        "sub": "nurse-1",
        "sid": "s",
        "aud": "pisano",
        "iat": NOW,
        "exp": NOW + 120,
        "jti": "j",
        "events": {LOGOUT: {}},
    }
    return token(said, changed, key=key, algorithm=algorithm, typ=typ)


def test_a_good_token_of_the_configured_algorithm_is_believed() -> None:
    assert read(id_token())["sub"] == "nurse-1"
    assert read(id_token(key=EC, algorithm="ES256"), BY_EC)["sub"] == "nurse-1"


@pytest.mark.parametrize(
    "text",
    [
        id_token(key=EC, algorithm="ES256"),
        id_token(algorithm="RS384"),
        id_token(algorithm="PS256"),
        id_token(key=OctKey.import_key("a secret that both know", {"kid": "op"}), algorithm="HS256"),
        unsigned(
            {"iss": ISSUER, "sub": "nurse-1", "aud": "pisano", "iat": NOW, "exp": NOW + 300, "nonce": "n"}, kid="op"
        ),
        id_token(key=RSAKey.generate_key(2048, {"kid": "op"})),
        "",
        "a.b.c",
        "x" * 100_000,
    ],
)
def test_a_token_by_another_algorithm_or_another_key_is_not_believed(text: str) -> None:
    with pytest.raises(NoProof):
        read(text)


def test_a_key_that_was_not_published_is_asked_for_again() -> None:
    with pytest.raises(UnknownKey):
        read(id_token(key=RSAKey.generate_key(2048, {"kid": "new"})))


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": ISSUER + "/"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": ["another"]},
        {"aud": ["pisano", "another"]},
        {"aud": ["pisano", "another"], "azp": "another"},
        {"azp": "another"},
        {"aud": {"pisano": 1}},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": NOW - 31},
        {"exp": None},
        {"exp": "later"},
        {"iat": NOW + 31},
        {"iat": NOW - 331},
        {"iat": None},
        {"iat": True},
        {"nbf": NOW + 60},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": "two\nlines"},
        {"sub": 7},
        {"sid": 7},
        {"at_hash": "of another access token"},
    ],
)
def test_a_token_that_says_anything_else_is_not_believed(changed: dict[str, Any]) -> None:
    with pytest.raises(NoProof):
        read(id_token(**changed))


def test_a_clock_may_be_half_a_minute_off() -> None:
    assert read(id_token(iat=NOW + 29, exp=NOW + 300))
    assert read(id_token(iat=NOW - 329))
    assert read(id_token(exp=NOW - 29))
    assert read(id_token(aud=["pisano", "another"], azp="pisano"))


def test_assurance_that_is_asked_for_must_be_told() -> None:
    strict = Provider.model_validate(a_provider(ISSUER, assurance=["AAL3"]))
    assert read(id_token(acr="AAL3"), strict)
    for acr in ("AAL1", None, ["AAL3"]):
        with pytest.raises(NoProof):
            read(id_token(acr=acr), strict)


@pytest.mark.parametrize("claim", ["authentication_assurance_level", "id_assurance_level"])
def test_the_levels_that_nhs_cis2_tells_must_be_high_enough(claim: str) -> None:
    setting = {"authentication_assurance_level": "authentication_level", "id_assurance_level": "identity_level"}[claim]
    strict = Provider.model_validate(a_provider(ISSUER, **{setting: 2}))

    def saying(said: Any) -> str:
        changed: dict[str, Any] = {claim: said}
        return id_token(**changed)

    for enough in ("2", "3", 2, 3):
        assert read(saying(enough), strict)
    for said in ("1", 1, "0", "", None, "high", True, "4", "٣", [3], {"3": 3}, 2.5, 99):
        with pytest.raises(NoProof):
            read(saying(said), strict)


@given(st.text())
def test_no_text_is_a_token_of_a_provider(text: str) -> None:
    with pytest.raises(NoProof):
        read(text)


def test_a_logout_token_says_who_signed_out() -> None:
    out = read_logout_token(logout_token(), PROVIDER, KEYS, at=NOON)
    assert (out.subject, out.provider_session, out.id) == ("nurse-1", "s", "j")
    assert read_logout_token(logout_token(aud=["pisano", "another"], azp="pisano"), PROVIDER, KEYS, at=NOON).id == "j"
    of_subject = read_logout_token(logout_token(sid=None, typ="JWT"), PROVIDER, KEYS, at=NOON)
    assert (of_subject.subject, of_subject.provider_session) == ("nurse-1", None)


@pytest.mark.parametrize(
    "text",
    [
        id_token(),  # which anybody holds who signed in
        logout_token(nonce="n"),
        logout_token(events=None),
        logout_token(events=[LOGOUT]),
        logout_token(events={LOGOUT: "yes"}),
        logout_token(events={"http://schemas.openid.net/event/another": {}}),
        logout_token(jti=None),
        logout_token(sub=None, sid=None),
        logout_token(sid=7),
        logout_token(aud="another"),
        logout_token(aud=["pisano", "another"]),
        logout_token(aud=["pisano", "another"], azp="another"),
        logout_token(iss="https://elsewhere.example"),
        logout_token(iat=NOW - 331),
        logout_token(iat=None),
        logout_token(exp=NOW - 31),
        logout_token(typ="at+jwt"),
        logout_token(key=EC, algorithm="ES256"),
        logout_token(key=RSAKey.generate_key(2048, {"kid": "op"})),
    ],
)
def test_what_is_no_logout_token_of_this_provider_is_not_believed(text: str) -> None:
    with pytest.raises(NoProof):
        read_logout_token(text, PROVIDER, KEYS, at=NOON)


def test_an_old_logout_token_is_not_believed() -> None:
    with pytest.raises(NoProof):
        read_logout_token(logout_token(exp=None), PROVIDER, KEYS, at=NOON + timedelta(minutes=6))
