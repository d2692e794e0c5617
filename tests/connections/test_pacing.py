"""How fast a number sends and what it holds back, as tables."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from connections.pacing import CAREFUL, USUAL, Bucket, Pacing, hold, quiet_until

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)  # 12:00 in São Paulo


def on_the_wall(text):
    return datetime.fromisoformat(text).replace(tzinfo=SAO_PAULO)


def sends_within(pacing, seconds, luck=0.5):
    """How many go out in that time when there is always something to send."""
    bucket, now, sent = Bucket(pacing, 0.0), 0.0, 0
    while now < seconds:
        wait = bucket.wait(now, luck)
        if wait:
            now += wait
        else:
            bucket.take(now)
            sent += 1
    return sent


def test_a_burst_goes_at_once_and_then_the_pace_rules():
    pacing = Pacing(per_minute=20, burst=5)

    assert sends_within(pacing, 0.001) == 5
    assert 23 <= sends_within(pacing, 60.0) <= 26


def test_gaps_are_uneven_and_no_shorter_on_the_average():
    pacing = Pacing(per_minute=20, burst=1)
    bucket = Bucket(pacing, 0.0)
    bucket.take(0.0)

    assert bucket.wait(0.0, 0.0) == pytest.approx(2.1)
    assert bucket.wait(0.0, 0.999) == pytest.approx(3.9, abs=0.01)


def test_without_a_pace_nothing_ever_waits():
    bucket = Bucket(Pacing(), 0.0)
    for _ in range(1000):
        assert bucket.wait(0.0, 0.9) == 0.0
        bucket.take(0.0)


def test_a_slower_pace_counts_at_once():
    bucket = Bucket(Pacing(per_minute=60, burst=60), 0.0)
    bucket.change(Pacing(per_minute=6, burst=1))
    bucket.take(0.0)

    assert bucket.wait(0.0, 0.5) == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("linked_for", "per_minute", "chats"),
    [(None, 5, 25), (timedelta(days=13), 5, 25), (timedelta(days=14), 20, 100)],
)
def test_a_young_link_goes_slowly(linked_for, per_minute, chats):
    aged = CAREFUL.at_age(linked_for)

    assert (aged.per_minute, aged.new_chats_per_day) == (per_minute, chats)


def test_warm_up_never_lifts_a_limit():
    assert Pacing(per_minute=0, warm_up_days=14).at_age(None).per_minute == 0
    assert Pacing(per_minute=1, warm_up_days=14).at_age(None).per_minute == 1


NIGHT = Pacing(quiet_from=time(20), quiet_until=time(8))
SIESTA = Pacing(quiet_from=time(12), quiet_until=time(13, 30))


@pytest.mark.parametrize(
    ("pacing", "now", "until"),
    [
        (NIGHT, "2026-11-25 19:59", None),
        (NIGHT, "2026-11-25 20:00", "2026-11-26 08:00"),
        (NIGHT, "2026-11-26 03:00", "2026-11-26 08:00"),
        (NIGHT, "2026-11-26 08:00", None),
        (SIESTA, "2026-11-25 12:00", "2026-11-25 13:30"),
        (SIESTA, "2026-11-25 13:30", None),
        (Pacing(quiet_from=time(9), quiet_until=time(9)), "2026-11-25 09:00", None),
        (Pacing(quiet_from=time(9)), "2026-11-25 09:00", None),
    ],
)
def test_quiet_hours_are_the_tenants_and_may_pass_midnight(pacing, now, until):
    assert quiet_until(pacing, on_the_wall(now), SAO_PAULO) == (until and on_the_wall(until))


def test_quiet_hours_end_by_the_clock_on_the_wall_when_the_clocks_change():
    """In the night to 2026-03-08 New York loses an hour: twelve hours of night are eleven."""
    begin = datetime(2026, 3, 7, 20, 0, tzinfo=NEW_YORK).astimezone(UTC)

    assert quiet_until(NIGHT, begin, NEW_YORK) - begin == timedelta(hours=11)


def held(pacing=CAREFUL, **facts):
    usual = {
        "is_new_chat": False,
        "is_automatic": False,
        "now": NOON,
        "zone": SAO_PAULO,
        "restricted_until": None,
        "chats_begun": [],
    }
    return hold(pacing, **{**usual, **facts})


def test_an_answer_to_a_customer_is_held_by_nothing_but_the_pace():
    busy = [NOON - timedelta(hours=1)] * 500

    assert held(restricted_until=NOON + timedelta(days=1), chats_begun=busy) is None


def test_a_restriction_holds_chats_that_we_begin():
    until = NOON + timedelta(hours=30)

    assert (held(is_new_chat=True, restricted_until=until).until) == until
    assert held(is_new_chat=True, restricted_until=NOON - timedelta(seconds=1)) is None


def test_a_spent_budget_frees_itself_a_day_after_what_spent_it():
    pacing = Pacing(new_chats_per_day=2)
    begun = [NOON - timedelta(hours=h) for h in (23, 5, 1)]
    told = held(pacing, is_new_chat=True, chats_begun=begun)

    assert (told.why, told.until) == ("new_chats", NOON + timedelta(hours=19))
    assert held(pacing, is_new_chat=True, chats_begun=begun[:1]) is None


def test_at_night_only_what_nobody_asked_for_now_waits():
    midnight = NOON + timedelta(hours=12)

    assert held(NIGHT, is_automatic=True, now=midnight).why == "quiet_hours"
    assert held(NIGHT, is_automatic=False, now=midnight) is None


@pytest.mark.parametrize("kind", list(USUAL))
def test_what_is_stored_is_read_back(kind):
    pacing = Pacing.parse({"quiet_from": "20:00", "quiet_until": "08:00", "burst": 3}, USUAL[kind])

    assert Pacing.parse(pacing.stored(), USUAL[kind]) == pacing


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"per_minute": -1}, "per_minute"),
        ({"per_minute": "20"}, "per_minute"),
        ({"burst": True}, "burst"),
        ({"quiet_from": "25:00"}, "quiet_from"),
        ({"speed": 3}, "speed"),
    ],
)
def test_nonsense_is_refused_by_its_field(given, field):
    with pytest.raises(ValueError, match=field):
        Pacing.parse(given, CAREFUL)
