"""One session's life: linking, being ready, losing the line, ending. Its gateway is in memory."""

import asyncio
import logging
import threading
from datetime import UTC, datetime

import pytest
from gateway import READY, SOON, Link
from hosting import end
from live import elsewhere, happens
from world import Customer, answer

from connections import inbound, outbound, wire
from connections.drivers.base import Can, DriverError
from connections.models import Connection, Download, Inbound, Outbound, SealedCredentials, Transition
from connections.sessions import sending, vault
from connections.sessions import session as sessions
from tenants.scope import across_tenants

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("committed")]


# --- linking ----------------------------------------------------------------------------------


async def test_a_number_is_linked_by_scanning_a_qr_code(host, gateway, whispers):
    hosted = await host()
    link = await hosted.link()
    assert gateway.credentials == [None]
    link.tells(wire.QrShown(code="2@secret-code", expires_in=60, attempt=1, attempts=6))
    await hosted.until("scan_qr")
    link.tells(wire.Linked(credentials=b"device-token"))
    await hosted.until("syncing")
    link.tells(READY)
    await hosted.until("connected")

    row = await hosted.row()
    assert (row.phone, row.profile_name) == ("+5511900000001", "Acme")
    assert await happens(hosted.tenant, vault.open_for, row) == b"device-token"
    states = [state for state, _reason in await hosted.story()]
    assert states == ["starting", "scan_qr", "syncing", "connected"]
    await end(hosted)


async def test_a_qr_code_is_drawn_for_the_keepers_and_kept_nowhere(host, whispers, caplog, acme, connection):
    caplog.set_level(logging.DEBUG)
    hosted = await host()
    link = await hosted.link()
    link.tells(wire.QrShown(code="2@SECRET-CODE", expires_in=20, attempt=2, attempts=6))
    await hosted.until("scan_qr")
    async with asyncio.timeout(SOON):
        while not whispers:
            await asyncio.sleep(0)

    ((group, kind, data),) = whispers
    assert (group, kind) == (f"t.{acme.id}.connection.{connection.id}", "connection.qr")
    assert data["svg"].startswith("<?xml") or data["svg"].startswith("<svg")
    assert (data["attempt"], data["attempts"]) == (2, 6)
    assert data["expires_at"] > datetime.now(UTC).isoformat()
    assert "SECRET-CODE" not in caplog.text

    def everything_stored():
        with across_tenants(reason="the code is looked for"):
            rows = [str(row) for model in (Transition, Connection, Inbound) for row in model.objects.values()]
        return "\n".join(rows)

    assert "SECRET-CODE" not in await elsewhere(everything_stored)
    await end(hosted)


async def test_whoever_comes_to_look_later_is_shown_the_code_of_the_moment(host, whispers):
    hosted = await host()
    link = await hosted.link()
    link.tells(wire.QrShown(code="first", expires_in=20, attempt=1, attempts=6))
    await hosted.until("scan_qr")
    async with asyncio.timeout(SOON):
        while not whispers:
            await asyncio.sleep(0)
    await hosted.session.show_qr()

    assert len(whispers) == 2
    assert whispers[0][2] == whispers[1][2]
    await end(hosted)


async def test_after_linking_there_is_no_code_to_show(host, whispers):
    hosted = await host()
    await hosted.is_ready()
    await hosted.session.show_qr()

    assert whispers == []
    await end(hosted)


async def test_a_number_that_was_linked_before_comes_back_without_a_code(host, gateway, acme, connection):
    await happens(acme, vault.keep, connection, b"device-token")
    hosted = await host()
    await hosted.is_ready()

    assert gateway.credentials == [b"device-token"]
    assert [state for state, _reason in await hosted.story()] == ["starting", "connected"]
    await end(hosted)


async def test_codes_that_nobody_scans_end_in_failure(host):
    hosted = await host()
    link = await hosted.link()
    link.tells(wire.Ended(state="failed", reason="qr_exhausted"))
    await hosted.ends()

    row = await hosted.row()
    assert (row.state, row.reason, row.should_run) == ("failed", "qr_exhausted", False)


