"""What crosses the border, in a form that the database can keep."""

import json

import pytest

from connections import inbound, wire
from connections.drivers.simulator import parse_event
from connections.models import Inbound

HALF = json.loads('"\\ud83d"')


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (f"half {HALF}", "half \ufffd"),
        (json.loads('"\\ud83d\\ude00"'), "😀"),
        ("a\x00b", "ab"),
        (None, ""),
        (7, "7"),
        ("x" * (wire.MAX_TEXT + 1), "x" * wire.MAX_TEXT),
    ],
)
def test_text_is_made_such_that_it_can_be_kept(told, kept):
    assert wire.clean_text(told) == kept


def test_every_string_of_what_is_kept_raw_is_clean():
    raw = {HALF: [HALF, {"deep": HALF}], "number": float("nan"), "flag": True}

    assert wire.clean(raw) == {"\ufffd": ["\ufffd", {"deep": "\ufffd"}], "number": None, "flag": True}


@pytest.mark.parametrize("kind", ["message", "edited", "poll"])
def test_half_a_character_from_a_phone_is_stored(kind, line, maria):
    """Refused by the database it would be told again for ever."""
    message = {"chat": maria.chat, "id": "A", "from_me": False, "timestamp": 1, "kind": "text", "text": HALF}
    event = {"kind": kind, "chat": maria.chat, "id": "E", "target_id": "T", "text": HALF, "message": message}
    happening = parse_event(json.loads(json.dumps(event)))

    assert inbound.accept(line.connection, happening, lease=line.lease) is True
    assert "\ufffd" in json.dumps(Inbound.objects.get().payload, ensure_ascii=False)
