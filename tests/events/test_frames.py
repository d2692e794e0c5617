"""What an event says to consoles: who hears which frame. Facts in, frames out."""

import dataclasses
from datetime import UTC, datetime

import orjson
import pytest

from events import audience, channel
from events.catalog import (
    CLOSE_SOCKETS,
    KINDS,
    ConnectionStateChanged,
    HappeningsStored,
    MemberChanged,
    MessageReceived,
    TicketClosed,
    TicketOpened,
    TicketTaken,
    TicketTransferred,
)

ROW = {
    "id": "K",
    "version": 7,
    "status": "in_service",
    "assignee": {"id": "B", "name": "Bruno"},
    "connection": {"id": "C", "name": "Main"},
    "chat": "5511@c.us",
}
WAITING = {"status": "waiting", "sector_id": "S", "assignee_id": None}
BRUNOS = {"status": "in_service", "sector_id": "S", "assignee_id": "B"}
CARLAS = {"status": "in_service", "sector_id": "S2", "assignee_id": "C"}


def heard(fact, *own):
    """The kinds a console in these groups hears, in order; the hub gives it the first it may hear."""
    groups = {f"t.T.{group}" for group in own}
    for frame in fact.frames("T"):
        if frame.groups & groups and (not frame.among or frame.among & groups):
            return frame.kind, frame.data, frame.leave
    return None


def test_who_saw_the_ticket_wait_and_does_not_any_more_hears_that_it_left():
    taken = TicketTaken(ticket=ROW, standing=BRUNOS, was=WAITING)

    assert heard(taken, "member.B", "sector.S")[0] == "ticket.taken"
    assert heard(taken, "overseers")[0] == "ticket.taken"
    assert heard(taken, "sector.S", "member.X")[0] == "ticket.left"
    assert heard(taken, "sector.S2", "everyone") is None


def test_what_left_is_told_without_what_was_written():
    taken = TicketTaken(ticket={**ROW, "last_message": {"text": "secret"}}, standing=BRUNOS, was=WAITING)
    _kind, data, leave = heard(taken, "sector.S")

    assert data == {
        "ticket": {"id": "K", "version": 7, "status": "in_service", "assignee": ROW["assignee"]},
        "was": {"status": "waiting"},
    }
    assert leave == {"t.T.ticket.K", "t.T.chat.C.5511@c.us"}


def test_who_keeps_it_in_sight_leaves_no_group():
    taken = TicketTaken(ticket=ROW, standing=BRUNOS, was=WAITING)

    assert heard(taken, "member.B")[2] == frozenset()


def test_a_console_that_has_it_open_gets_the_line_of_the_timeline_too():
    entry = {"id": "M", "kind": "entry"}
    taken = TicketTaken(ticket=ROW, standing=BRUNOS, was=WAITING, entry=entry)

    assert heard(taken, "member.B", "ticket.K")[1]["message"] == entry
    assert "message" not in heard(taken, "member.B")[1]


def test_a_console_that_has_it_open_but_may_not_see_it_gets_nothing_of_it():
    moved = TicketTransferred(ticket=ROW, standing=CARLAS, was=BRUNOS, entry={"id": "M"})

    kind, data, _leave = heard(moved, "member.B", "ticket.K")
    assert kind == "ticket.left"
    assert "message" not in data


def test_a_new_ticket_was_nowhere_before():
    opened = TicketOpened(ticket=ROW, standing=WAITING)

    assert heard(opened, "sector.S")[1]["was"] is None
    assert heard(opened, "member.B") is None


def test_closing_changes_nobodys_sight():
    closed = TicketClosed(ticket=ROW, standing={**BRUNOS, "status": "closed"}, was=BRUNOS)

    assert heard(closed, "member.B")[0] == "ticket.closed"
    assert heard(closed, "sector.S") is None


