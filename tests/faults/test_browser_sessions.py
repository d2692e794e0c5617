"""WhatsApp Web in real browsers, in the running product: linked once, back without a code whatever dies."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.stack import Stack
from tests.product import COMPANY_NUMBER, Phones, Program, link, session_cookie, until

CUSTOMER = "+5511980009001"
BROWSER = re.compile(rb"--user-data-dir=(\S+)")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("browsers")
    with Stack(folder, environment={"LEASE_SECONDS": "3"}) as running:
        running.manage("seed_demo")
        yield running


@pytest.fixture(scope="module")
def owner(stack: Stack) -> Program:
    return Program(stack.url, "ana@aurora.example", stack.environment["DEMO_PASSWORD"], "aurora")


@pytest.fixture(scope="module")
def phones(stack: Stack) -> Phones:
    phones = Phones(stack.simulator_url)
    phones.add(COMPANY_NUMBER, "Loja Aurora")
    phones.add(CUSTOMER, "Cliente")
    return phones


@pytest.fixture(scope="module")
def number(stack: Stack, owner: Program, phones: Phones) -> str:
    """A connection through WhatsApp Web, linked by its QR code; its id."""
    sector_id = owner.call("GET", "sectors/")["results"][0]["id"]
    given = {"name": "WhatsApp Web", "driver": "browser", "sector_id": sector_id}
    made = owner.call("POST", "connections/", json=given)
    cookie = session_cookie(stack.url, "ana@aurora.example", stack.environment["DEMO_PASSWORD"])
    return link(stack.url, cookie, "aurora", owner, phones, COMPANY_NUMBER, made["id"])


@pytest.fixture(scope="module")
def ticket_id(owner: Program, phones: Phones, number: str) -> str:
    phones.write(CUSTOMER, "Bom dia")

    def waiting() -> list[dict[str, Any]]:
        rows = owner.call("GET", "tickets/", params={"status": "waiting"})["results"]
        return [row for row in rows if row["contact"]["phone"] == CUSTOMER]

    found: str = until(waiting, what="the ticket")[0]["id"]
    owner.call("POST", f"tickets/{found}/assignment/")
    return found


def thread(owner: Program, ticket_id: str) -> dict[str, dict[str, Any]]:
    rows = owner.call("GET", f"tickets/{ticket_id}/messages/", params={"limit": 100})["results"]
    texts = [m["text"] for m in rows if m["text"]]
    assert len(texts) == len(set(texts)), "something came twice"
    return {m["text"]: m for m in rows}


def speak(owner: Program, phones: Phones, ticket_id: str, what: str) -> None:
    """A message each way arrives, once, with its ticks."""
    phones.write(CUSTOMER, f"{what}: from the customer")
    owner.send_stubbornly(ticket_id, f"{what}: from the agent")
    until(lambda: f"{what}: from the customer" in thread(owner, ticket_id), seconds=40, what="the question")

    def is_delivered() -> bool:
        answer = thread(owner, ticket_id)[f"{what}: from the agent"]
        return answer["ack"] in ("delivered", "read")

    until(is_delivered, seconds=40, what="the answer's ticks")
    got = [m["text"] for m in phones.messages(CUSTOMER) if not m["from_me"]]
    assert got.count(f"{what}: from the agent") == 1


def log_of(owner: Program, number: str) -> list[tuple[str, str]]:
    """(state, reason) of every change, oldest first."""
    rows = owner.call("GET", f"connections/{number}/transitions/")["results"]
    return [(row["to_state"], row["reason"]) for row in reversed(rows)]


def is_up(owner: Program, number: str) -> bool:
    return bool(owner.call("GET", f"connections/{number}/")["state"] == "connected")


def browsers_of(stack: Stack) -> list[int]:
    """The first process of each Chromium that has a profile of this stack."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
        except OSError:
            continue
        named = BROWSER.search(line)
        if named and named[1].decode().startswith(str(stack.folder)) and b"--type=" not in line:
            found.append(int(folder.name))
    return found


def test_a_customer_is_answered_through_whatsapp_web(
    owner: Program, phones: Phones, number: str, ticket_id: str
) -> None:
    speak(owner, phones, ticket_id, "first")
    assert ("scan_qr", "") in log_of(owner, number)


def test_a_killed_browser_is_back_without_a_code(
    stack: Stack, owner: Program, phones: Phones, number: str, ticket_id: str
) -> None:
    codes = log_of(owner, number).count(("scan_qr", ""))
    (browser,) = browsers_of(stack)
    os.kill(browser, signal.SIGKILL)
    until(lambda: not is_up(owner, number), seconds=5, what="the loss of the browser is noticed")
    phones.write(CUSTOMER, "written while it was away")
    until(lambda: is_up(owner, number), seconds=30, what="the connection is back")

    until(lambda: "written while it was away" in thread(owner, ticket_id), seconds=30, what="what was missed")
    speak(owner, phones, ticket_id, "after the browser")
    assert log_of(owner, number).count(("scan_qr", "")) == codes


def test_a_killed_worker_leaves_no_browser_and_comes_back_without_a_code(
    stack: Stack, owner: Program, phones: Phones, number: str, ticket_id: str
) -> None:
    codes = log_of(owner, number).count(("scan_qr", ""))
    stack.kill("sessions")
    until(lambda: not browsers_of(stack), seconds=10, what="browsers of a dead worker are gone")
    stack.restart("sessions")
    until(lambda: is_up(owner, number) and browsers_of(stack), seconds=40, what="the connection is back")

    speak(owner, phones, ticket_id, "after the worker")
    assert log_of(owner, number).count(("scan_qr", "")) == codes


def test_a_worker_that_stops_keeps_a_copy_that_brings_the_link_back(
    stack: Stack, owner: Program, phones: Phones, number: str, ticket_id: str
) -> None:
    """As on another machine: what lies on this one is gone, only the encrypted copy is left."""
    codes = log_of(owner, number).count(("scan_qr", ""))
    stack.kill("sessions", signal.SIGTERM, seconds=60)
    (profile,) = (stack.folder / "profiles").glob("*/*")
    profile.rename(stack.folder / "lost")
    stack.restart("sessions")
    until(lambda: is_up(owner, number) and browsers_of(stack), seconds=40, what="the connection is back")

    speak(owner, phones, ticket_id, "after the machine")
    assert log_of(owner, number).count(("scan_qr", "")) == codes
