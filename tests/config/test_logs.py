"""Logs: one line each, with request and tenant, and without secrets, whoever writes them."""

import io
import json
import logging

import pytest
import structlog
from world import Caller, browser

from config.logs import configure, without_secrets


@pytest.fixture
def lines(request):
    """What is logged as JSON from now on."""
    out = io.StringIO()
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    level = root.level
    configure(level="INFO", as_json=True)
    for handler in root.handlers:
        handler.setStream(out)

    yield lambda: [json.loads(line) for line in out.getvalue().splitlines() if line.startswith("{")]
    root.handlers, root.level = before, level


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "new_password",
        "SECRET_KEY",
        "access_token",
        "Authorization",
        "cookie",
        "qr",
        "text",
        "body",
    ],
)
def test_a_value_under_such_a_name_is_masked(name):
    assert without_secrets(None, "", {"event": "x", name: "hunter2"})[name] == "[hidden]"


@pytest.mark.parametrize("name", ["connection", "tenant", "epoch", "code", "path", "count"])
def test_other_values_are_shown(name):
    assert without_secrets(None, "", {"event": "x", name: "shown"})[name] == "shown"


@pytest.mark.parametrize(
    "address",
    [
        "/invitations/SECRET/",
        "GET /invitations/SECRET/?x=1",
        "/accounts/confirm-email/SECRET/",
        "/accounts/password/reset/key/SECRET/",
        "Not Found: /invitations/SECRET/",
        "POST /gateways/evolution/01a2017d-de84-72f7-bee4-d9d952d709c4/SECRET/",
    ],
)
@pytest.mark.parametrize("field", ["request", "event"])
def test_addresses_that_open_a_door_by_themselves_are_masked(field, address):
    event = without_secrets(None, "", {"event": "x", field: address})

    assert "SECRET" not in event[field]
    assert "[hidden]" in event[field]


def test_other_addresses_are_shown():
    event = without_secrets(None, "", {"event": "x", "request": "GET /t/acme/inbox/"})

    assert event["request"] == "GET /t/acme/inbox/"


def test_a_line_is_json_with_level_time_and_logger(lines):
    structlog.get_logger("connections.pool").warning("lease lost", connection="c")
    (line,) = lines()

    assert (line["event"], line["level"], line["logger"], line["connection"]) == (
        "lease lost",
        "warning",
        "connections.pool",
        "c",
    )
    assert line["timestamp"].endswith("Z")


def test_lines_of_other_libraries_are_masked_too(lines):
    logging.getLogger("django.request").warning("Not Found: %s", "/invitations/SECRET/")

    assert "SECRET" not in str(lines())
    assert lines()[0]["event"] == "Not Found: /invitations/[hidden]/"


def test_a_requests_lines_carry_its_id_tenant_and_member(lines, bruno):
    browser(bruno).get("inbox/")
    finished = next(line for line in lines() if line["event"] == "request_finished")

    assert finished["request_id"]
    assert finished["member"] == str(bruno.id)
    assert finished["code"] == 200


def test_lines_written_in_a_scope_name_the_tenant(lines, acme):
    structlog.get_logger("x").info("inside")

    assert lines()[0]["tenant"] == "acme"


def test_no_line_of_a_conversation_holds_what_was_written(lines, bruno, open_ticket, maria):
    browser(bruno).post(f"tickets/{open_ticket.id}/messages/", {"text": "my card is 4111"})
    maria.writes("my password is hunter2")

    assert "4111" not in str(lines())
    assert "hunter2" not in str(lines())


def test_a_failed_sign_in_logs_no_password(lines, db, client):
    given = {"email": "ana@acme.example", "password": "hunter2-hunter2", "tenant": "acme"}
    Caller().post("auth/token/", given)
    client.post("/accounts/login/", {"login": "ana@acme.example", "password": "hunter2-hunter2"})

    assert "hunter2" not in str(lines())


def test_an_invitations_token_is_in_no_line(lines, client, db):
    client.get("/invitations/SECRET-TOKEN-OF-SOMEBODY/")

    assert lines()
    assert "SECRET-TOKEN" not in str(lines())
