"""The live socket of a console: who gets in, what it hears, what it may ask, when it is hung up on."""

import pytest
from channels.layers import get_channel_layer
from django.db import OperationalError
from live import SOON, Console, elsewhere, everybody_leaves, happens
from world import Customer, answer, browser, member, program

from accounts.actions import change_role, set_active
from events import channel
from events.hub import hub
from sectors.actions import change_sector
from sectors.models import Seat
from tenants.models import Tenant
from tickets import consumers
from tickets.actions import close_ticket, return_ticket, take_ticket, transfer_ticket

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("committed")]


# --- getting in -------------------------------------------------------------------------------


async def test_a_member_is_greeted(bruno):
    console = Console((await elsewhere(browser, bruno)).client.cookies["sessionid"].value)
    assert await console.connects()

    hello = await console.hears("hello")
    assert hello["data"] == {"member_id": str(bruno.id)}
    assert hello["at"].endswith("Z")
    await console.goes_away()


async def test_nobody_is_told_to_sign_in(acme):
    console = Console("no-such-session")
    await console.connects()

    assert await console.is_hung_up_on() == 4401


async def test_a_stranger_is_told_that_there_is_no_such_tenant(rui):
    session = (await elsewhere(browser, rui)).client.cookies["sessionid"].value
    for slug in ("acme", "no-such-tenant"):
        console = Console(session, tenant=slug)
        await console.connects()

        assert await console.is_hung_up_on() == 4404


async def test_a_page_of_another_site_cannot_open_it(bruno):
    """Cross-site WebSocket hijacking: the cookie comes along, the origin gives it away."""
    session = (await elsewhere(browser, bruno)).client.cookies["sessionid"].value
    for origin in ("https://evil.example", "http://127.0.0.1.evil.example", "null"):
        assert not await Console(session, origin=origin).connects()


async def test_a_token_in_the_address_opens_nothing(bruno):
    token = (await elsewhere(program, bruno)).headers["Authorization"].split()[1]
    console = Console("")
    console.socket.scope["query_string"] = f"token={token}".encode()
    await console.connects()

    assert await console.is_hung_up_on() == 4401


async def test_a_member_who_was_shut_out_does_not_get_in(acme, bruno):
    session = (await elsewhere(browser, bruno)).client.cookies["sessionid"].value
    await happens(acme, set_active, bruno, is_active=False)
    console = Console(session)
    await console.connects()

    assert await console.is_hung_up_on() == 4404


# --- hearing ----------------------------------------------------------------------------------


async def test_everybody_who_sees_the_queue_hears_of_a_new_ticket(bruno, sofia, maria):
    consoles = [await Console.of(who) for who in (bruno, sofia)]
    message = await elsewhere(maria.writes, "Where is my order?")

    for console in consoles:
        opened = await console.hears("ticket.opened")
        assert opened["data"]["ticket"]["id"] == str(message.ticket_id)
        received = await console.hears("message.received")
        assert received["data"]["ticket"]["last_message"]["text"] == "Where is my order?"
        assert "message" not in received["data"], "only for those who have the ticket open"
    await everybody_leaves(*consoles)


async def test_an_agent_of_another_sector_hears_nothing_of_it(carla, maria):
    console = await Console.of(carla)
    await elsewhere(maria.writes, "For Sales")

    await console.has_heard_nothing_else()
    await console.goes_away()


async def test_nobody_hears_of_another_tenants_tickets(rui, maria):
    console = await Console.of(rui, tenant="rival")
    await elsewhere(maria.writes, "For Acme")

    await console.has_heard_nothing_else()
    await console.goes_away()


async def joins(console, ticket):
    """Opens the ticket, and is let in."""
    await console.says(do="join", ticket=ticket.id)
    assert (await console.hears("joined"))["data"] == {"ticket_id": str(ticket.id)}


async def test_who_was_let_in_hears_all_that_is_committed_afterwards(bruno, maria, open_ticket):
    console = await Console.of(bruno)
    await joins(console, open_ticket)
    for i in range(3):
        await elsewhere(maria.writes, f"Line {i}")

    heard = [(await console.hears("message.received"))["data"]["message"]["text"] for _ in range(3)]
    assert heard == ["Line 0", "Line 1", "Line 2"]
    await console.goes_away()


