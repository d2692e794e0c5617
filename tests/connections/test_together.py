"""Calls that come while another is under way go together; one that fails with others is tried alone."""

import asyncio

import pytest

from connections.sessions import together
from connections.sessions.together import Together
from tenants.models import Tenant, uuid7

pytestmark = pytest.mark.asyncio
ACME, RIVAL = Tenant(id=uuid7(), slug="acme"), Tenant(id=uuid7(), slug="rival")


class Slow:
    """A call that a test lets go on; it fails where one of the items is `bad`."""

    def __init__(self):
        self.batches, self.may_go_on = [], asyncio.Event()

    async def run(self, tenant, items):
        self.batches.append((tenant.slug, list(items)))
        await self.may_go_on.wait()
        if "bad" in items:
            raise ValueError("bad")
        return [item.upper() for item in items]


@pytest.fixture
def slow():
    return Slow()


def ask(kind, tenant, *items):
    return [asyncio.create_task(kind.call(tenant, item)) for item in items]


async def test_what_comes_meanwhile_goes_with_the_next_call(slow):
    kind = Together(slow.run)
    first = ask(kind, ACME, "a")
    await asyncio.sleep(0.01)
    rest = ask(kind, ACME, "b", "c")
    slow.may_go_on.set()

    assert await asyncio.gather(*first, *rest) == ["A", "B", "C"]
    assert slow.batches == [("acme", ["a"]), ("acme", ["b", "c"])]


async def test_a_call_alone_waits_for_nobody(slow):
    kind = Together(slow.run)
    (only,) = ask(kind, ACME, "a")
    slow.may_go_on.set()

    assert await only == "A"


async def test_tenants_are_never_mixed(slow):
    kind = Together(slow.run)
    tasks = [*ask(kind, ACME, "a", "b"), *ask(kind, RIVAL, "c")]
    slow.may_go_on.set()

    assert await asyncio.gather(*tasks) == ["A", "B", "C"]
    assert sorted(slow.batches) == [("acme", ["a", "b"]), ("rival", ["c"])]


async def test_of_a_call_that_fails_each_hears_of_its_own_failure_only(slow):
    kind = Together(slow.run)
    first = ask(kind, ACME, "a")
    await asyncio.sleep(0.01)
    rest = ask(kind, ACME, "b", "bad", "c")
    slow.may_go_on.set()

    told = await asyncio.gather(*first, *rest, return_exceptions=True)
    assert [str(one) for one in told] == ["A", "B", "bad", "C"]


async def test_one_that_does_not_wait_any_more_holds_up_nobody(slow):
    kind = Together(slow.run)
    first = ask(kind, ACME, "a")
    await asyncio.sleep(0.01)
    gone, stays = ask(kind, ACME, "b", "c")
    await asyncio.sleep(0.01)
    gone.cancel()
    await asyncio.sleep(0)
    slow.may_go_on.set()

    assert await asyncio.gather(*first, stays) == ["A", "C"]
    assert slow.batches[-1] == ("acme", ["c"])


async def test_a_crowd_goes_in_pieces(slow, monkeypatch):
    monkeypatch.setattr(together, "AT_ONCE", 2)
    kind = Together(slow.run)
    tasks = ask(kind, ACME, "a", "b", "c", "d", "e")
    slow.may_go_on.set()

    assert await asyncio.gather(*tasks) == ["A", "B", "C", "D", "E"]
    assert max(len(items) for _slug, items in slow.batches) == 2
