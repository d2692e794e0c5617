"""The way in: a happening is stored once, raw; files are noted for download."""

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from world import take_line

from connections import actions as numbers
from connections import downloads, inbound, leases, wire
from connections.leases import LeaseLost
from connections.models import Download, Inbound


def accept(line, happening):
    return inbound.accept(line.connection, happening, lease=line.lease)


def test_a_happening_is_kept_as_it_came(line, maria, log):
    told = maria.message("Hello")
    assert accept(line, told) is True

    kept = Inbound.objects.get()
    assert (kept.key, kept.kind, kept.chat, kept.taken_in_at) == (
        f"message:{told.id}",
        "message",
        maria.chat,
        None,
    )
    assert wire.Message.from_payload(kept.payload) == told
    assert log.last("connection.happenings_stored") == {"chats": [[str(line.connection.id), maria.chat]]}


def test_told_again_it_is_kept_once_and_not_recorded_again(line, maria, log):
    told = maria.message("Hello")
    accept(line, told)

    assert accept(line, told) is False
    assert Inbound.objects.count() == 1
    assert log.kinds().count("connection.happenings_stored") == 1


CHAT = {"chat": "5511@c.us"}


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        (
            wire.Ticks(**CHAT, ids=("A", "B"), level="read"),
            wire.Ticks(**CHAT, ids=("B", "A"), level="read"),
            wire.Ticks(**CHAT, ids=("A", "B"), level="played"),
        ),
        (
            wire.Reaction(**CHAT, id="R", target_id="T", emoji="x", from_me=False),
            wire.Reaction(**CHAT, id="R", target_id="T", emoji="x", from_me=False),
            wire.Reaction(**CHAT, id="R2", target_id="T", emoji="", from_me=False),
        ),
        (
            wire.Edit(**CHAT, id="E", target_id="T", text="a"),
            wire.Edit(**CHAT, id="E", target_id="T", text="a"),
            wire.Edit(**CHAT, id="E2", target_id="T", text="b"),
        ),
        (
            wire.Deletion(**CHAT, id="D", target_id="T"),
            wire.Deletion(**CHAT, id="D", target_id="T"),
            wire.Deletion(**CHAT, id="D2", target_id="T"),
        ),
        (
            wire.FileArrived(**CHAT, target_id="T", path="p"),
            wire.FileArrived(**CHAT, target_id="T", path="p"),
            wire.FileArrived(**CHAT, target_id="T2", path="p"),
        ),
        (
            wire.Unknown(**CHAT, raw={"a": 1, "b": 2}),
            wire.Unknown(**CHAT, raw={"b": 2, "a": 1}),
            wire.Unknown(**CHAT, raw={"a": 2}),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_makes_a_happening_the_same(one, same, other, line):
    assert [accept(line, told) for told in (one, same, other)] == [True, False, True]


def test_the_same_key_on_another_connection_is_another_happening(line, maria, sales):
    from world import take_line

    from connections.actions import create_connection, start_connection

    second = create_connection(name="Second", driver="simulator", sector=sales)
    start_connection(second)
    told = maria.message("Hello")

    assert accept(line, told) is True
    assert accept(take_line(second), told) is True


# --- files ------------------------------------------------------------------------------------


@pytest.fixture
def picture(line, maria):
    media = wire.Media(id="m1", mime="image/jpeg", name="a.jpg")
    accept(line, maria.message("", message_kind="image", media=media, id="WA-PIC"))
    return Download.objects.get()


def now_due(picture):
    Download.objects.filter(id=picture.id).update(not_before=Now())


def test_a_file_is_noted_for_download(line, picture):
    begun = downloads.begin(line.connection, line.lease)

    assert (begun.wa_id, begun.media["id"], begun.state) == ("WA-PIC", "m1", "queued")


def test_a_file_that_arrived_is_a_happening_of_its_chat(line, picture, maria):
    downloads.finish(line.connection, line.lease, picture, path="p", size=5, mime="image/jpeg")

    kept = Inbound.objects.get(kind="filearrived")
    assert (kept.chat, kept.payload["path"], kept.payload["target_id"]) == (maria.chat, "p", "WA-PIC")
    assert downloads.begin(line.connection, line.lease) is None


def test_a_passing_failure_is_tried_again_later(line, picture):
    downloads.fail(
        line.connection, line.lease, downloads.begin(line.connection, line.lease), is_permanent=False
    )

    assert downloads.begin(line.connection, line.lease) is None
    assert downloads.with_something_due([line.connection.id]) == set()
    now_due(picture)
    assert downloads.with_something_due([line.connection.id]) == {line.connection.id}
    assert downloads.begin(line.connection, line.lease).attempts == 2


def test_after_too_many_failures_it_is_given_up_and_said(line, picture):
    for _ in range(downloads.MAX_ATTEMPTS):
        now_due(picture)
        begun = downloads.begin(line.connection, line.lease)
        downloads.fail(line.connection, line.lease, begun, is_permanent=False)

    assert Download.objects.get(id=picture.id).state == "failed"
    assert Inbound.objects.get(kind="filearrived").payload["path"] is None


def test_a_file_that_took_its_session_with_it_each_time_is_given_up(line, picture):
    """Nobody lived to say that it failed."""
    for _ in range(downloads.MAX_ATTEMPTS):
        now_due(picture)
        assert downloads.begin(line.connection, line.lease).id == picture.id
    now_due(picture)

    assert downloads.begin(line.connection, line.lease) is None
    assert Download.objects.get(id=picture.id).state == "failed"
    assert Inbound.objects.get(kind="filearrived").payload["path"] is None


# --- several at once ---------------------------------------------------------------------------


def accept_all(line, *happenings):
    return inbound.accept_all(line.connection, happenings, lease=line.lease)


def kept_texts():
    return [row.payload.get("text") for row in Inbound.objects.order_by("id")]


def test_several_are_kept_in_order_and_each_chat_is_told_of_once(line, maria, joao, log):
    assert accept_all(line, maria.message("a"), joao.message("b"), maria.message("c")) == 3

    assert kept_texts() == ["a", "b", "c"]
    (told,) = [event.payload["chats"] for event in log.events()]
    assert [chat for _connection, chat in told] == [maria.chat, joao.chat]


def test_among_several_only_the_new_ones_are_kept(line, maria):
    known, new, last = maria.message("known"), maria.message("new"), maria.message("last")
    accept(line, known)

    assert accept_all(line, known, new, new, last) == 2
    assert accept_all(line, known, new) == 0
    assert kept_texts() == ["known", "new", "last"]


def test_one_that_cannot_be_stored_takes_none_of_the_others_with_it(line, maria):
    broken = maria.message("half an emoji: \ud83d")

    assert accept_all(line, maria.message("before"), broken, maria.message("after")) == 3
    assert kept_texts() == ["before", None, "after"]


# --- several numbers at once -------------------------------------------------------------------


@pytest.fixture
def second(acme, sales, line):
    """Another number that the same worker hosts."""
    made = numbers.start_connection(
        numbers.create_connection(name="Second", driver="simulator", sector=sales)
    )
    return take_line(made)


def arrival(line, *happenings):
    return inbound.Arrival(line.connection, line.lease, happenings)


def test_what_came_through_several_numbers_is_kept_together_and_told_of_once(line, second, maria, joao, log):
    first, other = arrival(line, maria.message("a")), arrival(second, joao.message("b"), joao.message("c"))

    assert inbound.store([first, other]) == [1, 2]
    assert kept_texts() == ["a", "b", "c"]
    assert log.last("connection.happenings_stored")["chats"] == [
        [str(line.connection.id), maria.chat],
        [str(second.connection.id), joao.chat],
    ]
    assert log.kinds().count("connection.happenings_stored") == 1


def test_a_number_whose_lease_is_gone_keeps_the_others_from_being_kept_with_it(line, second, maria, joao):
    """All or nothing: whoever asked tries each alone then."""
    leases.release(second.lease)
    both = [arrival(line, maria.message("a")), arrival(second, joao.message("b"))]

    with pytest.raises(LeaseLost):
        inbound.store(both)
    assert kept_texts() == []
    assert inbound.store(both[:1]) == [1]


def test_an_old_epoch_is_noticed_among_others(line, second, maria, joao):
    old = replace(second.lease, epoch=second.lease.epoch - 1)
    stale = inbound.Arrival(second.connection, old, [joao.message("b")])

    with pytest.raises(LeaseLost):
        inbound.store([arrival(line, maria.message("a")), stale])


def test_what_was_told_before_is_sorted_out_alone(line, second, maria, joao):
    known = joao.message("known")
    inbound.store([arrival(second, known)])

    with pytest.raises(IntegrityError), transaction.atomic():
        inbound.store([arrival(line, maria.message("a")), arrival(second, known, joao.message("new"))])
    assert inbound.store([arrival(second, known, joao.message("new"))]) == [1]


# --- what no column can hold --------------------------------------------------------------------


def test_what_cannot_be_stored_is_kept_in_a_spelling_that_can(line, maria):
    """Else the gateway would tell it for ever, and nothing behind it would come through."""
    broken = maria.message("half an emoji: \ud83d")

    assert accept(line, broken) is True
    assert accept(line, broken) is False
    kept = Inbound.objects.get(kind="unknown")
    assert "half an emoji" in kept.payload["raw"]["told"]
    assert accept(line, maria.message("the next one")) is True