async def test_a_ticket_lost_while_joining_is_not_joined(
    acme, bruno, carla, support, open_ticket, monkeypatch
):
    """Handed away after the check and before the join: nothing would take the console out again."""
    console = await Console.of(bruno)
    check = vars(consumers.ConsoleConsumer)["_visible_ticket"]
    asked = []

    async def check_and_lose(self, ticket_id):
        ticket = await check(self, ticket_id)
        if not asked:
            await happens(acme, transfer_ticket, open_ticket, sector=support, to=carla, by=bruno)
        asked.append(ticket_id)
        return ticket

    monkeypatch.setattr(consumers.ConsoleConsumer, "_visible_ticket", check_and_lose)
    await console.says(do="join", ticket=open_ticket.id)

    kinds = {(await console.hears())["kind"] for _ in range(2)}
    assert kinds == {"ticket.left", "refused"}
    await channel.whisper_async(acme.id, chat_of(acme, open_ticket), "contact.typing", {})
    await console.has_heard_nothing_else()
    await console.goes_away()


async def test_who_has_the_ticket_open_hears_its_messages(acme, bruno, maria, open_ticket):
    console = await Console.of(bruno)
    await joins(console, open_ticket)
    await elsewhere(maria.writes, "Hello?")

    received = await console.hears("message.received")
    assert received["data"]["message"]["text"] == "Hello?"
    await happens(acme, answer, open_ticket, "Here I am", by=bruno)
    sent = await console.hears("message.sent")
    assert (sent["data"]["message"]["text"], sent["data"]["ticket"]["id"]) == (
        "Here I am",
        str(open_ticket.id),
    )
    await console.goes_away()


async def test_after_leaving_it_hears_the_row_only(bruno, maria, open_ticket):
    console = await Console.of(bruno)
    await joins(console, open_ticket)
    await console.says(do="leave", ticket=open_ticket.id)
    await console.has_heard_nothing_else()
    await elsewhere(maria.writes, "Hello?")

    assert "message" not in (await console.hears("message.received"))["data"]
    await console.goes_away()


async def test_leaving_one_of_two_open_tickets_keeps_the_other(acme, sofia, maria, joao, open_ticket):
    other = (await elsewhere(joao.writes, "Me too")).ticket
    console = await Console.of(sofia)
    for ticket in (open_ticket, other):
        await joins(console, ticket)
    await console.says(do="leave", ticket=open_ticket.id)
    await console.has_heard_nothing_else()
    await elsewhere(joao.writes, "Still there?")

    assert (await console.hears("message.received"))["data"]["message"]["text"] == "Still there?"
    await channel.whisper_async(acme.id, chat_of(acme, other), "contact.typing", {"chat": other.chat})
    assert (await console.hears())["kind"] == "contact.typing"
    await console.goes_away()


def chat_of(tenant, ticket):
    from events import audience

    return audience.chat(tenant.id, ticket.connection_id, ticket.chat)


@pytest.mark.parametrize("who", ["Carla", "Bruno"])
async def test_a_ticket_out_of_sight_cannot_be_joined(who, acme, sofia, support, open_ticket):
    """Carla never saw it; Bruno does not any more."""
    console = await Console.of(await elsewhere(member, who))
    await happens(acme, transfer_ticket, open_ticket, sector=support, to=sofia, by=sofia)
    if who == "Bruno":
        await console.hears("ticket.left")
    await console.says(do="join", ticket=open_ticket.id)

    refused = await console.hears("refused")
    assert refused["data"] == {"do": "join", "code": "not_found"}
    await console.goes_away()


@pytest.mark.parametrize("ticket_id", ["00000000-0000-7000-8000-000000000000", "not-a-uuid", "", "../../x"])
async def test_a_ticket_there_is_not_cannot_be_joined(ticket_id, bruno):
    console = await Console.of(bruno)
    await console.says(do="join", ticket=ticket_id)

    assert (await console.hears("refused"))["data"]["do"] == "join"
    await console.goes_away()


async def test_another_tenants_ticket_cannot_be_joined(ana, rival):
    from tickets.models import Ticket

    theirs = await happens(rival, Ticket.objects.first)
    console = await Console.of(ana)
    await console.says(do="join", ticket=theirs.id)

    assert (await console.hears("refused"))["data"]["code"] == "not_found"
    await console.goes_away()


# --- losing sight -----------------------------------------------------------------------------


