"""Meta's webhooks as they were recorded, and what each of them tells."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connections import wire
from connections.drivers.cloud.errors import ENDS, MEANING, meaning_of
from connections.drivers.cloud.reading import read_post
from connections.drivers.cloud.settings import Settings

RECORDED = json.loads((Path(__file__).parent / "recorded" / "cloud.json").read_text())
SETTINGS = Settings(
    phone_number_id="106", business_account_id="102", access_token="t", app_secret="s", verify_token="v"
)
STATUS = {
    "id": "wamid.HBgN9",
    "status": "delivered",
    "timestamp": "1767225600",
    "recipient_id": "5511987654321",
    "conversation": {"id": "c", "origin": {"type": "service"}},
    "pricing": {"billable": False, "pricing_model": "PMP", "category": "service"},
}


def posted(value, *, field="messages", number="106", account="102"):
    metadata = {"display_phone_number": "5511900000001", "phone_number_id": number}
    value = {"messaging_product": "whatsapp", "metadata": metadata, **value}
    return {"object": "x", "entry": [{"id": account, "changes": [{"value": value, "field": field}]}]}


def told(message):
    given = {"from": "5511987654321", "id": "wamid.HBgN1", "timestamp": "1767225600", **message}
    contacts = [{"profile": {"name": "Maria"}, "wa_id": "5511987654321"}]
    (happening,) = read_post(posted({"contacts": contacts, "messages": [given]}), SETTINGS)
    return happening


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_message_is_understood(name):
    happening = told(RECORDED[name]["message"])
    expected = dict(RECORDED[name]["told"])

    assert type(happening).__name__ == expected.pop("is")
    payload = json.loads(json.dumps(happening.payload()))
    for field, value in expected.items():
        if isinstance(value, dict):
            assert {key: payload[field][key] for key in value} == value
        else:
            assert payload[field] == value, field


@pytest.mark.parametrize("name", RECORDED)
def test_whatever_it_tells_can_be_stored_and_taken_in(name, line):
    from connections.models import Inbound

    assert line.hears(told(RECORDED[name]["message"])) is True
    kept = Inbound.objects.latest("id")
    assert (kept.error, kept.attempts) == ("", 0)


def test_the_time_is_whatsapps():
    assert told(RECORDED["text"]["message"]).sent_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_text_of_five_megabytes_is_cut():
    assert len(told({"type": "text", "text": {"body": "x" * 5_000_000}}).text) == wire.MAX_TEXT


@pytest.mark.parametrize(
    ("status", "level"),
    [
        ("sent", "sent"),
        ("delivered", "delivered"),
        ("read", "read"),
        ("played", "played"),
        ("failed", "failed"),
    ],
)
def test_statuses_are_ticks(status, level):
    (ticks,) = read_post(posted({"statuses": [{**STATUS, "status": status}]}), SETTINGS)

    assert ticks == wire.Ticks(chat="5511987654321@c.us", ids=("HBgN9",), level=level)


def test_a_status_that_is_new_to_us_is_kept_as_it_came():
    (kept,) = read_post(posted({"statuses": [{**STATUS, "status": "smelled"}]}), SETTINGS)

    assert isinstance(kept, wire.Unknown)
    assert kept.raw["value"]["status"] == "smelled"


def test_the_owners_own_messages_on_the_phone_are_ours():
    echo = {"from": "5511900000001", "to": "5511987654321", "id": "wamid.E", "timestamp": "1", "type": "text"}
    body = posted({"message_echoes": [{**echo, "text": {"body": "Já vai"}}]}, field="smb_message_echoes")
    (told,) = read_post(body, SETTINGS)

    assert (told.from_me, told.chat, told.text) == (True, "5511987654321@c.us", "Já vai")


def test_a_post_of_another_number_tells_nothing():
    status = {"statuses": [STATUS]}

    assert read_post(posted(status, number="999"), SETTINGS) == []
    mixed = {"entry": posted(status, number="999")["entry"] + posted(status)["entry"]}
    assert len(read_post(mixed, SETTINGS)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"entry": None},
        {"entry": [{}]},
        {"entry": [{"changes": [{"field": "messages"}]}]},
        {"entry": "text"},
        {"entry": [{"changes": [{"field": "messages", "value": "text"}]}]},
    ],
)
def test_what_is_malformed_is_kept_as_it_came(body):
    (kept,) = read_post(body, SETTINGS)

    assert isinstance(kept, wire.Unknown)


def test_errors_of_the_number_itself_are_kept_as_they_came():
    (kept,) = read_post(posted({"errors": [{"code": 130429, "title": "Rate limit hit"}]}), SETTINGS)

    assert kept.raw["value"]["errors"][0]["code"] == 130429


@pytest.mark.parametrize(
    ("number", "meaning"),
    [
        (131047, ("window_closed", True)),
        (131026, ("not_deliverable", True)),
        (130429, ("rate_limited", False)),
        (131048, ("rate_limited", False)),
        (80007, ("rate_limited", False)),
        (190, ("token_rejected", True)),
        (132012, ("template_refused", True)),
        (200, ("permission_denied", True)),
        (424242, ("refused", True)),
        (None, ("refused", True)),
        ("131047", ("refused", True)),
    ],
)
def test_metas_numbers_have_a_meaning(number, meaning):
    assert meaning_of(number) == meaning


def test_every_code_that_ends_the_link_is_one_of_metas():
    assert set(ENDS) <= {code for code, _permanent in MEANING.values()}
