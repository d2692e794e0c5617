"""JSON in: what is none gets a 400, however it is broken."""

import pytest
from world import Caller


def send(body):
    return Caller().client.generic("POST", "/api/v1/auth/token/", body, "application/json")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000,
        b'{"email":' * 100_000,
        b"{",
        b"NaN",
        b'{"email": Infinity}',
        b"\xff\xfe",
        b'"\\ud800"',
        b"'single'",
    ],
    ids=["[[[…", "{{{…", "{", "NaN", "Infinity", "no UTF-8", "half a character", "quotes"],
)
def test_whatever_is_no_json_is_refused(body, db):
    answer = send(body)

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"1", b"null", b"[[[[{}]]]]"], ids=repr)
def test_json_of_another_shape_is_explained(body, db):
    answer = send(body)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_letters_of_every_alphabet_come_through(ana):
    from world import browser

    answer = browser(ana).post("sectors/", {"name": "Atención 東京 ✓"})

    assert answer.json()["name"] == "Atención 東京 ✓"
