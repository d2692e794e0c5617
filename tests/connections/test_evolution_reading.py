"""Evolution's events as they were recorded, and what each of them tells."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connections import wire
from connections.drivers.evolution.reading import read_event

RECORDED = json.loads((Path(__file__).parent / "recorded" / "evolution.json").read_text())


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_event_is_understood(name):
    one = RECORDED[name]
    (happening,) = read_event(one["event"], one["data"])
    expected = dict(one["told"])

    assert type(happening).__name__ == expected.pop("is")
    payload = json.loads(json.dumps(happening.payload()))
    for field, value in expected.items():
        if isinstance(value, dict):
            assert {key: payload[field][key] for key in value} == value
        else:
            assert payload[field] == value, field


def test_times_are_read_however_they_are_spelled():
    moments = set()
    for name in ("text", "answer to a message, by a device", "hidden identity with its number"):
        (happening,) = read_event(RECORDED[name]["event"], RECORDED[name]["data"])
        moments.add(happening.sent_at)

    assert moments == {datetime(2026, 1, 1, tzinfo=UTC)}


def test_what_is_not_understood_is_kept_as_it_came():
    (kept,) = read_event("brand.new", {"x": [1, 2]})

    assert kept == wire.Unknown(chat="", raw={"event": "brand.new", "data": {"x": [1, 2]}})


@pytest.mark.parametrize("jid", ["status@broadcast", "123@broadcast", "5551@newsletter"])
def test_what_is_no_conversation_is_left_alone(jid):
    data = {"key": {"remoteJid": jid, "fromMe": False, "id": "A"}, "message": {"conversation": "x"}}

    assert read_event("messages.upsert", data) == []


def test_several_in_one_event_are_told_one_by_one():
    data = [RECORDED["text"]["data"], RECORDED["reaction"]["data"]]

    assert [one.kind for one in read_event("messages.upsert", data)] == ["message", "reaction"]


def test_a_text_of_five_megabytes_is_cut():
    data = {**RECORDED["text"]["data"], "message": {"conversation": "x" * 5_000_000}}
    (told,) = read_event("messages.upsert", data)

    assert len(told.text) == wire.MAX_TEXT


@pytest.mark.parametrize("name", RECORDED)
def test_whatever_it_tells_can_be_stored_and_taken_in(name, line):
    from connections.models import Inbound

    (happening,) = read_event(RECORDED[name]["event"], RECORDED[name]["data"])

    assert line.hears(happening) is True
    kept = Inbound.objects.latest("id")
    assert (kept.error, kept.attempts) == ("", 0)
