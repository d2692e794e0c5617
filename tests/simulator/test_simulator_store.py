"""The state on disk: what was answered survives, whatever ends the process."""

import asyncio
import os
import signal
import socket
import sys

import httpx
import orjson
import pytest
from pretend_phones import MARIA, SHOP, Net

from simulator import snapshot
from simulator.app import open_network
from simulator.model import Attachment, Location
from simulator.network import Draft
from simulator.store import StateUnusable, Store

A, B, C = "5511900000001", "5511900000002", "5511900000003"


def a_bit_of_everything(network):
    """Touch every kind of change."""
    for digits, name in ((A, "Ana"), (B, "Bia"), (C, "Caio")):
        network.add_phone(digits, name)
    network.rename_phone(A, "Ana Maria")
    device, token = network.link_device(A, "Balcão")
    gone, _ = network.link_device(A, "Outro")
    network.unlink_device(gone.id)
    network.add_media("m1", B, mime="image/png", size=3, name="a.png")
    first = network.send(B, Draft(A, "text", "Oi"))
    network.send(A, Draft(B, "text", "Olá", id="A1", client_ref="r"), device=device)
    network.send(B, Draft(A, "image", "", attachment=Attachment("m1", "image/png", 3, "a.png")))
    network.send(B, Draft(A, "location", location=Location(1.5, 2.5, "Casa")))
    network.react(A, B, first.id, "👍")
    network.edit(B, A, first.id, "Oi!")
    network.switch_phone(B, is_online=False)
    network.send(A, Draft(B, "text", "Está aí?", id="A2"), device=device)
    network.read(A, B)
    secret = network.send(C, Draft(A, "text", "Segredo"))
    network.revoke(C, secret.id)
    network.send(C, Draft(B, "text", "Espera"))
    network.remove_phone(C)
    network.ack_events(device, 2)
    return token


def stored(network):
    return orjson.loads(snapshot.encode(network.state, 0))


def reopened(state):
    store = Store(state)
    try:
        return open_network(store)
    finally:
        store.close()


def test_the_journal_alone_rebuilds_the_same_state(state):
    store = Store(state)
    network = open_network(store)
    token = a_bit_of_everything(network)
    store.close()
    assert len(orjson.loads(state.read_bytes())["phones"]) == 0
    again = reopened(state)
    assert stored(again) == stored(network)
    assert again.device_with(token) is not None
    assert again.find_sent(A, ["A1", "A2"])[1].level == 1


def test_the_snapshot_alone_rebuilds_the_same_state(state):
    store = Store(state)
    network = open_network(store)
    a_bit_of_everything(network)
    store.close()
    once, twice = reopened(state), reopened(state)
    assert len(orjson.loads(state.read_bytes())["phones"]) == 2
    assert stored(once) == stored(twice) == stored(network)


def test_after_a_restart_messages_are_shared_between_both_phones_again(state):
    store = Store(state)
    a_bit_of_everything(open_network(store))
    store.close()
    network = reopened(reopened_path := state)
    assert reopened_path == state
    a, b = network.state.phones[A], network.state.phones[B]
    assert a.chats[B].messages["A1"] is b.chats[A].messages["A1"] is a.sent["A1"]
    network._journal = lambda change: None
    network.switch_phone(B, is_online=True)
    assert a.sent["A2"].level == 2


def test_starting_compacts_the_journal_away(state):
    store = Store(state)
    a_bit_of_everything(open_network(store))
    store.close()
    (journal,) = state.parent.glob("*.journal-*")
    assert journal.stat().st_size > 1000
    reopened(state)
    (journal,) = state.parent.glob("*.journal-*")
    assert journal.stat().st_size == 0


def test_a_change_cut_off_in_the_middle_is_dropped(state):
    store = Store(state)
    network = open_network(store)
    network.add_phone(A, "Ana")
    store.close()
    (journal,) = state.parent.glob("*.journal-*")
    with journal.open("ab") as file:
        file.write(b'["PhoneAdded",{"digits":"551')
    assert list(reopened(state).state.phones) == [A]


def test_a_crash_between_snapshot_and_journal_loses_nothing(state):
    store = Store(state)
    network = open_network(store)
    network.add_phone(A, "Ana")
    store.begin(network.state)
    store.close()
    for journal in state.parent.glob("*.journal-*"):
        journal.unlink()
    (state.parent / "state.json.journal-1").write_bytes(b"a journal of the past\n")
    assert list(reopened(state).state.phones) == [A]


def test_a_damaged_line_or_snapshot_is_named_and_left_alone(state):
    reopened(state)
    (journal,) = state.parent.glob("*.journal-*")
    journal.write_bytes(b"nonsense\n")
    with pytest.raises(StateUnusable, match="line 1"):
        reopened(state)
    assert journal.read_bytes() == b"nonsense\n"
    state.write_bytes(b"{}")
    with pytest.raises(StateUnusable, match=r"state\.json is damaged"):
        reopened(state)


def test_a_write_that_failed_half_way_leaves_a_readable_journal(state, monkeypatch):
    store = Store(state)
    network = open_network(store)
    network.add_phone(A, "Ana")
    whole = os.write
    with monkeypatch.context() as patch:
        patch.setattr("simulator.store.os.write", lambda fd, data: whole(fd, data[:10]))
        with pytest.raises(OSError, match="disk full"):
            network.add_phone(B, "Bia")
    assert B not in network.state.phones
    network.add_phone(C, "Caio")
    store.close()
    assert list(reopened(state).state.phones) == [A, C]


def test_two_processes_cannot_use_one_state(state):
    store = Store(state)
    with pytest.raises(StateUnusable, match="another simulator"):
        Store(state)
    store.close()
    Store(state).close()


def test_the_files_are_for_their_owner_only_and_hold_no_token(state):
    store = Store(state)
    network = open_network(store)
    token = a_bit_of_everything(network)
    store.begin(network.state)
    store.close()
    files = [path for path in state.parent.iterdir() if path.is_file()]
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    assert not any(token.encode() in path.read_bytes() for path in files)


async def start(state, port):
    """The simulator as its own process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "--port", str(port), "--state", str(state)
    )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        async with asyncio.timeout(20):
            while True:
                try:
                    await http.get("/api/healthz")
                    return process
                except httpx.ConnectError:
                    await asyncio.sleep(0.05)


@pytest.mark.asyncio
async def test_everything_that_was_answered_survives_kill_9(state):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await start(state, port)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        net = Net(port, http)
        await net.phone(SHOP, "Loja Acme")
        await net.phone(MARIA, "Maria")
        shop = await net.link(SHOP)
        for number in range(200):
            await net.write(MARIA, SHOP, f"Mensagem {number}")
        assert (await shop.send(MARIA, id="S1"))["ok"] is True
        process.send_signal(signal.SIGKILL)
        await process.wait()
        process = await start(state, port)
        try:
            again = await net.back(shop)
            events = [(await again.next("event"))["event"] for _ in range(202)]
            texts = [e["message"]["text"] for e in events if e["kind"] == "message"]
            assert texts == [f"Mensagem {number}" for number in range(200)]
            found = (await again.request("find", ids=["S1"]))["result"]["found"]
            assert [(row["id"], row["level"]) for row in found] == [("S1", 2)]
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


@pytest.mark.asyncio
async def test_a_stop_by_signal_is_quick_and_clean(state):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await start(state, port)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        net = Net(port, http)
        await net.phone(SHOP, "Loja Acme")
        shop = await net.link(SHOP)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(5):
            await process.wait()
            assert await shop.closed() == 1012
