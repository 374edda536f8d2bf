"""What must not be kept is not kept, wherever it stands; and what is no secret stays readable."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.digest.scrub import hide_environment, scrub
from ingest.digest.words import ScrubRules

RULES = ScrubRules()
SECRET = "hunter2-s3cr3t"


def scrubbed(payload: object, rules: ScrubRules = RULES) -> Any:
    compact = orjson.loads(scrub(orjson.dumps(payload), rules))
    spaced = orjson.loads(scrub(json.dumps(payload, indent=1).encode(), rules))
    assert compact == spaced
    return compact


@pytest.mark.parametrize(
    "key",
    [
        *(
            "password",
            "PASSWORD",
            "db_password",
            "userPassword",
            "passwd",
            "passphrase",
            "passcode",
            "pwd",
            "mysql_pwd",
        ),
        *("secret", "client_secret", "SECRET_KEY", "token", "access_token", "csrfmiddlewaretoken", "PHPSESSID"),
        *("api_key", "apikey", "apiKey", "X-Api-Key", "private_key", "AWS_SECRET_ACCESS_KEY", "accessKey", "mysql_pwd"),
        *(
            "Authorization",
            "Proxy-Authorization",
            "auth",
            "credentials",
            "Cookie",
            "Set-Cookie",
            "session_id",
            "PHPSESSID",
        ),
    ],
)
@pytest.mark.parametrize("value", [SECRET, {"a": [SECRET]}, [SECRET], 48151623, f'with "quotes" and \\ {SECRET}'])
def test_the_value_of_a_key_with_a_secrets_name_is_filtered(key: str, value: object) -> None:
    payload = {"before": 1, "extra": {key: value, "plain": "stays"}, "after": [2]}
    assert scrubbed(payload) == {"before": 1, "extra": {key: "[Filtered]", "plain": "stays"}, "after": [2]}


@pytest.mark.parametrize(
    "payload",
    [
        {"message": "Unexpected token < in JSON at position 0"},
        {"message": "invalid password"},
        {"message": "the secret of good soup"},
        {"function": "get_token", "module": "app.auth.tokens"},
        {"author": "ana", "authenticated": True, "passenger": "bob", "keyword": "lamp", "monkey": 1},
        {"usage": {"input_tokens": 12345, "max_tokens": 4096}},
        {"modules": {"jsontokens": "0.15.2", "django-cookie-law": "2.2.0"}},
        {"context_line": "    user = login(name=name, password=password, token=token)"},
        {"pre_context": ["def f(password):", "    x = [1]", "    return call(secret=secret)"]},
        {"password": None, "token": "", "has_secret": False, "cookies": {}},
        {"event_id": "a" * 32, "extra": {"order": "4111111111111112", "at": 1700000000000}},
        {"url": "https://example.com/path?page=2", "email": "ana@example.com"},
    ],
)
def test_what_is_no_secret_stays(payload: dict[str, object]) -> None:
    assert scrubbed(payload) == payload


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"q=lamp&token={SECRET}&page=2", "q=lamp&token=[Filtered]&page=2"),
        (f"https://x.example/?access_token={SECRET}#top", "https://x.example/?access_token=[Filtered]"),
        (f'{{"amount": 5, "password": "{SECRET}"}}', '{"amount": 5, "password": "[Filtered]"}'),
        (f"{{'user': 'ana', 'password': '{SECRET}'}}", "{'user': 'ana', 'password': '[Filtered]'}"),
        (f"<User name='ana' secret={SECRET}>", "<User name='ana' secret=[Filtered]>"),
        (f"Authorization: Bearer {SECRET}", "Authorization: Bearer [Filtered]"),
        (f"postgres://shop:{SECRET}@db.internal/shop", "postgres://shop:[Filtered]@db.internal/shop"),
        ("paid with 4111 1111 1111 1111 today", "paid with [Filtered] today"),
        ("paid with 4111-1111-1111-1111", "paid with [Filtered]"),
        ("amex 3782 822463 10005.", "amex [Filtered]."),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl was refused", "[Filtered] was refused"),
    ],
)
def test_secrets_inside_texts_are_cut_out(text: str, expected: str) -> None:
    assert scrubbed({"value": text}) == {"value": expected}


def test_a_card_number_that_is_a_number_becomes_a_text() -> None:
    assert scrubbed({"n": [4111111111111111, 5]}) == {"n": ["[Filtered]", 5]}


def test_a_private_key_is_cut_out_with_all_its_lines() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----"
    assert scrubbed({"note": f"key:\n{key}\nend"}) == {"note": "key:\n[Filtered]\nend"}


def test_pairs_are_understood_as_names_and_values() -> None:
    headers = [["Host", "example.com"], ["Authorization", f"Basic {SECRET}"], ["Cookie", "a=b"]]
    assert scrubbed({"headers": headers}) == {
        "headers": [["Host", "example.com"], ["Authorization", "[Filtered]"], ["Cookie", "[Filtered]"]]
    }


def test_a_literal_secret_in_a_line_of_source_is_cut_out() -> None:
    payload = {"pre_context": [f'    password = "{SECRET}"'], "context_line": f"login(password='{SECRET}')"}
    assert SECRET not in json.dumps(scrubbed(payload))


def test_a_secret_that_is_known_from_a_variable_is_cut_out_of_messages_and_code() -> None:
    payload = {
        "exception": {"values": [{"value": f"{SECRET} was refused"}]},
        "frames": [{"vars": {"password": f"'{SECRET}'"}, "context_line": f'    login("ana", "{SECRET}")'}],
    }
    assert SECRET not in json.dumps(scrubbed(payload))


def test_an_event_id_in_a_token_is_not_cut_out_elsewhere() -> None:
    payload = {"event_id": "0af7651916cd43dd8448eb211c80319c", "token": "0af7651916cd43dd8448eb211c80319c"}
    assert scrubbed(payload)["event_id"] == payload["event_id"]


def test_a_projects_own_fields_are_scrubbed_too() -> None:
    rules = ScrubRules(fields=("Iban", " customer_no "))
    payload = {"iban": "DE00", "old_customer_no": 4711, "name": "ana"}
    assert scrubbed(payload, rules) == {"iban": "[Filtered]", "old_customer_no": "[Filtered]", "name": "ana"}


def test_addresses_are_removed_where_a_project_asks() -> None:
    payload = {
        "user": {"id": "1", "ip_address": "192.0.2.44"},
        "request": {"env": {"REMOTE_ADDR": "192.0.2.44"}, "headers": {"X-Forwarded-For": "192.0.2.44"}},
    }
    assert scrubbed(payload) == payload
    assert scrubbed(payload, ScrubRules(ip_addresses=True)) == {
        "user": {"id": "1", "ip_address": None},
        "request": {"env": {"REMOTE_ADDR": "[Filtered]"}, "headers": {"X-Forwarded-For": "[Filtered]"}},
    }


def test_the_environment_that_the_cli_sends_keeps_its_names_only() -> None:
    raw: dict[str, Any] = {"extra": {"environ": {"HOME": "/root", "DATABASE_PASSWORD": SECRET}, "n": 1}}
    hide_environment(raw)
    assert raw == {"extra": {"environ": {"HOME": "[Filtered]", "DATABASE_PASSWORD": "[Filtered]"}, "n": 1}}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["token", "password=x", "a'b\"c", "\\"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["token", "a", "auth", "cookie", 'pass"word', "\\secret"]), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON)
def test_what_was_json_is_json_afterwards(payload: Any) -> None:
    json.loads(scrub(json.dumps(payload).encode(), RULES))
    json.loads(scrub(json.dumps(payload, ensure_ascii=False, indent=2).encode("utf-8", "replace"), RULES))


@given(st.binary(max_size=300) | st.text(alphabet='"\\{}[],: token=password@/e', max_size=200).map(str.encode))
def test_bytes_that_are_no_json_break_nothing(payload: bytes) -> None:
    assert isinstance(scrub(payload, RULES), bytes)


@given(JSON)
def test_what_is_under_a_secrets_name_cannot_be_read_afterwards(inner: Any) -> None:
    payload = {"outer": [{"api_token": [SECRET, inner]}]}
    assert json.loads(scrub(json.dumps(payload).encode(), RULES)) == {"outer": [{"api_token": "[Filtered]"}]}
