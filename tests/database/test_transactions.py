"""Many rows at a time: what goes to PostgreSQL as one parameter."""

import orjson
import pytest

from app.database.transactions import as_json


@pytest.mark.parametrize("text", ["\0", "a\0b", "\\\0", "\\\\\0"])
def test_a_nul_is_told_before_postgresql_could_quote_what_stands_around_it(text: str) -> None:
    with pytest.raises(ValueError, match="NUL") as raised:
        as_json([{"name": f"Ferrante{text}"}])

    assert "Ferrante" not in str(raised.value)


@pytest.mark.parametrize("text", ["\\u0000", "\\\\u0000", "\n", 'Zoë "O\'Neil"'])
def test_any_other_text_goes_as_it_is(text: str) -> None:
    assert orjson.loads(as_json([text])) == [text]
