"""Row-level security: the policy every tenant-owned table is under, as a migration operation.

The policy reads what `tenants.scope` set for the transaction. It is FORCEd, so that the owner of the
tables (the application's own role) is bound too. The sub-selects are evaluated once per statement.
"""

from __future__ import annotations

from django.apps import apps
from django.db import connection, migrations, models

from tenants.models import TenantOwned

POLICY = """
alter table {table} enable row level security;
alter table {table} force row level security;
drop policy if exists tenant_isolation on {table};
create policy tenant_isolation on {table}
    using (
        tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)
        or (select current_setting('app.across', true) = 'on')
    )
    with check (
        tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)
        or (select current_setting('app.across', true) = 'on')
    );
"""
UNDO = """
drop policy if exists tenant_isolation on {table};
alter table {table} no force row level security;
alter table {table} disable row level security;
"""


class ProtectTables(migrations.RunSQL):
    """Put the named tables under the policy. A test refuses a tenant-owned table that is not."""

    def __init__(self, *tables: str) -> None:
        self.tables = tables
        super().__init__(
            sql="".join(POLICY.format(table=t) for t in tables),
            reverse_sql="".join(UNDO.format(table=t) for t in tables),
            elidable=False,
        )

    def deconstruct(self) -> tuple[str, list[str], dict[str, object]]:
        return self.__class__.__qualname__, list(self.tables), {}


def tenant_owned_models() -> list[type[models.Model]]:
    return [m for m in apps.get_models() if issubclass(m, TenantOwned)]


def unprotected_tables() -> list[str]:
    """Tenant-owned tables whose row-level security is not both enabled and forced."""
    names = [m._meta.db_table for m in tenant_owned_models()]
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relname = any(%s) and relkind in ('r', 'p')"
            " and relrowsecurity and relforcerowsecurity",
            [names],
        )
        protected = {row[0] for row in cursor.fetchall()}
    return sorted(set(names) - protected)


def role_bypasses() -> bool:
    """Whether the application's role could read past the policies."""
    with connection.cursor() as cursor:
        cursor.execute("select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        return bool(cursor.fetchone()[0])
