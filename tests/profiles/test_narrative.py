"""Narratives: FHIR's basic HTML, and nothing active."""

import pytest

from app.profiles.narrative import is_harmless

OPEN = '<div xmlns="http://www.w3.org/1999/xhtml">'


@pytest.mark.parametrize(
    "inner",
    [
        "Plain",
        "<p>One</p><p>Two <b>bold</b></p>",
        "<table><tbody><tr><td colspan='2'>Cell</td></tr></tbody></table>",
        "BP &lt; 120 &amp; rising&nbsp;",
        "<br/>",
        '<a href="#note">Note</a>',
    ],
)
def test_what_fhir_allows_is_harmless(inner: str) -> None:
    assert is_harmless(f"{OPEN}{inner}</div>")


@pytest.mark.parametrize(
    "div",
    [
        f"{OPEN}<script>alert(1)</script></div>",
        f"{OPEN}<SCRIPT>alert(1)</SCRIPT></div>",
        f"{OPEN}<scr<script>ipt>alert(1)</scr</script>ipt></div>",
        f'{OPEN}<img src="https://elsewhere.example/a.png"/></div>',
        f'{OPEN}<img src="x" onerror="alert(1)"/></div>',
        f'{OPEN}<p onclick="alert(1)">x</p></div>',
        f'{OPEN}<a href="javascript:alert(1)">x</a></div>',
        f'{OPEN}<a href="https://elsewhere.example">x</a></div>',
        f'{OPEN}<p style="background:url(https://elsewhere.example)">x</p></div>',
        f"{OPEN}<iframe></iframe></div>",
        f"{OPEN}<svg><g/></svg></div>",
        f"{OPEN}<form><input/></form></div>",
        f"{OPEN}<style>p {{}}</style></div>",
        f"{OPEN}<p>unclosed</div>",
        f"{OPEN}<br></div>",
        f"{OPEN}</div><p>beside</p>",
        f"{OPEN}</div>beside",
        f"{OPEN}</div>{OPEN}</div>",
        f"{OPEN}<!-- comment --></div>",
        "<!DOCTYPE html>" + OPEN + "</div>",
        f"<?xml version='1.0'?>{OPEN}</div>",
        f"{OPEN}<p",
        "<div>no namespace</div>",
        '<div xmlns="http://www.w3.org/2000/svg">x</div>',
        '<p xmlns="http://www.w3.org/1999/xhtml">x</p>',
        "text",
        "",
        None,
        7,
    ],
)
def test_anything_else_is_not(div: object) -> None:
    assert not is_harmless(div)
