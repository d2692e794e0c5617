"""The watch of a link: deadlines while it comes up, probes, silence and memory once it is up."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from gateway import READY
from hosting import end

from connections import health, traffic, wire
from connections.drivers.base import Can, DriverError
from connections.sessions import watch as watches

pytestmark = [pytest.mark.asyncio, pytest.mark.usefixtures("committed", "pauses")]

SILENCE = DriverError("no_answer", permanent=False)


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    for name in ("ROUND_SECONDS", "PROBE_SECONDS", "LOOK_SECONDS"):
        monkeypatch.setattr(watches, name, 0.02)


def soon(monkeypatch, state):
    deadline = replace(health.DEADLINES[state], seconds=0.1)
    monkeypatch.setitem(health.DEADLINES, state, deadline)


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        (wire.QrShown(code="2@x", expires_in=60, attempt=1, attempts=6), "scan_qr", "qr_exhausted"),
        (wire.PairingCodeShown(code="ABCD1234", expires_in=60), "pairing_code", "pairing_code_expired"),
        (wire.PasskeyNeeded(expires_in=600), "passkey_required", "passkey_timed_out"),
    ],
)
async def test_what_waits_for_a_person_ends_after_its_time(host, monkeypatch, told, state, reason):
    soon(monkeypatch, state)
    hosted = await host()
    (await hosted.link()).tells(told)
    await hosted.ends()

    row = await hosted.row()
    assert (row.state, row.reason, row.should_run) == ("failed", reason, False)


async def test_a_link_that_syncs_for_ever_is_opened_again(host, gateway, monkeypatch):
    soon(monkeypatch, "syncing")
    hosted = await host()
    (await hosted.link()).tells(wire.Linked(credentials=b"key"))
    again = await hosted.link()

    assert ("reconnecting", "sync_timed_out") in await hosted.story()
    again.tells(READY)
    await hosted.until("connected")
    await end(hosted)


async def test_a_gateway_that_says_nothing_at_all_is_left(host, monkeypatch):
    soon(monkeypatch, "starting")
    hosted = await host()
    await hosted.link()
    await hosted.link()

    assert ("reconnecting", "start_timed_out") in await hosted.story()
    await end(hosted)


async def test_a_link_that_answers_is_left_alone(host, gateway):
    gateway.can = frozenset([Can.PROBE])
    hosted = await host()
    await hosted.is_ready()
    while gateway.probes < 5:
        await asyncio.sleep(0.01)

    row = await hosted.row()
    assert (row.state, row.degraded_by) == ("connected", "")
    await end(hosted)


async def test_a_link_that_stops_answering_is_degraded_and_then_built_anew(host, gateway):
    gateway.can = frozenset([Can.PROBE])
    hosted = await host()
    await hosted.is_ready()
    gateway.answers_to_probe = [SILENCE] * health.PROBES_UNTIL_RECYCLED
    await hosted.until_row(degraded_by="probe_failed")
    again = await hosted.link()
    assert ("reconnecting", "recycled_probe_failed") in await hosted.story()

    again.tells(READY)
    await hosted.until_row(state="connected", degraded_by="")
    await end(hosted)


async def test_a_link_that_answers_again_in_time_is_well(host, gateway):
    gateway.can = frozenset([Can.PROBE])
    hosted = await host()
    await hosted.is_ready()
    gateway.answers_to_probe = [SILENCE] * health.PROBES_UNTIL_DEGRADED
    await hosted.until_row(degraded_by="probe_failed")
    await hosted.until_row(degraded_by="")

    assert (await hosted.row()).state == "connected"
    await end(hosted)


async def test_what_the_link_complains_of_is_told_and_taken_back(host, gateway):
    hosted = await host()
    link = await hosted.is_ready()
    link.tells(wire.Unwell(reason="offline"))
    await hosted.until_row(degraded_by="offline")
    link.tells(wire.Unwell(reason=""))
    await hosted.until_row(degraded_by="")
    await end(hosted)


async def test_a_number_that_falls_silent_is_built_anew_once(host, gateway, monkeypatch):
    hosted = await host()
    long_ago = timezone.now() - timedelta(hours=2)
    usual = {(day, hour): 60.0 for day in range(7) for hour in range(24)}
    monkeypatch.setattr(traffic, "usual", lambda *_: usual)
    await hosted.becomes(last_received_at=long_ago)
    await hosted.is_ready()
    again = await hosted.link()
    assert ("reconnecting", "recycled_silent") in await hosted.story()

    again.tells(READY)
    await hosted.until_row(state="connected", degraded_by="silent")
    await end(hosted)


async def test_a_link_that_grew_too_large_is_built_anew(host, gateway, settings):
    settings.SESSION_MEMORY_MB = 100
    gateway.memory = 101 * 1024 * 1024
    hosted = await host()
    await hosted.is_ready()
    again = await hosted.link()
    gateway.memory = 50 * 1024 * 1024
    assert ("reconnecting", "recycled_memory") in await hosted.story()

    again.tells(READY)
    await hosted.until_row(state="connected", memory_bytes=50 * 1024 * 1024)
    await end(hosted)


async def test_a_restriction_is_kept_until_it_is_lifted(host, gateway):
    hosted = await host()
    link = await hosted.is_ready()
    until = timezone.now() + timedelta(hours=3)
    link.tells(wire.Restricted(until=until))
    await hosted.until_row(restricted_until=until)
    link.tells(wire.Restricted(until=None))
    await hosted.until_row(restricted_until=None)
    await end(hosted)