# --- losing the line --------------------------------------------------------------------------


async def test_a_lost_line_is_opened_again(host, pauses):
    hosted = await host()
    link = await hosted.is_ready()
    link.tells(None)
    again = await hosted.link()
    again.tells(READY)
    await hosted.until("connected")

    assert link.is_closed
    assert [state for state, _reason in await hosted.story()] == [
        "starting",
        "connected",
        "reconnecting",
        "connected",
    ]
    assert pauses == [0], "it was well before: no longer pause"
    await end(hosted)


async def test_pauses_grow_while_the_gateway_stays_away(host, gateway, pauses):
    away = DriverError("gateway_unreachable", "no route", permanent=False)
    gateway.refuses_to_open = [away, away, away]
    hosted = await host()
    await hosted.is_ready()

    assert pauses == [1, 2, 3]
    story = await hosted.story()
    assert story.count(("reconnecting", "gateway_unreachable")) == 1, "said once, not at every attempt"
    await end(hosted)


async def test_after_being_connected_the_pauses_begin_anew(host, gateway, pauses):
    away = DriverError("gateway_unreachable", permanent=False)
    gateway.refuses_to_open = [away, away]
    hosted = await host()
    link = await hosted.is_ready()
    gateway.refuses_to_open = [away]
    link.tells(None)
    await hosted.is_ready()

    assert pauses == [1, 2, 0, 1]
    await end(hosted)


async def test_a_permanent_refusal_ends_the_session(host, gateway):
    gateway.refuses_to_open = [DriverError("banned", "This number may not connect.", permanent=True)]
    hosted = await host()
    await hosted.ends()

    row = await hosted.row()
    assert (row.state, row.reason, row.detail, row.should_run) == (
        "failed",
        "banned",
        "This number may not connect.",
        False,
    )


async def test_a_gateway_that_never_answers_is_given_up_for_now(host, gateway, monkeypatch):
    monkeypatch.setattr(sessions, "START_SECONDS", 0.05)

    async def never(self, credentials):
        gateway.credentials.append(credentials)
        if len(gateway.credentials) == 1:
            await asyncio.Event().wait()
        raise DriverError("enough", permanent=True)

    monkeypatch.setattr("gateway.Link.open", never)
    hosted = await host()
    await hosted.ends()

    assert ("reconnecting", "start_timed_out") in await hosted.story()


async def test_a_crash_is_one_sessions_own_and_it_tries_again(host, pauses):
    hosted = await host()
    link = await hosted.is_ready()
    link.tells(ZeroDivisionError("a bug in a driver"))
    await hosted.is_ready()

    assert ("reconnecting", "crashed") in await hosted.story()
    await end(hosted)


async def test_credentials_that_cannot_be_read_end_the_session(host, acme, connection):
    def spoil():
        vault.keep(connection, b"device-token")
        SealedCredentials.objects.filter(connection=connection).update(sealed="v1.k1.AAAA.AAAA")

    await happens(acme, spoil)
    hosted = await host()
    await hosted.ends()

    row = await hosted.row()
    assert (row.state, row.reason, row.should_run) == ("failed", "credentials_lost", False)


async def test_being_unlinked_on_the_phone_forgets_the_link(host, acme, connection):
    await happens(acme, vault.keep, connection, b"device-token")
    hosted = await host()
    link = await hosted.is_ready()
    link.tells(wire.Ended(state="logged_out", reason="unlinked_on_phone"))
    await hosted.ends()

    row = await hosted.row()
    assert (row.state, row.reason, row.should_run) == ("logged_out", "unlinked_on_phone", False)
    assert await happens(acme, vault.open_for, row) is None


async def test_being_replaced_elsewhere_is_tried_again(host):
    hosted = await host()
    link = await hosted.is_ready()
    link.tells(wire.Ended(state="reconnecting", reason="replaced"))
    await hosted.is_ready()

    assert ("reconnecting", "replaced") in await hosted.story()
    await end(hosted)


