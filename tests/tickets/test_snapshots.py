"""What is told live and what the API answers are the same thing, field by field."""

import pytest
from world import answer, browser, deliver

from connections import upkeep
from sectors.actions import change_sector
from tickets.actions import (
    close_ticket,
    mark_read,
    reopen_ticket,
    return_ticket,
    take_ticket,
    transfer_ticket,
)


@pytest.mark.parametrize(
    "episode",
    [
        ["taken"],
        ["taken", "returned"],
        ["taken", "transferred"],
        ["taken", "read"],
        ["taken", "closed"],
        ["taken", "closed", "reopened"],
    ],
    ids="-".join,
)
def test_a_tickets_snapshot_is_the_apis_row(episode, ana, bruno, carla, support, waiting_ticket, log):
    verbs = {
        "taken": lambda ticket: take_ticket(ticket, by=bruno),
        "returned": lambda ticket: return_ticket(ticket, by=bruno),
        "transferred": lambda ticket: transfer_ticket(ticket, sector=support, to=carla, by=bruno),
        "read": lambda ticket: mark_read(ticket, by=bruno),
        "closed": lambda ticket: close_ticket(ticket, by=bruno),
        "reopened": lambda ticket: reopen_ticket(ticket, by=bruno),
    }
    ticket = waiting_ticket
    for verb in episode:
        ticket = verbs[verb](ticket)

    told = log.last(f"ticket.{episode[-1]}")["ticket"]
    assert told == browser(ana).get(f"tickets/{ticket.id}/").json()


def test_the_answer_to_a_change_is_the_same_row(bruno, waiting_ticket, log):
    answered = browser(bruno).post(f"tickets/{waiting_ticket.id}/assignment/").json()

    assert answered == log.last("ticket.taken")["ticket"]


def test_a_received_messages_snapshot_is_the_apis_bubble(ana, maria, log):
    message = maria.writes("Hello", quoted_id="SOMETHING-OLD")

    told = log.last("message.received")
    bubbles = browser(ana).get(f"tickets/{message.ticket_id}/messages/").json()["results"]
    assert told["message"] == next(bubble for bubble in bubbles if bubble["id"] == str(message.id))
    assert told["ticket"] == browser(ana).get(f"tickets/{message.ticket_id}/").json()


@pytest.mark.parametrize("change", ["ticks", "reaction", "edit", "deletion", "file"])
def test_a_changed_messages_snapshot_is_the_apis_bubble(change, ana, bruno, maria, line, open_ticket, log):
    message = deliver(line, answer(open_ticket, "Hello", by=bruno))
    match change:
        case "ticks":
            maria.ticks("read", message.wa_id)
        case "reaction":
            maria.reacts(message, "👍")
        case "edit":
            maria.edits(message, "Hello!")
        case "deletion":
            maria.deletes(message)
        case "file":
            message = maria.sends_file(name="a.jpg", mime="image/jpeg", arrives=b"x")

    told = log.last("message.changed")
    bubbles = browser(ana).get(f"tickets/{open_ticket.id}/messages/").json()["results"]
    assert told["message"] == next(bubble for bubble in bubbles if bubble["id"] == str(message.id))
    assert told["ticket"] == browser(ana).get(f"tickets/{open_ticket.id}/").json()


def test_the_entry_told_with_a_ticket_is_the_apis_bubble(ana, bruno, waiting_ticket, log):
    take_ticket(waiting_ticket, by=bruno)

    told = log.last("ticket.taken")["entry"]
    bubbles = browser(ana).get(f"tickets/{waiting_ticket.id}/messages/").json()["results"]
    assert told == next(bubble for bubble in bubbles if bubble["id"] == told["id"])


def test_a_sent_messages_answer_is_the_snapshot(bruno, open_ticket, log):
    answered = browser(bruno).post(f"tickets/{open_ticket.id}/messages/", {"text": "Hi"}).json()

    assert answered == log.last("message.sent")["message"]


def test_a_connections_snapshot_is_the_apis_row(ana, connection, log):
    upkeep.set_up(connection, upkeep.Change(name="Renamed"))

    told = log.last("connection.state_changed")["connection"]
    assert told == browser(ana).get(f"connections/{connection.id}/").json()


def test_a_sectors_and_its_members_snapshots_are_the_apis_rows(ana, bruno, carla, sales, log):
    change_sector(sales, members=[ana.id, carla.id])

    told = log.last("sector.changed")["sector"]
    assert told == browser(ana).get(f"sectors/{sales.id}/").json()
    members = {row["id"]: row for row in browser(ana).get("members/").json()["results"]}
    moved = [event.payload["member"] for event in log.events() if event.kind == "member.changed"]
    assert {row["name"] for row in moved} == {"Bruno", "Carla"}
    assert all(row == members[row["id"]] for row in moved)


def test_a_changed_roles_snapshot_keeps_the_members_sectors(ana, bruno, sales, log):
    """Snapshots are whole: a console that replaces the member must not lose where they work."""
    from accounts.actions import change_role

    change_role(bruno, role="supervisor")

    told = log.last("member.changed")["member"]
    assert told["sectors"] == [str(sales.id)]
    members = {row["id"]: row for row in browser(ana).get("members/").json()["results"]}
    assert told == members[str(bruno.id)]


def test_versions_rise_with_every_telling(bruno, maria, line, waiting_ticket, log):
    ticket = take_ticket(waiting_ticket, by=bruno)
    deliver(line, answer(ticket, "Hello", by=bruno))
    maria.writes("Thanks")
    close_ticket(ticket, by=bruno)

    versions = [event.payload["ticket"]["version"] for event in log.events() if "ticket" in event.payload]
    assert versions == sorted(versions)
    assert len(set(versions)) == len(versions)
