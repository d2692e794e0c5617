"""`manage.py connections`: what operators do to numbers and workers from a shell."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from world import CANARY, outside_any_tenant

from connections import actions, leases
from connections.models import Connection, SessionWorker


def say(*words):
    out = StringIO()
    with outside_any_tenant():
        call_command("connections", *words, stdout=out)
    return out.getvalue()


def rows(*words):
    return json.loads(say(*words, "--json"))


def test_all_numbers_are_listed_with_who_hosts_them(line):
    found = {row["name"]: row for row in rows("list")}

    assert {"Acme main", f"{CANARY}-line"} <= set(found)
    assert (found["Acme main"]["tenant"], found["Acme main"]["worker"]) == ("acme", line.lease.worker)


def test_a_list_of_one_tenant_is_of_that_tenant(line):
    assert [row["name"] for row in rows("list", "--tenant", "acme")] == ["Acme main"]
    assert CANARY not in say("list", "--tenant", "acme")


def test_a_table_has_a_heading_and_a_line_for_each(line):
    told = say("list", "--tenant", "acme").splitlines()

    assert told[0].split()[:3] == ["tenant", "id", "name"]
    assert len(told) == 2


@pytest.mark.parametrize("by", ["name", "id"])
def test_a_number_is_stopped_and_started(by, line):
    called = str(getattr(line.connection, by))
    rows("stop", "--tenant", "acme", called)
    assert not Connection.objects.get(id=line.connection.id).should_run
    rows("start", "--tenant", "acme", called)
    assert Connection.objects.get(id=line.connection.id).should_run


def test_a_restart_begins_afresh(line):
    before = Connection.objects.get(id=line.connection.id).wish
    rows("restart", "--tenant", "acme", "Acme main")

    assert Connection.objects.get(id=line.connection.id).wish == before + 1


def test_a_number_is_logged_out(line):
    rows("log-out", "--tenant", "acme", "Acme main")

    assert Connection.objects.get(id=line.connection.id).should_log_out


def test_everything_that_failed_is_restored(line):
    actions.report_state(line.lease, "failed", reason="crashed")
    leases.release(line.lease)

    assert [row["name"] for row in rows("restore-all", "--tenant", "acme")] == ["Acme main"]


def test_a_worker_is_drained_and_taken_back(db):
    SessionWorker.objects.create(name="sessions@a/1", capacity=10, hosted=3)

    assert rows("drain", "sessions@a/1")[0]["is_draining"]
    assert not rows("undrain", "sessions@a/1")[0]["is_draining"]
    assert [(row["name"], row["hosted"], row["is_present"]) for row in rows("workers")] == [
        ("sessions@a/1", 3, True)
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("start", "--tenant", "acme", "No such number"),
        ("start", "--tenant", "nobody", "Acme main"),
        ("start", "--tenant", "acme", f"{CANARY}-line"),
        ("drain", "no-such-worker"),
        ("list", "--tenant", "nobody"),
    ],
)
def test_what_there_is_not_is_told(words, line):
    with pytest.raises(CommandError):
        say(*words)
