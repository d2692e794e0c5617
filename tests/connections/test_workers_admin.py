"""The operators' page of workers: who is there, how full, and draining one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import SessionWorker

PAGE = "/admin/connections/sessionworker/"


@pytest.fixture
def worker(db):
    return SessionWorker.objects.create(name="sessions@a/1", capacity=10, hosted=3, memory_bytes=7 * 1024**2)


@pytest.fixture
def operator(db, client, django_user_model):
    user = django_user_model.objects.create_superuser("op@balcao.example", "long-enough-1", name="Op")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def act(caller, action, *workers):
    return caller.post(PAGE, {"action": action, "_selected_action": [each.pk for each in workers]})


def test_workers_are_listed_with_their_load(operator, worker):
    gone = SessionWorker.objects.create(name="sessions@gone/1", capacity=10)
    SessionWorker.objects.filter(id=gone.id).update(seen_at=timezone.now() - timedelta(hours=3))
    page = operator.get(PAGE).content.decode()

    assert "sessions@a/1" in page and "3/10" in page
    assert "sessions@gone/1" in page


def test_a_worker_is_drained_and_taken_back(operator, worker):
    act(operator, "drain", worker)
    worker.refresh_from_db()
    assert worker.is_draining
    act(operator, "undrain", worker)
    worker.refresh_from_db()
    assert not worker.is_draining


def test_rows_are_not_changed_by_hand(operator, worker):
    assert operator.post(f"{PAGE}{worker.pk}/change/", {"name": "x"}).status_code == 403
    assert operator.get(f"{PAGE}add/").status_code == 403
    assert operator.post(f"{PAGE}{worker.pk}/delete/", {"post": "yes"}).status_code == 403


def test_whoever_may_only_look_drains_nothing(client, worker, django_user_model, db):
    from django.contrib.auth.models import Permission

    looker = django_user_model.objects.create_user("look@b.example", "long-enough-1", name="L", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_sessionworker"))
    client.force_login(looker, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(PAGE).status_code == 200
    act(client, "drain", worker)
    worker.refresh_from_db()

    assert not worker.is_draining


def test_members_of_tenants_do_not_get_in(client, ana):
    client.force_login(ana.user, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(PAGE).status_code == 302
