"""How the round-trip bench tells whether every console heard of every message."""

from bench.consoles import Heard
from bench.roundtrip import RECEIVED, Exchange, _received


def heard(console, mark, at, *, ticket="T1", kind=RECEIVED):
    return Heard(console, kind, mark, ticket, False, at)


def exchange():
    return Exchange(
        sent={"one": 0.0, "answer": 0.5, "two": 1.0},
        audience={"one": 2, "two": 2},
        written={"T1": ["one", "two"]},
    )


def consoles_of(received):
    return {name: [one.console for one in frames] for name, frames in received.items()}


def test_each_console_is_counted_for_each_message():
    came = [heard(1, "one", 0.1), heard(2, "one", 0.2), heard(1, "two", 1.1), heard(2, "two", 1.2)]

    assert consoles_of(_received(exchange(), came)) == {"one": [1, 2], "two": [1, 2]}


def test_a_list_that_shows_a_later_answer_instead_is_no_loss():
    came = [heard(1, "one", 0.1), heard(2, "answer", 0.6), heard(1, "two", 1.1), heard(2, "two", 1.2)]

    assert consoles_of(_received(exchange(), came)) == {"one": [1, 2], "two": [1, 2]}


def test_a_frame_that_never_came_is_one():
    came = [heard(1, "one", 0.1), heard(2, "one", 0.2), heard(1, "two", 1.1)]

    assert consoles_of(_received(exchange(), came)) == {"one": [1, 2], "two": [1]}


def test_other_frames_and_other_exchanges_do_not_count():
    came = [
        heard(1, "one", 0.1, kind="message.sent"),
        heard(1, "warm-up", 0.1),
        heard(1, "one", 0.2, ticket="T2"),
    ]

    assert _received(exchange(), came) == {}
