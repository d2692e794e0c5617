"""Every table of this app that a tenant owns is under forced row-level security."""

from django.db import migrations

from tenants.rls import ProtectTables


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]

    operations = [
        ProtectTables(
            "tickets_contact",
            "tickets_earlyticks",
            "tickets_identity",
            "tickets_media",
            "tickets_message",
            "tickets_ticket",
        )
    ]
