"""JSON that readers disagree about is refused before it is read any further."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.profiles.strict_json import Limits, Unreadable, read_json


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "json"),
        (b"{", "json"),
        (b'{"a":1} {"a":2}', "json"),
        (b"<Bundle xmlns='http://hl7.org/fhir'/>", "json"),
        (b'\xef\xbb\xbf{"a":1}', "byte-order-mark"),
        (b'{"a":"\xff"}', "utf-8"),
        (b'{"a":1,"a":2}', "duplicate-key"),
        (b'{"a":{"b":1,"b":1}}', "duplicate-key"),
        (b'{"__proto__":{"a":1}}', "member-name"),
        (b'{"a":{"constructor":1}}', "member-name"),
        (b'{"":1}', "member-name"),
        (b'{"a b":1}', "member-name"),
        (b'{"a":NaN}', "json"),
        (b'{"a":Infinity}', "json"),
        (b'{"a":-Infinity}', "json"),
        (b'{"a":1e400}', "number"),
        (b'{"a":1e-400}', "number"),
        (b'{"a":1' + b"0" * 5000 + b"}", "number"),
        (b'{"a":0.' + b"1" * 5000 + b"}", "number"),
        (b'{"a":"\\ud800"}', "character"),
        (b'{"a":"\\udc00\\ud800"}', "character"),
        (b'{"a":"\\u0000"}', "character"),
        (b'{"a":{}}', "empty-object"),
        (b'{"a":[]}', "empty-list"),
        (b'{"a":""}', "empty-string"),
        (b"[" * 100_000, "depth"),
        (b'{"a":' * 100_000, "depth"),
        (b'{"a":"' + b"x" * 101 + b'"}', "string"),
        (b'{"a":"' + b" " * 10_000 + b'"}', "size"),
    ],
    ids=lambda value: value[:20] if isinstance(value, bytes) else str(value),
)
def test_it_is_refused_with_the_rule_it_breaks(content: bytes, rule: str) -> None:
    bytes_ = 10_000 if rule == "size" else 1_000_000
    with pytest.raises(Unreadable) as refused:
        read_json(content, Limits(bytes=bytes_, string=100, depth=30))
    assert refused.value.issue.rule == rule


def test_a_number_keeps_its_digits() -> None:
    assert str(read_json(b'{"value":12.50}')["value"]) == "12.50"
    assert read_json(b'{"value":12.50}')["value"] == Decimal("12.5")


def test_brackets_within_texts_are_not_depth() -> None:
    assert read_json(b'{"a":"' + b"[{" * 500 + b'\\""}')["a"].startswith("[{")


def test_a_document_may_be_longer_than_other_texts() -> None:
    limits = Limits(string=10)
    assert read_json(b'{"attachment":{"data":"' + b"A" * 100 + b'"}}', limits)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_whatever_is_sent_is_read_or_refused(value: Any) -> None:
    content = json.dumps(value).encode()
    try:
        read = read_json(content)
    except Unreadable:
        return
    assert read == json.loads(content, parse_float=Decimal)


@given(st.binary())
def test_whatever_bytes_are_sent_are_read_or_refused(content: bytes) -> None:
    try:
        read = read_json(content)
    except Unreadable:
        return
    assert read == json.loads(content)
