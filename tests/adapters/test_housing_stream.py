"""JSON read as a stream: its three layouts, and whatever is wrong with them."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.housing.documents import json_stream
from app.adapters.housing.documents.json_stream import Document, documents
from app.vocabulary.statement import Finding, UnreadableMessage

ONE, TWO = {"a": "1", "b": ["é", {}]}, {"c": '{"]}'}


def read(message: bytes) -> list[tuple[int, object]]:
    """Each document with its line, or the rule by which it was refused."""
    found = documents(io.BytesIO(message))
    return [(said.line, said.content if isinstance(said, Document) else said.rule) for said in found]


def refused(message: bytes) -> Finding:
    with pytest.raises(UnreadableMessage) as refusal:
        read(message)
    return refusal.value.finding


@pytest.mark.parametrize(
    ("message", "lines"),
    [
        (json.dumps(ONE) + "\n" + json.dumps(TWO) + "\n", [1, 2]),
        (json.dumps(ONE) + "\r\n\r\n" + json.dumps(TWO), [1, 3]),
        (json.dumps([ONE, TWO]), [1, 1]),
        (json.dumps([ONE, TWO], indent=2), [2, 9]),
        (json.dumps(ONE, indent=1) + "\n" + json.dumps(TWO, indent=1), [1, 8]),
        ("\n\n" + json.dumps(ONE) + "\n" + json.dumps(TWO), [3, 4]),
        ("\ufeff" + json.dumps(ONE, ensure_ascii=False) + json.dumps(TWO), [1, 1]),
        ("\ufeff" + json.dumps([ONE, TWO], ensure_ascii=False), [1, 1]),
    ],
)
def test_documents_are_told_apart_however_they_are_laid_out(message: str, lines: list[int]) -> None:
    assert read(message.encode()) == list(zip(lines, [ONE, TWO], strict=True))


def test_an_array_may_be_empty() -> None:
    assert read(b" [ ]\n") == []


def test_numbers_are_read_as_they_are_written() -> None:
    assert read(b'{"a": 17, "b": 1.10, "c": -0, "d": 1e999}') == [
        (1, {"a": "17", "b": "1.10", "c": "-0", "d": "1e999"})
    ]


def test_a_number_of_any_length_is_text() -> None:
    assert read(b'{"a": ' + b"9" * 5000 + b"}") == [(1, {"a": "9" * 5000})]


@pytest.mark.parametrize(
    "flawed",
    [
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": }',
        b"[1]",
        b"17",
        b'{"a": "\x01"}',
    ],
)
def test_a_line_with_a_flaw_is_refused_and_the_next_is_read(flawed: bytes) -> None:
    assert read(b"{}\n" + flawed + b"\n{}\n") == [(1, {}), (2, "json-syntax"), (3, {})]


@pytest.mark.parametrize("flawed", [b'{"a": NaN}', b'{"a": 1, "a": 2}'])
def test_a_document_with_a_flaw_is_refused_in_an_array_too(flawed: bytes) -> None:
    assert read(b"[{}, " + flawed + b", {}]") == [(1, {}), (1, "json-syntax"), (1, {})]


def test_a_line_that_is_nested_too_deeply_is_refused() -> None:
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    assert read(b"{}\n" + deep + b"\n{}\n") == [(1, {}), (2, "json-depth"), (3, {})]


def test_a_message_that_is_nested_too_deeply_is_refused() -> None:
    assert refused(b"[" + b'{"a":' * 100_000).rule == "json-depth"


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        (b"", "json-empty"),
        (b" \r\n\t ", "json-empty"),
        (b"\xef\xbb\xbf", "json-empty"),
        (json.dumps(ONE).encode("utf-16"), "json-encoding"),
        (json.dumps(ONE).encode("utf-16-le"), "json-encoding"),
        ('{"a": "é"}\n'.encode("cp1252"), "json-encoding"),
        (b'{}\n{"a": "\xe9"}\n', "json-encoding"),
        (b'[{"a": "\xc3', "json-encoding"),
        (b'{}\n{"a": 1', "json-truncated"),
        (b'[{"a": 1', "json-truncated"),
        (b"[{}", "json-truncated"),
        (b"[{},", "json-truncated"),
        (b"[", "json-truncated"),
        (b'{"a": 1,\n"b', "json-truncated"),
        (b"[{} {}]", "json-truncated"),
        (b"[1]", "json-syntax"),
        (b"[{}] {}", "json-syntax"),
        (b"{},\n{}", "json-syntax"),
        (b"MSH|^~\\&|", "json-syntax"),
    ],
)
def test_a_message_that_cannot_be_trusted_is_refused_whole(message: bytes, rule: str) -> None:
    assert refused(message).rule == rule


@pytest.mark.parametrize("before", [b"[{},\n", b"{}\n", b""])
def test_a_document_that_never_ends_is_refused_before_it_fills_memory(
    before: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_stream, "LONGEST_DOCUMENT", 100_000)
    finding = refused(before + b'{"a": "' + b"x" * 1_000_000)
    assert finding.rule == "json-length"
    assert finding.line == 1 + before.count(b"\n")


def test_a_document_may_be_longer_than_a_piece_of_the_stream() -> None:
    long = {"a": "é" * 300_000}
    assert read(json.dumps([long, ONE], ensure_ascii=False).encode()) == [(1, long), (1, ONE)]


def test_a_document_does_not_show_what_it_holds() -> None:
    assert "Hallam" not in repr(Document(1, {"full_name": "Albert Hallam"}))


_JSON = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    contents=st.lists(st.dictionaries(st.text(), _JSON, min_size=1), max_size=4),
    indent=st.sampled_from([None, 1]),
    array=st.booleans(),
)
def test_what_was_written_is_what_is_read(contents: list[dict[str, object]], indent: int | None, array: bool) -> None:
    one_by_one = "\n".join(json.dumps(content, indent=indent) for content in contents)
    message = json.dumps(contents, indent=indent) if array else one_by_one or "[]"
    assert [content for _, content in read(message.encode())] == contents
