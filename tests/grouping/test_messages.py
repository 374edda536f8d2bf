"""Message templates: what differs from one event to the next is taken out, what tells stays."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grouping.messages import explain_template, message_template
from grouping.messages.template import MAX_MESSAGE_LENGTH

EITHER_WAY = [
    # traces and addresses
    ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 lost", "<trace> lost"),
    ("segment 1-67891233-abcdef012345678912345678", "segment <trace>"),
    ("tcp://u:p@h:10/x?y failed", "<url> failed"),
    ("see https://example.com/a?b=1.", "see <url>."),
    ("postgresql://[::1]:5432/shop refused", "<url> refused"),
    ("mail to bob.s+x@example.co.uk bounced", "mail to <email> bounced"),
    # dates
    ("at 2020-01-05T10:11:12.123456789Z", "at <date>"),
    ("at 2020-01-05 10:11:12,123 failed", "at <date> failed"),
    ("at 2020-01-05T10:11:12+01:00 failed", "at <date> failed"),
    ("since 2020-01-05", "since <date>"),
    ("20200105T101112Z", "<date>"),
    ("Mon, 02 Jan 2006 15:04:05 MST", "<date>"),
    ("Mon, 02 Jan 2006 15:04:05 -0700", "<date>"),
    ("Monday, 02-Jan-06 15:04:05 UTC", "<date>"),
    ("Tue Jan 05 2021 10:11:12 GMT+0100 (Central European Standard Time)", "<date>"),
    ("Tue Jan  5 10:11:12 2021", "<date>"),
    ("[10/Oct/2000:13:55:36 -0700] GET", "[<date>] GET"),
    ("due Jan 18, 2019", "due <date>"),
    ("due 01/18/2019 at noon", "due <date> at noon"),
    ("lunch at 11:21 PM", "lunch at <date>"),
    ("took until 10:11:12.5", "took until <date>"),
    ("timestamp 1579735205", "timestamp <date>"),
    ("ts=1579735205123", "ts=<date>"),
    ("got datetime.datetime(2020, 1, 2, 3, 4)", "got <date>"),
    ("Mayor of Marseille", "Mayor of Marseille"),
    # objects
    ("<Foo object at 0x7f1234>", "<Foo object>"),
    ("Foo@1a2b3c is stale", "Foo@<hex> is stale"),
    ("#<Foo:0x000012ab>", "#<Foo>"),
    ("exit of #PID<0.123.0>", "exit of #PID<…>"),
    ("#Reference<0.12.3.4>", "#Reference<…>"),
    ("&{0xc000123}", "&{<hex>}"),
    # ids
    ("order 550e8400-e29b-41d4-a716-446655440000", "order <id>"),
    ("01ARZ3NDEKTSV4RRFFQ69G5FAV", "<id>"),
    ("507f1f77bcf86cd799439011", "<id>"),
    ("file_550e8400-e29b-41d4-a716-446655440000.pdf", "file_<id>.pdf"),
    ("k9Mtd2gDcgG", "<id>"),
    ("img_k9Mtd2gDcgG.jpg", "img_<id>.jpg"),
    ("sha 5fc3aaaabbbbccccddddeeeeffff0000111961d1", "sha <hex>"),
    ("commit abc1234 at 0x9af8", "commit <hex> at <hex>"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N", "<token>"),
    ("dGhpcyBpcyBhIHRlc3Qgb2YgYmFzZTY0IGVuY29kaW5n", "<token>"),
    ("HttpClientRequestTimeout2Exception", "HttpClientRequestTimeout<int>Exception"),
    # networks
    ("from 10.0.0.1:80 failed", "from <ip> failed"),
    ("from fe80::1 failed", "from <ip> failed"),
    ("in 10.0.0.0/8", "in <ip>"),
    ("mac 00:1a:2b:3c:4d:5e", "mac <ip>"),
    ("Fee::add() failed", "Fee::add() failed"),
    ("999.0.0.1 is none", "<version> is none"),
    ("connect api1.example.com refused", "connect <host> refused"),
    ("connect example.com:443 refused", "connect <host> refused"),
    ("java.io.IOException in self.items", "java.io.IOException in self.items"),
    ("web-7f9c6d5b8-x2x7k evicted", "web-<pod> evicted"),
    ("ip-10-0-0-1 is down", "<host> is down"),
    # numbers
    ("Could not charge card 4242 for order 1187", "Could not charge card <int> for order <int>"),
    ("4,150,908 rows", "<int> rows"),
    ("1_000 rows", "<int> rows"),
    ("limit 1e9", "limit <float>"),
    ("#123 is the 3rd", "#<int> is the <int>"),
    ("-5 is not 1.5", "<int> is not <float>"),
    ("utf8 utf-8 sha256 http2 base64 oauth2 s3 ipv6 x86", "utf8 utf-8 sha256 http2 base64 oauth2 s3 ipv6 x86"),
    ("needs 1.2.3 or v2.0", "needs <version> or <version>"),
    ("after 250 ms", "after <duration>"),
    ("after 1m30s.", "after <duration>."),
    ("after 30 seconds, at 3%", "after <duration>, at <percent>"),
    ("81.6 GB of 100MB", "<size> of <size>"),
    ("250 items", "<int> items"),
    # numbers that say what went wrong
    ("HTTP 503", "HTTP 503"),
    ("HTTP/1.1 503", "HTTP/1.1 503"),
    ("status code 404", "status code 404"),
    ("status: 404, code=12", "status: 404, code=12"),
    ("[Errno 111] Connection refused", "[Errno 111] Connection refused"),
    ("SQLSTATE[23505]", "SQLSTATE[23505]"),
    ("SQLSTATE[42P01]: undefined table", "SQLSTATE[42P01]: undefined table"),
    ("exit code 137, signal 11", "exit code 137, signal 11"),
    ("[WinError 32]", "[WinError 32]"),
    ("404 Client Error: Not Found for url: https://a.example/5", "404 Client Error: Not Found for url: <url>"),
    ("ORA-00942: table", "ORA-00942: table"),
    ("port 5432, order id 503", "port <int>, order id <int>"),
    ("status 1234567", "status <int>"),
    # keys and values
    ("name='alice' and count=5", "name=<str> and count=<int>"),
    ("ok=true x=None y=nil z=null", "ok=<bool> x=<null> y=<null> z=<null>"),
    ("found: False", "found: <bool>"),
    ("state=failed", "state=failed"),
    (
        '{"id": 5, "name": "bob", "ok": true, "status": 503}',
        '{"id": <int>, "name": <str>, "ok": <bool>, "status": 503}',
    ),
    ("{'a': 'x', 'b': ['y', 'z']}", "{'a': <str>, 'b': [<str>…]}"),
    ("[1, 2, 3] and [4, 5]", "[<int>…] and [<int>…]"),
    # the text around
    ("  first line 1 \n\n second line \n third 3", "first line <int>\nsecond line"),
    ("nothing to take out", "nothing to take out"),
    ("", ""),
    ("x" * 300 + "1", "<blob>"),
]

BY_STRENGTH = [
    # message, template without a stack beside it, template with one
    ("User 'alice' not found", "User 'alice' not found", "User <str> not found"),
    ('job "job-17" failed', "job <str> failed", "job <str> failed"),
    ("can't find the users' file", "can't find the users' file", "can't find the users' file"),
    ("/tmp/upl_x83.tmp missing", "<path> missing", "<path> missing"),
    ("/srv/www/app/views.py:12 failed", "<path>/views.py:<int> failed", "<path> failed"),
    ("C:\\Users\\bob\\report.txt is gone", "<path> is gone", "<path> is gone"),
    ("no /v1/users/42/orders", "no /v1/users/<int>/orders", "no <path>"),
    ("text/html and/or 1/2", "text/html and/or <int>/<int>", "text/html and/or <int>/<int>"),
    ("failed (at 5 places)", "failed (at <int> places)", "failed (<…>)"),
    ("failed (status 404)", "failed (status 404)", "failed (status 404)"),
    (
        "(1062, \"Duplicate entry 'x' for key 'y'\")",
        "(1062, \"Duplicate entry 'x' for key 'y'\")",
        "(1062, <str>)",
    ),
    (
        "OperationalError: (2006, 'MySQL server has gone away')",
        "OperationalError: (2006, 'MySQL server has gone away')",
        "OperationalError: (2006, <str>)",
    ),
]


@pytest.mark.parametrize(("message", "template"), EITHER_WAY)
def test_what_differs_is_taken_out_and_what_tells_stays(message: str, template: str) -> None:
    assert message_template(message, strong=False) == template
    assert message_template(message, strong=True) == template


@pytest.mark.parametrize(("message", "normal", "strong"), BY_STRENGTH)
def test_a_message_beside_a_stack_loses_quotations_paths_and_parentheses(
    message: str, normal: str, strong: str
) -> None:
    assert message_template(message, strong=False) == normal
    assert message_template(message, strong=True) == strong


@pytest.mark.parametrize("strong", [False, True])
@pytest.mark.parametrize("message", [message for message, *_ in [*EITHER_WAY, *BY_STRENGTH]])
def test_a_template_is_its_own_template(message: str, strong: bool) -> None:
    template = message_template(message, strong=strong)
    assert message_template(template, strong=strong) == template


def test_the_explanation_names_the_class_of_every_piece() -> None:
    tokens = explain_template("order 1187 of bob@example.com: HTTP 503", strong=True)
    assert [(token.raw, token.value, token.kind) for token in tokens] == [
        ("order ", "order ", ""),
        ("1187", "<int>", "number"),
        (" of ", " of ", ""),
        ("bob@example.com", "<email>", "email"),
        (": HTTP 503", ": HTTP 503", ""),
    ]


PIECES = st.lists(
    st.one_of(
        st.characters(),
        st.sampled_from("0123456789abcdefXYZ./\\:=-_@#%&'\"`()[]{}<>,;| \n\ue000…“”"),
        st.sampled_from([message for message, *_ in EITHER_WAY]),
    ),
    max_size=60,
)


@given(PIECES.map("".join), st.booleans())
@example("\ue000'\ue001\ue002'", True)
@example("''\"'\"'", False)
@example("\udc80 1", True)
def test_any_text_has_a_template_and_its_explanation_is_the_same(text: str, strong: bool) -> None:
    template = message_template(text, strong=strong)
    tokens = explain_template(text, strong=strong)
    assert "".join(token.value for token in tokens) == template
    assert template == message_template(text, strong=strong)
    assert len(template) <= 8 * MAX_MESSAGE_LENGTH


HOSTILE = {
    "digits": "1" * 100_000,
    "apostrophes": "'" * 100_000,
    "escaped quotes": '"\\' * 50_000,
    "parentheses": "(" * 50_000 + "1" + ")" * 50_000,
    "dashes": "1-" * 50_000,
    "at signs": "a@" * 50_000,
    "addresses": "a://" * 25_000,
    "dots": "a." * 50_000,
    "slashes": "/a1" * 33_000,
    "dates": "1/1/" * 25_000,
    "months": "Jan " * 25_000,
    "colons": "1:" * 50_000,
    "keys": "a=1 " * 25_000,
    "brackets": "[{" * 50_000 + '"a"',
    "blanks": " " * 100_000 + "1",
    "empty lines": "\n" * 100_000 + "1",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_only_the_beginning_of_a_hostile_text_is_looked_at(text: str) -> None:
    beginning = text.lstrip()[: 4 * MAX_MESSAGE_LENGTH]
    for strong in (False, True):
        assert message_template(text, strong=strong) == message_template(beginning, strong=strong)
