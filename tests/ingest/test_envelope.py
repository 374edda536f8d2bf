"""The framing of envelopes, point by point of the specification; the numbers are those of `ingest.envelope`."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.envelope import MAX_ITEMS, Envelope, Item, encode_envelope, parse_envelope
from ingest.errors import Malformed


def read(body: bytes) -> list[tuple[str, bytes]]:
    return [(item.type, bytes(item.payload)) for item in parse_envelope(body).items]


@pytest.mark.parametrize(
    ("body", "items"),
    [
        (
            b'{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}\n'
            b'{"type":"attachment","length":10,"filename":"hello.txt"}\n\xef\xbb\xbfHello\r\n\n'
            b'{"type":"event","length":41}\n{"message":"hello world","level":"error"}\n',
            [("attachment", b"\xef\xbb\xbfHello\r\n"), ("event", b'{"message":"hello world","level":"error"}')],
        ),
        (
            b'{}\n{"type":"attachment","length":0}\n\n{"type":"attachment","length":0}\n\n',
            [("attachment", b""), ("attachment", b"")],
        ),
        (
            b'{}\n{"type":"attachment","length":0}\n\n{"type":"attachment","length":0}\n',
            [("attachment", b""), ("attachment", b"")],
        ),
        (b'{}\n{"type":"attachment","length":0}', [("attachment", b"")]),
        (b'{}\n{"type":"attachment"}\nhelloworld\n', [("attachment", b"helloworld")]),
        (b'{}\n{"type":"attachment"}\nhelloworld', [("attachment", b"helloworld")]),
        (
            b'{}\n{"type":"session"}\n{"started": "2020-02-07T14:16:00Z"}',
            [("session", b'{"started": "2020-02-07T14:16:00Z"}')],
        ),
        (b'{}\n{"type":"attachment"}\nhello\r\n', [("attachment", b"hello\r")]),
        (b'{}\n{"type":"a","length":null}\nx\n', [("a", b"x")]),
        (
            b'{}\n{"type":"no one knows this"}\nx\n{"type":"event"}\n{}\n',
            [("no one knows this", b"x"), ("event", b"{}")],
        ),
        (b'{}\n{"kind":"without type"}\nx\n', [("", b"x")]),
        (b'{}\n{"type":["event"]}\nx\n', [("", b"x")]),
        (b"{}", []),
        (b"{}\n", []),
        (b"{}\r\n\n\n", []),
        (b'{}\n\n\n{"type":"a"}\nx\n\n\n{"type":"b"}\ny\n\n', [("a", b"x"), ("b", b"y")]),
        (b'{}\r\n{"type":"a"}\r\nx\n', [("a", b"x")]),
    ],
)
def test_every_framing_that_the_specification_allows_is_read(body: bytes, items: list[tuple[str, bytes]]) -> None:
    assert read(body) == items


def test_unknown_header_attributes_are_kept() -> None:
    envelope = parse_envelope(b'{"later":{"a":1}}\n{"type":"event","platform":"x"}\n{}')
    assert envelope.header == {"later": {"a": 1}}
    assert envelope.items[0].header == {"type": "event", "platform": "x"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "envelope header, at byte 0"),
        (b"\n", "envelope header, at byte 0"),
        (b"hello", "envelope header, at byte 0"),
        (b"[]\n", "not a JSON object"),
        (b'{}\n"event"\n{}\n', "header of item 1, at byte 3: not a JSON object"),
        (b'{}\n{"type":"event"\n{}\n', "header of item 1, at byte 3"),
        (b'{}\n{"type":"event"}', "item 1: the envelope ends before its payload"),
        (b'{}\n{"type":"event","length":5}\n{}', "its length is 5 bytes, but the envelope ends after 2"),
        (b'{}\n{"type":"event","length":5}', "its length is 5 bytes, but the envelope ends after 0"),
        (b'{}\n{"type":"event","length":2}\n{}x\n', "item 1, at byte 33: no newline after the 2 bytes"),
        (b'{}\n{"type":"event","length":2}\n{} \n', "no newline after"),
        (b'{}\n{"type":"event","length":-1}\n{}\n', "length is not a whole number"),
        (b'{}\n{"type":"event","length":"2"}\n{}\n', "length is not a whole number"),
        (b'{}\n{"type":"event","length":true}\nx\n', "length is not a whole number"),
        (b'{}\n{"type":"event","length":2.0}\n{}\n', "length is not a whole number"),
        (b'{}\n{"type":"event","length":99999999999999999999999}\n{}\n', ""),
        (b'{"a":"' + b"x" * 10_000_000 + b'"}\n', "the line is longer than 65,536 bytes"),
        (b'{}\n{"type":"' + b"x" * 10_000_000, "header of item 1, at byte 3: the line is longer than 16,384 bytes"),
        (b"{}\n" + b'{"type":"a"}\nx\n' * (MAX_ITEMS + 1), "more than 1000 items"),
        (b"[" * 60_000, "envelope header"),
        (b'{"a":' * 10_000, "envelope header"),
    ],
)
def test_wrong_framing_is_refused_with_the_place_and_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_envelope(body)
    assert reason in refused.value.reason


def test_payloads_are_slices_and_not_copies() -> None:
    body = b'{}\n{"type":"attachment"}\nhelloworld\n'
    assert parse_envelope(body).items[0].payload.obj is body


@given(
    header=st.dictionaries(st.text(max_size=8), st.integers(0, 9) | st.text(max_size=8), max_size=3),
    payloads=st.lists(st.binary(max_size=40), max_size=5),
)
def test_what_is_encoded_is_read_back(header: dict[str, object], payloads: list[bytes]) -> None:
    envelope = Envelope(header, [Item({"type": "attachment", "n": n}, memoryview(p)) for n, p in enumerate(payloads)])
    again = parse_envelope(encode_envelope(envelope))
    assert again.header == orjson.loads(orjson.dumps(header))
    assert [bytes(item.payload) for item in again.items] == payloads
    assert [item.header["n"] for item in again.items] == list(range(len(payloads)))


@given(
    st.binary(max_size=200),
    st.lists(st.sampled_from([b"\n", b"{}", b'{"type":"event"}', b'"length":3', b"x"]), max_size=12),
)
def test_any_bytes_are_an_envelope_or_malformed(noise: bytes, tokens: list[bytes]) -> None:
    for body in (noise, b"".join(tokens), b"{}\n" + noise, b"".join(tokens) + noise):
        try:
            parse_envelope(body)
        except Malformed as refused:
            assert refused.reason
