"""Every table of this app that a tenant owns is under forced row-level security."""

from django.db import migrations

from tenants.rls import ProtectTables


class Migration(migrations.Migration):
    dependencies = [("connections", "0001_initial")]

    operations = [
        ProtectTables(
            "connections_connection",
            "connections_download",
            "connections_inbound",
            "connections_outbound",
            "connections_sealedcredentials",
            "connections_transition",
        )
    ]
