"""How much of each day a number was connected, in the tenant's calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connections.uptime import Change, Day, by_day

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NEW_YORK = ZoneInfo("America/New_York")
HOUR = 3600.0


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def changes(*told):
    return [Change(at(moment), state) for moment, state in told]


def test_time_is_split_at_the_tenants_midnight():
    """Midnight in São Paulo is 03:00 UTC."""
    log = changes(("2026-11-24 23:00", "connected"))
    days = by_day(log, since=at("2026-11-24 23:00"), until=at("2026-11-25 05:00"), zone=SAO_PAULO)

    assert days == {
        date(2026, 11, 24): Day(up_seconds=4 * HOUR),
        date(2026, 11, 25): Day(up_seconds=2 * HOUR),
    }


def test_being_down_counts_and_resting_does_not():
    log = changes(
        ("2026-11-25 10:00", "connected"),
        ("2026-11-25 12:00", "reconnecting"),
        ("2026-11-25 12:30", "starting"),
        ("2026-11-25 13:00", "connected"),
        ("2026-11-25 14:00", "stopped"),
        ("2026-11-25 20:00", "starting"),
        ("2026-11-25 20:30", "connected"),
    )
    (day,) = by_day(log, since=at("2026-11-25 10:00"), until=at("2026-11-25 21:00"), zone=UTC_ZONE).values()

    assert (day.up_seconds, day.down_seconds) == (3.5 * HOUR, 1.5 * HOUR)
    assert day.share == pytest.approx(0.7)


UTC_ZONE = ZoneInfo("UTC")


def test_what_was_before_the_window_counts_from_its_beginning():
    log = changes(("2026-11-01 00:00", "connected"))
    days = by_day(log, since=at("2026-11-25 00:00"), until=at("2026-11-25 06:00"), zone=UTC_ZONE)

    assert days == {date(2026, 11, 25): Day(up_seconds=6 * HOUR)}


@pytest.mark.parametrize("log", [[], [("2026-11-25 00:00", "created")]])
def test_one_that_never_should_run_has_no_share(log):
    days = by_day(changes(*log), since=at("2026-11-25 00:00"), until=at("2026-11-25 06:00"), zone=UTC_ZONE)

    assert [day.share for day in days.values()] == [None]


def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is():
    """2026-11-01 has 25 hours in New York, 2026-03-08 has 23."""
    for day, hours in ((date(2026, 11, 1), 25), (date(2026, 3, 8), 23)):
        begin = datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).astimezone(UTC)
        log = [Change(begin - timedelta(days=1), "connected")]
        days = by_day(log, since=begin, until=begin + timedelta(hours=48), zone=NEW_YORK)

        assert days[day].up_seconds == hours * HOUR


def test_every_day_of_the_window_is_there_in_order():
    days = by_day([], since=at("2026-11-23 12:00"), until=at("2026-11-25 12:00"), zone=UTC_ZONE)

    assert list(days) == [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)]
