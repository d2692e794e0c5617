"""A number is down for longer than its people bear with: they are told once, and again when it is up."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from connections import actions, alerts, tasks, wire
from connections.models import Connection
from connections.templatetags.connection_words import reason_words
from events.models import Event

NOW = datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
READY = wire.Ready(phone="+5511900000001", profile_name="Acme")


@pytest.mark.parametrize(
    ("down_since", "minutes", "expected"),
    [
        (None, 5, False),
        (NOW - timedelta(minutes=4, seconds=59), 5, False),
        (NOW - timedelta(minutes=5), 5, True),
        (NOW - timedelta(days=5), 0, False),
    ],
)
def test_how_long_people_bear_with_it_is_theirs_to_say(down_since, minutes, expected):
    assert alerts.is_overdue(down_since, minutes, NOW) is expected


@pytest.fixture
def down(line):
    """The line broke ten minutes ago."""
    actions.report_state(line.lease, "reconnecting", reason="gateway_unreachable")
    since = timezone.now() - timedelta(minutes=10)
    Connection.objects.filter(id=line.connection.id).update(down_since=since)
    return fresh(line)


def fresh(line):
    return Connection.objects.get(id=line.connection.id)


def test_a_number_that_loses_its_line_is_down_from_then_on(line):
    actions.report_state(line.lease, "reconnecting", reason="connection_lost")
    first = fresh(line).down_since
    actions.report_state(line.lease, "starting")

    assert first is not None
    assert fresh(line).down_since == first


def test_a_number_that_people_stopped_is_not_down(line):
    actions.report_state(line.lease, "stopped", reason="asked_to_stop")

    assert fresh(line).down_since is None


def test_one_that_whatsapp_logged_out_is_down_and_one_that_people_logged_out_is_not(line):
    actions.report_state(line.lease, "logged_out", reason="unlinked_on_phone")
    assert fresh(line).down_since is not None

    actions.forget_link(fresh(line), reason="asked_to_log_out")
    assert fresh(line).down_since is None


def test_one_that_was_never_linked_alarms_nobody(acme, sales):
    number = actions.create_connection(name="New", driver="simulator", sector=sales)

    assert actions.start_connection(number).down_since is None


def test_those_who_manage_it_are_told_once(down, log, acme):
    assert alerts.overdue() == [(str(acme.id), str(down.id))]
    assert actions.raise_alert(down)
    assert not actions.raise_alert(down)

    assert alerts.overdue() == []
    assert log.kinds().count("connection.down") == 1


def test_one_that_came_up_in_the_last_moment_alarms_nobody(down, line):
    actions.report_ready(line.lease, READY)

    assert not actions.raise_alert(down)


def run(task, kind):
    task.run(Event.objects.filter(kind=kind).latest("id").fact)()


def test_owner_and_admins_get_an_email_with_reason_and_address(down):
    actions.raise_alert(down)
    run(tasks.mail_alert, "connection.down")

    (told,) = mail.outbox
    assert sorted(told.bcc) == ["ana@acme.example", "dora@acme.example"]
    assert down.name in told.subject
    assert f"/t/acme/connections/{down.id}/" in told.body
    assert str(reason_words("gateway_unreachable")) in told.body


def test_when_it_is_up_again_they_are_told_that_too(down, line, log):
    actions.raise_alert(down)
    actions.report_ready(line.lease, READY)
    run(tasks.mail_recovery, "connection.recovered")

    row = fresh(line)
    assert (row.down_since, row.alerted_at) == (None, None)
    assert len(mail.outbox) == 1
    assert "connection.rejoined" in log.kinds()


def test_without_an_alert_nobody_is_told_that_it_came_back(down, line, log):
    actions.report_ready(line.lease, READY)

    assert "connection.recovered" not in log.kinds()