# --- people want it to end --------------------------------------------------------------------


async def test_stopping_says_so_and_does_not_log_out(host, gateway, acme, connection):
    await happens(acme, vault.keep, connection, b"device-token")
    hosted = await host()
    await hosted.is_ready()
    await hosted.session.stop()
    await end(hosted)

    row = await hosted.row()
    assert (row.state, row.reason) == ("stopped", "asked_to_stop")
    assert gateway.log_outs == 0
    assert await happens(acme, vault.open_for, row) == b"device-token"


async def test_logging_out_tells_the_gateway_and_forgets_the_link(host, gateway, acme, connection):
    await happens(acme, vault.keep, connection, b"device-token")
    hosted = await host()
    await hosted.is_ready()
    await hosted.session.log_out()
    await end(hosted)

    row = await hosted.row()
    assert (row.state, row.reason, row.should_run) == ("logged_out", "asked_to_log_out", False)
    assert gateway.log_outs == 1
    assert await happens(acme, vault.open_for, row) is None


def take_over(connection):
    Connection.objects.filter(id=connection.id).update(lease_epoch=connection.lease_epoch + 1)


async def test_a_lost_lease_ends_the_session_without_a_word(host, acme, connection):
    """Another worker has taken over: whatever this one says now would be about somebody else's session."""
    hosted = await host()
    link = await hosted.is_ready()
    await happens(acme, take_over, connection)
    link.tells(wire.Ended(state="failed", reason="from a dead session"))
    await hosted.ends()

    row = await hosted.row()
    assert (row.state, row.reason) == ("connected", "")


# --- what comes in ----------------------------------------------------------------------------


async def test_what_comes_in_is_stored_before_it_is_confirmed(host, gateway, maria, monkeypatch):
    hosted = await host()
    link = await hosted.is_ready()
    link.tells(wire.Stored(happening=maria.message("Hello", id="WA-IN"), receipt=7))
    await hosted.desk.until(lambda: Inbound.objects.filter(key="message:WA-IN").exists())
    async with asyncio.timeout(SOON):
        while gateway.confirmed != [7]:
            await asyncio.sleep(0)
    await end(hosted)


async def test_what_could_not_be_stored_is_not_confirmed(host, gateway, maria, monkeypatch):
    hosted = await host()
    link = await hosted.is_ready()
    monkeypatch.setattr(inbound, "store", lambda *_: 1 / 0)
    link.tells(wire.Stored(happening=maria.message("Hello"), receipt=7))
    await hosted.link()

    assert gateway.confirmed == []
    await end(hosted)


async def test_what_comes_while_something_is_stored_is_stored_together(host, gateway, maria, monkeypatch):
    """Not one transaction each: a number that is told much at once keeps up."""
    hosted = await host()
    link = await hosted.is_ready()
    store, stored, go_on = inbound.store, [], threading.Event()

    def slowly(arrivals):
        go_on.wait(SOON)
        stored.append([happening.text for arrival in arrivals for happening in arrival.happenings])
        return store(arrivals)

    monkeypatch.setattr(inbound, "store", slowly)
    link.tells(wire.Stored(happening=maria.message("one"), receipt=1))
    await asyncio.sleep(0.1)
    for receipt, text in enumerate(["two", "three", "four"], start=2):
        link.tells(wire.Stored(happening=maria.message(text), receipt=receipt))
    await asyncio.sleep(0.1)
    go_on.set()
    async with asyncio.timeout(SOON):
        while gateway.confirmed != [1, 4]:
            await asyncio.sleep(0.01)

    assert stored == [["one"], ["two", "three", "four"]]
    await end(hosted)


async def test_a_link_that_ends_for_good_keeps_what_it_told_last(host, gateway, maria, monkeypatch):
    """It will never be able to tell it again; and that it cannot be confirmed hides nothing."""
    hosted = await host()
    link = await hosted.is_ready()

    async def gone(receipt):
        raise DriverError("gateway_unreachable", permanent=False)

    monkeypatch.setattr(link, "confirm", gone)
    link.tells(
        wire.Stored(happening=maria.message("Bye", id="WA-LAST"), receipt=1),
        wire.Ended(state="logged_out", reason="unlinked_on_phone"),
    )
    await hosted.ends()

    assert (await hosted.row()).state == "logged_out"
    assert await happens(hosted.tenant, lambda: Inbound.objects.filter(key="message:WA-LAST").exists())


