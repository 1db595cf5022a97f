"""What someone finds who opens the service's address in a browser, until it has pages."""

from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from app.callers import EVERYONE, states

_PAGE: Final = """<!doctype html>
<html lang="en-GB">
<head><meta charset="utf-8"><title>Pisano</title><meta name="viewport" content="width=device-width"></head>
<body>
<h1>Pisano</h1>
<p>A shared care record under an executable information sharing agreement. It has no pages yet: ask it as a program
does, or from the command line.</p>
<ul>
<li><code>POST /api/persons/lookup</code> with <code>{"nhs_number": "…"}</code> gives the id of a person</li>
<li><code>POST /api/persons/search</code> with a family name, and a date of birth or postcode: who may be meant</li>
<li><code>GET /api/persons/{id}</code> gives their record, as far as you may see it</li>
<li><code>GET /fhir/R4/Patient/{id}/$everything</code> gives the same as FHIR</li>
</ul>
<p>Say who you are with <code>Authorization: Bearer …</code>, and what for with <code>?purpose=direct-care</code>. In a
demonstration place, <code>pisano demo token --as nurse</code> prints a token, and
<code>pisano person show --nhs-number '999 000 0018' --as nurse --purpose direct-care</code> a record.
<a href="/openapi.json">/openapi.json</a> describes the rest.</p>
</body>
</html>
"""


@states(EVERYONE)
async def welcome(_request: Request) -> HTMLResponse:
    """The same for everybody: it tells of nobody, and asks for nothing from elsewhere."""
    return HTMLResponse(_PAGE, headers={"content-security-policy": "default-src 'none'"})


welcome_routes: Final = [Route("/", welcome)]
