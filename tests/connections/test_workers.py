"""How sessions are spread over workers that come, go and drain."""

import pytest

from connections import workers
from connections.models import SessionWorker
from connections.workers import Present, Share, share_of


def worker(name, *, hosted=0, capacity=100, is_draining=False):
    return Present(name=name, capacity=capacity, hosted=hosted, is_draining=is_draining)


def shares(present, wanted):
    return {each.name: share_of(each.name, present, wanted) for each in present}


@pytest.mark.parametrize(
    ("rooms", "wanted", "most"),
    [
        ([100], 10, [10]),
        ([100], 500, [100]),
        ([100, 100], 11, [6, 6]),
        ([2, 100, 100], 20, [2, 9, 9]),
        ([2, 3, 100], 20, [2, 3, 15]),
        ([2, 3], 20, [2, 3]),
        ([0, 100], 7, [0, 7]),
        ([100, 100], 0, [0, 0]),
    ],
)
def test_each_hosts_up_to_one_level_or_as_many_as_it_can(rooms, wanted, most):
    present = [worker(f"w{i}", capacity=room) for i, room in enumerate(rooms)]

    assert [share_of(each.name, present, wanted).most for each in present] == most


def test_a_newcomer_gets_its_share_from_those_who_have_too_many():
    old, new = worker("old", hosted=10), worker("new")

    assert shares([old, new], 10) == {
        "old": Share(most=5, give_up=5),
        "new": Share(most=5, give_up=0),
    }


def test_nothing_is_handed_over_that_nobody_has_room_for():
    old, full = worker("old", hosted=10), worker("full", hosted=5, capacity=5)

    assert share_of("old", [old, full], 15).give_up == 0


def test_a_draining_worker_takes_nothing_and_gives_everything_that_fits_elsewhere():
    draining, other = worker("draining", hosted=6, is_draining=True), worker("other", capacity=4)

    assert shares([draining, other], 6) == {
        "draining": Share(most=0, give_up=4),
        "other": Share(most=4, give_up=0),
    }


def test_a_worker_that_drains_alone_keeps_what_it_has():
    """Better on a worker that is to go than on none."""
    assert share_of("only", [worker("only", hosted=6, is_draining=True)], 6) == Share(most=0, give_up=0)


def test_an_even_spread_is_left_alone():
    present = [worker("a", hosted=4), worker("b", hosted=4), worker("c", hosted=2)]

    assert [share_of(each.name, present, 10).give_up for each in present] == [0, 0, 0]


def test_a_worker_says_that_it_is_there_and_learns_its_share(db):
    first = workers.say_present("a/1", capacity=10, hosted=0, memory_bytes=1)
    again = workers.say_present("a/1", capacity=10, hosted=1, memory_bytes=2)

    assert first == again, "the cast's two numbers are all there is"
    assert SessionWorker.objects.get().hosted == 1


def test_one_that_was_not_seen_for_long_is_not_counted(db, settings):
    workers.say_present("a/1", capacity=10, hosted=0, memory_bytes=1)
    settings.LEASE_SECONDS = -1.0

    assert workers.present() == []
    assert [each.is_present for each in workers.with_presence()] == [False]


def test_one_that_leaves_is_gone_at_once(db):
    workers.say_present("a/1", capacity=10, hosted=0, memory_bytes=1)
    workers.leave("a/1")

    assert workers.present() == []


def test_draining_is_asked_for_by_name(db):
    workers.say_present("a/1", capacity=10, hosted=2, memory_bytes=1)

    assert workers.drain("a/1")
    assert not workers.drain("nobody")
    assert workers.say_present("a/1", capacity=10, hosted=2, memory_bytes=1).most == 0
