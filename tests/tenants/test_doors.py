"""The three doors: a request, a socket, a task. Each opens one tenant's scope, and closes it."""

import uuid

import pytest
from celery import shared_task
from django.http import HttpResponse
from world import browser

from accounts.models import Membership
from sectors.models import Sector
from tenants import doors, scope
from tenants.doors import TenantMiddleware, TenantTask, in_tenant, work_for
from tenants.errors import DomainError
from tenants.scope import NoTenant


def names():
    return set(Sector.objects.values_list("name", flat=True))


# --- task -------------------------------------------------------------------------------------


@shared_task(base=TenantTask)
def look(*args):
    """A task of these tests only."""
    if args and args[0] == "refuse":
        raise DomainError("not now")
    if args and args[0] == "fail":
        raise RuntimeError("a bug")
    return scope.current().slug, names(), args


def test_a_task_works_for_the_tenant_it_is_called_with(acme, rival):
    assert look(str(acme.id)) == ("acme", {"Sales", "Support"}, ())
    assert look(str(rival.id), 1, "x")[2] == (1, "x")


def test_after_a_task_the_scope_is_closed(committed, rival):
    look(str(rival.id))

    with pytest.raises(NoTenant):
        scope.current()


def test_a_task_for_a_tenant_that_is_gone_does_nothing(db):
    assert look(str(uuid.uuid4())) is None


@pytest.mark.parametrize("tenant", ["", "acme", "None", None])
def test_a_task_without_a_tenant_fails_instead_of_working_for_anybody(tenant, db):
    with pytest.raises((ValueError, AttributeError, TypeError)):
        look(tenant)


def test_a_refusal_in_a_task_is_no_crash(acme):
    assert look(str(acme.id), "refuse") is None


def test_a_bug_in_a_task_is_one(acme):
    with pytest.raises(RuntimeError, match="a bug"):
        look(str(acme.id), "fail")


# --- socket, and the session hosts ------------------------------------------------------------


@pytest.mark.asyncio
async def test_a_socket_asks_in_the_scope_of_its_tenant(committed, acme, rival):
    class Consumer:
        @in_tenant
        def look(self, *, suffix):
            return names(), suffix

    for tenant, expected in ((acme, {"Sales", "Support"}), (rival, {"CANARY-RIVAL-sector"})):
        consumer = Consumer()
        consumer.tenant = tenant

        assert await consumer.look(suffix="x") == (expected, "x")


def test_a_session_host_works_for_the_tenant_of_its_connection(committed, acme, rival):
    assert work_for(rival, names) == {"CANARY-RIVAL-sector"}
    assert work_for(acme, names) == {"Sales", "Support"}
    with pytest.raises(NoTenant):
        names()


# --- request ----------------------------------------------------------------------------------


def walk_in(monkeypatch, rf, decision, view):
    monkeypatch.setattr(doors, "import_string", lambda path: lambda request: decision)
    return TenantMiddleware(view)(rf.get("/"))


def test_a_request_runs_in_the_scope_of_its_tenant(monkeypatch, rf, rival, db):
    seen = []

    def view(request):
        seen.append((request.tenant.slug, names()))
        return HttpResponse("ok")

    walk_in(monkeypatch, rf, rival, view)
    assert seen == [("rival", {"CANARY-RIVAL-sector"})]


def test_a_request_without_a_tenant_runs_in_no_scope(monkeypatch, rf, db):
    def view(request):
        with pytest.raises(NoTenant):
            scope.current()
        return HttpResponse("ok")

    assert walk_in(monkeypatch, rf, None, view).status_code == 200


def test_a_refused_request_does_not_reach_the_view(monkeypatch, rf, db):
    answer = walk_in(monkeypatch, rf, HttpResponse(status=401), lambda request: pytest.fail("it did"))

    assert answer.status_code == 401


def test_the_view_and_its_writes_are_one_transaction(committed, monkeypatch):
    """A page that crashes after writing has written nothing."""
    from tenants.scope import across_tenants

    monkeypatch.setattr("sectors.views.redirect", lambda *_, **__: 1 / 0)
    with across_tenants(reason="the cast is called by name"):
        ana = Membership.objects.select_related("user").get(user__name="Ana")
    caller = browser(ana)
    with pytest.raises(ZeroDivisionError):
        caller.client.post("/t/acme/sectors/", {"name": "Half-made", "csrfmiddlewaretoken": "c" * 32})

    with across_tenants(reason="nothing may be left"):
        assert not Sector.objects.filter(name="Half-made").exists()
