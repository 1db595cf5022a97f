"""Scripts as browsers fetch them, one after another by what each imports."""

import re

from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.web.frame.static import address, static_routes


def test_what_a_script_imports_is_served_under_an_address_of_its_content() -> None:
    with TestClient(Starlette(routes=static_routes)) as client:
        fetched, waiting = set[str](), {address("meeting.js")}
        while waiting:
            told = client.get(path := waiting.pop())
            assert (told.status_code, told.headers["content-type"]) == (200, "text/javascript; charset=utf-8"), path
            fetched.add(path)
            waiting |= {f"/static/{name}" for name in re.findall(r'from "\./([^"]+)"', told.text)} - fetched

    assert len(fetched) > 1
    assert all(re.fullmatch(r"/static/meeting[a-z-]*\.[0-9a-f]{12}\.js", path) for path in fetched)