async def test_a_file_is_fetched_and_stored(host, gateway, maria):
    gateway.files["m1"] = b"picture"
    hosted = await host()
    link = await hosted.is_ready()
    media = wire.Media(id="m1", mime="image/jpeg", name="a.jpg")
    told = maria.message("", message_kind="image", media=media, id="WA-PIC")
    link.tells(wire.Stored(happening=told, receipt=1))
    await hosted.desk.until(lambda: Inbound.objects.filter(key="file:WA-PIC").exists())

    arrived = await happens(hosted.tenant, Inbound.objects.get, key="file:WA-PIC")
    from connections.files import full_path

    assert full_path(arrived.payload["path"]).read_bytes() == b"picture"
    assert (arrived.payload["size"], arrived.payload["mime"]) == (7, "image/jpeg")
    await end(hosted)


async def test_a_file_that_is_gone_for_good_is_given_up(host, gateway, maria):
    hosted = await host()
    link = await hosted.is_ready()
    media = wire.Media(id="gone", mime="image/jpeg")
    told = maria.message("", message_kind="image", media=media, id="WA-GONE")
    link.tells(wire.Stored(happening=told, receipt=1))
    await hosted.desk.until(lambda: Download.objects.filter(wa_id="WA-GONE", state="failed").exists())

    arrived = await happens(hosted.tenant, Inbound.objects.get, key="file:WA-GONE")
    assert arrived.payload["path"] is None
    await end(hosted)


async def test_a_file_that_is_too_large_is_given_up(host, gateway, maria, settings):
    settings.MEDIA_MAX_BYTES = 5
    gateway.files["m1"] = b"too many bytes"
    hosted = await host()
    link = await hosted.is_ready()
    media = wire.Media(id="m1", mime="image/jpeg")
    link.tells(
        wire.Stored(happening=maria.message("", message_kind="image", media=media, id="BIG"), receipt=1)
    )

    await hosted.desk.until(lambda: Download.objects.filter(wa_id="BIG", state="failed").exists())
    await end(hosted)


async def test_who_types_is_told_to_the_consoles_of_the_chat(host, whispers, acme, connection, maria):
    hosted = await host()
    link = await hosted.is_ready()
    link.tells(
        wire.Typing(chat=maria.chat, activity="recording"), wire.Typing(chat=maria.chat, activity="idle")
    )
    async with asyncio.timeout(SOON):
        while len(whispers) < 2:
            await asyncio.sleep(0)

    group, kind, data = whispers[0]
    assert (group, kind) == (f"t.{acme.id}.chat.{connection.id}.{maria.chat}", "contact.typing")
    assert data == {"connection_id": str(connection.id), "chat": maria.chat, "activity": "recording"}
    await end(hosted)


async def test_we_show_the_customer_that_we_type_while_connected_only(host, gateway, maria):
    hosted = await host()
    await hosted.session.show_typing(maria.chat, "typing")
    assert gateway.typed == []
    await hosted.is_ready()
    await hosted.session.show_typing(maria.chat, "typing")

    assert gateway.typed == [(maria.chat, "typing")]
    await end(hosted)


# --- what goes out ----------------------------------------------------------------------------


@pytest.fixture
def queue_answer(acme, bruno, open_ticket):
    """Bruno answers; the row of the send queue."""

    async def queue(text="Hello"):
        def put():
            return Outbound.objects.get(client_ref=answer(open_ticket, text, by=bruno).id)

        return await happens(acme, put)

    return queue