async def test_a_ticket_that_was_taken_leaves_the_others_who_saw_it_wait(
    acme, bruno, ana, carla, sales, maria
):
    """Carla gets a seat in Sales: she sees the queue, and loses the ticket that Bruno takes."""
    await happens(acme, change_sector, sales, members=[ana.id, bruno.id, carla.id])
    consoles = {who.name: await Console.of(who) for who in (bruno, carla, ana)}
    ticket = (await elsewhere(maria.writes, "Hello")).ticket
    for console in consoles.values():
        await console.hears("ticket.opened")
        await console.hears("message.received")
    await happens(acme, take_ticket, ticket, by=bruno)

    left = await consoles["Carla"].hears("ticket.left")
    assert left["data"]["ticket"] == {
        "id": str(ticket.id),
        "version": left["data"]["ticket"]["version"],
        "status": "in_service",
        "assignee": {"id": str(bruno.id), "name": "Bruno"},
    }
    assert left["data"]["was"] == {"status": "waiting"}
    for name in ("Bruno", "Ana"):
        assert (await consoles[name].hears("ticket.taken"))["data"]["ticket"]["assignee"]["name"] == "Bruno"
    for console in consoles.values():
        await console.has_heard_nothing_else()
    await everybody_leaves(*consoles.values())


async def test_an_open_ticket_that_was_handed_away_is_shut(acme, bruno, carla, support, maria, open_ticket):
    """Bruno has it open and gives it to Carla: he is told who has it, and hears nothing more of it."""
    console = await Console.of(bruno)
    await joins(console, open_ticket)
    await happens(acme, transfer_ticket, open_ticket, sector=support, to=carla, by=bruno)
    assert (await console.hears("ticket.left"))["data"]["ticket"]["assignee"]["name"] == "Carla"

    await elsewhere(maria.writes, "For Carla's eyes")
    await channel.whisper_async(acme.id, chat_of(acme, open_ticket), "contact.typing", {})
    await console.has_heard_nothing_else()
    await console.goes_away()


async def test_a_ticket_given_back_comes_into_sight_of_the_sector(
    acme, ana, sofia, carla, support, maria, open_ticket
):
    console = await Console.of(carla)
    await happens(acme, transfer_ticket, open_ticket, sector=support, to=sofia, by=sofia)
    await console.has_heard_nothing_else()
    await happens(acme, return_ticket, open_ticket, by=sofia)

    assert (await console.hears("ticket.returned"))["data"]["ticket"]["status"] == "waiting"
    await console.goes_away()


async def test_closing_is_heard_by_the_one_who_served_it(acme, bruno, open_ticket):
    console = await Console.of(bruno)
    await happens(acme, close_ticket, open_ticket, by=bruno)

    closed = await console.hears("ticket.closed")
    assert (closed["data"]["ticket"]["status"], closed["data"]["was"]) == ("closed", {"status": "in_service"})
    await console.goes_away()


# --- typing -----------------------------------------------------------------------------------


async def test_colleagues_who_have_the_ticket_open_see_who_types(bruno, sofia, open_ticket):
    consoles = [await Console.of(who) for who in (bruno, sofia)]
    for console in consoles:
        await joins(console, open_ticket)
    await consoles[0].says(do="typing", ticket=open_ticket.id, on=True)

    seen = await consoles[1].hears("member.typing")
    assert seen["data"] == {
        "ticket_id": str(open_ticket.id),
        "member": {"id": str(bruno.id), "name": "Bruno"},
        "on": True,
    }
    await everybody_leaves(*consoles)


async def test_typing_in_a_ticket_one_has_not_open_is_ignored(carla, sofia, open_ticket):
    watching, typing = [await Console.of(who) for who in (sofia, carla)]
    await joins(watching, open_ticket)
    await typing.says(do="typing", ticket=open_ticket.id, on=True)
    await typing.has_heard_nothing_else()

    await watching.has_heard_nothing_else()
    await everybody_leaves(watching, typing)


async def test_the_customer_sees_their_own_agent_type_and_nobody_else(bruno, sofia, open_ticket, monkeypatch):
    nudges = []
    monkeypatch.setattr(consumers, "nudge", lambda *args: nudges.append(args))
    for who in (bruno, sofia):
        console = await Console.of(who)
        await joins(console, open_ticket)
        await console.says(do="typing", ticket=open_ticket.id, on=True)
        await console.hears("member.typing")
        await console.has_heard_nothing_else()
        await console.goes_away()

    assert nudges == [(open_ticket.connection_id, "show_typing", open_ticket.chat, "typing")]


# --- watching a connection --------------------------------------------------------------------


async def test_who_manages_connections_may_watch_one(ana, acme, connection, monkeypatch):
    asked = []
    monkeypatch.setattr(consumers, "nudge", lambda *args: asked.append(args))
    console = await Console.of(ana)
    await console.says(do="watch", connection=connection.id)
    await console.has_heard_nothing_else()

    assert asked == [(str(connection.id), "show_qr")]
    from events import audience

    await channel.whisper_async(
        acme.id, audience.connection(acme.id, connection.id), "connection.qr", {"svg": "x"}
    )
    assert (await console.hears("connection.qr"))["data"]["svg"] == "x"
    await console.goes_away()