def test_a_message_is_for_those_who_have_its_ticket_open_the_row_for_all_who_list_it():
    received = MessageReceived(message={"id": "M"}, ticket=ROW, standing=BRUNOS)

    assert heard(received, "member.B", "ticket.K")[1] == {"message": {"id": "M"}, "ticket": ROW}
    assert heard(received, "member.B")[1] == {"ticket": ROW}
    assert heard(received, "sector.S") is None


def test_being_in_the_tickets_group_is_not_enough_to_hear_a_message():
    received = MessageReceived(message={"id": "M"}, ticket=ROW, standing=BRUNOS)

    assert heard(received, "member.C", "ticket.K") is None


def test_frames_of_a_ticket_say_as_of_when():
    taken = TicketTaken(ticket=ROW, standing=BRUNOS, was=WAITING)
    received = MessageReceived(message={"id": "M"}, ticket=ROW, standing=BRUNOS)

    at = {(frame.subject, frame.version) for fact in (taken, received) for frame in fact.frames("T")}
    assert at == {("t.T.ticket.K", 7)}


def test_reasons_of_a_state_are_for_the_keepers():
    changed = ConnectionStateChanged(connection={"state": "failed", "reason": "r", "detail": "d"})

    assert heard(changed, "keepers", "everyone")[1]["connection"]["reason"] == "r"
    nothing = {"reason": "", "detail": "", "degraded_by": ""}
    assert heard(changed, "everyone")[1]["connection"] == {"state": "failed", **nothing}


def test_changed_rights_close_the_members_own_sockets_before_anything_else():
    changed = MemberChanged(member={"id": "B"}, rights_changed=True)

    assert heard(changed, "member.B", "everyone")[:2] == (CLOSE_SOCKETS, {"code": 4403})
    assert heard(changed, "everyone")[0] == "member.changed"


def test_a_changed_name_closes_nothing():
    assert heard(MemberChanged(member={"id": "B"}), "member.B", "everyone")[0] == "member.changed"


def test_what_only_machines_need_is_not_told_to_consoles():
    assert HappeningsStored(chats=[["C", "x"]]).frames("T") == []


@pytest.mark.parametrize("fact", KINDS.values(), ids=KINDS)
def test_every_fact_is_frozen_typed_and_described(fact):
    assert fact.__dataclass_params__.frozen
    assert fact.__doc__
    assert not fact.__doc__.startswith(f"{fact.__name__}("), "that is dataclass speaking"
    assert dataclasses.fields(fact)


@pytest.mark.parametrize("fact", KINDS.values(), ids=KINDS)
def test_every_fact_survives_the_database(fact):
    """Plain values only: what a row gives back makes the same fact."""
    samples = {
        "str": "x",
        "int": 1,
        "bool": True,
        "list[str]": ["x"],
        "list[int]": [1],
        "list[list[str]]": [["x"]],
        "Snapshot": {"id": "x"},
    }
    values = {field.name: samples[str(field.type).split(" | ")[0]] for field in dataclasses.fields(fact)}
    made = fact(**values)

    assert fact.from_payload(orjson.loads(orjson.dumps(made.payload()))) == made


# --- on the wire ------------------------------------------------------------------------------


def test_a_frame_is_encoded_once_for_everybody():
    message = channel.encode(
        [audience.frame({"b", "a"}, "x.y", {"when": datetime(2026, 1, 2, tzinfo=UTC)}, {"l"})]
    )

    (frame,) = message["frames"]
    assert message["type"] == "frames"
    assert (frame["groups"], frame["leave"], frame["kind"]) == (["a", "b"], ["l"], "x.y")
    told = orjson.loads(frame["text"])
    assert told["kind"] == "x.y"
    assert told["data"] == {"when": "2026-01-02T00:00:00.000Z"}
    assert told["at"].endswith("Z")


def test_nothing_to_say_is_not_sent(monkeypatch):
    monkeypatch.setattr(channel, "get_channel_layer", lambda: pytest.fail("nobody needs Redis for nothing"))

    channel.push("T", [])


def test_a_tenants_frames_have_a_group_of_their_own():
    assert channel.layer_group("A") != channel.layer_group("B")
    assert "A" in channel.layer_group("A")
