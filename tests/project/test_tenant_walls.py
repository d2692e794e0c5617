"""The walls between tenants: every tenant-owned table, behind Python's scope and PostgreSQL's policies."""

from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from world import CANARY, browser, outside_any_tenant

from accounts.models import Membership
from sectors.models import Seat, Sector
from tenants import rls, scope
from tenants.models import Tenant, TenantOwned, uuid7
from tenants.scope import NoTenant, across_tenants, working_for
from tickets.models import Contact, Ticket

OURS = ("tenants", "events", "accounts", "sectors", "connections", "tickets", "integrations", "analytics")
# Models of ours that belong to no tenant. A new one is a decision: write down why.
GLOBAL = {
    "tenants.Tenant": "is the tenant",
    "connections.SessionWorker": "hosts the sessions of every tenant",
    "accounts.User": "a person may work in several tenants",
    "accounts.User_groups": "rights of those who run the installation",
    "accounts.User_user_permissions": "rights of those who run the installation",
}
TABLES = [model._meta.db_table for model in rls.tenant_owned_models()]
# Rows that hold nothing but keys and codes: there is no place for a canary in them.
WITHOUT_TEXT = {
    "sectors_seat",
    "accounts_membership",
    "accounts_invitation",
    "connections_transition",
    "connections_traffichour",
}
# Sealed: nothing to read, which is the point.
SILENT = WITHOUT_TEXT | {"connections_sealedcredentials", "connections_sealedsettings"}


def rows_of(table, tenant=None):
    """Raw SQL, as somebody would write it who forgot that there are tenants."""
    with connection.cursor() as cursor:
        where = "" if tenant is None else f" where tenant_id = '{tenant.id}'"
        cursor.execute(f"select t.*::text from {table} t{where}")
        return [row[0] for row in cursor.fetchall()]


# --- every model ------------------------------------------------------------------------------


def test_every_model_belongs_to_a_tenant_or_is_known_to_be_global():
    ours = [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in OURS]
    strays = {m._meta.label for m in ours if not issubclass(m, TenantOwned)}

    assert strays == set(GLOBAL)


def test_every_tenant_owned_table_is_under_forced_row_level_security(db):
    assert rls.unprotected_tables() == []


def test_a_table_without_the_policy_is_noticed(db):
    with connection.cursor() as cursor:
        cursor.execute("alter table sectors_seat no force row level security")

    assert rls.unprotected_tables() == ["sectors_seat"]


def test_the_role_of_the_application_is_bound_by_the_policies(db):
    assert not rls.role_bypasses()


@pytest.mark.parametrize("table", TABLES)
def test_rival_has_canaries_in_every_table(table, rival):
    with across_tenants(reason="the stage is inspected"):
        rows = rows_of(table, rival)

    assert rows, "an empty table would prove nothing"
    assert table in SILENT or any(CANARY in row for row in rows)


# --- row-level security, met with raw SQL -----------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_without_a_scope_raw_sql_finds_nothing(table, db):
    assert rows_of(table) == []


@pytest.mark.parametrize("table", TABLES)
def test_in_acmes_scope_raw_sql_finds_no_row_of_rival(table, acme, rival):
    assert rows_of(table, rival) == []
    assert not any(CANARY in row for row in rows_of(table))


@pytest.mark.parametrize("table", TABLES)
def test_a_row_cannot_be_given_to_another_tenant(table, rival):
    with working_for(rival), refused_by_policy() as cursor:
        cursor.execute(f"update {table} set tenant_id = %s", [uuid7()])


@pytest.mark.parametrize("table", TABLES)
def test_a_row_cannot_be_made_for_another_tenant(table, acme, rival):
    with refused_by_policy() as cursor:
        cursor.execute(
            f"insert into {table} select (jsonb_populate_record(null::{table},"
            " jsonb_build_object('tenant_id', %s::text))).*",
            [str(rival.id)],
        )


@contextmanager
def refused_by_policy():
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        yield cursor


@pytest.mark.parametrize("table", TABLES)
def test_update_and_delete_do_not_reach_another_tenants_rows(table, acme, rival):
    with connection.cursor() as cursor:
        cursor.execute(f"update {table} set tenant_id = tenant_id where tenant_id = %s", [rival.id])
        updated = cursor.rowcount
        cursor.execute(f"delete from {table} where tenant_id = %s", [rival.id])
        deleted = cursor.rowcount

    assert (updated, deleted) == (0, 0)


# --- Python's own wall ------------------------------------------------------------------------


@pytest.mark.parametrize("model", rls.tenant_owned_models(), ids=lambda model: model._meta.label)
def test_a_query_without_a_scope_fails_instead_of_answering(model, db):
    with pytest.raises(NoTenant):
        model.objects.count()


@pytest.mark.parametrize("model", rls.tenant_owned_models(), ids=lambda model: model._meta.label)
def test_the_default_manager_shows_only_rows_of_the_tenant_in_scope(model, acme, rival):
    ours = model.objects.count()
    with across_tenants(reason="the stage is counted"):
        everybodys = model.objects.count()
        rivals = model.objects.filter(tenant=rival).count()

    assert rivals > 0
    assert not model.objects.filter(tenant=rival).exists()
    assert ours <= everybodys - rivals


def test_related_rows_are_fetched_in_scope_too(sales):
    assert sales.seats.count() > 0
    with outside_any_tenant(), pytest.raises(NoTenant):
        sales.seats.count()