@pytest.mark.parametrize("who", ["Bruno", "Sofia", "Carla"])
async def test_others_may_not_see_its_qr_code(who, acme, connection):
    from events import audience

    console = await Console.of(await elsewhere(member, who))
    await console.says(do="watch", connection=connection.id)
    assert (await console.hears("refused"))["data"]["do"] == "watch"

    await channel.whisper_async(
        acme.id, audience.connection(acme.id, connection.id), "connection.qr", {"svg": "x"}
    )
    await console.has_heard_nothing_else()
    await console.goes_away()


async def test_another_tenants_connection_cannot_be_watched(ana, rival):
    from connections.models import Connection

    theirs = await happens(rival, Connection.objects.get)
    console = await Console.of(ana)
    await console.says(do="watch", connection=theirs.id)

    assert (await console.hears("refused"))["data"]["code"] == "not_found"
    await console.goes_away()


async def test_reasons_of_a_state_reach_those_who_manage_connections_only(acme, ana, bruno, line):
    from connections.actions import report_state

    consoles = [await Console.of(who) for who in (ana, bruno)]
    await happens(
        acme, report_state, line.lease, "reconnecting", reason="connection_lost", detail="reset by peer"
    )

    told = [(await console.hears("connection.state_changed"))["data"]["connection"] for console in consoles]
    assert [(row["state"], row["reason"], row["detail"]) for row in told] == [
        ("reconnecting", "connection_lost", "reset by peer"),
        ("reconnecting", "", ""),
    ]
    await everybody_leaves(*consoles)


# --- being hung up on -------------------------------------------------------------------------


async def test_a_changed_role_closes_the_members_sockets_and_nobody_elses(acme, bruno, carla):
    consoles = [await Console.of(who) for who in (bruno, bruno, carla)]
    await happens(acme, change_role, bruno, role="supervisor")

    assert [await console.is_hung_up_on() for console in consoles[:2]] == [4403, 4403]
    assert (await consoles[2].hears("member.changed"))["data"]["member"]["role"] == "supervisor"
    await everybody_leaves(*consoles)


async def test_a_lost_seat_closes_the_members_sockets(acme, ana, bruno, sales):
    console = await Console.of(bruno)
    await happens(acme, change_sector, sales, members=[ana.id])

    assert await console.is_hung_up_on() == 4403
    await console.goes_away()


async def test_being_shut_out_closes_the_members_sockets(acme, bruno):
    console = await Console.of(bruno)
    await happens(acme, set_active, bruno, is_active=False)

    assert await console.is_hung_up_on() == 4403
    await console.goes_away()


@pytest.fixture
def checked_soon(monkeypatch):
    monkeypatch.setattr(consumers, "FIRST_CHECK_SECONDS", (0.05, 0.05))
    monkeypatch.setattr(consumers, "CHECK_SECONDS", 0.05)


async def test_signing_out_ends_the_socket_though_it_says_nothing(bruno, checked_soon):
    caller = await elsewhere(browser, bruno)
    console = Console(caller.client.cookies["sessionid"].value)
    await console.connects()
    await console.hears("hello")
    await elsewhere(caller.client.logout)

    assert await console.is_hung_up_on() == 4401


async def test_a_new_password_ends_the_socket(bruno, checked_soon):
    console = await Console.of(bruno)

    def change_password():
        bruno.user.set_password("another-good-password")
        bruno.user.save()

    await elsewhere(change_password)

    assert await console.is_hung_up_on() == 4401


async def test_a_suspended_tenants_sockets_end(acme, bruno, checked_soon):
    console = await Console.of(bruno)
    suspended = Tenant.objects.filter(id=acme.id)
    await elsewhere(suspended.update, is_active=False)
    try:
        assert await console.is_hung_up_on() == 4404
    finally:
        await elsewhere(suspended.update, is_active=True)


async def test_a_change_that_the_socket_was_not_told_of_ends_it(acme, bruno, sales, checked_soon):
    console = await Console.of(bruno)
    await happens(acme, lambda: Seat.objects.filter(member=bruno).delete())

    assert await console.is_hung_up_on() == 4403


