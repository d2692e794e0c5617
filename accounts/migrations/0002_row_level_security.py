"""Every table of this app that a tenant owns is under forced row-level security."""

from django.db import migrations

from tenants.rls import ProtectTables


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        ProtectTables(
            "accounts_invitation",
            "accounts_membership",
        )
    ]
