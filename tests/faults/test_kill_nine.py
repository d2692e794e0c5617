"""Real processes, real kill -9, while messages fly both ways: nothing lost, nothing doubled, in order."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deploy.local.stack import Stack
from tests.product import COMPANY_NUMBER, Phones, Program, link, session_cookie, until

CUSTOMERS = [f"+55119800010{index:02d}" for index in range(5)]
BYSTANDERS = [f"+55119800020{index:02d}" for index in range(4)]
EACH_WAY = 50  # a customer: 500 messages in all
ASK_AGAIN_SECONDS = 0.2  # every answer is work that the product has beside its own
VICTIMS = ["worker", "sessions", "web", "redis", "sessions", "worker"]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("killed")
    with Stack(folder, environment={"LEASE_SECONDS": "3"}) as running:
        running.manage("seed_demo")
        yield running


@pytest.fixture(scope="module")
def people(stack: Stack) -> tuple[Program, Phones]:
    """The owner's program and the phones, with the company's number linked."""
    password = stack.environment["DEMO_PASSWORD"]
    owner = Program(stack.url, "ana@aurora.example", password, "aurora")
    phones = Phones(stack.simulator_url)
    phones.add(COMPANY_NUMBER, "Loja Aurora")
    for index, number in enumerate(CUSTOMERS + BYSTANDERS):
        phones.add(number, f"Cliente {index}")
    cookie = session_cookie(stack.url, "ana@aurora.example", password)
    link(stack.url, cookie, "aurora", owner, phones, COMPANY_NUMBER)
    return owner, phones


def test_nothing_is_lost_or_doubled_when_processes_are_killed(
    stack: Stack, people: tuple[Program, Phones]
) -> None:
    owner, phones = people
    tickets = {number: open_ticket(owner, phones, number) for number in CUSTOMERS}
    luck = random.Random(7)
    with ThreadPoolExecutor(len(CUSTOMERS) * 2) as pool:
        killing = threading.Thread(target=kill_one_after_the_other, args=(stack, luck))
        killing.start()
        writing = [pool.submit(write_many, phones, number, luck) for number in CUSTOMERS]
        answering = [pool.submit(answer_many, owner, tickets[number], number, luck) for number in CUSTOMERS]
        for work in [*writing, *answering]:
            work.result()
        killing.join()

    for number in CUSTOMERS:
        wanted_in = ["oi", *(f"{number} in {index}" for index in range(EACH_WAY))]
        wanted_out = [f"{number} out {index}" for index in range(EACH_WAY)]
        settled = partial(settled_thread, owner, tickets[number], received=len(wanted_in))
        thread = until(settled, seconds=90, what=f"the thread of {number}")
        assert [m["text"] for m in thread if m["direction"] == "in"] == wanted_in
        sent = [m for m in thread if m["direction"] == "out"]
        assert [m["text"] for m in sent] == wanted_out
        on_the_phone = [m["text"] for m in phones.messages(number) if not m["from_me"]]
        unconfirmed = {m["text"] for m in sent if m["ack"] == "unconfirmed"}
        assert len(on_the_phone) == len(set(on_the_phone)), "something was sent twice"
        assert [text for text in wanted_out if text not in unconfirmed] == [
            text for text in on_the_phone if text not in unconfirmed
        ]


def test_workers_outlive_outages_of_redis_in_the_middle_of_their_work(
    stack: Stack, people: tuple[Program, Phones]
) -> None:
    owner, phones = people
    lives = {name: stack.pid(name) for name in ("worker", "sessions", "beat")}
    for number, pause_seconds in zip(BYSTANDERS, (0.0, 0.5, 1.0, 2.0), strict=True):
        for index in range(12):
            phones.write(number, f"antes da queda {index}")
        stack.kill("redis")
        time.sleep(pause_seconds)
        stack.restart("redis")
        phones.write(number, f"depois da queda de {number}")
        arrived = partial(is_last_word, owner, number, f"depois da queda de {number}")
        until(arrived, seconds=60, what="a message after the outage")
    assert {name: stack.pid(name) for name in lives if stack.is_running(name)} == lives


def is_last_word(owner: Program, number: str, text: str) -> bool:
    time.sleep(ASK_AGAIN_SECONDS)
    rows = owner.call("GET", "tickets/")["results"]
    return any(row["contact"]["phone"] == number and row["last_message"]["text"] == text for row in rows)


def kill_one_after_the_other(stack: Stack, luck: random.Random) -> None:
    for victim in VICTIMS:
        time.sleep(luck.uniform(0.8, 2.0))
        stack.kill(victim)
        time.sleep(luck.uniform(0.1, 0.8))
        stack.restart(victim)


def open_ticket(owner: Program, phones: Phones, number: str) -> str:
    """The customer writes first; the owner takes the ticket."""
    phones.write(number, "oi")

    def waiting() -> list[dict[str, Any]]:
        rows = owner.call("GET", "tickets/", params={"status": "waiting"})["results"]
        return [row for row in rows if row["contact"]["phone"] == number]

    ticket_id: str = until(waiting, what="the ticket")[0]["id"]
    owner.call("POST", f"tickets/{ticket_id}/assignment/")
    return ticket_id


def write_many(phones: Phones, number: str, luck: random.Random) -> None:
    for index in range(EACH_WAY):
        phones.write(number, f"{number} in {index}")
        time.sleep(luck.uniform(0.1, 0.4))


def answer_many(owner: Program, ticket_id: str, number: str, luck: random.Random) -> None:
    for index in range(EACH_WAY):
        owner.send_stubbornly(ticket_id, f"{number} out {index}")
        time.sleep(luck.uniform(0.1, 0.4))


def settled_thread(owner: Program, ticket_id: str, *, received: int) -> list[dict[str, Any]] | None:
    """The whole thread, oldest first, once all is in and nothing is on its way any more."""
    time.sleep(ASK_AGAIN_SECONDS)
    messages: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = owner.call("GET", f"tickets/{ticket_id}/messages/", params={"cursor": cursor, "limit": 100})
        messages += page["results"]
        cursor = page["next"]
    messages.reverse()
    arrived = sum(m["direction"] == "in" for m in messages)
    is_pending = any(m["ack"] == "pending" for m in messages)
    return None if is_pending or arrived < received else messages