async def test_a_check_that_fails_is_not_the_last_one(bruno, checked_soon, monkeypatch):
    console = await Console.of(bruno)
    find, failures = consumers.ConsoleConsumer._signed_in, iter([OperationalError("away")] * 2)

    def sometimes(self):
        for failure in failures:
            raise failure
        return find(self)

    monkeypatch.setattr(consumers.ConsoleConsumer, "_signed_in", sometimes)
    monkeypatch.setattr(consumers, "QUIET_SECONDS", 0.5)

    assert await console.is_hung_up_on() == consumers.TOO_QUIET


async def test_a_socket_whose_code_failed_leaves_nothing_behind(bruno, monkeypatch):
    console = await Console.of(bruno)

    async def fail(*_):
        raise RuntimeError("a surprise")

    monkeypatch.setattr(consumers.ConsoleConsumer, "_join", fail)
    await console.says(do="join", ticket="01a2017d-de84-72f7-bee4-d9d952d709c4")
    with pytest.raises(RuntimeError, match="a surprise"):
        await console.socket.wait(timeout=SOON)

    assert hub().tenants == {}


async def test_a_browser_that_does_not_read_is_hung_up_on(acme, bruno, monkeypatch):
    monkeypatch.setattr(consumers, "MAX_UNSENT", 5)
    console = await Console.of(bruno)
    (own_hub,) = hub().tenants.values()
    group = f"t.{acme.id}.everyone"
    burst = channel.encode([channel.frame({group}, "x", {})])["frames"]
    for _ in range(6):
        own_hub.deliver(burst)

    assert await console.is_hung_up_on() == consumers.TOO_SLOW


async def test_a_browser_that_talks_without_end_is_not_listened_to(bruno, maria, monkeypatch):
    monkeypatch.setattr(consumers, "MAX_SAYINGS", 5)
    console = await Console.of(bruno)
    for _ in range(20):
        await console.says(do="beat")
    for _ in range(5):
        await console.hears("beat")
    await elsewhere(maria.writes, "Meanwhile")

    assert (await console.hears())["kind"] == "ticket.opened", "the other fifteen were not answered"
    await console.goes_away()


@pytest.mark.parametrize(
    "nonsense",
    ["", "{", "[]", "null", '"beat"', '{"do": "dance"}', '{"do": "join"}', '{"do": ["beat"]}', "x" * 5000],
)
async def test_nonsense_is_ignored(nonsense, bruno):
    console = await Console.of(bruno)
    await console.socket.send_input({"type": "websocket.receive", "text": nonsense})

    await console.has_heard_nothing_else()
    await console.goes_away()


async def test_bytes_are_ignored(bruno):
    console = await Console.of(bruno)
    await console.socket.send_to(bytes_data=b"\x00\xff")

    await console.has_heard_nothing_else()
    await console.goes_away()


async def test_the_last_one_to_leave_closes_the_tenants_hub(bruno, sofia):
    first, second = await Console.of(bruno), await Console.of(sofia)
    assert len(hub().tenants) == 1

    await first.goes_away()
    assert len(hub().tenants) == 1
    await second.goes_away()
    assert hub().tenants == {}


async def test_a_console_that_cannot_be_served_leaves_nothing_behind(bruno, monkeypatch):
    """Redis is away: the socket fails, and no task of it goes on."""
    import asyncio

    async def away(*_):
        raise ConnectionError("no Redis")

    monkeypatch.setattr(get_channel_layer(), "new_channel", away)
    session = (await elsewhere(browser, bruno)).client.cookies["sessionid"].value
    before = asyncio.all_tasks()
    console = Console(session)
    await console.connects()
    with pytest.raises(ConnectionError):
        await console.socket.wait(timeout=SOON)

    left = {task.get_coro().__qualname__ for task in asyncio.all_tasks() - before}
    assert "ConsoleConsumer._write" not in left


async def test_two_sockets_of_one_member_both_hear(bruno, maria):
    consoles = [await Console.of(bruno) for _ in range(2)]
    await elsewhere(maria.writes, "Hello")

    for console in consoles:
        await console.hears("ticket.opened")
    await everybody_leaves(*consoles)


async def test_a_chats_typing_is_for_those_who_have_its_ticket_open(acme, bruno, sofia, line, open_ticket):
    with_it, without = await Console.of(bruno), await Console.of(sofia)
    await joins(with_it, open_ticket)
    stranger = Customer("Other", "+5500", line)
    assert stranger.chat != open_ticket.chat
    await channel.whisper_async(acme.id, chat_of(acme, open_ticket), "contact.typing", {"activity": "typing"})

    assert (await with_it.hears("contact.typing"))["data"] == {"activity": "typing"}
    await without.has_heard_nothing_else()
    await everybody_leaves(with_it, without)
