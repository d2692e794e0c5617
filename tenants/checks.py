"""`check --deploy --database default`: the role of the application must not read past the policies."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db.utils import OperationalError

from tenants.rls import role_bypasses


@register(Tags.database)
def role_is_bound_by_policies(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Runs wherever the database is checked, so also before `migrate`."""
    if not databases:
        return []
    try:
        bypasses = role_bypasses()
    except OperationalError:
        return []  # no database to ask: connecting will say so more clearly
    if not bypasses:
        return []
    return [
        Error(
            "The database role is a superuser or has BYPASSRLS: tenants would not be isolated.",
            hint="Connect with a role made by: create role balcao login nosuperuser nobypassrls",
            id="tenants.E001",
        )
    ]
