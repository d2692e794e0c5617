"""Workers that host sessions freeze, are replaced and die: numbers move, and nothing is lost or doubled."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.local.stack import Stack
from tests.product import COMPANY_NUMBER, Phones, Program, link, session_cookie, until

NUMBERS = [COMPANY_NUMBER, "+5511990001001", "+5511990001002", "+5511990001003"]
CUSTOMERS = [f"+551198000300{index}" for index in range(len(NUMBERS))]
WORKERS = ("sessions", "sessions:2")
LEASE_SECONDS = 3
EACH_WAY = 12  # a number


@dataclass(frozen=True)
class Line:
    """A number of the company, one of its customers, and their ticket."""

    connection_id: str
    number: str
    customer: str
    ticket_id: str


@dataclass(frozen=True)
class Desk:
    stack: Stack
    owner: Program
    phones: Phones
    lines: list[Line]

    def log_of(self, line: Line) -> list[dict[str, Any]]:
        """Changes of state, newest first."""
        rows: list[dict[str, Any]] = self.owner.call("GET", f"connections/{line.connection_id}/transitions/")[
            "results"
        ]
        return rows

    def host_of(self, line: Line) -> str:
        """The program that hosts the number: `sessions` or `sessions:2`; empty while it is not up."""
        newest = self.log_of(line)[0]
        if newest["to_state"] != "connected":
            return ""
        return {"sessions": "sessions", "sessions2": "sessions:2"}[newest["worker"].partition("@")[0]]

    def hosts(self) -> list[str]:
        return [self.host_of(line) for line in self.lines]

    def are_shared_out(self) -> bool:
        hosts = self.hosts()
        return all(hosts.count(worker) == len(self.lines) // 2 for worker in WORKERS)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("workers")
    names = ["simulator", "web", "worker", "beat", *WORKERS]
    with Stack(folder, names=names, environment={"LEASE_SECONDS": str(LEASE_SECONDS)}) as stack:
        stack.manage("seed_demo")
        password = stack.environment["DEMO_PASSWORD"]
        owner = Program(stack.url, "ana@aurora.example", password, "aurora")
        cookie = session_cookie(stack.url, "ana@aurora.example", password)
        phones = Phones(stack.simulator_url)
        yield Desk(
            stack, owner, phones, [_open(stack, owner, phones, cookie, n) for n in range(len(NUMBERS))]
        )


def _open(stack: Stack, owner: Program, phones: Phones, cookie: str, index: int) -> Line:
    """Link one number, and take the ticket of a customer who writes to it."""
    number, customer = NUMBERS[index], CUSTOMERS[index]
    phones.add(number, f"Loja {index}")
    phones.add(customer, f"Cliente {index}")
    sector_id = owner.call("GET", "sectors/")["results"][0]["id"]
    given = {"name": f"Linha {index}", "driver": "simulator", "sector_id": sector_id}
    made = owner.call("POST", "connections/", json=given)
    link(stack.url, cookie, "aurora", owner, phones, number, made["id"])
    phones.write(customer, "oi", to=number)

    def waiting() -> list[dict[str, Any]]:
        rows = owner.call("GET", "tickets/", params={"status": "waiting"})["results"]
        return [row for row in rows if row["contact"]["phone"] == customer]

    ticket_id: str = until(waiting, what="the ticket")[0]["id"]
    owner.call("POST", f"tickets/{ticket_id}/assignment/")
    return Line(made["id"], number, customer, ticket_id)


class Exchange:
    """Messages both ways on every number, while something happens to the workers."""

    def __init__(self, desk: Desk, name: str) -> None:
        self.desk, self.name = desk, name

    def talk(self, line: Line) -> None:
        for index in range(EACH_WAY):
            self.desk.phones.write(line.customer, f"{self.name} in {index}", to=line.number)
            self.desk.owner.send_stubbornly(line.ticket_id, f"{self.name} out {index}")
            time.sleep(0.25)

    def check(self, line: Line) -> None:
        """Everything is stored once and in order, and was sent once and in order."""
        received = [f"{self.name} in {index}" for index in range(EACH_WAY)]
        written = [f"{self.name} out {index}" for index in range(EACH_WAY)]

        def settled() -> list[dict[str, Any]] | None:
            path = f"tickets/{line.ticket_id}/messages/"
            thread = self.desk.owner.call("GET", path, params={"limit": 100})["results"][::-1]
            mine = [m for m in thread if m["text"].startswith(self.name)]
            arrived = sum(m["direction"] == "in" for m in mine)
            is_pending = any(m["ack"] == "pending" for m in mine)
            return None if is_pending or arrived < EACH_WAY else mine

        thread = until(settled, seconds=60, what=f"the thread of {line.customer}")
        assert [m["text"] for m in thread if m["direction"] == "in"] == received
        assert [m["text"] for m in thread if m["direction"] == "out"] == written
        chat = self.desk.phones.messages(line.customer, other=line.number)
        assert [m["text"] for m in chat if m["text"].startswith(f"{self.name} out")] == written


def talk_while(desk: Desk, name: str, happening: Any) -> None:
    exchange = Exchange(desk, name)
    with ThreadPoolExecutor(len(desk.lines)) as pool:
        talks = [pool.submit(exchange.talk, line) for line in desk.lines]
        happening()
        for talk in talks:
            talk.result()
    for line in desk.lines:
        exchange.check(line)


def scans(desk: Desk) -> int:
    """How often a QR code was asked for, so far."""
    return sum(row["to_state"] == "scan_qr" for line in desk.lines for row in desk.log_of(line))


def test_a_worker_that_was_frozen_past_its_lease_stops_at_once(desk: Desk) -> None:
    until(desk.are_shared_out, what="a fair spread")
    frozen, other = WORKERS
    codes = scans(desk)

    def freeze() -> None:
        desk.stack.send(frozen, signal.SIGSTOP)
        try:
            until(lambda: set(desk.hosts()) == {other}, seconds=30, what="the other worker hosts all")
        finally:
            desk.stack.send(frozen, signal.SIGCONT)

    before = {line.connection_id: len(desk.log_of(line)) for line in desk.lines}
    talk_while(desk, "frozen", freeze)

    until(desk.are_shared_out, seconds=30, what="a fair spread again")
    for line in desk.lines:
        epochs = [row["epoch"] for row in desk.log_of(line)[: -before[line.connection_id] or None]]
        assert epochs == sorted(epochs, reverse=True), "nothing was written under an epoch that had passed"
    assert scans(desk) == codes


def test_a_rolling_restart_loses_nothing_and_asks_for_no_code(desk: Desk) -> None:
    codes = scans(desk)

    def restart_all() -> None:
        for worker in WORKERS:
            desk.stack.restart(worker)
            until(lambda: all(desk.hosts()), seconds=30, what="all numbers are up")

    talk_while(desk, "rolling", restart_all)
    assert scans(desk) == codes


def test_the_numbers_of_a_killed_worker_live_again_elsewhere(desk: Desk) -> None:
    until(desk.are_shared_out, seconds=30, what="a fair spread")
    codes = scans(desk)

    def kill() -> None:
        desk.stack.kill("sessions")
        until(lambda: set(desk.hosts()) == {"sessions:2"}, seconds=20, what="the other worker hosts all")

    talk_while(desk, "killed", kill)
    desk.stack.restart("sessions")
    assert scans(desk) == codes