def test_a_new_row_belongs_to_the_tenant_in_scope(acme):
    assert Contact.objects.create(name="Somebody").tenant_id == acme.id


def test_bulk_created_rows_belong_to_the_tenant_in_scope(acme, sales, sofia, dora):
    seats = Seat.objects.bulk_create([Seat(sector=sales, member=one) for one in (sofia, dora)])

    assert {seat.tenant_id for seat in seats} == {acme.id}


def test_a_row_without_a_tenant_is_refused(db):
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Contact(name="Nobody's", tenant_id=uuid7()).save(force_insert=True)


def test_bulk_create_for_another_tenant_is_refused(acme, rival):
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        Contact.objects.bulk_create([Contact(name="Smuggled", tenant=rival)])


# --- scopes -----------------------------------------------------------------------------------


def names_seen():
    """Tenants whose sectors Python and PostgreSQL show now."""
    with connection.cursor() as cursor:
        cursor.execute("select distinct tenant_id::text from sectors_sector")
        in_database = {row[0] for row in cursor.fetchall()}
    in_python = {str(pk) for pk in Sector.objects.values_list("tenant_id", flat=True)}
    assert in_python == in_database
    return in_python


def test_an_inner_scope_gives_back_the_outer_one(acme, rival):
    with working_for(rival):
        assert names_seen() == {str(rival.id)}

    assert scope.current() == acme
    assert names_seen() == {str(acme.id)}


def test_a_look_across_tenants_gives_back_the_outer_scope(acme, rival):
    with across_tenants(reason="both are wanted"):
        assert names_seen() == {str(acme.id), str(rival.id)}

    assert names_seen() == {str(acme.id)}


def test_a_scope_inside_a_look_across_gives_the_look_back(acme, rival):
    with across_tenants(reason="both are wanted"):
        with working_for(rival):
            assert names_seen() == {str(rival.id)}
        assert names_seen() == {str(acme.id), str(rival.id)}


def test_an_error_in_an_inner_scope_restores_the_outer_one(acme, rival):
    with pytest.raises(ValueError, match="on purpose"), working_for(rival):
        raise ValueError("on purpose")

    assert names_seen() == {str(acme.id)}


def test_a_broken_statement_in_an_inner_scope_restores_the_outer_one(acme, rival):
    with pytest.raises(ProgrammingError), working_for(rival), connection.cursor() as cursor:
        cursor.execute("select nonsense")

    assert names_seen() == {str(acme.id)}


def test_an_inner_scope_that_was_told_to_roll_back_restores_the_outer_one(acme, rival):
    with working_for(rival):
        transaction.set_rollback(True)

    assert names_seen() == {str(acme.id)}


def test_looking_across_tenants_needs_a_reason():
    with pytest.raises(ValueError, match="reason"), across_tenants(reason=""):
        raise AssertionError("nobody should be in here")


def test_there_is_no_current_tenant_while_looking_across(db):
    with across_tenants(reason="a sweep"), pytest.raises(NoTenant):
        scope.current()


def test_after_a_scope_nothing_of_it_is_left_on_the_connection(committed):
    acme = Tenant.objects.get(slug="acme")
    with working_for(acme):
        assert Sector.objects.exists()

    with connection.cursor() as cursor:
        cursor.execute("select current_setting('app.tenant_id', true), current_setting('app.across', true)")
        left = cursor.fetchone()
    assert set(left) <= {"", None, "off"}
    assert rows_of("sectors_sector") == []


def test_one_connection_serves_one_tenant_after_the_other(committed, rui):
    """Requests of two tenants on the same database connection do not see each other's rows."""
    bruno, backend = person("Bruno"), pid()
    first = browser(bruno).get("sectors/").json()["results"]
    second = browser(rui, tenant="rival").get("sectors/").json()["results"]

    assert {sector["name"] for sector in first} == {"Sales", "Support"}
    assert {sector["name"] for sector in second} == {f"{CANARY}-sector"}
    assert pid() == backend, "both ran on this connection"
    assert rows_of("sectors_sector") == []


def test_a_request_that_fails_leaves_nothing_behind_for_the_next_one(committed, rui, monkeypatch):
    monkeypatch.setattr("sectors.api.sector_row", lambda sector: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        browser(person("Bruno")).get("sectors/")

    assert rows_of("sectors_sector") == []
    answer = browser(rui, tenant="rival").get("members/")
    assert [found["name"] for found in answer.json()["results"]] == [f"{CANARY}-Rui"]


def test_a_failed_request_undoes_what_it_wrote(committed, monkeypatch):
    def explode(sector):
        raise RuntimeError("after the sector was written")

    monkeypatch.setattr("sectors.api.sector_row", explode)
    with pytest.raises(RuntimeError):
        browser(person("Ana")).post("sectors/", {"name": "Half-made"})

    with across_tenants(reason="nothing may be left"):
        assert not Sector.objects.filter(name="Half-made").exists()


def person(name):
    with across_tenants(reason="the cast is called by name"):
        return Membership.objects.select_related("user", "tenant").get(user__name=name)


def pid():
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return cursor.fetchone()[0]


def test_an_id_of_another_tenant_is_absent_even_by_primary_key(acme, rival):
    with working_for(rival):
        theirs = Ticket.objects.first()

    assert not Ticket.objects.filter(id=theirs.id).exists()
    assert not Ticket._base_manager.filter(id=theirs.id).exists(), "the unscoped manager meets the policy"