async def test_what_waits_is_sent_once_the_line_is_up(host, gateway, queue_answer):
    queued = await queue_answer()
    hosted = await host()
    link = await hosted.link()
    assert gateway.sent == []
    link.tells(READY)
    await hosted.until_settled(queued.id, "sent")

    assert [one.client_ref for one in gateway.sent] == [queued.client_ref]
    await end(hosted)


async def test_a_wake_up_sends_at_once_and_in_order(host, gateway, queue_answer):
    hosted = await host()
    await hosted.is_ready()
    queued = [await queue_answer(f"{n}") for n in range(5)]
    hosted.session.wake()
    await hosted.until_settled(queued[-1].id, "sent")

    assert [one.payload["text"] for one in gateway.sent] == ["0", "1", "2", "3", "4"]
    await end(hosted)


async def test_a_permanent_refusal_fails_the_message_and_the_next_one_goes(host, gateway, queue_answer):
    bad, good = await queue_answer("bad"), await queue_answer("good")
    gateway.answers_to_send = [DriverError("not_on_whatsapp", "Nobody there.", permanent=True)]
    hosted = await host()
    await hosted.is_ready()
    await hosted.until_settled(bad.id, "failed")
    await hosted.until_settled(good.id, "sent")

    failed = await happens(hosted.tenant, Outbound.objects.get, id=bad.id)
    assert (failed.error_code, failed.error) == ("not_on_whatsapp", "Nobody there.")
    await end(hosted)


async def test_a_passing_refusal_puts_it_back_and_keeps_the_lane_in_order(host, gateway, queue_answer):
    _first, second = await queue_answer("first"), await queue_answer("second")
    gateway.answers_to_send = [DriverError("busy", permanent=False)]
    hosted = await host()
    await hosted.is_ready()
    await hosted.until_settled(second.id, "sent")

    assert [one.payload["text"] for one in gateway.sent] == ["first", "first", "second"]
    await end(hosted)


async def test_after_too_many_refusals_the_message_fails(host, gateway, queue_answer, monkeypatch):
    monkeypatch.setattr(outbound, "MAX_ATTEMPTS", 2)
    queued = await queue_answer()
    gateway.answers_to_send = [DriverError("busy", permanent=False)] * 3
    hosted = await host()
    await hosted.is_ready()
    await hosted.until_settled(queued.id, "failed")

    assert len(gateway.sent) == 2
    await end(hosted)


async def test_a_send_without_an_answer_is_asked_about_and_found(host, gateway, queue_answer):
    queued = await queue_answer()
    gateway.answers_to_send = [DriverError("no_answer", permanent=False, is_unknown=True)]
    gateway.knows = {queued.client_ref: wire.Sent(wa_id="WA-OUT")}
    hosted = await host()
    await hosted.is_ready()
    await hosted.until_settled(queued.id, "sent")

    assert gateway.asked_for == [[queued.client_ref]]
    assert len(gateway.sent) == 1, "nothing is sent again blindly"
    assert (await happens(hosted.tenant, Outbound.objects.get, id=queued.id)).wa_id == "WA-OUT"
    await end(hosted)


async def test_a_send_without_an_answer_that_is_not_found_is_repeated_where_that_is_safe(
    host, gateway, queue_answer
):
    queued = await queue_answer()
    gateway.answers_to_send = [DriverError("no_answer", permanent=False, is_unknown=True)]
    hosted = await host()
    await hosted.is_ready()
    await hosted.until_settled(queued.id, "sent")

    assert [one.client_ref for one in gateway.sent] == [queued.client_ref] * 2
    await end(hosted)


async def test_where_repeating_is_not_safe_it_stays_unconfirmed(host, gateway, queue_answer):
    gateway.repeats_are_safe = False
    queued = await queue_answer()
    gateway.answers_to_send = [DriverError("no_answer", permanent=False, is_unknown=True)]
    hosted = await host()
    await hosted.is_ready()
    await hosted.until_settled(queued.id, "unconfirmed")

    assert len(gateway.sent) == 1
    await end(hosted)


