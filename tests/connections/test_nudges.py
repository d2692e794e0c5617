"""Small requests to a running session: straight to its worker, and worth nothing later."""

import pytest

from connections import nudges
from tenants.scope import NoTenant


@pytest.fixture
def published(monkeypatch):
    """(task, arguments, queue, seconds until it expires)"""
    calls = []

    class Signature:
        def __init__(self, name, args):
            self.name, self.args = name, args

        def apply_async(self, queue, expires):
            calls.append((self.name, self.args, queue.name, expires))

    monkeypatch.setattr(nudges, "current_app", type("App", (), {"signature": Signature}))
    return calls


def test_a_nudge_goes_to_the_worker_that_holds_the_connection(
    acme, connection, published, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        nudges.nudge(connection.id, "show_typing", "x@c.us", "typing")
        assert published == [], "no transaction waits for the broker"

    ((task, args, queue, expires),) = published
    assert task == "connections.tasks.tell_session"
    assert args == [str(acme.id), str(connection.id), "show_typing", "x@c.us", "typing"]
    assert queue == "sessions@test.dq2", "the queue of one worker, without its life's own ending"
    assert expires <= 10


def test_nobody_is_nudged_where_nothing_runs(acme, sales, published, django_capture_on_commit_callbacks):
    from connections.actions import create_connection

    idle = create_connection(name="Idle", driver="simulator", sector=sales)
    with django_capture_on_commit_callbacks(execute=True):
        nudges.nudge(idle.id, "wake")

    assert published == []


def test_another_tenants_session_cannot_be_nudged(acme, rival, published, django_capture_on_commit_callbacks):
    from connections.models import Connection
    from tenants.scope import working_for

    with working_for(rival):
        theirs = Connection.objects.get()
    with django_capture_on_commit_callbacks(execute=True):
        nudges.nudge(theirs.id, "show_qr")

    assert published == []


def test_a_nudge_needs_a_tenant(db, published):
    with pytest.raises(NoTenant):
        nudges.nudge("01a2017d-de84-72f7-bee4-d9d952d709c4", "wake")
