"""How a partner's system gets a token: SMART App Launch 2, Backend Services."""

from datetime import UTC, datetime
from typing import Any, Final

import orjson
from fastapi import APIRouter, Depends, Request, Response

from app.asking.callers import EVERYONE, place
from app.asking.never_kept import NEVER_KEPT
from app.identity.systems.keys import ALGORITHMS
from app.sign_in.system_token import LIFETIME, TOKEN_PATH, Problem, Token
from app.web.frame.filled_in.forms import NoForm, form

router = APIRouter(tags=["sign-in"], dependencies=[Depends(EVERYONE)])

_WELL_KNOWN: Final = "/.well-known/smart-configuration"
_HEADERS: Final = {**NEVER_KEPT, "pragma": "no-cache"}  # RFC 6749 section 5.1
_FORM: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type", "scope", "client_assertion_type", "client_assertion"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "scope": {"type": "string", "description": "Such as `system/*.rs`."},
                        "client_assertion_type": {"type": "string"},
                        "client_assertion": {"type": "string", "description": "A JWT, signed with a registered key."},
                    },
                }
            }
        },
    }
}
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    400: {"description": "No token: `invalid_client` whatever is wrong with the assertion, or another of RFC 6749."},
    503: {"description": "No token can be given just now."},
}


@router.post(TOKEN_PATH, openapi_extra=_FORM, responses=_ANSWERS)
async def token(request: Request) -> Response:
    """A token for five minutes: `{access_token, token_type, expires_in, scope}`."""
    try:
        asked = await form(request)
    except NoForm:
        return _problem(Problem.INVALID_REQUEST)
    given = await place(request).system_sign_in.token(asked, at=datetime.now(UTC))
    return _token(given) if isinstance(given, Token) else _problem(given)


@router.get(_WELL_KNOWN)
@router.get(f"/fhir/R4{_WELL_KNOWN}")
async def smart_configuration(request: Request) -> Response:
    """What a system needs to know to get a token."""
    told = {
        "token_endpoint": place(request).address + TOKEN_PATH,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "grant_types_supported": ["client_credentials"],
        "scopes_supported": ["system/*.cruds"],
        "code_challenge_methods_supported": ["S256"],
        "capabilities": ["client-confidential-asymmetric", "permission-v2"],
    }
    return _json(told, {"cache-control": "max-age=300"})


def _token(given: Token) -> Response:
    told = {
        "access_token": given.secret,
        "token_type": "bearer",
        "expires_in": int(LIFETIME.total_seconds()),
        "scope": str(given.scopes),
    }
    return _json(told, _HEADERS)


def _problem(problem: Problem) -> Response:
    return _json({"error": problem}, _HEADERS, status=400)


def _json(content: object, headers: dict[str, str], *, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, headers, media_type="application/json")
