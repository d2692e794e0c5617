"""The operators' admin: rows of every tenant to look at, nothing to change, nothing that was written."""

import pytest
from django.contrib import admin
from django.urls import reverse
from world import CANARY

from tenants.models import TenantOwned
from tenants.operators import ReadOnlyAdmin
from tenants.scope import NoTenant, across_tenants

OURS = [(model, page) for model, page in admin.site._registry.items() if issubclass(model, TenantOwned)]


@pytest.fixture
def operator(db, client, django_user_model):
    user = django_user_model.objects.create_superuser("op@balcao.example", "long-enough-1", name="Op")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def rivals_row(model, rival):
    with across_tenants(reason="a row to look at"):
        return model.objects.filter(tenant=rival).order_by("id").first()


@pytest.mark.parametrize(("model", "page"), OURS, ids=lambda value: getattr(value, "__name__", ""))
def test_rows_of_tenants_are_to_look_at_only(model, page):
    assert isinstance(page, ReadOnlyAdmin)


@pytest.mark.parametrize(("model", "page"), OURS, ids=lambda value: getattr(value, "__name__", ""))
def test_an_operator_sees_the_lists_and_rows_of_all_tenants(model, page, operator, rival):
    listed = operator.get(address(model, "changelist"))
    row = rivals_row(model, rival)
    shown = operator.get(address(model, "change", row.pk))

    assert (listed.status_code, shown.status_code) == (200, 200)


@pytest.mark.parametrize(("model", "page"), OURS, ids=lambda value: getattr(value, "__name__", ""))
def test_an_operator_changes_nothing(model, page, operator, rival):
    row = rivals_row(model, rival)
    for path in (address(model, "add"), address(model, "delete", row.pk)):
        assert operator.post(path, {"post": "yes"}).status_code == 403
    assert operator.post(address(model, "change", row.pk), {"name": "changed"}).status_code == 403
    assert rivals_row(model, rival).pk == row.pk


def test_what_customers_and_members_wrote_is_nowhere(operator, rival):
    """Names of sectors, numbers and people may show; messages, file names and chats may not."""
    written = [f"{CANARY}-{words}" for words in ("question", "answer", "picture", "username", "hello")]
    for model, _page in OURS:
        row = rivals_row(model, rival)
        for path in (address(model, "changelist"), address(model, "change", row.pk)):
            html = operator.get(path).content.decode()

            assert not [words for words in written if words in html], path


def test_tokens_and_credentials_have_no_page():
    shown = {model._meta.model_name for model in admin.site._registry}

    assert not shown & {
        "outstandingtoken",
        "blacklistedtoken",
        "sealedcredentials",
        "session",
        "message",
        "media",
    }


def test_a_tenant_cannot_be_deleted_by_a_button(operator, rival):
    path = reverse("admin:tenants_tenant_delete", args=[rival.pk])

    assert operator.post(path, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("role", ["anonymous", "owner"])
def test_nobody_else_gets_in(role, client, ana):
    if role == "owner":
        client.force_login(ana.user, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(reverse("admin:index"))

    assert answer.status_code == 302
    assert "login" in answer.headers["Location"]


def test_outside_those_pages_there_is_no_look_across(operator):
    operator.get(reverse("admin:tickets_ticket_changelist"))

    from tickets.models import Ticket

    with pytest.raises(NoTenant):
        Ticket.objects.count()