async def test_what_a_dead_session_was_sending_is_settled_before_anything_new(
    host, gateway, queue_answer, line
):
    doubtful, fresh = await queue_answer("doubtful"), await queue_answer("fresh")
    await happens(line.connection.tenant, outbound.claim, line.lease)  # … and then its worker died
    gateway.knows = {doubtful.client_ref: wire.Sent(wa_id="WA-OUT")}
    hosted = await host()
    await hosted.is_ready()
    await hosted.until_settled(fresh.id, "sent")

    assert [one.payload["text"] for one in gateway.sent] == ["fresh"]
    assert (await happens(hosted.tenant, Outbound.objects.get, id=doubtful.id)).state == "sent"
    await end(hosted)


async def test_a_session_that_slept_past_its_lease_sends_nothing(host, gateway, queue_answer):
    """Somebody else may be sending this already."""
    hosted = await host()
    await hosted.is_ready()
    queued = await queue_answer()
    hosted.session.safe_until = 0.0
    hosted.session.wake()
    await hosted.ends()

    assert gateway.sent == []
    assert (await happens(hosted.tenant, Outbound.objects.get, id=queued.id)).state == "sending"


async def test_a_line_that_breaks_while_sending_leaves_the_message_in_doubt_and_settles_it_later(
    host, gateway, queue_answer
):
    gateway.holds_sends = asyncio.Event()
    queued = await queue_answer()
    hosted = await host()
    link = await hosted.is_ready()
    await hosted.until_settled(queued.id, "sending")
    async with asyncio.timeout(SOON):
        while not gateway.sent:
            await asyncio.sleep(0)
    gateway.knows = {queued.client_ref: wire.Sent(wa_id="WA-OUT")}
    link.tells(None)
    await hosted.is_ready()
    await hosted.until_settled(queued.id, "sent")

    assert len(gateway.sent) == 1
    await end(hosted)


async def test_two_customers_do_not_wait_for_each_other(
    host, gateway, queue_answer, acme, bruno, line, monkeypatch
):
    """Lanes are strict, and separate: a message that must wait holds up its own ticket only."""
    from tickets.actions import take_ticket

    slow = await queue_answer("slow")
    gateway.answers_to_send = [DriverError("busy", permanent=False)]

    def other_answer():
        ticket = take_ticket(Customer("Paula", "+5531911112222", line).writes("Hi").ticket, by=bruno)
        return Outbound.objects.get(client_ref=answer(ticket, "quick", by=bruno).id)

    quick = await happens(acme, other_answer)
    monkeypatch.setattr(sending, "backoff_seconds", lambda attempt, luck: 3600.0)
    hosted = await host()
    await hosted.is_ready()
    await hosted.until_settled(quick.id, "sent")
    assert (await happens(acme, Outbound.objects.get, id=slow.id)).state == "queued"
    await end(hosted)


async def test_the_fake_gateway_keeps_the_protocol():
    """Else these tests would prove something about nothing."""
    import inspect

    from connections.drivers.base import Driver
    from connections.drivers.simulator import SimulatorDriver

    for name, method in inspect.getmembers(Driver, inspect.isfunction):
        if name.startswith("_"):
            continue
        expected = list(inspect.signature(method).parameters)
        for kind in (Link, SimulatorDriver):
            assert list(inspect.signature(getattr(kind, name)).parameters) == expected, (kind, name)


async def test_a_screenshot_is_for_the_one_who_asked(host, gateway, whispers, ana):
    gateway.can = frozenset([Can.SCREENSHOT])
    hosted = await host()
    await hosted.is_ready()
    await hosted.session.show_screenshot(str(ana.id))

    ((group, _kind, data),) = [told for told in whispers if told[1] == "connection.screenshot"]
    assert group == f"t.{hosted.tenant.id}.member.{ana.id}"
    assert data["png"] == "data:image/png;base64,UE5H"
    await end(hosted)


async def test_a_kind_without_a_page_shows_none(host, gateway, whispers, ana):
    hosted = await host()
    await hosted.is_ready()
    await hosted.session.show_screenshot(str(ana.id))

    assert not [told for told in whispers if told[1] == "connection.screenshot"]
    await end(hosted)
